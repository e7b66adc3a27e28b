package permissions

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// Step is an identity that can act as a role.
type Step struct {
	From, To *Identity

	// How is "assumes", or "passes to SERVICE" where the service does what From asks for.
	How string
}

// Steps returns who can act as whom, without the services that may assume a role.
func (r Report) Steps() []Step {
	var steps []Step
	for _, from := range r.Identities {
		assuming, passing := from.Policy.About(assume), from.Policy.About(pass)
		for _, to := range r.Identities {
			if from == to || !to.role {
				continue
			}
			if assumes(from, to, assuming) {
				steps = append(steps, Step{from, to, "assumes"})
			}
			for _, service := range passes(passing, to) {
				steps = append(steps, Step{from, to, "passes to " + service})
			}
		}
	}
	return steps
}

const (
	assume = "sts:AssumeRole"
	pass   = "iam:PassRole"
)

// assumes reports whether an identity may assume a role: the role trusts it by name, or
// trusts its account, and its policies about that allow it.
func assumes(from, to *Identity, policies policy.Document) bool {
	if policies.Denies("", assume, to.arns) {
		return false
	}
	for _, s := range to.Trust.Allows(from.principal, assume, nil) {
		byName := slices.Contains(s.Principals.Patterns, from.principal)
		if byName || len(policies.Allows("", assume, to.arns)) > 0 {
			return true
		}
	}
	return false
}

// passes returns the services to which policies allow to pass a role that trusts them.
func passes(policies policy.Document, to *Identity) []string {
	var services []string
	for _, s := range policies.Allows("", pass, to.arns) {
		for _, trusted := range trustedServices(to) {
			if passedTo(s, trusted) && !slices.Contains(services, trusted) {
				services = append(services, trusted)
			}
		}
	}
	return services
}

func trustedServices(role *Identity) []string {
	var services []string
	for _, s := range role.Trust.Statements {
		for _, principal := range s.Principals.Patterns {
			if service, ok := strings.CutPrefix(principal, "Service:"); ok && !s.Deny {
				services = append(services, service)
			}
		}
	}
	return services
}

// passedTo reports whether a statement allows to pass a role to the service.
func passedTo(s policy.Statement, service string) bool {
	for _, condition := range s.Conditions {
		if strings.EqualFold(condition.Key, "iam:PassedToService") && strings.HasPrefix(condition.Operator, "String") &&
			!strings.Contains(condition.Operator, "Not") {
			return slices.ContainsFunc(condition.Values, func(value string) bool {
				return value == service || strings.ContainsAny(value, "*?$")
			})
		}
	}
	return true
}

// Harm is something that must not happen, and who could do it.
type Harm struct {
	// What is done to the resource, Resource is STACK/LOGICALID.
	What, Resource string

	// Paths are the identities that may do it, and each other one with its shortest way to
	// one of these, as "A -> assumes -> B". Who administers the account is left out.
	Paths []string
}

// Harms returns who could read the passwords of databases, and delete evidence: what
// AWS CloudTrail writes, and what has an object lock.
func (r Report) Harms() []Harm {
	steps := r.Steps()
	var all []Harm
	for _, secret := range r.assembly.OfType("AWS::SecretsManager::SecretTargetAttachment") {
		if found, ok := r.assembly.Target(secret.Stack, secret.Properties.At("SecretId")); ok {
			names := []string{token(secret.Stack, secret.ID), token(found.Stack, found.ID), r.secretARN(found)}
			all = append(all, r.harm(steps, "read the password in", target{found, names}, reading))
		}
	}
	for _, bucket := range r.assembly.OfType("AWS::S3::Bucket") {
		if bucket.Properties.At("ObjectLockEnabled") == true || r.ofTrail(bucket) {
			all = append(all, r.harm(steps, "delete the evidence in", target{bucket, r.bucketARNs(bucket)}, deleting))
		}
	}
	return all
}

// reading is the action that reads a secret.
var reading = map[string]string{"secretsmanager:GetSecretValue": ""}

