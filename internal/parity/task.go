// Package parity starts an image on one machine as Fargate would, and checks the
// contract of the image in docs/operations.md.
package parity

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
)

// Task is what an assembly says of the container, its load balancer and its database.
type Task struct {
	// Family is the name of the task definition, and of the environment.
	Family string

	Image   string
	Command []string

	// Migration is the command that runs once before the task; empty without one.
	Migration []string

	ARM64 bool

	// HealthCheck is that of the container, in the words of ECS; nil without one.
	HealthCheck assembly.Object

	User         string
	ReadOnlyRoot bool
	Init         bool
	Drop         []string // capabilities

	// Tmpfs are mounts as Docker writes them: /tmp:rw,size=128m.
	Tmpfs []string

	// CPU is in processors, MemoryMiB in MiB.
	CPU       float64
	MemoryMiB int

	Port, StopSeconds int

	// Environment has the values that the template has. Secrets are the names of the
	// others: ECS, or only the deployment, knows them.
	Environment map[string]string
	Secrets     []string

	HealthPath string

	// StartSeconds is the grace period of a new task, HealthSeconds how long a health
	// check waits, IdleSeconds how long the load balancer keeps an idle connection.
	StartSeconds, HealthSeconds, IdleSeconds int

	Database Database
}

// Database is what the assembly says of the cluster.
type Database struct {
	// Major is the major version of PostgreSQL.
	Major, Name, Username string

	Parameters map[string]string
}

// ReadTask reads the task of an assembly. An error names each resource that is missing.
func ReadTask(made *assembly.Assembly) (Task, error) {
	r := reader{assembly: made}
	definition := r.definition()
	group := r.first("AWS::ElasticLoadBalancingV2::TargetGroup") // an alternate one has the same settings
	task := Task{
		Family:        definition.Text("Family"),
		ARM64:         definition.At("RuntimePlatform", "CpuArchitecture") == "ARM64",
		CPU:           number(definition.At("Cpu")) / 1024,
		MemoryMiB:     int(number(definition.At("Memory"))),
		HealthPath:    group.Text("HealthCheckPath"),
		HealthSeconds: group.Int("HealthCheckTimeoutSeconds"),
		StartSeconds:  r.one("AWS::ECS::Service").Int("HealthCheckGracePeriodSeconds"),
		IdleSeconds:   idleSeconds(r.one("AWS::ElasticLoadBalancingV2::LoadBalancer")),
		Database:      r.database(),
	}
	containers := definition.Objects("ContainerDefinitions")
	if len(containers) != 1 {
		r.refuse("a task definition with %d containers", len(containers))
		return task, errors.Join(r.mistakes...)
	}
	task.addContainer(containers[0])
	task.Migration = r.migration(task.Family)
	return task, errors.Join(r.mistakes...)
}

func (t *Task) addContainer(container assembly.Object) {
	t.Image = container.Text("Image")
	t.Command = texts(container.List("Command"))
	if check, ok := container.At("HealthCheck").(map[string]any); ok {
		t.HealthCheck = check
	}
	t.User = container.Text("User")
	t.ReadOnlyRoot = container.At("ReadonlyRootFilesystem") == true
	t.Init = container.At("LinuxParameters", "InitProcessEnabled") == true
	t.Drop = texts(container.List("LinuxParameters", "Capabilities", "Drop"))
	t.StopSeconds = container.Int("StopTimeout")
	for _, mapping := range container.Objects("PortMappings") {
		t.Port = mapping.Int("ContainerPort")
	}
	for _, mount := range container.Objects("LinuxParameters", "Tmpfs") {
		options := append(texts(mount.List("MountOptions")), fmt.Sprintf("size=%dm", mount.Int("Size")))
		t.Tmpfs = append(t.Tmpfs, mount.Text("ContainerPath")+":"+strings.Join(options, ","))
	}
	t.Environment = map[string]string{}
	for _, variable := range container.Objects("Environment") {
		if value, known := variable.At("Value").(string); known {
			t.Environment[variable.Text("Name")] = value
		} else {
			t.Secrets = append(t.Secrets, variable.Text("Name"))
		}
	}
	for _, secret := range container.Objects("Secrets") {
		t.Secrets = append(t.Secrets, secret.Text("Name"))
	}
	slices.Sort(t.Secrets)
}

