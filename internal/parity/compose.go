package parity

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// authority is where the container finds the certificate of the database's authority.
const authority = "/etc/database-authority.pem"

// databaseImage is the same version from where the stand-in comes: ECR Public has no
// pull limit.
const databaseImage = "public.ecr.aws/docker/library/postgres:"

// A compose file, as far as it is needed: https://docs.docker.com/reference/compose-file
type composeFile struct {
	Name     string             `yaml:"name"`
	Services map[string]service `yaml:"services"`
}

type service struct {
	Name        string             `yaml:"container_name,omitempty"`
	Image       string             `yaml:"image"`
	Platform    string             `yaml:"platform,omitempty"`
	Entrypoint  []string           `yaml:"entrypoint,omitempty"`
	Command     []string           `yaml:"command,omitempty"`
	User        string             `yaml:"user,omitempty"`
	ReadOnly    bool               `yaml:"read_only,omitempty"`
	Init        bool               `yaml:"init,omitempty"`
	CapDrop     []string           `yaml:"cap_drop,omitempty"`
	Tmpfs       []string           `yaml:"tmpfs,omitempty"`
	CPUs        string             `yaml:"cpus,omitempty"`
	MemLimit    string             `yaml:"mem_limit,omitempty"`
	StopGrace   string             `yaml:"stop_grace_period,omitempty"`
	Environment map[string]*string `yaml:"environment,omitempty"`
	Volumes     []string           `yaml:"volumes,omitempty"`
	Ports       []string           `yaml:"ports,omitempty"`
	DependsOn   map[string]any     `yaml:"depends_on,omitempty"`
	Healthcheck map[string]any     `yaml:"healthcheck,omitempty"`
}

// Compose returns a compose file that runs the image, or the task's own where it is
// empty, as Fargate would, and listens on a port of this machine alone. It holds no
// secret: compose takes their values from its own environment.
func (t Task) Compose(image string, port int) ([]byte, error) {
	task := t.container(image, port)
	services := map[string]service{"task": task, DatabaseHost: t.Database.container(t.databaseName())}
	if len(t.Migration) > 0 {
		services["migration"] = t.migration(task)
		task.DependsOn["migration"] = map[string]string{"condition": "service_completed_successfully"}
	}
	return yaml.Marshal(composeFile{Name: t.Family + "-run", Services: services})
}

// migration returns the container that must succeed before the task starts.
func (t Task) migration(task service) service {
	task.Name, task.Ports, task.Healthcheck = t.Family+"-run-migration", nil, nil
	task.Command, task.DependsOn = literals(t.Migration), maps.Clone(task.DependsOn)
	return task
}

func (t Task) container(image string, port int) service {
	container := service{
		Name:      t.containerName(),
		Image:     cmp.Or(image, t.Image),
		Platform:  "linux/" + t.processor(),
		User:      t.User,
		ReadOnly:  t.ReadOnlyRoot,
		Init:      t.Init,
		CapDrop:   t.Drop,
		Tmpfs:     t.Tmpfs,
		CPUs:      strconv.FormatFloat(t.CPU, 'f', -1, 64),
		MemLimit:  fmt.Sprintf("%dm", t.MemoryMiB),
		StopGrace: fmt.Sprintf("%ds", t.StopSeconds),
		Volumes:   []string{"./" + certificateFile + ":" + authority + ":ro,z"},
		Ports:     []string{fmt.Sprintf("127.0.0.1:%d:%d", port, t.Port)},
		DependsOn: map[string]any{DatabaseHost: map[string]string{"condition": "service_healthy"}},
	}
	if image == "" || !t.standIn() {
		container.Command = literals(t.Command)
	}
	if check := t.HealthCheck; check != nil {
		seconds := func(name string) string { return fmt.Sprintf("%ds", check.Int(name)) }
		container.Healthcheck = map[string]any{
			"test": literals(texts(check.List("Command"))), "interval": seconds("Interval"), "timeout": seconds("Timeout"),
			"retries": check.Int("Retries"), "start_period": seconds("StartPeriod"),
		}
	}
	container.Environment = map[string]*string{}
	for name, value := range t.Environment {
		container.Environment[name] = literal(value)
	}
	for _, name := range t.Secrets {
		container.Environment[name] = nil
	}
	// libpq and most drivers read these.
	container.Environment["PGSSLMODE"], container.Environment["PGSSLROOTCERT"] = literal("verify-full"), literal(authority)
	return container
}

func (t Task) containerName() string { return t.Family + "-run-task" }

func (t Task) databaseName() string { return t.Family + "-run-database" }

// standIn reports whether the environment names no image: the command is then the
// stand-in's.
func (t Task) standIn() bool {
	return strings.HasPrefix(t.Image, "public.ecr.aws/docker/library/node:")
}

func (t Task) processor() string {
	if t.ARM64 {
		return "arm64"
	}
	return "amd64"
}

// container starts as root, and the server as its user, who must own the key.
func (d Database) container(name string) service {
	const key = "/run/key.pem"
	start := "install -o postgres -m 600 /tls/" + keyFile + " " + key + " && exec docker-entrypoint.sh postgres \"$@\""
	var options []string
	for _, option := range d.ServerOptions("/tls", key, false) {
		options = append(options, "-c", option)
	}
	password := "${DB_PASSWORD}"
	return service{
		Name:       name,
		Image:      databaseImage + d.Major,
		Entrypoint: literals([]string{"sh", "-c", start, "sh"}),
		Command:    literals(options),
		Environment: map[string]*string{
			"POSTGRES_USER": literal(d.Username), "POSTGRES_DB": literal(d.Name), "POSTGRES_PASSWORD": &password,
		},
		Volumes: []string{"./:/tls:ro,z"},
		Tmpfs:   []string{"/var/lib/postgresql/data"},
		Healthcheck: map[string]any{
			"test": []string{"CMD", "pg_isready", "--host", "127.0.0.1", "--username", d.Username}, "interval": "1s", "retries": 60,
		},
	}
}

// literal keeps compose from expanding a value.
func literal(value string) *string {
	value = strings.ReplaceAll(value, "$", "$$")
	return &value
}

func literals(values []string) (found []string) {
	for _, value := range values {
		found = append(found, *literal(value))
	}
	return found
}

// secretVariables are NAME=VALUE for compose's environment.
func secretVariables(values map[string]string) (variables []string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		variables = append(variables, name+"="+values[name])
	}
	return variables
}
