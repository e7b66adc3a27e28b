package response

import (
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
)

// emptyDefaultGroup revokes every rule of the VPC's default security group once a
// day: no template can change that group, and resources without a group get it.
// It starts AWS's own runbook with the permissions that its page lists
// (https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-remove-default-secg-rules.html).
//
// AWS::Config::RemediationConfiguration, which could start it when the Config
// rule is violated, does not exist in eu-north-1. It would also need this
// environment to own Config, and act on every VPC of the account.
func (s *stack) emptyDefaultGroup() {
	const name = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"
	r, group := s.resources, s.resources.props.DefaultGroup
	document := jsii.Sprintf("arn:%s:ssm:%s::automation-definition/%s:*", r.env.Partition, r.env.Config.Region, name)
	role := s.newRole("DefaultGroupRole", "Revokes the rules of the default security group", append(readRuns(r),
		permissions.Allow("DescribeSecurityGroups", "ec2:DescribeSecurityGroups").OnAll(),
		permissions.Allow("RevokeRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress").
			On(r.groupARNs(group)...),
		permissions.Allow("StartRunbook", "ssm:StartAutomationExecution").On(document)))
	s.newTrigger("DefaultGroupDaily", automation.TriggerProps{
		Schedule: "rate(1 day)",
		Meaning:  "Revokes the rules of the default security group of the VPC",
		Runbook:  automation.AWSRunbook(s.Stack, name, role),
		Parameters: map[string]string{
			"AutomationAssumeRole": *role.RoleArn(),
			"GroupId":              *group,
		},
	})
}
