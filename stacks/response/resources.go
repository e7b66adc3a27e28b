package response

import (
	"maps"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/automation"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// resources are the names and ARNs that runbooks, roles and rules refer to. A
// token is looked up once, since each lookup calls CDK's own process.
type resources struct {
	env   environment.Environment
	props Props

	// runbooks are the rows of the table that the environment has.
	runbooks []runbook

	topicARN, topicKeyARN, ecsClusterName, ecsClusterARN, serviceName, serviceARN *string

	taskRoleARN, repositoryARN, loadBalancerARN *string

	// secretARN is the secret that the tasks read, secretARNs those of all database
	// users, that of the master user first.
	secretARN  *string
	secretARNs []*string

	// evidenceName and evidenceARN are nil in a short-lived environment.
	evidenceName, evidenceARN *string
}

func newResources(env environment.Environment, props Props, evidence awss3.IBucket) *resources {
	cluster := props.Service.Cluster()
	this := &resources{
		env: env, props: props,
		topicARN: props.Topic.TopicArn(), topicKeyARN: props.Topic.MasterKey().KeyArn(),
		ecsClusterName: cluster.ClusterName(), ecsClusterARN: cluster.ClusterArn(),
		serviceName: props.Service.ServiceName(), serviceARN: props.Service.ServiceArn(),
		secretARN:     props.Database.Secret.SecretArn(),
		taskRoleARN:   props.TaskRole.RoleArn(),
		repositoryARN: props.Repository.RepositoryArn(), loadBalancerARN: props.LoadBalancer.LoadBalancerArn(),
	}
	this.secretARNs = []*string{this.secretARN}
	if props.User != nil {
		this.secretARN = props.User.Secret.SecretArn()
		this.secretARNs = append(this.secretARNs, this.secretARN)
	}
	if evidence != nil {
		this.evidenceName, this.evidenceARN = evidence.BucketName(), evidence.BucketArn()
	}
	for _, row := range runbooks {
		if row.in(env.Config) {
			this.runbooks = append(this.runbooks, row)
		}
	}
	return this
}

// names returns the document names of the rows that the filter accepts. A prefix
// match instead would be wrong: names in prod-eu start with those in prod.
func (r *resources) names(accept func(runbook) bool) []string {
	var names []string
	for _, row := range r.runbooks {
		if accept(row) {
			names = append(names, r.env.RunbookName(row.name))
		}
	}
	return names
}

// constants returns the values of ${...} that every runbook may use. The
// documents name other runbooks as ${Environment}-NAME.
func (r *resources) constants(row runbook) map[string]any {
	values := map[string]any{
		"Environment":  r.env.Name,
		"Region":       r.env.Config.Region,
		"Evidence":     r.evidenceName,
		"Topic":        r.topicARN,
		"Approvers":    r.approvers(),
		"Cluster":      r.ecsClusterName,
		"Service":      r.serviceName,
		"LoadBalancer": r.loadBalancerARN,
		"Secret":       r.secretARN,
		"Repository":   r.env.Name,

		"TasksWithOldSecret": monitoring.TasksWithOldSecret,
	}
	if row.constants != nil {
		maps.Copy(values, row.constants(r))
	}
	return values
}

// approvers returns the role Approver and the configured approvers, at most the
// ten that an approval step takes.
func (r *resources) approvers() []*string {
	if r.props.Approver == nil {
		return nil
	}
	return append([]*string{r.props.Approver.RoleArn()}, *jsii.Strings(r.env.Config.IncidentResponse.Approvers...)...)
}

// tags are set on the runs of this environment's runbooks and on its OpsItems.
// Only both together identify them in the account.
func (r *resources) tags() map[string]string {
	return map[string]string{"project": config.Project, "environment": r.env.Config.Environment}
}

// tagged returns the condition that a request, or a resource, has the tags.
func (r *resources) tagged(prefix string) map[string]any {
	return automation.TagConditions(prefix, r.tags())
}

// evidenceObjects returns the ARN of objects in the evidence bucket.
func (r *resources) evidenceObjects(keys string) *string {
	return jsii.String(*r.evidenceARN + "/" + keys)
}

// executionsARN returns the ARN of all automation runs in the account: their IDs
// are not known before they start.
func (r *resources) executionsARN() *string { return r.env.ARN("ssm", "automation-execution/*") }

func (r *resources) tasksARN() *string { return r.inCluster("task", "*") }

// inCluster returns the ARN of a resource that belongs to the service's cluster.
func (r *resources) inCluster(resource, name string) *string {
	return r.env.ARN("ecs", strings.Join([]string{resource, *r.ecsClusterName, name}, "/"))
}

// rds returns the ARN of a resource of RDS.
func (r *resources) rds(resource, name string) *string { return r.env.ARN("rds", resource+":"+name) }

// clusterARN returns the ARN of the database cluster by its name. A reference
// would keep the data stack from ever replacing the cluster.
func (r *resources) clusterARN() *string { return r.rds("cluster", r.env.Name) }

// restoredARN returns the ARN of the clusters that restore-database makes.
func (r *resources) restoredARN() *string { return r.rds("cluster", r.env.Name+"-inc-*") }

func (r *resources) groupARNs(ids ...*string) []*string {
	var arns []*string
	for _, id := range ids {
		arns = append(arns, r.env.ARN("ec2", "security-group/"+*id))
	}
	return arns
}

// via returns the condition that the request comes through another service.
func (r *resources) via(service string) map[string]any {
	return map[string]any{"StringEquals": map[string]any{"kms:ViaService": service + "." + r.env.Config.Region + ".amazonaws.com"}}
}

// row returns the row of a runbook. The environment must have it.
func (r *resources) row(name string) runbook {
	for _, row := range r.runbooks {
		if row.name == name {
			return row
		}
	}
	panic("response: the environment has no runbook " + name)
}
