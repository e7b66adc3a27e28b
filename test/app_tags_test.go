package test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// takesNoTags are the types without tags: CloudFormation's schemas have none for
// them (those of cfn-lint 1.51.0, November 2026).
var takesNoTags = regexp.MustCompile(`^AWS::(ApplicationAutoScaling::(ScalableTarget|ScalingPolicy)|Backup::(BackupSelection|RestoreTestingSelection)|` +
	`CloudFront::ResponseHeadersPolicy|Config::(ConfigRule|ConfigurationRecorder|DeliveryChannel|RemediationConfiguration)|` +
	`EC2::(Route|SecurityGroupEgress|SecurityGroupIngress|SubnetRouteTableAssociation|VPCGatewayAttachment)|ECR::RegistryScanningConfiguration|` +
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
				tags = pairs(t, list, "Key", "Value")
			}
			require.NoError(t, json.Unmarshal(must(json.Marshal(orEmpty(tags))), &found), "%s", r)
		}
	}
	return found
}

func orEmpty(tags any) any {
	if tags == nil {
		return props{}
	}
	return tags
}
