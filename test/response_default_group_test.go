package test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const removeRules = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"

// defaultGroupRule returns the rule that starts AWS's runbook.
func defaultGroupRule(t *testing.T, env *environment) placed {
	t.Helper()
	for _, r := range resourcesOf(t, env, eventRule) {
		if readableID(r.id) == "DefaultGroupDailyRule" {
			return r
		}
	}
	t.Fatalf("%s: nothing closes the default security group", env.Environment)
	return placed{}
}

func TestTheDefaultSecurityGroupIsClosedEveryDay(t *testing.T) {
	for _, env := range append(allEnvironments(t), shortLived(t, "dev")) {
		rule := defaultGroupRule(t, env).Properties
		require.Equal(t, "rate(1 day)", rule["ScheduleExpression"], env.Environment)
		require.NotContains(t, rule, "State")
		require.Equal(t, "arn:aws:ssm:eu-north-1::automation-definition/"+removeRules+":$DEFAULT",
			readable(t, env, at(t, rule, "Targets", 0, "Arn")), env.Environment)

		var input map[string][]string
		require.NoError(t, json.Unmarshal([]byte(readable(t, env, at(t, rule, "Targets", 0, "Input"))), &input))
		require.Equal(t, map[string][]string{
			"GroupId":              {"NetworkVpc.DefaultSecurityGroup"},
			"AutomationAssumeRole": {"DefaultGroupRole.Arn"},
		}, input, env.Environment)
	}
}

// The runbook's page lists these actions; they are on the one group of this VPC.
func TestClosingTheDefaultGroupTouchesNoOther(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var found []string
		for _, s := range statementsOf(t, env) {
			if s.owner == "DefaultGroupRolePolicy" {
				found = append(found, s.line)
			}
		}
		prefix := "response DefaultGroupRolePolicy for DefaultGroupRole allows "
		require.ElementsMatch(t, []string{
			prefix + "ec2:DescribeSecurityGroups on *",
			prefix + "ec2:RevokeSecurityGroupEgress, ec2:RevokeSecurityGroupIngress on arn:aws:ec2:eu-north-1:ACCOUNT:security-group/NetworkVpc.DefaultSecurityGroup",
			prefix + "ssm:StartAutomationExecution on arn:aws:ssm:eu-north-1::automation-definition/" + removeRules + ":*",
			prefix + "ssm:GetAutomationExecution on arn:aws:ssm:eu-north-1:ACCOUNT:automation-execution/*",
		}, found, env.Environment)
	}
}

// One of ours is drilled; AWS's are not.
func TestTheOnlyRunbookOfAWSIsThatOfTheDefaultGroup(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var started []string
		for _, r := range resourcesOf(t, env, eventRule) {
			for _, target := range asList(r.Properties["Targets"]) {
				if _, definition, ok := strings.Cut(readable(t, env, at(t, target, "Arn")), "::automation-definition/"); ok {
					started = append(started, definition)
				}
			}
		}
		require.Equal(t, []string{removeRules + ":$DEFAULT"}, started, env.Environment)
	}
}