// LocalValues returns the value of each of the task's secrets on this machine: the
// database's, and the others from get. An error names all that have none.
func (t Task) LocalValues(host, password string, get func(string) string) (map[string]string, error) {
	values := map[string]string{"DB_HOST": host, "DB_USERNAME": t.Database.Username, "DB_PASSWORD": password}
	var missing []string
	for _, name := range t.Secrets {
		if values[name] == "" {
			values[name] = get(name)
		}
		if values[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("no local value for %s: set a variable of that name in the shell", strings.Join(missing, ", "))
	}
	maps.DeleteFunc(values, func(name, _ string) bool { return !slices.Contains(t.Secrets, name) })
	return values, nil
}

// SecretValues returns the local values that no log may have.
func SecretValues(values map[string]string) (secret []string) {
	for name, value := range values {
		if name != "DB_HOST" && name != "DB_USERNAME" {
			secret = append(secret, value)
		}
	}
	return secret
}

// reader collects what is missing in an assembly.
type reader struct {
	assembly *assembly.Assembly
	mistakes []error
}

func (r *reader) refuse(format string, arguments ...any) {
	r.mistakes = append(r.mistakes, fmt.Errorf("the assembly has "+format+", want one", arguments...))
}

// one returns the properties of the only resource of a type.
func (r *reader) one(kind string) assembly.Object {
	found := r.assembly.OfType(kind)
	if len(found) != 1 {
		r.refuse("%d of %s", len(found), kind)
		return nil
	}
	return found[0].Properties
}

// first returns the properties of the first resource of a type.
func (r *reader) first(kind string) assembly.Object {
	found := r.assembly.OfType(kind)
	if len(found) == 0 {
		r.refuse("0 of %s", kind)
		return nil
	}
	return found[0].Properties
}

// definition returns the properties of the service's task definition.
func (r *reader) definition() assembly.Object {
	for _, service := range r.assembly.OfType("AWS::ECS::Service") {
		if found, ok := r.assembly.Target(service.Stack, service.Properties["TaskDefinition"]); ok {
			return found.Properties
		}
	}
	return r.one("AWS::ECS::TaskDefinition")
}

// migration returns the command of the task definition that runs once before those of a
// family.
func (r *reader) migration(family string) []string {
	for _, definition := range r.assembly.OfType("AWS::ECS::TaskDefinition") {
		if definition.Properties["Family"] == family+"-migration" {
			return texts(definition.Properties.Objects("ContainerDefinitions")[0].List("Command"))
		}
	}
	return nil
}

func (r *reader) database() Database {
	cluster := r.one("AWS::RDS::DBCluster")
	major, _, _ := strings.Cut(cluster.Text("EngineVersion"), ".")
	found := Database{
		Major: major, Name: cluster.Text("DatabaseName"), Username: cluster.Text("MasterUsername"), Parameters: map[string]string{},
	}
	parameters, _ := r.one("AWS::RDS::DBClusterParameterGroup").At("Parameters").(map[string]any)
	for name, value := range parameters {
		found.Parameters[name], _ = value.(string)
	}
	return found
}

func idleSeconds(balancer assembly.Object) int {
	for _, attribute := range balancer.Objects("LoadBalancerAttributes") {
		if attribute.At("Key") == "idle_timeout.timeout_seconds" {
			return int(number(attribute.At("Value")))
		}
	}
	return 60 // AWS's default
}

func texts(values []any) []string {
	found := make([]string, len(values))
	for i, value := range values {
		found[i], _ = value.(string)
	}
	return found
}

// number reads a number that CloudFormation takes as text.
func number(value any) float64 {
	found, _ := strconv.ParseFloat(fmt.Sprint(value), 64)
	return found
}
