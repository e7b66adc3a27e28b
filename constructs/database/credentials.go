package database

import (
	"crypto/sha256"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
	"catalog-infra/constructs/storage"
)

// excludedCharacters never occur in a password (guide 4.6). Creation and
// rotation must both have them, else the rotated password has characters that a
// URL-style connection string cannot hold (pitfall A7).
const excludedCharacters = "\" %+~`#$&*()|[]{}:;<>?!'/@\"\\"

// passwordLength is the number of characters of the password (guide 4.6).
const passwordLength = 32

// credentials has the inputs of a generated secret.
type credentials struct {
	username, description string

	// master is the ARN of the master user's secret, which the rotation of another user
	// looks for. It is empty in that secret itself.
	master string

	key        awskms.IKey
	disposable bool
}

// newSecret defines the credentials. If a property of the generator changes,
// CloudFormation generates them anew, in place, without the fields that the
// attachment added: neither tasks nor rotation could connect. So each generator has
// another id, and a new secret is created beside the old one, which survives the
// rollback. Another master user always rolls back: it replaces the cluster, which its
// fixed name prevents.
func newSecret(scope constructs.Construct, of credentials) awssecretsmanager.Secret {
	template := fmt.Sprintf(`{"username":%q}`, of.username)
	id := secretID(template)
	if of.master != "" {
		template = fmt.Sprintf(`{"username":%q,"masterarn":%q}`, of.username, of.master)
	}
	return awssecretsmanager.NewSecret(scope, &id, &awssecretsmanager.SecretProps{
		Description:   &of.description,
		EncryptionKey: of.key,
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: &template,
			GenerateStringKey:    jsii.String("password"),
			ExcludeCharacters:    jsii.String(excludedCharacters),
			PasswordLength:       jsii.Number(passwordLength),
		},
		// The secret stays beside the final snapshot: CloudFormation deletes secrets at once,
		// without Secrets Manager's recovery window (pitfall A4).
		RemovalPolicy: storage.RemovalPolicy(of.disposable),
	})
}

// firstDigest is the digest of the generator of guide 4.6, whose secret has no
// digest in its id.
const firstDigest = "235ec038"

// secretID returns an id that depends on every property of the generator.
func secretID(template string) string {
	inputs := fmt.Sprintf("%s\n%s\n%d", template, excludedCharacters, passwordLength)
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(inputs)))[:8]
	if digest == firstDigest {
		return "Secret"
	}
	return "Secret" + digest
}

// ApplicationUserProps configures an ApplicationUser.
type ApplicationUserProps struct {
	Database *Aurora `required:"true"`

	// Username is the user beside the master user. Nothing here creates it.
	Username string `required:"true"`

	// Key encrypts the secret; nil means an AWS managed key.
	Key awskms.IKey

	// Disposable deletes the secret with the stack.
	Disposable bool
}

// ApplicationUser has the credentials of a user beside the master user.
type ApplicationUser struct {
	// Secret is like that of Aurora, and also holds masterarn.
	Secret awssecretsmanager.ISecret
}

// NewApplicationUser defines an ApplicationUser.
func NewApplicationUser(scope constructs.Construct, id string, props ApplicationUserProps) *ApplicationUser {
	required.Check(id, props)
	secret := newSecret(constructs.NewConstruct(scope, &id), credentials{
		username: props.Username, description: "Credentials of the catalog database for the application",
		master: *props.Database.secretARN, key: props.Key, disposable: props.Disposable,
	})
	return &ApplicationUser{secret.Attach(props.Database.Cluster)}
}

