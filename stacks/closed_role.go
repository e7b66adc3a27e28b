package stacks

import (
	"path"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// closedRole is a role whose policies are complete where it is defined. Where
// CDK's WithoutPolicyUpdates drops a grant without a word, and the tasks are
// refused at run time, this one fails the synthesis.
type closedRole struct {
	awsiam.Role

	id string
	closedRoleProps
	refused []*string
}

// closedRoleProps configures a closedRole.
type closedRoleProps struct {
	awsiam.RoleProps

	// Home is the file that has the role's statements.
	Home string

	// Held reports whether a permission that CDK's constructs ask for by
	// themselves is among the role's statements, or is meant not to be. None is
	// where it is nil. The resource is as resolved writes it.
	Held func(action, resource string) bool
}

func newClosedRole(scope constructs.Construct, id string, props closedRoleProps) *closedRole {
	this := &closedRole{id: id, closedRoleProps: props}
	awsiam.NewRole_Override(this, scope, &id, &props.RoleProps)
	this.Node().AddValidation(&refusals{this})
	return this
}

// AddToPrincipalPolicy is what every grant comes to. CDK calls it.
func (c *closedRole) AddToPrincipalPolicy(statement awsiam.PolicyStatement) *awsiam.AddToPrincipalPolicyResult {
	if !c.holds(statement) {
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

func (c *closedRole) holds(statement awsiam.PolicyStatement) bool {
	for _, action := range values(statement.Actions()) {
		for _, resource := range values(statement.Resources()) {
			resource = resolved(awscdk.Stack_Of(c), resource)
			if c.Held == nil || resource == "" || !c.Held(action, resource) {
				return false
			}
		}
	}
	return true
}

// refuse says why, where, and what to do instead.
func (c *closedRole) refuse(why string, arguments ...any) {
	message := *jsii.Sprintf(why, arguments...) + ": write the statement for " + c.id + " in " + c.Home +
		", and give it the resource from a stack before that one, or its ARN by name"
	c.refused = append(c.refused, jsii.String(callOfTheApp()+message))
}

// callOfTheApp is the line of the app that led here, and a colon.
func callOfTheApp() string {
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

// resolved is the value as the template of the stack would have it, to compare
// with another: of one value CDK hands out more than one token. It is empty
// where CDK refuses to write it there, since a panic would leave CDK waiting.
func resolved(stack awscdk.Stack, value string) (text string) {
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

// refusals are told when CDK validates the app, before it writes anything. A
// grant cannot tell them itself: if it panicked, CDK would wait for its answer.
type refusals struct{ role *closedRole }

// Validate is nothing where nothing was refused. CDK calls it.
func (r *refusals) Validate() *[]*string { return &r.role.refused }
