package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
)

// closeDefaultGroup takes every rule from the security group that AWS makes with
// the VPC, once a day: no template can change that group, and whoever names no
// group gets it. It is AWS's own runbook, on this one group, with the permissions
// that its page lists
// (https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-remove-default-secg-rules.html).
//
// AWS::Config::RemediationConfiguration, which would start it when the Config
// rule is broken, does not exist in eu-north-1; it would also need Config to be
// this environment's, and act on every VPC of the account.
func (r *response) closeDefaultGroup() {
	const name = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"
	group := r.Network.VPC.Node().DefaultChild().(awsec2.CfnVPC).AttrDefaultSecurityGroup()
	runbook := jsii.Sprintf("arn:%s:ssm:%s::automation-definition/%s:*", r.Partition, r.Config.Region, name)
	role := r.newRole("DefaultGroupRole", automation.RoleProps{
		Description: "Takes the rules from the default security group",
		Statements: []permissions.Statement{
			permissions.Allow("SeeGroup", "ec2:DescribeSecurityGroups").OnAll(),
			permissions.Allow("RevokeRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress").On(r.groupARNs(group)[0]),
			permissions.Allow("StartItself", "ssm:StartAutomationExecution").On(runbook),
			permissions.Allow("SeeRun", "ssm:GetAutomationExecution").On(r.executions()),
		},
	})
	r.newStart("DefaultGroupDaily", automation.TriggerProps{
		Schedule: "rate(1 day)",
		Meaning:  "Takes the rules from the default security group of the VPC",
		Runbook:  automation.NewAWSRunbook(r.stack, name, role),
		Parameters: map[string]string{
			"AutomationAssumeRole": *role.RoleArn(),
			"GroupId":              *group,
		},
	})
}
