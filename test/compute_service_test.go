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

func TestTasksCannotWriteOutsideTmp(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Equal(t, true, container(t, env)["ReadonlyRootFilesystem"])
		mounts := at(t, container(t, env), "LinuxParameters", "Tmpfs").([]any)
		require.Len(t, mounts, 1)
		require.Equal(t, "/tmp", at(t, mounts[0], "ContainerPath"))
		require.Contains(t, at(t, mounts[0], "MountOptions"), "nosuid")
		require.NotContains(t, container(t, env), "MountPoints")
		require.NotContains(t, env.stack(t, "compute").one(taskDefinition).Properties, "Volumes")
	})
}

func TestTasksLogToTheirLogGroup(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		id, group := serviceLogs(t, env)
		require.Equal(t, props{
			"LogDriver": "awslogs",
			"Options": props{
				"awslogs-group":         ref(id),
				"awslogs-region":        env.Region,
				"awslogs-stream-prefix": "api",
			},
		}, container(t, env)["LogConfiguration"])
		require.Equal(t, "/aws/ecs/"+env.Name(), group.Properties["LogGroupName"])
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

func TestTasksGetTheAddressOfTheDatabaseAndNothingElse(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Equal(t, props{
			"DB_PORT": "5432",
			"DB_NAME": env.Database.Name,
		}, pairs(t, container(t, env)["Environment"], "Name", "Value"))
		requireFromTheSecret(t, env, "DB_HOST", "host")
	})
}

func TestCredentialsAreInjectedFromTheSecret(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Len(t, container(t, env)["Secrets"], 3)
		requireFromTheSecret(t, env, "DB_USERNAME", "username")
		requireFromTheSecret(t, env, "DB_PASSWORD", "password")
	})
}

// requireFromTheSecret checks that a variable is a key of the secret's current
// version, to which the attachment has added where the cluster is.
func requireFromTheSecret(t *testing.T, env *environment, variable, key string) {
	t.Helper()
	secrets := pairs(t, container(t, env)["Secrets"], "Name", "ValueFrom")
	require.Contains(t, secrets, variable)
	require.Equal(t, []origin{{"data", env.stack(t, "data").id(secretAttachment), ""}}, env.origins(t, secrets[variable]))
	require.Equal(t, ":"+key+"::", at(t, secrets[variable], "Fn::Join", 1, 1))
}

func TestTasksRunWithTheRolesThatTheIAMStackDefines(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		definition := env.stack(t, "compute").one(taskDefinition).Properties
		execution, task := env.origins(t, definition["ExecutionRoleArn"]), env.origins(t, definition["TaskRoleArn"])
		require.NotEqual(t, execution, task)
		for _, role := range append(execution, task...) {
			require.Equal(t, "iam", role.stack)
			require.Equal(t, "AWS::IAM::Role", env.resource(t, role).Type)
		}
	})
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

func TestOwnImageRunsItsOwnCommandOnItsArchitecture(t *testing.T) {
	env := ownImageDev(t)
	require.Equal(t, sharedImage, container(t, env)["Image"])
	require.NotContains(t, container(t, env), "Command")
	require.NotContains(t, container(t, env), "EntryPoint")
	env.stack(t, "compute").has(taskDefinition, props{
		"Cpu":             "512",
		"Memory":          "1024",
		"RuntimePlatform": props{"CpuArchitecture": "ARM64"},
	})
}

func TestTasksRunInPrivateSubnetsWithoutPublicAddress(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		network := at(t, env.stack(t, "compute").one(service).Properties, "NetworkConfiguration", "AwsvpcConfiguration")
		env.requireTier(t, "Private", at(t, network, "Subnets"))
		require.Equal(t, "DISABLED", at(t, network, "AssignPublicIp"))

		groups := env.origins(t, at(t, network, "SecurityGroups"))
		require.Len(t, groups, 1)
		require.Equal(t, "Tasks of the catalog API", env.resource(t, groups[0]).Properties["GroupDescription"])
	})
}

// A count in the template would undo the autoscaling on each deployment.
func TestDeploymentKeepsTheNumberOfTasks(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.NotContains(t, env.stack(t, "compute").one(service).Properties, "DesiredCount")
	})
}

// ECS refuses a target group that no listener uses yet, be it by a rule.
func TestServiceWaitsForTheListener(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		user := listener
		if len(compute.ofType(listenerRule)) > 0 {
			user = listenerRule
		}
		require.Contains(t, compute.one(service).DependsOn, compute.id(user))
	})
}

func TestServiceGrowsWithinItsBounds(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		compute.has("AWS::ApplicationAutoScaling::ScalableTarget", props{
			"ScalableDimension": "ecs:service:DesiredCount",
			"MinCapacity":       env.Service.MinTasks,
			"MaxCapacity":       env.Service.MaxTasks,
			"ResourceId":        join("service/", ref(compute.id("AWS::ECS::Cluster")), "/", attribute(compute.id(service), "Name")),
		})
	})
}

func TestServiceGrowsWithCPUUseAndRequests(t *testing.T) {
	for name, env := range map[string]*environment{"dev": reference(t, "dev"), "own targets": ownImageDev(t)} {
		t.Run(name, func(t *testing.T) {
			compute := env.stack(t, "compute")
			compute.count(scalingPolicy, 2)
			compute.has(scalingPolicy, tracking("ECSServiceAverageCPUUtilization", env.Service.CPUTargetPercent))
			compute.has(scalingPolicy, tracking("ALBRequestCountPerTarget", env.Service.RequestsPerTarget))
		})
	}
}

func tracking(metric string, target int) props {
	return props{
		"PolicyType": "TargetTrackingScaling",
		"TargetTrackingScalingPolicyConfiguration": props{
			"PredefinedMetricSpecification": props{"PredefinedMetricType": metric},
			"TargetValue":                   target,
		},
	}
}

// container returns the one container of the tasks.
func container(t *testing.T, env *environment) props {
	t.Helper()
	definitions := at(t, env.stack(t, "compute").one(taskDefinition).Properties, "ContainerDefinitions").([]any)
	require.Len(t, definitions, 1)
	return definitions[0].(props)
}