// deleting are the actions that delete versions of objects, or prepare it, with what they
// have after the ARN of the bucket.
var deleting = map[string]string{
	"s3:DeleteObjectVersion": "/*", "s3:BypassGovernanceRetention": "/*",
	"s3:DeleteBucket": "", "s3:PutBucketPolicy": "", "s3:PutLifecycleConfiguration": "",
}

func (r Report) ofTrail(bucket assembly.Placed) bool {
	return slices.ContainsFunc(r.assembly.OfType("AWS::CloudTrail::Trail"), func(trail assembly.Placed) bool {
		written, ok := r.assembly.Target(trail.Stack, trail.Properties.At("S3BucketName"))
		return ok && written.Key() == bucket.Key()
	})
}

// secretARN begins with the logical ID where the secret has no name.
func (r Report) secretARN(secret assembly.Placed) string {
	scope := policy.Scope{Assembly: r.assembly, Stack: secret.Stack}
	name := secret.ID
	if text, ok := scope.Text(secret.Properties.At("Name")); ok {
		name = text
	}
	place, _ := scope.Text(map[string]any{"Fn::Sub": "arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"})
	return place + name + "-*"
}

func (r Report) bucketARNs(bucket assembly.Placed) []string {
	scope := policy.Scope{Assembly: r.assembly, Stack: bucket.Stack}
	name := "arn:aws:s3:::" + strings.ToLower(physicalName(scope, bucket.Resource, "BucketName"))
	return []string{fmt.Sprintf("${%s.%s.Arn}", bucket.Stack.ID, bucket.ID), name}
}

// target is a resource, and the names that policies may have for it.
type target struct {
	assembly.Placed
	names []string
}

func (t target) with(suffix string) target {
	var names []string
	for _, name := range t.names {
		names = append(names, name+suffix)
	}
	t.names = names
	return t
}

func (r Report) harm(steps []Step, what string, to target, actions map[string]string) Harm {
	var able []*Identity
	for _, identity := range r.Identities {
		can := false
		for action, suffix := range actions {
			can = can || r.may(identity, action, to.with(suffix))
		}
		if can {
			able = append(able, identity)
		}
	}
	return Harm{What: what, Resource: to.Key(), Paths: pathsTo(steps, able)}
}

// may reports whether an identity may do an action by its policies, or by that of the
// resource.
func (r Report) may(identity *Identity, action string, to target) bool {
	allowed := len(identity.Policy.Allows("", action, to.names)) > 0
	for _, p := range r.resources {
		if !r.isOf(p, to) {
			continue
		}
		if p.Document.Denies(identity.principal, action, to.names) {
			return false
		}
		for _, s := range p.Document.Allows(identity.principal, action, to.names) {
			allowed = allowed || slices.Contains(s.Principals.Patterns, identity.principal) || slices.Contains(s.Principals.Patterns, "*")
		}
	}
	return allowed && !identity.Policy.Denies("", action, to.names)
}

// isOf reports whether a policy is that of a bucket or a secret.
func (r Report) isOf(p policy.Attached, to target) bool {
	for _, property := range []string{"Bucket", "SecretId"} {
		found, ok := r.assembly.Target(p.Stack, p.Resource.Properties.At(property))
		if ok && found.Type == "AWS::SecretsManager::SecretTargetAttachment" {
			found, ok = r.assembly.Target(found.Stack, found.Properties.At("SecretId"))
		}
		if ok && found.Key() == to.Key() {
			return true
		}
	}
	return false
}

// pathsTo returns identities, and the shortest way to one of them from each other one that
// has a way.
func pathsTo(steps []Step, identities []*Identity) []string {
	type way struct {
		from *Identity
		text string
	}
	var ways []way
	seen := map[*Identity]bool{}
	for _, identity := range identities {
		ways = append(ways, way{identity, identity.Name})
		seen[identity] = true
	}
	for i := 0; i < len(ways); i++ {
		for _, step := range steps {
			if step.To == ways[i].from && !seen[step.From] {
				seen[step.From] = true
				ways = append(ways, way{step.From, fmt.Sprintf("%s -> %s -> %s", step.From.Name, step.How, ways[i].text)})
			}
		}
	}
	paths := make([]string, len(ways))
	for i, each := range ways {
		paths[i] = each.text
	}
	return paths
}
