package test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An image that matches a rule is left alone by the rules after it; it would
// take ten thousand images of incidents for one to expire.
func TestOldImagesExpireButNotThoseOfIncidents(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		repository := env.stack(t, "compute").one("AWS::ECR::Repository").Properties
		require.JSONEq(t, `{"rules": [{
			"rulePriority": 1,
			"description": "Keep the images of incidents",
			"selection": {"tagStatus": "tagged", "tagPrefixList": ["evidence-"], "countType": "imageCountMoreThan", "countNumber": 9999},
			"action": {"type": "expire"}
		}, {
			"rulePriority": 2,
			"description": "Keep the newest images",
			"selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 200},
			"action": {"type": "expire"}
		}]}`, at(t, repository, "LifecyclePolicy", "LifecyclePolicyText").(string))
	})
}

// serviceLogs returns the log group that is not the web ACL's.
func serviceLogs(t *testing.T, env *environment) (id string, group resource) {
	t.Helper()
	groups := env.stack(t, "compute").ofType(logGroup)
	maps.DeleteFunc(groups, func(id string, group resource) bool {
		return strings.HasPrefix(textOf(t, id, group.Properties, "LogGroupName"), "aws-waf-logs-")
	})
	require.Len(t, groups, 1)
	for id, group = range groups {
	}
	return id, group
}

func TestDefaultImageIsPinnedAndAnswers(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Empty(t, env.Service.Image)
		require.Regexp(t, `^public\.ecr\.aws/.+:\d+\.\d+\.\d+[a-z.-]*$`, container(t, env)["Image"])
		require.Contains(t, at(t, container(t, env), "Command", 2), "listen(3000)")
	})
}

func TestDefaultImageListensOnTheConfiguredPort(t *testing.T) {
	env := unusualDev(t)

	require.Contains(t, at(t, container(t, env), "Command", 2), "listen(8080)")
	require.Equal(t, 8080.0, at(t, container(t, env), "PortMappings", 0, "ContainerPort"))
	env.stack(t, "compute").has(service, props{"LoadBalancers": []any{props{"ContainerPort": 8080}}})
}

// container returns the one container of the tasks.
func container(t *testing.T, env *environment) props {
	t.Helper()
	definitions := at(t, env.stack(t, "compute").one(taskDefinition).Properties, "ContainerDefinitions").([]any)
	require.Len(t, definitions, 1)
	return definitions[0].(props)
}
