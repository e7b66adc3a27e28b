package test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/controls"
	"catalog-infra/internal/exceptions"
)

// uncontrolled are the types that no control of Security Hub's foundational standard or
// of CIS judges, by AWS's reference of controls in a copy of 2026.
var uncontrolled = []string{
	"ApplicationAutoScaling::ScalableTarget", "ApplicationAutoScaling::ScalingPolicy", "Backup::BackupPlan",
	"Backup::BackupSelection", "Backup::BackupVault", "Backup::RestoreTestingPlan",
	"Backup::RestoreTestingSelection", "CloudFront::Function", "CloudFront::ResponseHeadersPolicy",
	"CloudFront::VpcOrigin", "CloudWatch::CompositeAlarm", "CloudWatch::Dashboard", "Config::ConfigRule",
	"Config::DeliveryChannel", "EC2::EIP", "EC2::FlowLog", "EC2::InternetGateway", "EC2::NatGateway", "EC2::Route",
	"EC2::RouteTable", "EC2::SecurityGroupEgress", "EC2::SecurityGroupIngress", "EC2::SubnetRouteTableAssociation",
	"EC2::VPCEndpoint", "EC2::VPCGatewayAttachment", "ElasticLoadBalancingV2::ListenerCertificate",
	"ElasticLoadBalancingV2::ListenerRule", "Events::Rule", "IAM::Group", "Logs::MetricFilter",
	"Logs::QueryDefinition", "RDS::DBClusterParameterGroup", "RDS::DBSubnetGroup", "Route53::HealthCheck",
	"Route53::RecordSet", "S3::BucketPolicy", "SNS::Subscription", "SNS::TopicPolicy",
	"SecretsManager::ResourcePolicy", "SecretsManager::RotationSchedule", "SecretsManager::SecretTargetAttachment",
	"SecurityHub::AutomationRule", "SecurityHub::Hub", "SecurityHub::Standard",
	"Shield::Protection", "WAFv2::IPSet", "WAFv2::LoggingConfiguration", "WAFv2::WebACLAssociation",
}

// A new type of resource needs the controls that judge it.
func TestEveryTypeHasItsControls(t *testing.T) {
	judged := map[string]bool{}
	for _, control := range controls.SecurityHub() {
		judged[control.Resource] = true
	}
	found := map[string]bool{}
	for _, env := range []*environment{reference(t, "prod"), reference(t, "dev"), unusualProd(t), vpcOriginProd(t)} {
		for _, template := range env.templates {
			for _, r := range template.resources {
				found[r.Type] = true
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		if name, ofAWS := strings.CutPrefix(kind, "AWS::"); ofAWS {
			require.NotEqual(t, judged[kind], slices.Contains(uncontrolled, name), "%s: its controls are missing in internal/controls/securityhub.yaml", kind)
		}
	}
	for _, kind := range uncontrolled {
		require.True(t, found["AWS::"+kind], "%s is in no template: take it out of the list", kind)
	}
}

// notHere are answers of which no environment has a resource: the frameworks ask for
// more than we use.
var notHere = []string{"AWS::EC2::Instance", "AWS::EC2::VPCPeeringConnection", "AWS::EFS::FileSystem"}

func TestEveryAnswerToARequirementExistsInSomeEnvironment(t *testing.T) {
	shielded := changed(t, "prod", func(cfg *config.Config) { cfg.Edge.ShieldAdvanced = true })
	present := map[string]bool{} // types, and types with logical ids
	for _, env := range []*environment{reference(t, "prod"), hostedZoneProd(t), secondRegionProd(t), shielded} {
		for stack, template := range env.templates {
			for id, r := range template.resources {
				present[r.Type+" "+id], present[r.Type+" "+stack+"/"+id] = true, true
			}
		}
	}
	report, err := controls.Read(read(t, "../docs/guide.md"))
	require.NoError(t, err)
	for _, framework := range report.Frameworks {
		for _, requirement := range framework.Requirements {
			for _, answer := range requirement.Answers {
				if strings.Contains(answer, "::") {
					kind, start, _ := strings.Cut(answer, " ")
					found := false
					for one := range present {
						found = found || strings.HasPrefix(one, kind+" "+start)
					}
					require.NotEqual(t, found, slices.Contains(notHere, answer), "%s %s: %s", framework.Prefix, requirement.ID, answer)
				}
			}
		}
	}
}

// A reason for a finding that is gone would hide the next one.
func TestEveryAcceptedControlFailsSomewhere(t *testing.T) {
	failing := map[string]bool{}
	for _, env := range []*environment{reference(t, "prod"), reference(t, "staging"), reference(t, "dev")} {
		for id, answer := range controls.Assess(assemblyOf(t, env)) {
			failing[id] = failing[id] || len(answer.Failing) > 0
		}
	}
	for _, each := range exceptions.All() {
		for _, control := range each.Found[exceptions.LowerSeverity] {
			require.True(t, failing[control], "%s: no reference environment fails %s", each.ID, control)
		}
	}
}

func TestEveryRequirementIsAnsweredByResourcesTestsAWSOrPeople(t *testing.T) {
	guide := read(t, "../docs/guide.md")
	report, err := controls.Read(guide)
	require.NoError(t, err)
	require.Len(t, report.Frameworks[0].Requirements, len(regexp.MustCompile(`(?m)^\| \d+\.\d+ \|`).FindAllString(guide, -1)))
	for i, framework := range report.Frameworks {
		for _, requirement := range framework.Requirements {
			answered := len(requirement.Answers) > 0 || requirement.Proof != ""
			require.NotEqual(t, answered, requirement.By != "", "%s %s", framework.Prefix, requirement.ID)
			require.Contains(t, []string{"", "AWS", "people"}, requirement.By, "%s %s", framework.Prefix, requirement.ID)
			isClause := i == 0 && requirement.By == ""
			require.Equal(t, isClause, strings.Contains(requirement.Proof, "Test"), "a clause names a test: %s", requirement.ID)
		}
	}
}
