package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Permission is a statement of the policy of the task role.
type Permission struct {
	// Service is the prefix of its actions in IAM, such as s3.
	Service string `json:"service" jsonschema:"required" format:"iam-service"`

	// Actions are without the prefix. The last part of a name may be a wildcard, such as Get*.
	// Each acts on one of the resources, by AWS's Service Authorization Reference.
	Actions []string `json:"actions" jsonschema:"required,uniqueItems=true,minItems=1,maxItems=50" format:"iam-actions"`

	// Resources are ARNs in the environment's account. A wildcard may end a name.
	Resources []string `json:"resources" jsonschema:"required,uniqueItems=true,minItems=1,maxItems=50" format:"arns"`
}

// Egress is an outbound rule of the security group of the tasks.
type Egress struct {
	// Port is a TCP port, 1 to 65535.
	Port int `json:"port" jsonschema:"required,minimum=1,maximum=65535" format:"port"`

	// To is an IPv4 range, the ID of a prefix list or that of a security group.
	To string `json:"to" jsonschema:"required" format:"destination"`

	// Description is shown beside the rule.
	Description string `json:"description" jsonschema:"required" format:"rule-description"`
}

// SecretReference is where ECS reads the value of an environment variable.
type SecretReference struct {
	// ARN identifies the secret or parameter.
	ARN string

	// Parameter reports whether it is in Parameter Store. It has none of the other fields.
	Parameter bool

	// Key is the key in a JSON text, VersionStage or VersionID the version: empty for all
	// of the text, and for the current version.
	Key, VersionStage, VersionID string
}

// ParameterName returns the name of a parameter, which begins with / if it has one inside.
func (r SecretReference) ParameterName() string {
	_, name, _ := strings.Cut(r.ARN, ":parameter/")
	if strings.Contains(name, "/") {
		return "/" + name
	}
	return name
}

// secretParts is the number of parts of a secret's ARN.
const secretParts = 7

// SecretReferences returns Secrets by their variables.
func (s Service) SecretReferences() map[string]SecretReference {
	references := map[string]SecretReference{}
	for name, valueFrom := range s.Secrets {
		references[name] = secretReference(valueFrom)
	}
	return references
}

func secretReference(valueFrom string) SecretReference {
	parts := strings.Split(valueFrom, ":")
	if len(parts) <= secretParts {
		return SecretReference{ARN: valueFrom, Parameter: len(parts) < secretParts}
	}
	more := slices.Concat(parts[secretParts:], []string{"", "", ""})
	return SecretReference{
		ARN: strings.Join(parts[:secretParts], ":"), Key: more[0], VersionStage: more[1], VersionID: more[2],
	}
}

// SecretARNs returns the ARNs in Secrets, each once and sorted: those of secrets, or
// those of parameters.
func (s Service) SecretARNs(parameters bool) []string {
	arns := map[string]bool{}
	for _, reference := range s.SecretReferences() {
		if reference.Parameter == parameters {
			arns[reference.ARN] = true
		}
	}
	return slices.Sorted(maps.Keys(arns))
}

// IAMActions returns the actions with the prefix of their service.
func (p Permission) IAMActions() []string {
	actions := make([]string, len(p.Actions))
	for i, action := range p.Actions {
		actions[i] = fmt.Sprintf("%s:%s", p.Service, action)
	}
	return actions
}
