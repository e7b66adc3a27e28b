package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestTheApplicationHasItsVariables(t *testing.T) {
	own := container(t, ownImageDev(t))
	require.Contains(t, own["Environment"], props{"Name": "LOG_LEVEL", "Value": "info"})
	for _, want := range []props{
		{"Name": "API_TOKEN", "ValueFrom": "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/api-AbCdEf:token:AWSPREVIOUS:"},
		{"Name": "SIGNATURE", "ValueFrom": "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/signature-AbCdEf"},
		{"Name": "LICENCE", "ValueFrom": props{"Fn::Join": []any{"", []any{
			"arn:aws:ssm:eu-north-1:", props{"Ref": "AWS::AccountId"}, ":parameter/shop/licence",
		}}}},
	} {
		require.Contains(t, own["Secrets"], want)
	}
	for _, name := range []string{"DB_HOST", "DB_USERNAME", "DB_PASSWORD"} {
		require.True(t, slices.ContainsFunc(own["Secrets"].([]any), func(secret any) bool { return secret.(props)["Name"] == name }), name)
	}
}

func TestTheApplicationRunsAsItsSettingsSay(t *testing.T) {
	env := ownImageDev(t)
	own := container(t, env)
	require.Equal(t, []any{"/shop", "serve"}, own["Command"])
	require.Equal(t, props{
		"Command": []any{"CMD", "/shop", "health"}, "Interval": 30.0, "Retries": 3.0, "StartPeriod": 60.0, "Timeout": 5.0,
	}, own["HealthCheck"])
	require.Equal(t, 60.0, own["StopTimeout"])
	require.Equal(t, props{"ContainerPath": "/var/cache/shop", "Size": 64.0, "MountOptions": []any{"rw", "nosuid", "nodev"}},
		at(t, own, "LinuxParameters", "Tmpfs", 1))
	require.Equal(t, props{"SizeInGiB": 30.0}, env.stack(t, "compute").one(taskDefinition).Properties["EphemeralStorage"])
	require.Equal(t, "120", balancerAttributes(t, env)["idle_timeout.timeout_seconds"])
	require.NotContains(t, container(t, reference(t, "dev")), "HealthCheck")
	require.NotContains(t, reference(t, "dev").stack(t, "compute").one(taskDefinition).Properties, "EphemeralStorage")
}

