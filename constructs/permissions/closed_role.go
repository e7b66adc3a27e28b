package permissions

import (
	"path"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// closedRole overrides the methods by which CDK adds policies to a role.
type closedRole struct {
	awsiam.Role

	id string
	ClosedRoleProps
	refused []*string
}

// ClosedRoleProps configures a ClosedRole.
type ClosedRoleProps struct {
	awsiam.RoleProps

	// DefinedIn is the Go file that has the role's statements.
	DefinedIn string `required:"true"`

	// Granted reports whether the role's own statements already allow the action
	// on the resource, as Resolved returns it, or leave it out on purpose. It is
	// asked about grants that CDK's constructs add by themselves. If it is nil,
	// every grant is refused.
	Granted func(action, resource string) bool
}

// ClosedRole is a role whose policies are complete where it is defined. A later grant
// fails the synthesis. CDK's WithoutPolicyUpdates would drop it silently, and AWS would
// deny the task at run time.
type ClosedRole struct {
	Role awsiam.Role
}

// NewClosedRole defines a ClosedRole.
func NewClosedRole(scope constructs.Construct, id string, props ClosedRoleProps) *ClosedRole {
	required.Check(id, props, required.If(props.AssumedBy == nil, "AssumedBy"))
	this := &closedRole{id: id, ClosedRoleProps: props}
	awsiam.NewRole_Override(this, scope, &id, &props.RoleProps)
	this.Node().AddValidation(&refusals{this})
	return &ClosedRole{this}
}

// AddToPrincipalPolicy is called by CDK for every grant.
func (c *closedRole) AddToPrincipalPolicy(statement awsiam.PolicyStatement) *awsiam.AddToPrincipalPolicyResult {
	if !c.granted(statement) {
		c.refuse("a grant of %s to %s has no effect", strings.Join(values(statement.Actions()), ", "), c.id)
	}
	return &awsiam.AddToPrincipalPolicyResult{StatementAdded: jsii.Bool(true), PolicyDependable: constructs.NewDependencyGroup()}
}

// AttachInlinePolicy refuses the policy. CDK calls it.
func (c *closedRole) AttachInlinePolicy(awsiam.Policy) {
	c.refuse("%s takes no inline policy", c.id)
}

// AddManagedPolicy refuses the policy. CDK calls it.
func (c *closedRole) AddManagedPolicy(awsiam.IManagedPolicy) {
	c.refuse("%s takes no policy from elsewhere", c.id)
}

func (c *closedRole) granted(statement awsiam.PolicyStatement) bool {
	for _, action := range values(statement.Actions()) {
		for _, resource := range values(statement.Resources()) {
			resource = Resolved(awscdk.Stack_Of(c), resource)
			if c.Granted == nil || resource == "" || !c.Granted(action, resource) {
				return false
			}
		}
	}
	return true
}

// refuse records the reason, the line of the app that caused it, and the advice.
func (c *closedRole) refuse(why string, arguments ...any) {
	message := *jsii.Sprintf(why, arguments...) + ": write the statement for " + c.id + " in " + c.DefinedIn +
		", and give it the resource from a stack before that one, or its ARN by name"
	c.refused = append(c.refused, jsii.String(callerInApp()+message))
}

// callerInApp returns the innermost line of the app that led here, and a colon.
func callerInApp() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "catalog-infra/") && path.Base(frame.File) != "closed_role.go" {
			return *jsii.Sprintf("%s/%s:%d: ", path.Base(path.Dir(frame.File)), path.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// Resolved returns the value as the stack's template would contain it, to compare
// two values: CDK may give out several tokens for one. It is empty if CDK cannot
// resolve the value in this stack; a panic would leave CDK's process waiting.
func Resolved(stack awscdk.Stack, value string) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return *jsii.Sprintf("%v", stack.Resolve(value))
}

func values(list *[]*string) []string {
	var found []string
	for _, value := range *list {
		found = append(found, *value)
	}
	return found
}

// refusals reports the refused grants when CDK validates the app, before it
// writes the assembly. If a grant itself panicked, CDK's process would wait for
// its answer.
type refusals struct{ role *closedRole }

// Validate returns the refused grants. CDK calls it.
func (r *refusals) Validate() *[]*string { return &r.role.refused }
