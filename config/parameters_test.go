//go:build unix

package config_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/postgrestest"
)

func TestParametersOfPostgreSQLAreRefused(t *testing.T) {
	parameter := func(line string) string { return "database:\n  parameters:\n    " + line + "\n" }
	const listed = "one of autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit, " +
		"autovacuum_vacuum_scale_factor, default_statistics_target, idle_in_transaction_session_timeout, idle_session_timeout, jit, " +
		"lock_timeout, maintenance_work_mem, max_parallel_workers_per_gather, random_page_cost, statement_timeout, work_mem"
	refused{
		"what writes statements to the log": {parameter("log_min_duration_statement: 0"),
			`:3: database.parameters.log_min_duration_statement: got 0, want ` + listed},
		"connections without TLS": {parameter("rds.force_ssl: 0"), `:3: database.parameters."rds.force_ssl": got 0, want ` + listed},
		"what needs a restart":    {parameter("max_connections: 900"), `:3: database.parameters.max_connections: got 900, want ` + listed},
		"a unit": {parameter("statement_timeout: 30s"),
			`:3: database.parameters.statement_timeout: got "30s", want parameters of PostgreSQL, each with a number`},
		"less than a second": {parameter("statement_timeout: 999"),
			`:3: database.parameters.statement_timeout: got 999, want a whole number from 1000 to 86400000`},
		"a fraction": {parameter("work_mem: 4096.5"), `:3: database.parameters.work_mem: got 4096.5, want a whole number from 64 to 2147483647`},
		"too much":   {parameter("random_page_cost: 100.1"), `:3: database.parameters.random_page_cost: got 100.1, want a number from 1 to 100`},
		"a switch":   {parameter("jit: off"), `:3: database.parameters.jit: got "off", want parameters of PostgreSQL, each with a number`},
	}.run(t)
	with(t, parameter("jit: 0")+"    random_page_cost: 1.1\n    statement_timeout: 86400000\n    work_mem: 64\n")
}

// PostgreSQL marks a value in its files as applied if it is valid, and takes effect
// without a restart.
func TestARealPostgreSQLTakesTheParametersWithoutARestart(t *testing.T) {
	server := postgrestest.Start(t, func(*postgrestest.Server) []string { return []string{"listen_addresses="} })
	run := func(statement string) string {
		output, err := server.Run(statement)
		require.NoError(t, err, output)
		return output
	}
	const applied = "SELECT count(*) FROM pg_file_settings WHERE name = '%s' AND applied AND setting = '%.0f'"
	for name, parameter := range config.Parameters {
		require.Equal(t, fmt.Sprint(parameter.Whole), run("SELECT (vartype <> 'real')::text FROM pg_settings WHERE name = '"+name+"'"), name)
		for _, value := range []float64{parameter.Least, parameter.Most} {
			run(fmt.Sprintf("ALTER SYSTEM SET %s = '%.0f'", name, value))
			require.Equal(t, "1", run(fmt.Sprintf(applied, name, value)), "%s %v", name, value)
		}
	}
}