func TestOtherAccountsMayPullAndNothingElse(t *testing.T) {
	policy := at(t, ownImageDev(t).stack(t, "compute").one("AWS::ECR::Repository").Properties, "RepositoryPolicyText")
	require.Equal(t, []any{props{
		"Sid": "PullFrom210987654321", "Effect": "Allow",
		"Action":    []any{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
		"Principal": props{"AWS": "arn:aws:iam::210987654321:root"},
	}}, at(t, policy, "Statement"))
}

// Nothing else is allowed: these are the statements beside those of an environment
// without such settings.
func TestTheApplicationMayDoWhatItsSettingsSay(t *testing.T) {
	const (
		secrets = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/api-AbCdEf, arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/signature-AbCdEf"
		licence = "arn:aws:ssm:eu-north-1:123456789012:parameter/shop/licence"
		decrypt = "allows kms:Decrypt on arn:aws:kms:eu-north-1:123456789012:key/shop if StringEquals kms:EncryptionContext:"
	)
	for role, want := range map[string][]string{
		"ExecutionRole": {
			"ExecutionRole allows secretsmanager:GetSecretValue on " + secrets,
			"ExecutionRole " + decrypt + "SecretARN " + strings.ReplaceAll(secrets, ", ", " or ") + ", StringEquals kms:ViaService secretsmanager.eu-north-1.amazonaws.com",
			"ExecutionRole allows ssm:GetParameters on " + licence,
			"ExecutionRole " + decrypt + "PARAMETER_ARN " + licence + ", StringEquals kms:ViaService ssm.eu-north-1.amazonaws.com",
		},
		"TaskRole": {
			"TaskRole allows s3:GetObject, s3:Put* on arn:aws:s3:::shop-pictures/*",
			"TaskRole allows sqs:SendMessage on arn:aws:sqs:eu-north-1:123456789012:cart, arn:aws:sqs:eu-north-1:123456789012:mail",
		},
	} {
		var found []string
		for _, line := range linesOf(identityStatements(t, ownImageDev(t), role)) {
			if policy, statement, _ := strings.Cut(line, " for "); strings.HasPrefix(policy, "compute Application") {
				found = append(found, statement)
			}
		}
		require.ElementsMatch(t, want, found)
	}
}

func TestTheApplicationReachesItsDestinations(t *testing.T) {
	var found []props
	for id, rule := range ownImageDev(t).stack(t, "compute").ofType("AWS::EC2::SecurityGroupEgress") {
		if strings.HasPrefix(id, "TasksEgress") {
			own := maps.Clone(rule.Properties)
			delete(own, "GroupId")
			found = append(found, own)
		}
	}
	rule := func(port float64, destination, to, description string) props {
		return props{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, destination: to, "Description": description}
	}
	require.ElementsMatch(t, []props{
		rule(6379, "CidrIp", "192.0.2.0/24", "Cache"),
		rule(25, "DestinationPrefixListId", "pl-12345678", "Mail"),
		rule(9092, "DestinationSecurityGroupId", "sg-12345678", "Queue"),
	}, found)
}

// What changed is created before the service is updated, and deleted after it: tasks
// of the former revision need it as long as they run.
func TestWhatTheApplicationNeedsOutlivesTheTasksThatNeedIt(t *testing.T) {
	before, after := neededByTheService(t, ownImageDev(t)), neededByTheService(t, otherApplicationDev(t))
	require.Len(t, before, 5)
	require.Len(t, after, 5)
	for _, id := range before {
		require.NotContains(t, after, id)
	}
}

func TestOneOfEachIsEnough(t *testing.T) {
	own := container(t, otherApplicationDev(t))
	require.Equal(t, []any{"/shop"}, own["Command"])
	require.Equal(t, []any{"CMD", "/shop"}, at(t, own, "HealthCheck", "Command"))
	require.Equal(t, 300.0, at(t, own, "HealthCheck", "StartPeriod"), "the longest that ECS takes")
	secrets := slices.DeleteFunc(linesOf(identityStatements(t, otherApplicationDev(t), "ExecutionRole")), func(line string) bool {
		return !strings.HasPrefix(line, "compute ApplicationSecrets")
	})
	require.Len(t, secrets, 1)
	for _, policy := range otherApplicationDev(t).stack(t, "compute").ofType("AWS::IAM::ManagedPolicy") {
		if fmt.Sprint(policy.Properties["Description"]) == "Permissions of the application of its own" {
			require.Equal(t, "Application1", at(t, policy.Properties, "PolicyDocument", "Statement", 0, "Sid"))
			return
		}
	}
	require.Fail(t, "the policy is not there")
}

// Names that CloudFormation makes up for secrets begin with the logical ID.
func TestNoPermissionOfTheApplicationIsForTheEnvironmentsOwnNames(t *testing.T) {
	names := map[string][]string{}
	for _, env := range allEnvironments(t) {
		for _, r := range resourcesOf(t, env) {
			name, fixed := r.Properties[map[string]string{logGroup: "LogGroupName", "AWS::SNS::Topic": "TopicName"}[r.Type]].(string)
			switch {
			case r.Type == "AWS::SecretsManager::Secret":
				names["secretsmanager"] = append(names["secretsmanager"], "secret:"+r.id+"-Random")
			case fixed && r.Type == logGroup:
				names["logs"] = append(names["logs"], "log-group:"+name)
			case fixed:
				names["sns"] = append(names["sns"], name)
			}
		}
	}
	require.Len(t, names, 3)
	for service, all := range names {
		for _, name := range all {
			arn := fmt.Sprintf("arn:aws:%s:eu-north-1:123456789012:%s", service, name)
			require.ErrorContains(t, loadDev(t, "service: {permissions: [{service: "+service+", actions: [Get*], resources: ['"+arn+"']}]}\n"),
				"a resource of the application's", arn)
		}
	}
}

// otherApplicationDev returns dev with one setting of each kind, other than ownImageDev's.
func otherApplicationDev(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		withApplication(cfg)
		cfg.Service.Image = sharedImage
		cfg.Service.Migration = config.Migration{Command: []string{"/shop", "migrate"}, TimeoutMinutes: 12}
		cfg.Service.StartSeconds = 400
		cfg.Service.Command, cfg.Service.HealthCommand = []string{"/shop"}, []string{"/shop"}
		cfg.Service.Secrets = map[string]string{"LICENCE": "arn:aws:ssm:eu-north-1:123456789012:parameter/shop/other"}
		cfg.Service.SecretKeys = nil
		cfg.Service.Permissions = cfg.Service.Permissions[:1]
		cfg.Service.Permissions[0].Actions[0] = "GetObjectAttributes"
		cfg.Service.Egress[0].Port, cfg.Service.Egress[1].Port, cfg.Service.Egress[2].Port = 1, 2, 3
	})
}

