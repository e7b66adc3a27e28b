package config

import (
	"regexp"
	"slices"
)

// Service is the Fargate service that runs the API.
type Service struct {
	// Image is the container image, by tag or digest, as docker pull takes it.
	// Default: none, which runs a public image that answers "ok" on every path
	// until there is one.
	Image string `json:"image" format:"image"`

	// FormerRepositories are private repositories of images that ran before: up to ten
	// URIs without a tag. The runbook roll-back-service can go back to their images.
	// The environment's own repository and that of image need not be listed. Remove one
	// when nobody would go back to it. Default: none.
	FormerRepositories []string `json:"formerRepositories" jsonschema:"uniqueItems=true,maxItems=10" format:"repositories"`

	// PullAccounts are other accounts whose roles may pull from the environment's own
	// repository, such as that of prod from staging's. Default: none.
	PullAccounts []string `json:"pullAccounts" jsonschema:"uniqueItems=true,maxItems=10" format:"accounts"`

	// CPU is in CPU units, 1024 being one vCPU. Default: 1024.
	CPU int `json:"cpu" jsonschema:"enum=256,enum=512,enum=1024,enum=2048,enum=4096,enum=8192,enum=16384"`

	// Memory is in MiB and must be one that Fargate offers with the CPU.
	// Default: 2048.
	Memory int `json:"memory" jsonschema:"minimum=512,maximum=122880"`

	// Port is the TCP port on which the container listens, 1024 to 65535, since it does
	// not run as root. Default: 3000.
	Port int `json:"port" jsonschema:"minimum=1024,maximum=65535"`

	// HealthCheckPath must answer 200 without using the database. Otherwise a failure
	// of the database also stops every task. Default: /health.
	HealthCheckPath string `json:"healthCheckPath" format:"path"`

	// StartSeconds is how long a task may take to start, 10 to 900. Until then ECS
	// does not replace it for failed health checks, so a broken image is noticed as
	// much later. Default: 60.
	StartSeconds int `json:"startSeconds" jsonschema:"minimum=10,maximum=900"`

	// MinTasks is the fewest tasks that autoscaling keeps, 1 to 100. With two, one
	// survives the loss of a zone. Default: 2.
	MinTasks int `json:"minTasks" jsonschema:"minimum=1,maximum=100"`

	// MaxTasks is the most tasks that autoscaling starts, 1 to 100. It limits the bill,
	// too. Default: 10.
	MaxTasks int `json:"maxTasks" jsonschema:"minimum=1,maximum=100"`

	// CPUTargetPercent is the mean CPU use that autoscaling aims at, 10 to 90.
	// Default: 60.
	CPUTargetPercent int `json:"cpuTargetPercent" jsonschema:"minimum=10,maximum=90"`

	// RequestsPerTarget is how many requests a minute autoscaling aims at for each
	// task, 1 to 1000000. Default: 1000.
	RequestsPerTarget int `json:"requestsPerTarget" jsonschema:"minimum=1,maximum=1000000"`

	// Architecture is the processor that the image is built for, x86_64 or arm64.
	// Default: x86_64.
	Architecture Architecture `json:"architecture" jsonschema:"enum=x86_64,enum=arm64"`

	// Command replaces the command of the image, one element for each word. Default:
	// none, which runs the image's own.
	Command []string `json:"command" jsonschema:"maxItems=50" format:"command"`

	// HealthCommand is a command that ECS runs in the container every 30 seconds, beside
	// the load balancer's requests. A task in which it fails three times is replaced. Its
	// program must be in the image. Default: none.
	HealthCommand []string `json:"healthCommand" jsonschema:"maxItems=50" format:"command"`

	// Migration changes the database's schema before the tasks of a release start.
	Migration Migration `json:"migration"`

	// StopSeconds is how long a task may take to end after SIGTERM, 2 to 120. Then ECS
	// kills it. Default: 30.
	StopSeconds int `json:"stopSeconds" jsonschema:"minimum=2,maximum=120"`

	// EphemeralStorageGiB is the disk of a task, 20 to 200, for the image and its layers:
	// the root file system is read-only. AWS bills what is above 20 by the hour.
	// Default: 20.
	EphemeralStorageGiB int `json:"ephemeralStorageGiB" jsonschema:"minimum=20,maximum=200"`

	// Tmpfs are writable directories beside /tmp, each with its size in MiB, which counts
	// against memory. Their content is gone with the task. Default: none.
	Tmpfs map[string]int `json:"tmpfs" format:"tmpfs"`

	// Environment has environment variables of the container. Whoever may describe the
	// task definition can read them, so values that look like a secret are refused.
	// Default: none.
	Environment map[string]string `json:"environment" format:"variables"`

	// Secrets are environment variables whose values ECS reads when a task starts: the
	// ARN of an existing secret of Secrets Manager or parameter of Parameter Store, in
	// the environment's account and region. The ARN of a secret may be followed by
	// :JSON-KEY:VERSION-STAGE:VERSION-ID, as in ECS's valueFrom. Default: none.
	Secrets map[string]string `json:"secrets" format:"secrets"`

	// SecretKeys are the customer managed keys of KMS that encrypt Secrets. Those that
	// AWS manages need not be listed. Default: none.
	SecretKeys []string `json:"secretKeys" jsonschema:"uniqueItems=true,maxItems=10" format:"keys"`

	// Permissions are what the application itself may do, beside reading the database's
	// secret. Default: none.
	Permissions []Permission `json:"permissions" jsonschema:"uniqueItems=true,maxItems=20" format:"permissions"`

	// Egress are further destinations that the tasks may reach, beside the database and
	// HTTPS anywhere. Default: none.
	Egress []Egress `json:"egress" jsonschema:"uniqueItems=true,maxItems=20" format:"egress"`

	Release Release `json:"release"`
}

