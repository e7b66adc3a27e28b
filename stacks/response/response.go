// Package response defines the stack of incident runbooks, the roles that may
// start them, and the event rules that start them. The runbooks are listed in
// table.go.
package response

import (
	"embed"
	"io/fs"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/storage"
	"catalog-infra/constructs/waf"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// Props are the resources of earlier stacks that runbooks act on.
type Props struct {
	SecurityGroups SecurityGroups

	// DefaultGroup is the ID of the VPC's default security group.
	DefaultGroup *string

	FlowLogs awslogs.ILogGroup

	Database *database.Aurora

	// User has the credentials of the application's own database user. It is nil if the
	// application is the master user. MasterExecutionRole starts the task that gives the
	// user its current password.
	User                *database.ApplicationUser
	MasterExecutionRole awsiam.IRole

	// DatabaseKey encrypts the database and its secrets. It is nil for AWS managed
	// keys.
	DatabaseKey awskms.IKey

	// AccessLogs receives the access logs of the evidence bucket, if not nil.
	AccessLogs awss3.IBucket

	ExecutionRole, TaskRole awsiam.IRole

	// Operator and Approver are nil in a short-lived environment.
	Operator, Approver awsiam.IRole

	Service      awsecs.FargateService
	LoadBalancer elbv2.ApplicationLoadBalancer
	TargetGroups []elbv2.ApplicationTargetGroup
	Repository   awsecr.IRepository

	// DeploymentAlarm has ECS roll a deployment back.
	DeploymentAlarm awscloudwatch.CfnAlarm

	// WebACL is nil where the configuration chooses none.
	WebACL *waf.WebACL

	Topic awssns.ITopic

	// StricterAlarms are the names of the alarms whose actions are disabled until
	// an incident.
	StricterAlarms []*string
}

// SecurityGroups are the IDs of the environment's security groups.
type SecurityGroups struct {
	Tasks, Rotation, Database *string

	// LoadBalancer are the groups that the load balancer has, unless it is isolated.
	LoadBalancer []*string

	// IsolatedLoadBalancer and IsolatedDatabase are nil in a short-lived
	// environment.
	IsolatedLoadBalancer, IsolatedDatabase *string

	// All are the IDs of all groups, and Rules what they allow, one line for each
	// rule as the runbooks compare them.
	All   []*string
	Rules []string
}

// embedded has the Automation documents, the parts that they share, and their
// scripts.
//
//go:embed runbooks/*.yaml runbooks/shared/*.yaml runbooks/scripts/*.py
var embedded embed.FS

var files, _ = fs.Sub(embedded, "runbooks")

// stack defines what the tables say.
type stack struct {
	awscdk.Stack
	resources *resources

	// runbooks and roles are those that were defined, by name and ID.
	runbooks map[string]*automation.Runbook
	roles    map[string]awsiam.IRole

	rules []awsevents.CfnRule
}

// New defines the response stack. A short-lived environment has only what its
// rotation needs: in an incident it is destroyed.
func New(env environment.Environment, props Props) awscdk.Stack {
	s := &stack{
		Stack:    env.NewStack("response", "Runbooks of the Product Catalog API, and the rules that start them"),
		runbooks: map[string]*automation.Runbook{},
		roles:    map[string]awsiam.IRole{},
	}
	s.resources = newResources(env, props, s.newEvidence(env, props.AccessLogs))
	for _, row := range s.resources.runbooks {
		s.newTriggers(row)
	}
	s.newNotifications()
	s.emptyDefaultGroup()
	if !env.Config.ShortLived {
		s.newPeoplesPolicies()
	}
	automation.NewClaimPolicy(s.Stack, "Claims", automation.ClaimPolicyProps{Runbooks: s.inOrder(), DocumentPrefix: env.RunbookName("")})
	monitoring.NewUndeliveredAlarms(s.Stack, env, props.Topic, s.rules)
	s.spreadCreation()
	return s.Stack
}

// newEvidence defines the bucket in which runbooks save the former state of what
// they change, and the evidence that they collect. Nobody can overwrite or delete
// an object in it, unless the environment is disposable. It returns nil in a
// short-lived environment.
func (s *stack) newEvidence(env environment.Environment, accessLogs awss3.IBucket) awss3.IBucket {
	if env.Config.ShortLived {
		return nil
	}
	bucket := storage.NewBucket(s.Stack, "Evidence", storage.BucketProps{
		RuleID:         "delete-old-evidence",
		RetentionDays:  env.Config.IncidentResponse.EvidenceRetentionDays,
		NoncurrentDays: 30,
		Locked:         !env.Disposable,
		Lockable:       true, // a disposable environment may be retained later
		AccessLogs:     accessLogs,
		AccessLogName:  "evidence",
		Disposable:     env.Disposable,
	})
	bucket.AllowLogExport(incidents)
	environment.Output(s.Stack, "EvidenceBucket", "The bucket where runbooks save evidence", bucket.S3.BucketName())
	return bucket.S3
}

// runbook defines the runbook of a row, once, and returns it.
func (s *stack) runbook(name string) *automation.Runbook {
	if made := s.runbooks[name]; made != nil {
		return made
	}
	row := s.resources.row(name)
	s.runbooks[name] = automation.NewRunbook(s.Stack, constructID(name), automation.RunbookProps{
		Name:      s.resources.env.RunbookName(name),
		File:      name + ".yaml",
		Files:     files,
		Constants: s.resources.constants(row),
		Role:      s.role(row.role),
		Tags:      s.resources.tags(),
		ARNPrefix: *s.resources.env.ARN("ssm", ""),
	})
	return s.runbooks[name]
}

// constructID returns IsolateEdge for isolate-edge.
func constructID(name string) string {
	var id strings.Builder
	for _, word := range strings.Split(name, "-") {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

// role defines the role of the rows that share it, once, after the runbooks that
// they start.
func (s *stack) role(shared role) awsiam.IRole {
	if made := s.roles[shared.id]; made != nil {
		return made
	}
	var names []string
	var statements []permissions.Statement
	for _, each := range shared.grants {
		statements = append(statements, each(s.resources)...)
	}
	for _, row := range s.resources.runbooks {
		if row.role.id != shared.id {
			continue
		}
		names = append(names, row.name)
		for _, child := range row.starts {
			statements = append(statements, s.runbook(child).ChildStatements()...)
		}
	}
	s.roles[shared.id] = s.newRole(shared.id, "Permissions of "+strings.Join(names, ", "), statements)
	return s.roles[shared.id]
}

func (s *stack) newRole(id, description string, statements []permissions.Statement) awsiam.IRole {
	return permissions.NewServiceRole(s.Stack, id, permissions.ServiceRoleProps{
		Service:     automation.Service,
		Description: description,
		Statements:  statements,
		SourceARN:   *s.resources.env.ARN("ssm", "automation-execution/*"),
	}).Role
}

// newTriggers defines the runbook of the row and the rules that start it.
func (s *stack) newTriggers(row runbook) {
	started := s.runbook(row.name)
	for _, each := range row.triggers {
		if !each.only.holds(s.resources.env.Config) {
			continue
		}
		props := automation.TriggerProps{
			Schedule:   each.schedule,
			Meaning:    each.description,
			Runbook:    started,
			Parameters: each.parameters,
			Paths:      each.paths,
		}
		if each.pattern != nil {
			props.Pattern = each.pattern(s.resources)
		}
		s.newTrigger(each.id, props)
	}
}

func (s *stack) newTrigger(id string, props automation.TriggerProps) {
	s.rules = append(s.rules, automation.NewTrigger(s.Stack, id, props).Rule)
}

func (s *stack) newNotifications() {
	env := s.resources.env
	for _, each := range notifications {
		if !each.in(env.Config) {
			continue
		}
		each.mail.Look = strings.ReplaceAll(each.mail.Look, "<environment>", env.Name)
		s.rules = append(s.rules, monitoring.Notify(s.Stack, env, s.resources.props.Topic, each.id, alerting.NotificationRuleProps{
			Description: each.description, Mail: each.mail, Pattern: each.pattern(s.resources),
		}))
	}
}

// inOrder returns the runbooks in the order of the table.
func (s *stack) inOrder() []*automation.Runbook {
	var all []*automation.Runbook
	for _, row := range s.resources.runbooks {
		all = append(all, s.runbook(row.name))
	}
	return all
}

// spreadCreation limits how many documents CloudFormation creates at a time. SSM
// throttles CreateDocument beyond five.
func (s *stack) spreadCreation() {
	const atOnce = 5
	all := s.inOrder()
	for i := atOnce; i < len(all); i++ {
		all[i].Document.AddResourceDependency(all[i-atOnce].Document, nil)
	}
}
