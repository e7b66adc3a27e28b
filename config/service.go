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

	// FormerRepositories are private repositories of images that ran before, by
	// their URIs without a tag. Tasks of earlier revisions can then still start: a
	// deployment goes on with them until it is through, and goes back to them. The
	// environment's own repository and that of image are always among them. Take
	// one out once nobody would go back to its images. Up to ten. Default: none.
	FormerRepositories []string `json:"formerRepositories" jsonschema:"uniqueItems=true,maxItems=10" format:"repositories"`

	// CPU is in CPU units, 1024 being one vCPU. Default: 1024.
	CPU int `json:"cpu" jsonschema:"enum=256,enum=512,enum=1024,enum=2048,enum=4096,enum=8192,enum=16384"`

	// Memory is in MiB and must be one that Fargate offers with the CPU.
	// Default: 2048.
	Memory int `json:"memory" jsonschema:"minimum=512,maximum=122880"`

	// Port is the TCP port the container listens on, 1024 to 65535: it does not
	// run as root. Default: 3000.
	Port int `json:"port" jsonschema:"minimum=1024,maximum=65535"`

	// HealthCheckPath must answer 200 without touching the database: else a
	// database failure also kills every task. Default: /health.
	HealthCheckPath string `json:"healthCheckPath" format:"path"`

	// StartSeconds is how long a task may take to start, 10 to 900: until then ECS
	// replaces none for failing its health checks. A broken image is noticed as
	// much later. Default: 60.
	StartSeconds int `json:"startSeconds" jsonschema:"minimum=10,maximum=900"`

	// MinTasks bounds the autoscaling from below, 1 to 100. Two survive the loss
	// of a zone. Default: 2.
	MinTasks int `json:"minTasks" jsonschema:"minimum=1,maximum=100"`

	// MaxTasks bounds the autoscaling, and with it the bill, from above, 1 to
	// 100. Default: 10.
	MaxTasks int `json:"maxTasks" jsonschema:"minimum=1,maximum=100"`

	// CPUTargetPercent is the mean CPU use the autoscaling aims at, 10 to 90.
	// Default: 60.
	CPUTargetPercent int `json:"cpuTargetPercent" jsonschema:"minimum=10,maximum=90"`

	// RequestsPerTarget is how many requests a minute the autoscaling gives to
	// each task, 1 to 1000000. Default: 1000.
	RequestsPerTarget int `json:"requestsPerTarget" jsonschema:"minimum=1,maximum=1000000"`

	// Architecture is the processor the image is built for, x86_64 or arm64.
	// Default: x86_64.
	Architecture Architecture `json:"architecture" jsonschema:"enum=x86_64,enum=arm64"`
}

// Repository is a private repository of Amazon ECR.
type Repository struct{ Account, Region, Name string }

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
