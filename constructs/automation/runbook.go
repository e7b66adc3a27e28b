// Package automation defines runbooks of SSM Automation: documents that act on
// an environment step by step, started by a person or by an event.
package automation

import (
	"fmt"
	"io/fs"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"go.yaml.in/yaml/v3"

	"catalog-infra/constructs/permissions"
)

// RunbookProps configures a Runbook.
type RunbookProps struct {
	// Name is the document's, unique in account and region: people type it.
	Name string

	// Content is the document in YAML, schema 0.3, without assumeRole. A value in
	// it may name constants: ${Service}.
	Content []byte

	// Scripts has the Python files. Each Script in the content names one of them,
	// which may import from others.
	Scripts fs.FS

	// Constants are the values that ${...} stands for: text, a list of texts, or
	// a list of steps, which may name constants too.
	// They are no parameters, so that nobody can start the runbook on something
	// else. Those that the content does not name are left out.
	Constants map[string]any

	// Role is what the runbook works with, whoever starts it.
	Role awsiam.IRole

	// Tags are those that each run gets, whoever starts it: by them IAM tells the
	// runs of the environment from others. At least one.
	Tags map[string]string

	// ARNPrefix is how the ARNs of Systems Manager begin where the runbook is, such
	// as "arn:aws:ssm:eu-north-1:111122223333:".
	ARNPrefix string
}

// Runbook is an Automation document.
type Runbook struct {
	Name string

	// Document is nil where AWS owns it.
	Document awsssm.CfnDocument

	// document is the name by reference, role the ARN of what it works with, ssm
	// how every ARN begins and owned those of the document: each starter's policy
	// has them again.
	document, role, ssm, owned string

	iamRole awsiam.IRole
	tags    map[string]string
}

// NewAWSRunbook returns a runbook that AWS wrote and maintains, as somebody with
// the role uses it. Its ARN names no account.
func NewAWSRunbook(scope constructs.Construct, name string, role awsiam.IRole) *Runbook {
	stack := awscdk.Stack_Of(scope)
	owned := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ssm"), Account: jsii.String(""), Resource: jsii.String(""), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
	return &Runbook{Name: name, document: name, role: *role.RoleArn(), ssm: *ssmARN(stack, ""), owned: *owned, iamRole: role}
}

// NewRunbook defines a Runbook. A change makes a new version, which becomes the
// default: a document with a name cannot be replaced (pitfall F4). Its first step
// ends the run of any other version; NewClaims allows that step.
func NewRunbook(scope constructs.Construct, id string, props RunbookProps) *Runbook {
	var content map[string]any
	if err := yaml.Unmarshal(props.Content, &content); err != nil {
		panic(fmt.Sprintf("automation: %s: %v", props.Name, err))
	}
	if len(props.Tags) == 0 {
		panic(fmt.Sprintf("automation: %s: runs without a tag, which no policy tells from others", props.Name))
	}
	filled := filler{props.Name, props.Constants, props.Scripts}.object(content)
	filled["mainSteps"] = append([]any{claim(props.Tags)}, filled["mainSteps"].([]any)...)
	role := props.Role.RoleArn()
	filled["assumeRole"] = role
	document := awsssm.NewCfnDocument(scope, &id, &awsssm.CfnDocumentProps{
		Name:           &props.Name,
		DocumentType:   jsii.String("Automation"),
		DocumentFormat: jsii.String("YAML"),
		UpdateMethod:   jsii.String("NewVersion"),
		Content:        filled,
	})
	return &Runbook{
		Name: props.Name, Document: document,
		document: *document.Ref(), role: *role, ssm: props.ARNPrefix, owned: props.ARNPrefix, iamRole: props.Role, tags: props.Tags,
	}
}

// StartStatements let somebody start the current version of the runbook, which
// IAM knows by three names, and hand it the role it works with. A start that names
// $DEFAULT is checked against that name: AWS puts no number in its place.
func (r *Runbook) StartStatements() []permissions.Statement { return r.startStatements("$DEFAULT") }

// ChildStatements let another runbook start this one. AWS may check the number of
// the version; which one it is says the document of the other runbook alone.
func (r *Runbook) ChildStatements() []permissions.Statement { return r.startStatements("*") }

func (r *Runbook) startStatements(version string) []permissions.Statement {
	return []permissions.Statement{
		{
			Actions: []string{"ssm:StartAutomationExecution"},
			Resources: []*string{
				r.definitionARN(version),
				jsii.String(r.owned + "document/" + r.document),
				jsii.String(r.ssm + "automation-execution/*"),
			},
		},
		{
			Actions:    []string{"iam:PassRole"},
			Resources:  []*string{&r.role},
			Conditions: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": automationService}},
		},
	}
}

func (r *Runbook) definitionARN(version string) *string {
	return jsii.String(r.owned + "automation-definition/" + r.document + ":" + version)
}

// ssmARN is of a resource of Systems Manager.
func ssmARN(stack awscdk.Stack, resource string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ssm"), Resource: &resource, ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
}

// filler puts constants in the place of ${...}.
type filler struct {
	document  string
	constants map[string]any
	scripts   fs.FS
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

func (f filler) object(values map[string]any) map[string]any {
	filled := make(map[string]any, len(values))
	for key, value := range values {
		if key == "Script" {
			filled[key] = f.script(value)
			continue
		}
		filled[key] = f.value(value)
	}
	return filled
}

// script returns the text of a script file. Constants in it are refused: a script
// gets its values as InputPayload.
func (f filler) script(file any) string {
	text, err := joinScript(f.scripts, fmt.Sprint(file))
	if err != nil {
		panic(fmt.Sprintf("automation: %s: %v", f.document, err))
	}
	if found := placeholder.FindString(text); found != "" {
		panic(fmt.Sprintf("automation: %s: %s: got %s in a script, want it in InputPayload", f.document, file, found))
	}
	return text
}

func (f filler) value(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return f.object(value)
	case []any:
		return f.list(value)
	case string:
		return f.text(value)
	}
	return value
}

// list has the elements of a list in the place of its name: steps that differ
// between environments.
func (f filler) list(values []any) []any {
	var filled []any
	for _, value := range values {
		_, named := value.(string)
		value = f.value(value)
		if steps, ok := value.([]any); ok && named {
			filled = append(filled, f.list(steps)...)
			continue
		}
		filled = append(filled, value)
	}
	return filled
}

// text is a list where it is nothing but the name of one.
func (f filler) text(text string) any {
	if whole := placeholder.FindStringSubmatch(text); whole != nil && whole[0] == text {
		return f.constant(whole[1])
	}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		return fmt.Sprint(f.constant(placeholder.FindStringSubmatch(found)[1]))
	})
}

func (f filler) constant(name string) any {
	value, ok := f.constants[name]
	if !ok {
		panic(fmt.Sprintf("automation: %s: ${%s} stands for nothing", f.document, name))
	}
	if text, ok := value.(*string); ok {
		return *text
	}
	return value
}
