package monitoring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// Notify defines a rule that notifies the environment's topic of the events that
// match props.Pattern.
func Notify(
	stack awscdk.Stack, env environment.Environment, topic awssns.ITopic, id string, props alerting.NotificationRuleProps,
) awsevents.CfnRule {
	props.Environment, props.Topic = env.Name, topic
	return alerting.NewNotificationRule(stack, id, props).Rule
}

// newFailureRules defines the rules that notify of failures which AWS services
// report as events.
func newFailureRules(stack awscdk.Stack, env environment.Environment, props Props, topic awssns.ITopic) []awsevents.CfnRule {
	rules := []awsevents.CfnRule{Notify(stack, env, topic, "DeploymentFailed", deploymentFailed(props.Service))}
	if !env.Config.Backup.Enabled {
		return rules
	}
	for _, job := range backupJobs(env) {
		rules = append(rules, Notify(stack, env, topic, job.id, job.failed()))
	}
	return rules
}

func deploymentFailed(service *web.Service) alerting.NotificationRuleProps {
	pattern := alerting.EventPattern("aws.ecs", []string{"ECS Deployment State Change"},
		map[string]any{"eventName": []string{"SERVICE_DEPLOYMENT_FAILED"}})
	pattern["resources"] = []*string{service.Fargate.ServiceArn()}
	return alerting.NotificationRuleProps{
		Description: Describe("DeploymentFailed", alerting.High, "A deployment failed and ECS rolled it back: the previous tasks stay"),
		Mail: alerting.Mail{
			What:  "<event>: <reason>",
			Which: "deployment <deployment> of <service>",
			Look: "aws ecs describe-services --region <region> --cluster " + *service.Fargate.Cluster().ClusterName() +
				" --services <service> --query 'services[0].events[:10].[createdAt,message]'",
			Paths: map[string]string{
				"event": "$.detail.eventName", "reason": "$.detail.reason", "deployment": "$.detail.deploymentId", "service": "$.resources[0]",
			},
		},
		Pattern: pattern,
	}
}

// backupJob is a kind of job of AWS Backup whose failure would otherwise be
// noticed when the backup is needed.
type backupJob struct {
	// id is the rule's, kind the job's in events: Backup, Copy or Restore.
	id, kind, meaning string

	// status is the field of the event with the job's status, resource the path to
	// the resource that the job is about.
	status, resource string

	// of selects the environment's jobs.
	of map[string]any
}

// backupJobs returns the jobs of the environment. Its restore jobs are the weekly
// tests. A restore job without a test plan may belong to anybody in the account, so the
// environment with audit.notifyFindings reports it.
func backupJobs(env environment.Environment) []backupJob {
	tests := []any{map[string]any{"prefix": env.ARN("backup", "restore-testing-plan:"+database.RestoreTestName(env.Name)+"-")}}
	if env.Config.Audit.NotifyFindings {
		tests = append(tests, map[string]any{"exists": false})
	}
	return []backupJob{
		{"BackupFailed", "Backup", "A backup job of the database failed", "state", "$.detail.resourceArn",
			map[string]any{"backupVaultName": []string{env.Name}}},
		{"RestoreTestFailed", "Restore", "A backup of the database could not be restored", "status", "$.detail.resourceType",
			map[string]any{"restoreTestingPlanArn": tests}},
		{"CopyJobFailed", "Copy", "A backup of the database was not copied to the second region", "state", "$.detail.resourceArn",
			map[string]any{"sourceBackupVaultArn": []*string{env.ARN("backup", "backup-vault:"+env.Name)}}},
	}
}

func (j backupJob) failed() alerting.NotificationRuleProps {
	kind := strings.ToLower(j.kind)
	j.of[j.status] = []string{"ABORTED", "EXPIRED", "FAILED"}
	return alerting.NotificationRuleProps{
		Description: Describe("BackupFailed", alerting.High, j.meaning),
		Mail: alerting.Mail{
			What:  "<kind>: <status>",
			Which: kind + " job <job> of <resource>",
			Look:  "aws backup describe-" + kind + "-job --region <region> --" + kind + "-job-id <job>",
			Paths: map[string]string{
				"kind": "$.detail-type", "status": "$.detail." + j.status, "job": "$.detail." + kind + "JobId", "resource": j.resource,
			},
		},
		Pattern: alerting.EventPattern("aws.backup", []string{j.kind + " Job State Change"}, j.of),
	}
}

// mostMetrics is how many metrics an alarm on an expression may have.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
const mostMetrics = 10

// NewUndeliveredAlarms defines alarms on events that the rules could not deliver:
// a permission or a parameter is wrong, and EventBridge does not retry that.
// There is no dead-letter queue, since nobody would read it: the service that sent
// the event still has its content. Without alarms.extended there are no alarms.
func NewUndeliveredAlarms(stack awscdk.Stack, env environment.Environment, topic awssns.ITopic, rules []awsevents.CfnRule) []shown {
	if !env.Config.Alarms.Extended {
		return nil
	}
	var all []shown
	for some := range slices.Chunk(rules, mostMetrics) {
		id := fmt.Sprintf("UndeliveredEvents%d", len(all)+1)
		props := alerting.AlarmProps{
			Description: Describe("UndeliveredEvents", alerting.High, "EventBridge could not start a runbook or notify the topic"),
			Metric:      failedInvocations(some),
			Threshold:   1,
			Topic:       topic,
		}
		all = append(all, shown{id, props.Severity, alerting.NewAlarm(stack, id, props).CloudWatch.AttrArn(), true})
	}
	return all
}

// failedInvocations returns the number of failed invocations of the rules.
// EventBridge publishes the metric only when there are some.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
func failedInvocations(rules []awsevents.CfnRule) alerting.Metric {
	inputs, terms := map[string]alerting.Metric{}, []string{}
	for i, rule := range rules {
		id := fmt.Sprintf("rule%d", i+1)
		terms = append(terms, fmt.Sprintf("FILL(%s, 0)", id))
		inputs[id] = alerting.Metric{
			Namespace: "AWS/Events", Name: "FailedInvocations", Statistic: "Sum",
			Dimensions: map[string]*string{"RuleName": rule.Ref()},
		}
	}
	return alerting.Metric{Label: "events", Minutes: 5, Expression: strings.Join(terms, " + "), Inputs: inputs}
}
