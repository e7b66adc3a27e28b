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
// permission to pull the image.
func (a *account) needsToStart(stack assembly.Stack, service assembly.Resource, needs map[string]bool) {
	deployed := assembly.Assembly{Stacks: a.stacks}
	owner, definition, ok := deployed.Target(stack, service.Properties["TaskDefinition"])
	if !ok {
		return
	}
	roleOwner, role, ok := deployed.Target(owner, definition.Properties["ExecutionRoleArn"])
	if !ok {
		return
	}
	for _, container := range definition.Properties.Objects("ContainerDefinitions") {
		if name := a.repositoryOf(owner, container["Image"]); name != "" {
			needs[fmt.Sprintf("no new task can pull %s as %s", name, role.ID)] = mayPull(roleOwner, role, name)
		}
	}
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

// mayPull reports whether a managed policy of the role's stack allows it to pull from
// the repository.
func mayPull(stack assembly.Stack, role assembly.Resource, name string) bool {
	for _, policy := range stack.Template.OfType("AWS::IAM::ManagedPolicy") {
		if !references(policy.Properties["Roles"])[role.ID] {
			continue
		}
		document, _ := policy.Properties["PolicyDocument"].(map[string]any)
		if slices.ContainsFunc(assembly.Object(document).Objects("Statement"), func(statement assembly.Object) bool {
			return allowsPull(statement, name)
		}) {
			return true
		}
	}
	return false
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
