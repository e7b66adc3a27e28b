package test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// takesNoTags are the types without tags: CloudFormation's schemas have none for
// them (those of cfn-lint 1.51.0, November 2026).
var takesNoTags = regexp.MustCompile(`^AWS::(ApplicationAutoScaling::(ScalableTarget|ScalingPolicy)|Backup::(BackupSelection|RestoreTestingSelection)|` +
	`CloudFront::ResponseHeadersPolicy|Config::(ConfigRule|ConfigurationRecorder|DeliveryChannel|RemediationConfiguration)|` +
	`EC2::(Route|SecurityGroupEgress|SecurityGroupIngress|SubnetRouteTableAssociation|VPCGatewayAttachment)|ECR::RegistryScanningConfiguration|` +
	`ElasticLoadBalancingV2::ListenerCertificate|` +
	`IAM::(Group|ManagedPolicy|Policy|ServiceLinkedRole)|Logs::(MetricFilter|QueryDefinition)|Route53::RecordSet|S3::BucketPolicy|` +
	`SecretsManager::(ResourcePolicy|RotationSchedule|SecretTargetAttachment)|SecurityHub::Standard|SNS::(Subscription|TopicPolicy)|` +
	`WAFv2::(LoggingConfiguration|WebACLAssociation))$|^Custom::`)

// leftUntagged are those that take tags and get none, and why.
var leftUntagged = map[string]string{
	"AWS::CloudFront::VpcOrigin":                "an update in use is refused, also of its tags",
	"AWS::WAFv2::IPSet":                         "an update would empty it, also one of its tags",
	"AWS::SecurityHub::AutomationRule":          "CloudFormation takes no hyphen in a key, such as cost-center",
	"AWS::ElasticLoadBalancingV2::Listener":     "cfn-lint does not know its tags",
	"AWS::ElasticLoadBalancingV2::ListenerRule": "cfn-lint does not know its tags",
}

// Tags separate costs, and the resources that people may act on.
func TestEveryResourceThatTakesTagsHasThoseOfTheEnvironment(t *testing.T) {
	ofCDK := regexp.MustCompile(`^CustomS3AutoDeleteObjects`)
	for _, env := range append(allEnvironments(t), vpcOriginProd(t)) {
		want := map[string]string{"project": config.Project, "environment": env.Environment}
		for key, value := range env.Tags {
			want[key] = value
		}
		for _, r := range resourcesOf(t, env) {
			if takesNoTags.MatchString(r.Type) || leftUntagged[r.Type] != "" || ofCDK.MatchString(r.id) {
				continue
			}
			tags := tagsOf(t, r)
			for key, value := range want {
				require.Equal(t, value, tags[key], "%s %s: the tag %s", env.Environment, r, key)
			}
		}
	}
}

// tagsOf returns the tags of a resource, by whatever property and in whichever of
// CloudFormation's two forms it has them.
func tagsOf(t *testing.T, r placed) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, property := range []string{"Tags", "BackupPlanTags", "BackupVaultTags", "HealthCheckTags", "HostedZoneTags"} {
		plan, _ := r.Properties["BackupPlan"].(props)
		for _, tags := range []any{r.Properties[property], plan[property]} {
			if list, ok := tags.([]any); ok {
				tags = pairs(t, list, "Key")
			}
			if tags != nil {
				require.NoError(t, json.Unmarshal(must(json.Marshal(tags)), &found), "%s", r)
			}
		}
	}
	return found
}

// Lambda makes the log group that a function lacks: without retention, without a
// key, and it outlives the stack. So a function has a group in its template, or
// may not log.
func TestNoFunctionHasALogGroupThatNobodyOwns(t *testing.T) {
	functions := 0
	environments := append(environmentsWithEverySetting(t), shortLived(t, "prod"), customerManagedKeysDev(t))
	for env, r := range resourcesIn(t, environments, "AWS::Lambda::Function", rotationFunction, "AWS::CloudFront::Function") {
		switch r.Type {
		case rotationFunction:
			requireLogGroup(t, env, r)
		case "AWS::Lambda::Function":
			requireSilent(t, env, r)
		default: // CloudFront's log group would be in us-east-1
			require.NotContains(t, at(t, r.Properties, "FunctionCode"), "console", "%s %s", env.Environment, r)
		}
		functions++
	}
	require.Greater(t, functions, 10)
}

// requireLogGroup checks that the function's group is there before it, kept as
// long and removed as the environment says.
func requireLogGroup(t *testing.T, env *environment, function placed) {
	t.Helper()
	name := "/aws/lambda/" + at(t, function.Properties, "Parameters", "functionName").(string)
	for _, group := range resourcesOf(t, env, logGroup) {
		if group.stack != function.stack || group.Properties["LogGroupName"] != name {
			continue
		}
		require.Contains(t, function.DependsOn, group.id, "%s %s", env.Environment, function)
		require.EqualValues(t, env.Logs.RetentionDays, group.Properties["RetentionInDays"])
		require.Equal(t, map[bool]string{true: "Delete", false: "Retain"}[env.Lifecycle == "disposable"], group.DeletionPolicy, "%s %s",
			env.Environment, group)
		return
	}
	require.Fail(t, "no log group", "%s %s writes to %s: make it with env.NewLogGroup", env.Environment, function, name)
}

// requireSilent checks that the function logs to a group of its template, or may not log.
func requireSilent(t *testing.T, env *environment, function placed) {
	t.Helper()
	if group, ok := function.Properties["LoggingConfig"].(props); ok {
		require.Contains(t, env.stack(t, function.stack).ofType(logGroup), at(t, group, "LogGroup", "Ref"))
		return
	}
	role := at(t, function.Properties, "Role", "Fn::GetAtt", 0).(string)
	require.NotContains(t, env.stack(t, function.stack).ofType("AWS::IAM::Role")[role].Properties, "ManagedPolicyArns",
		"%s %s: see emptySilently of constructs/storage", env.Environment, function)
	for _, s := range statementsOf(t, env) {
		require.False(t, s.stack == function.stack && strings.Contains(s.line, "logs:CreateLogGroup"), "%s %s", env.Environment, s.line)
	}
}

// Readers of the documents find the names that CloudFormation generates in the
// outputs of the stacks.
func TestPeopleFindTheRolesAndTheEvidenceByOutputs(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for output, want := range map[[2]string]string{
			{"iam", "OperatorRoleARN"}:     "Operator.Arn",
			{"iam", "ApproverRoleARN"}:     "Approver.Arn",
			{"response", "EvidenceBucket"}: "Evidence",
		} {
			stack, name := output[0], output[1]
			found, ok := env.templates[stack].Template.Outputs[name]
			require.Equal(t, !env.ShortLived, ok, "%s %s", env.Environment, name)
			if ok {
				require.Equal(t, want, readable(t, env, found.Value), env.Environment)
			}
		}
	}
}

// TestEveryOutputThatTheDocumentsAskForExists reads the commands that ask
// CloudFormation for an output of a stack.
func TestEveryOutputThatTheDocumentsAskForExists(t *testing.T) {
	env, asked := reference(t, "prod"), 0
	for _, file := range documents(t) {
		for _, line := range regexp.MustCompile("(?m)^.*OutputKey==.*$").FindAllString(read(t, file), -1) {
			asked++
			words := regexp.MustCompile("--stack-name " + env.Name() + "-(\\S+) .*OutputKey==`(\\w+)`").FindStringSubmatch(asDeployed(line))
			require.Len(t, words, 3, "%s: %s", file, line)
			require.Contains(t, env.templates[words[1]].Template.Outputs, words[2], file)
		}
	}
	require.Positive(t, asked)
}
