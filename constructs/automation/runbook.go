// Package automation defines runbooks of SSM Automation: documents that act on
// an environment step by step, started by a person or by an event.
package automation

import (
	"fmt"
	"io/fs"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// RunbookProps configures a Runbook.
type RunbookProps struct {
	// Name is the document's, unique in account and region: people type it.
	Name string

	// File is the document in Files: YAML of schema 0.3, without assumeRole and without
	// the Runtime of scripts.
	File string

	// Files has the documents, the parts that several of them use, in shared/parts.yaml,
	// and the scripts, in scripts/*.py.
	Files fs.FS

	// Constants are the values of ${NAME} in the document: text, a list of texts, or
	// a list of steps, which may name constants too. They are not parameters, so that
	// nobody can start the runbook on other resources. ${Runbook} is the document's name.
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
	if len(props.Tags) == 0 {
		panic(fmt.Sprintf("automation: %s: runs without a tag, which no policy tells from others", props.Name))
	}
	filled := newFiller(props).document(props.File)
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