// neededByTheService returns what the application needs, on all of which the service
// depends.
func neededByTheService(t *testing.T, env *environment) []string {
	t.Helper()
	compute := env.stack(t, "compute")
	var ids []string
	for id := range compute.resources {
		if strings.HasPrefix(id, "Application") || strings.HasPrefix(id, "TasksEgress") {
			require.Contains(t, compute.one("AWS::ECS::Service").DependsOn, id)
			ids = append(ids, id)
		}
	}
	return ids
}

// migrationOf returns the custom resource of an environment's migration, and its function.
func migrationOf(t *testing.T, env *environment) (id string, run, function resource) {
	t.Helper()
	compute := env.stack(t, "compute")
	runs := compute.ofType("Custom::TaskRun")
	require.Len(t, runs, 1)
	for id, run = range runs {
		function = compute.resources[at(t, run.Properties, "ServiceToken", "Fn::GetAtt", 0).(string)]
	}
	return id, run, function
}

func TestAMigrationRunsOnceBeforeTheTasksOfItsRelease(t *testing.T) {
	env := otherApplicationDev(t)
	id, run, function := migrationOf(t, env)
	require.Contains(t, env.stack(t, "compute").one(service).DependsOn, id)
	for _, needed := range neededByTheService(t, env) {
		require.Contains(t, run.DependsOn, needed)
	}
	require.ElementsMatch(t, []string{"ServiceToken", "ServiceTimeout"}, slices.Collect(maps.Keys(run.Properties)), "an update runs nothing")
	require.Equal(t, "960", run.Properties["ServiceTimeout"])
	require.Equal(t, 900.0, function.Properties["Timeout"])
	require.Contains(t, string(must(json.Marshal(function.Properties["Environment"]))), `\"minutes\":12`)
	for name, change := range map[string]struct {
		change func(*config.Config)
		again  bool
	}{
		"another image":   {func(cfg *config.Config) { cfg.Service.Image = sharedImage + "-2" }, true},
		"another command": {func(cfg *config.Config) { cfg.Service.Migration.Command = []string{"/shop", "migrate", "--all"} }, true},
		"other variables": {func(cfg *config.Config) { cfg.Service.Environment = map[string]string{"LOG_LEVEL": "debug"} }, false},
		"other times":     {func(cfg *config.Config) { cfg.Service.Migration.TimeoutMinutes = 1 }, false},
	} {
		later, same, _ := migrationOf(t, withoutRunbooks(t, "dev", func(cfg *config.Config) { *cfg = env.Config; change.change(cfg) }))
		require.Equal(t, change.again, later != id, name)
		require.Equal(t, run.Properties, same.Properties, name)
	}
}

// A migration is a task as those of the service are, but nobody connects to it.
func TestAMigrationIsATaskAsHardAsTheOthers(t *testing.T) {
	env := otherApplicationDev(t)
	own, other := maps.Clone(containerOf(t, env, env.Name()+"-migration")), container(t, env)
	require.Equal(t, []any{"/shop", "migrate"}, own["Command"])
	for _, property := range []string{"Image", "User", "ReadonlyRootFilesystem", "LinuxParameters", "Environment", "Secrets"} {
		require.Equal(t, other[property], own[property], property)
	}
	require.NotContains(t, own, "PortMappings")
	require.NotContains(t, own, "HealthCheck")
	require.Equal(t, "migration", at(t, own, "LogConfiguration", "Options", "awslogs-stream-prefix"))
}

func TestTheFunctionOfAMigrationMayRunItsTaskAndNoOther(t *testing.T) {
	const inCluster = " if ArnEquals ecs:cluster ApiCluster.Arn"
	var found []string
	for _, line := range linesOf(identityStatements(t, otherApplicationDev(t), "MigrationRole")) {
		_, statement, _ := strings.Cut(line, " for MigrationRole ")
		found = append(found, statement)
	}
	require.ElementsMatch(t, []string{
		"allows ecs:RunTask on arn:aws:ecs:eu-north-1:ACCOUNT:task-definition/PROJECT-SUFFIX-migration:*" + inCluster,
		"allows ecs:DescribeTasks, ecs:StopTask on arn:aws:ecs:eu-north-1:ACCOUNT:task/ApiCluster/*",
		"allows ecs:ListTasks on *" + inCluster,
		"allows iam:PassRole on ExecutionRole.Arn, TaskRole.Arn if StringEquals iam:PassedToService ecs-tasks.amazonaws.com",
		"allows logs:CreateLogStream, logs:PutLogEvents on Logs.Arn",
	}, found)
}
