package parity

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"catalog-infra/internal/assembly"
)

func sampleTask() Task {
	return Task{
		Family: "catalog-api-prod", Image: "public.ecr.aws/docker/library/node:24", Command: []string{"node", "-e", "$x"},
		User: "1000:1000", ReadOnlyRoot: true,
		Init: true, Drop: []string{"ALL"}, Tmpfs: []string{"/tmp:rw,nosuid,nodev,size=128m"}, CPU: 0.25, MemoryMiB: 512,
		Port: 3000, StopSeconds: 30,
		Environment: map[string]string{"DB_PORT": "5432", "PRICE": "$5"},
		Secrets:     []string{"API_TOKENS", "DB_HOST", "DB_PASSWORD", "DB_USERNAME"},
		Database: Database{Major: "16", Name: "catalog", Username: "catalog_admin", Parameters: map[string]string{
			"rds.force_ssl": "1", "log_connections": "1", "pgaudit.log": "ddl", "shared_preload_libraries": "pg_stat_statements,pgaudit",
		}},
	}
}

const wantFile = `name: catalog-api-prod-run
services:
    database:
        container_name: catalog-api-prod-run-database
        image: public.ecr.aws/docker/library/postgres:16
        entrypoint:
            - sh
            - -c
            - install -o postgres -m 600 /tls/key.pem /run/key.pem && exec docker-entrypoint.sh postgres "$$@"
            - sh
        command:
            - -c
            - ssl=on
            - -c
            - ssl_cert_file=/tls/certificate.pem
            - -c
            - ssl_key_file=/run/key.pem
            - -c
            - hba_file=/tls/pg_hba.conf
            - -c
            - log_connections=1
            - -c
            - shared_preload_libraries=pg_stat_statements
        tmpfs:
            - /var/lib/postgresql/data
        environment:
            POSTGRES_DB: catalog
            POSTGRES_PASSWORD: ${DB_PASSWORD}
            POSTGRES_USER: catalog_admin
        volumes:
            - ./:/tls:ro,z
        healthcheck:
            interval: 1s
            retries: 60
            test:
                - CMD
                - pg_isready
                - --host
                - 127.0.0.1
                - --username
                - catalog_admin
    task:
        container_name: catalog-api-prod-run-task
        image: catalog:local
        platform: linux/amd64
        user: 1000:1000
        read_only: true
        init: true
        cap_drop:
            - ALL
        tmpfs:
            - /tmp:rw,nosuid,nodev,size=128m
        cpus: "0.25"
        mem_limit: 512m
        stop_grace_period: 30s
        environment:
            API_TOKENS: null
            DB_HOST: null
            DB_PASSWORD: null
            DB_PORT: "5432"
            DB_USERNAME: null
            PGSSLMODE: verify-full
            PGSSLROOTCERT: /etc/database-authority.pem
            PRICE: $$5
        volumes:
            - ./certificate.pem:/etc/database-authority.pem:ro,z
        ports:
            - 127.0.0.1:49152:3000
        depends_on:
            database:
                condition: service_healthy
`

func TestTheComposeFileRunsTheTaskAsFargateWould(t *testing.T) {
	content, err := sampleTask().Compose("catalog:local", 49152)
	require.NoError(t, err)
	require.Equal(t, wantFile, string(content))
}

func TestTheTaskStartsWhenTheMigrationHasSucceeded(t *testing.T) {
	task := sampleTask()
	task.Migration = []string{"migrate", "$x"}
	content, err := task.Compose("catalog:local", 49152)
	require.NoError(t, err)
	var file composeFile
	require.NoError(t, yaml.Unmarshal(content, &file))
	migration, own := file.Services["migration"], file.Services["task"]
	require.Equal(t, []string{"migrate", "$$x"}, migration.Command)
	require.Empty(t, migration.Ports)
	ready := map[string]any{"condition": "service_healthy"}
	require.Equal(t, map[string]any{"database": ready}, migration.DependsOn)
	done := map[string]any{"condition": "service_completed_successfully"}
	require.Equal(t, map[string]any{"database": ready, "migration": done}, own.DependsOn)
	migration.Name, migration.Command, migration.Ports, migration.DependsOn = own.Name, own.Command, own.Ports, own.DependsOn
	require.Equal(t, own, migration, "it runs as the task does")
}

func TestWithoutAnImageTheTasksOwnRunsWithItsCommand(t *testing.T) {
	task := sampleTask()
	task.ARM64 = true
	content, err := task.Compose("", 49152)
	require.NoError(t, err)
	var file composeFile
	require.NoError(t, yaml.Unmarshal(content, &file))
	require.Equal(t, []string{task.Image, "linux/arm64"}, []string{file.Services["task"].Image, file.Services["task"].Platform})
	require.Equal(t, []string{"node", "-e", "$$x"}, file.Services["task"].Command)
}

func TestTheCommandsOfAnApplicationAreKept(t *testing.T) {
	task := sampleTask()
	task.Image, task.Command = "shop", []string{"/shop", "serve"}
	task.HealthCheck = assembly.Object{"Command": []any{"CMD", "/shop", "health"},
		"Interval": 30.0, "Timeout": 5.0, "Retries": 3.0, "StartPeriod": 60.0}
	content, err := task.Compose("shop:local", 49152)
	require.NoError(t, err)
	var file composeFile
	require.NoError(t, yaml.Unmarshal(content, &file))
	require.Equal(t, []string{"/shop", "serve"}, file.Services["task"].Command)
	require.Equal(t, map[string]any{"test": []any{"CMD", "/shop", "health"}, "interval": "30s", "timeout": "5s", "retries": 3,
		"start_period": "60s"}, file.Services["task"].Healthcheck)
}

func TestEachSecretHasALocalValue(t *testing.T) {
	shell := map[string]string{"API_TOKENS": "{}", "DB_PASSWORD": "not this one"}
	values, err := sampleTask().LocalValues("database", "local", func(name string) string { return shell[name] })
	require.NoError(t, err)
	require.Equal(t, map[string]string{"API_TOKENS": "{}", "DB_HOST": "database", "DB_PASSWORD": "local",
		"DB_USERNAME": "catalog_admin"}, values)
	require.ElementsMatch(t, []string{"{}", "local"}, SecretValues(values))
	task := sampleTask()
	task.Secrets = append(task.Secrets, "LICENCE")
	_, err = task.LocalValues("database", "local", func(string) string { return "" })
	require.EqualError(t, err, "no local value for API_TOKENS, LICENCE: set a variable of that name in the shell")
}
