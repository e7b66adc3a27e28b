package test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// contractOfTheImage returns the table in docs/operations.md by its first column.
func contractOfTheImage(t *testing.T) map[string]string {
	t.Helper()
	section, _, _ := strings.Cut(sections(t, "../docs/operations.md")["your-image"], "\n\nTry it")
	rows := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-zA-Z ]+) \| (.+) \|$`).FindAllStringSubmatch(section, -1) {
		rows[row[1]] = row[2]
	}
	require.Greater(t, len(rows), 15)
	return rows
}

// numberIn returns the only number that the expression finds in a row.
func numberIn(t *testing.T, row, expression string) float64 {
	t.Helper()
	found := regexp.MustCompile(expression).FindAllStringSubmatch(row, -1)
	require.Len(t, found, 1, "%s in %s", expression, row)
	return number(t, found[0][1])
}

// The document has the numbers of the templates of an environment of
// which nothing is written, but for what AWS alone decides.
func TestTheContractOfTheImageHasTheTemplatesNumbers(t *testing.T) {
	rows := contractOfTheImage(t)
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		group := compute.one(targetGroup).Properties
		require.Equal(t, group["HealthCheckTimeoutSeconds"], numberIn(t, rows["health"], `within (\d+) seconds`))
		require.Equal(t, group["HealthCheckIntervalSeconds"], numberIn(t, rows["health"], `every (\d+) seconds`))
		require.Equal(t, compute.one(service).Properties["HealthCheckGracePeriodSeconds"],
			numberIn(t, rows["health"], `from (\d+) seconds after the start`))
		require.Equal(t, at(t, container(t, env), "PortMappings", 0, "ContainerPort"), numberIn(t, rows["port"], `, (\d+), on all`))
		require.Equal(t, at(t, container(t, env), "StopTimeout"), numberIn(t, rows["stop"], `within (\d+) seconds`))
		require.Equal(t, at(t, container(t, env), "LinuxParameters", "Tmpfs", 0, "Size"), numberIn(t, rows["files"], `(\d+) MiB`))
		require.Equal(t, "1000:1000", at(t, container(t, env), "User"))
		require.Contains(t, rows["user"], "1000:1000")

		require.Equal(t, idleSeconds(t, env), numberIn(t, rows["connections"], `more than (\d+) seconds`))
		require.Equal(t, idleSeconds(t, env), numberIn(t, rows["WebSockets"], `every (\d+) seconds`))
		require.Equal(t, at(t, originOf(t, env), "CustomOriginConfig", "OriginReadTimeout"), numberIn(t, rows["time"], `within (\d+) seconds`))
		require.Equal(t, "true", balancerAttributes(t, env)["routing.http.drop_invalid_header_fields.enabled"], rows["names of headers"])
	})
}

// Otherwise the load balancer would give up before CloudFront.
func TestTheLoadBalancerWaitsAsLongAsCloudFrontMay(t *testing.T) {
	most := unusualDev(t)
	require.GreaterOrEqual(t, idleSeconds(t, most), at(t, originOf(t, most), "CustomOriginConfig", "OriginReadTimeout"))
	require.ErrorContains(t, loadDev(t, "edge: {originTimeoutSeconds: 61}\n"), "want a whole number from 1 to 60")
}

func idleSeconds(t *testing.T, env *environment) float64 {
	t.Helper()
	return number(t, balancerAttributes(t, env)["idle_timeout.timeout_seconds"].(string))
}

func loadDev(t *testing.T, content string) error {
	t.Helper()
	_, _, err := config.Load(beside(t, "sample", content), "sample", "")
	return err
}

func TestTheDefaultImageKeepsConnectionsForLongerThanTheLoadBalancer(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		script := at(t, container(t, env), "Command", 2).(string)
		require.Greater(t, numberIn(t, script, `createServer\({keepAliveTimeout: (\d+)}`), idleSeconds(t, env)*1000)
	})
}

// The script is run: node takes the setting, and the server answers and keeps it.
func TestTheDefaultImagesServerStartsWithThatSetting(t *testing.T) {
	script := at(t, container(t, reference(t, "dev")), "Command", 2).(string)
	script = strings.Replace(script, ".listen(3000)", ".listen(0, '127.0.0.1', function () { console.log(this.keepAliveTimeout); this.close() })", 1)
	require.Equal(t, "65000\n", runNode(t, script))
}

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

// serviceLogs returns the id of the log group that is not the web ACL's.
func serviceLogs(t *testing.T, env *environment) string {
	t.Helper()
	groups := env.stack(t, "compute").ofType(logGroup)
	maps.DeleteFunc(groups, func(id string, group resource) bool {
		return strings.HasPrefix(textOf(t, id, group.Properties, "LogGroupName"), "aws-waf-logs-")
	})
	require.Len(t, groups, 1)
	return slices.Collect(maps.Keys(groups))[0]
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

// container returns the one container of the service's tasks.
func container(t *testing.T, env *environment) props {
	t.Helper()
	return containerOf(t, env, env.Name())
}

// containerOf returns the one container of the task definition of a family.
func containerOf(t *testing.T, env *environment, family string) props {
	t.Helper()
	for _, definition := range env.stack(t, "compute").ofType(taskDefinition) {
		if definition.Properties["Family"] == family {
			definitions := at(t, definition.Properties, "ContainerDefinitions").([]any)
			require.Len(t, definitions, 1)
			return definitions[0].(props)
		}
	}
	require.Fail(t, "no task definition of the family "+family)
	return nil
}
