package rehearsal

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// repository is the name in the address of an image in Amazon ECR.
var repository = regexp.MustCompile(`\.dkr\.ecr\.[^/]*/([a-z0-9][a-z0-9._/-]*)`)

// needsToStart adds what a task needs that takes the place of another one: the
// permissions to pull the image and to read the secrets.
func (a *account) needsToStart(stack assembly.Stack, service assembly.Resource, needs map[string]bool) {
	owner, definition, ok := a.target(stack, service.Properties["TaskDefinition"])
	if !ok {
		return
	}
	roleOwner, role, ok := a.target(owner, definition.Properties["ExecutionRoleArn"])
	if !ok {
		return
	}
	allowed := a.grants(roleOwner, role)
	for _, container := range definition.Properties.Objects("ContainerDefinitions") {
		if name := a.repositoryOf(owner, container["Image"]); name != "" {
			needs[fmt.Sprintf("no new task can pull %s as %s", name, role.ID)] = slices.ContainsFunc(allowed, func(given grant) bool {
				return allowsPull(given.statement, name)
			})
		}
		for _, injected := range container.Objects("Secrets") {
			for _, secret := range a.secrets(owner, injected["ValueFrom"]) {
				needs[fmt.Sprintf("no new task can read %s as %s", secret, role.ID)] = slices.ContainsFunc(allowed, func(given grant) bool {
					return a.allowsReading(given, secret)
				})
			}
		}
	}
}

// grant is a statement of a policy, with the stack that has the policy.
type grant struct {
	stack     assembly.Stack
	statement assembly.Object
}

// grants returns the statements that the stacks give a role.
func (a *account) grants(owner assembly.Stack, role assembly.Resource) []grant {
	var all []grant
	add := func(stack assembly.Stack, policy assembly.Object) {
		for _, statement := range policy.Objects("PolicyDocument", "Statement") {
			all = append(all, grant{stack, statement})
		}
	}
	for _, policy := range role.Properties.Objects("Policies") {
		add(owner, policy)
	}
	for _, kind := range []string{"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"} {
		for stack, policy := range a.ofType(kind) {
			if slices.Contains(a.keys(stack, policy.Properties.List("Roles")), owner.ID+"/"+role.ID) {
				add(stack, policy.Properties)
			}
		}
	}
	return all
}

// secrets returns stack/logical id of each secret of the account that a value names.
func (a *account) secrets(stack assembly.Stack, value any) []string {
	var all []string
	eachObject(value, func(object map[string]any) {
		owner, target, _ := a.target(stack, object)
		if target.Type == "AWS::SecretsManager::SecretTargetAttachment" {
			owner, target, _ = a.target(owner, target.Properties["SecretId"])
		}
		if target.Type == "AWS::SecretsManager::Secret" {
			all = append(all, owner.ID+"/"+target.ID)
		}
	})
	return all
}

func (a *account) allowsReading(given grant, secret string) bool {
	action, resource := text(given.statement["Action"]), given.statement["Resource"]
	reads := strings.Contains(action, "secretsmanager:GetSecretValue") || strings.Contains(action, "secretsmanager:*")
	return given.statement["Effect"] == "Allow" && reads && (resource == "*" || slices.Contains(a.secrets(given.stack, resource), secret))
}

// repositoryOf returns the name of the repository that an image is pulled from,
// empty where it is none of Amazon ECR.
func (a *account) repositoryOf(stack assembly.Stack, image any) string {
	if match := repository.FindStringSubmatch(text(image)); match != nil {
		return match[1]
	}
	for id := range references(image) {
		resource := stack.Template.Resources[id]
		if name, named := resource.Properties["RepositoryName"].(string); named && resource.Type == "AWS::ECR::Repository" {
			return name
		}
	}
	return ""
}

func allowsPull(statement assembly.Object, name string) bool {
	actions, resources := text(statement["Action"]), text(statement["Resource"])+`"`
	return statement["Effect"] == "Allow" && strings.Contains(actions, "ecr:BatchGetImage") &&
		(strings.Contains(resources, "repository/"+name+`"`) || strings.Contains(resources, "repository/*") || resources == `*"`)
}

// newHealthCheck finds a health check that changes together with the tasks: the
// target group is changed first, and asks the old tasks what only the new ones
// answer.
func newHealthCheck(d deployment) []Step {
	if !slices.ContainsFunc(d.changes, func(found change) bool {
		return found.after != nil && found.after.Type == "AWS::ECS::TaskDefinition" && found.isReplaced()
	}) {
		return nil
	}
	var steps []Step
	for _, found := range d.changes {
		if found.before == nil || found.after == nil || found.after.Type != "AWS::ElasticLoadBalancingV2::TargetGroup" || found.isReplaced() {
			continue
		}
		for _, property := range []string{"HealthCheckPath", "Matcher.HttpCode", "HealthCheckPort", "HealthCheckProtocol"} {
			if slices.Contains(found.properties, property) {
				steps = append(steps, Step{Stack: d.after.ID, Resource: found.id, Type: found.after.Type, Action: Check, Verdict: ServiceCut,
					Properties: []string{property}, Why: "the tasks that run are asked by the new " + property + " before the new ones take their place"})
			}
		}
	}
	return steps
}