// RotationProps configures a Rotation.
type RotationProps struct {
	// Database is the database whose password is rotated at deployment, and then every
	// Days days.
	Database *Aurora `required:"true"`
	Days     int     `required:"true"`

	// User is rotated instead of the master user, and must exist already. Its password
	// alternates with that of a second user, so that the former one stays valid until the
	// next rotation. Key encrypts both secrets, if not nil.
	User *ApplicationUser
	Key  awskms.IKey

	// FunctionName is the name of the rotation function, unique in account and region.
	// CDK's own is the same in every environment (pitfall A7).
	FunctionName string `required:"true"`

	// LogGroup is the log group of the function, named RotationLogGroupName. If it did
	// not exist before the function, Lambda would create one that never expires.
	LogGroup awslogs.ILogGroup `required:"true"`

	// Vpc and Subnets are the function's. It must reach the cluster and, by NAT gateway
	// or endpoint, Secrets Manager.
	Vpc     awsec2.IVpc             `required:"true"`
	Subnets *awsec2.SubnetSelection `required:"true"`

	// FunctionSecurityGroup and DatabaseSecurityGroup must already allow the function
	// to reach the database: no rule is added here.
	FunctionSecurityGroup awsec2.ISecurityGroup `required:"true"`
	DatabaseSecurityGroup awsec2.ISecurityGroup `required:"true"`
}

// Rotation rotates a password with the function that AWS publishes for PostgreSQL with
// one user, or with alternating users.
type Rotation struct {
	SecretRotation awssecretsmanager.SecretRotation

	// Schedule starts the first rotation when it is created.
	Schedule awscdk.CfnResource
}

// NewRotation defines a Rotation.
func NewRotation(scope constructs.Construct, id string, props RotationProps) *Rotation {
	required.Check(id, props)
	application, secret, master := props.rotated(scope, id)
	rotation := awssecretsmanager.NewSecretRotation(scope, &id, &awssecretsmanager.SecretRotationProps{
		Application:   application,
		Secret:        secret,
		MasterSecret:  master,
		Vpc:           props.Vpc,
		VpcSubnets:    props.Subnets,
		SecurityGroup: props.FunctionSecurityGroup,
		// With the cluster as target, CDK would add rules with the cluster's port to the
		// stack of the groups: a cycle (pitfall A6).
		Target: awsec2.NewConnections(&awsec2.ConnectionsProps{
			SecurityGroups: &[]awsec2.ISecurityGroup{props.DatabaseSecurityGroup},
			DefaultPort:    awsec2.Port_Tcp(jsii.Number(Port)),
		}),
		ExcludeCharacters:  jsii.String(excludedCharacters),
		AutomaticallyAfter: awscdk.Duration_Days(jsii.Number(props.Days)),
	})
	function := rotation.Node().DefaultChild().(awssam.CfnApplication)
	function.AddPropertyOverride(jsii.String("Parameters.functionName"), props.FunctionName)
	// The first rotation runs at once and connects to an instance.
	rotation.Node().AddDependency(props.Database.Cluster)
	rotation.Node().AddDependency(props.LogGroup)
	schedule := secret.Node().FindChild(jsii.String("RotationSchedule")).Node().DefaultChild().(awscdk.CfnResource)
	return &Rotation{rotation, schedule}
}

// rotated returns what is rotated, and by which function. The secrets of a user are
// imported: CDK would add the schedule, which has the function, to their stack.
func (p RotationProps) rotated(scope constructs.Construct, id string) (
	application awssecretsmanager.SecretRotationApplication, secret, master awssecretsmanager.ISecret,
) {
	if p.User == nil {
		return awssecretsmanager.SecretRotationApplication_POSTGRES_ROTATION_SINGLE_USER(), p.Database.Secret, nil
	}
	var key awskms.IKey
	if p.Key != nil {
		key = awskms.Key_FromKeyArn(scope, jsii.String(id+"Key"), p.Key.KeyArn())
	}
	imported := func(name string, secret awssecretsmanager.ISecret) awssecretsmanager.ISecret {
		return awssecretsmanager.Secret_FromSecretAttributes(scope, jsii.String(id+name), &awssecretsmanager.SecretAttributes{
			SecretCompleteArn: secret.SecretArn(), EncryptionKey: key,
		})
	}
	return awssecretsmanager.SecretRotationApplication_POSTGRES_ROTATION_MULTI_USER(),
		imported("User", p.User.Secret), imported("Master", p.Database.Secret)
}

// RotationLogGroupName returns the name that Lambda gives the log group of a rotation
// function. The function's application has no parameter for another.
func RotationLogGroupName(function string) string { return "/aws/lambda/" + function }