// Migration is a command of the same image that runs once for each image and command,
// with the service's variables, secrets, permissions and size. If it fails, the release
// is not deployed. It must succeed on a schema that is newer than its own, too: that of
// a release that was taken back.
type Migration struct {
	// Command is the command, one element for each word. Default: none.
	Command []string `json:"command" jsonschema:"maxItems=50" format:"command"`

	// TimeoutMinutes is how long the command may take, 1 to 14. Then its task is stopped.
	// Default: none, which is 10 minutes.
	TimeoutMinutes int `json:"timeoutMinutes,omitempty" jsonschema:"minimum=1,maximum=14"`
}

// Repository is a private repository of Amazon ECR.
type Repository struct{ Account, Region, Name string }

// URI returns what docker pull takes, without a tag.
func (r Repository) URI() string {
	return r.Account + ".dkr.ecr." + r.Region + ".amazonaws.com/" + r.Name
}

// repositoryURI matches the URI of a private repository, or an image in one.
var repositoryURI = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)`)

// ImageRepository returns the private repository of the image. It returns false if
// the image is in none.
func (s Service) ImageRepository() (Repository, bool) { return privateRepository(s.Image) }

func privateRepository(uri string) (Repository, bool) {
	match := repositoryURI.FindStringSubmatch(uri)
	if match == nil {
		return Repository{}, false
	}
	return Repository{match[1], match[2], match[3]}, true
}

// Repositories returns the private repositories from which tasks may start beside
// the environment's own, each once: that of the image, and the former ones.
func (s Service) Repositories() (all []Repository) {
	for _, uri := range append([]string{s.Image}, s.FormerRepositories...) {
		repository, private := privateRepository(uri)
		if private && !slices.Contains(all, repository) {
			all = append(all, repository)
		}
	}
	return all
}

// Architecture is a processor architecture.
type Architecture string

// The architectures that Fargate runs.
const (
	ArchitectureX86 Architecture = "x86_64"
	ArchitectureARM Architecture = "arm64"
)
