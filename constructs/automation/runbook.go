package automation

import (
	"io/fs"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// Service assumes the roles of runbooks. The SourceARN of a role is
// "automation-execution/*" of Systems Manager in the runbooks' account and region.
const Service = "ssm.amazonaws.com"

// RunbookProps configures a Runbook.
type RunbookProps struct {
	// Name is the document's name, unique in account and region. People type it.
	Name string `required:"true"`

	// File is the document in Files: YAML of schema 0.3, without assumeRole and without
	// the Runtime of scripts.
	File string `required:"true"`

	// Files has the documents, the parts that several of them use, in shared/parts.yaml,
	// and the scripts, in scripts/*.py.
	Files fs.FS `required:"true"`

	// Constants are the values of ${NAME} in the document: text, a list of texts, or
	// a list of steps, which may name constants too. They are not parameters, so that
	// nobody can start the runbook on other resources. ${Runbook} is the document's name.
	Constants map[string]any

	// Role is the role that every run assumes.
	Role awsiam.IRole `required:"true"`

	// Tags are added to every run. By them IAM policies distinguish the environment's
	// runs from others.
	Tags map[string]string `required:"true"`

	// ARNPrefix is the start of the ARNs of Systems Manager in the stack's account and
	// region, such as "arn:aws:ssm:eu-north-1:111122223333:".
	ARNPrefix string `required:"true"`
}

// Runbook is an Automation document.
type Runbook struct {
	Name string

	// Document is nil if AWS owns it.
	Document awsssm.CfnDocument

	// Tokens for the policies of callers: the document's Ref, the role's ARN, and the
	// prefixes of the ARNs of executions (ssm) and of the document (owned).
	document, role, ssm, owned string

	iamRole awsiam.IRole
	tags    map[string]string
}

// AWSRunbook returns a runbook of AWS, run with the role. Its ARN has no account.
func AWSRunbook(scope constructs.Construct, name string, role awsiam.IRole) *Runbook {
	stack := awscdk.Stack_Of(scope)
	owned := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ssm"), Account: jsii.String(""), Resource: jsii.String(""), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
	return &Runbook{Name: name, document: name, role: *role.RoleArn(), ssm: *permissions.ARN(scope, "ssm", ""), owned: *owned, iamRole: role}
}

// NewRunbook defines a Runbook. A change creates a new version, which becomes the
// default: CloudFormation cannot replace a document with a name (pitfall F4). The first
// step ends the run of any other version; a ClaimPolicy allows that step.
func NewRunbook(scope constructs.Construct, id string, props RunbookProps) *Runbook {
	required.Check(id, props)
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

// StartStatements allow a principal to start the current version of the runbook and to
// pass the runbook's role. IAM checks a start of $DEFAULT against that name: AWS does
// not replace it by the number of the version.
func (r *Runbook) StartStatements() []permissions.Statement { return r.startStatements("$DEFAULT") }

// ChildStatements allow another runbook to start this one. AWS may check the number of
// the version, which is in the document of the other runbook.
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
			Conditions: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": Service}},
		},
	}
}

func (r *Runbook) definitionARN(version string) *string {
	return jsii.String(r.owned + "automation-definition/" + r.document + ":" + version)
}
