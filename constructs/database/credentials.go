package database

import (
	"crypto/sha256"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// excludedCharacters never occur in a password (guide 4.6). Creation and
// rotation must both have them, else the rotated password has characters that a
// URL-style connection string cannot hold (pitfall A7).
const excludedCharacters = "\" %+~`#$&*()|[]{}:;<>?!'/@\"\\"

// passwordLength is the number of characters of the password (guide 4.6).
const passwordLength = 32

// newSecret defines the credentials. CloudFormation generates them anew, in
// place, whenever a property of the generator changes, and what the attachment
// added is lost: nobody could connect any more, neither tasks nor rotation. So
// the id is another one for each generator: a new secret is made beside the old
// one, which stays as it is if the update is taken back. It is taken back: the
// cluster has a fixed name, and another user would replace it.
func newSecret(scope constructs.Construct, props AuroraProps) awssecretsmanager.Secret {
	template := fmt.Sprintf(`{"username":%q}`, props.Username)
	return awssecretsmanager.NewSecret(scope, jsii.String(secretID(template)), &awssecretsmanager.SecretProps{
		Description:   jsii.String("Credentials of the catalog database"),
		EncryptionKey: props.Key,
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: &template,
			GenerateStringKey:    jsii.String("password"),
			ExcludeCharacters:    jsii.String(excludedCharacters),
			PasswordLength:       jsii.Number(passwordLength),
		},
		RemovalPolicy: secretRemoval(props.Disposable),
	})
}

// firstDigest is the digest of the generator of guide 4.6, whose secret has no
// digest in its id.
const firstDigest = "235ec038"

// secretID is told apart by all that goes into the generator.
func secretID(template string) string {
	inputs := fmt.Sprintf("%s\n%s\n%d", template, excludedCharacters, passwordLength)
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(inputs)))[:8]
	if digest == firstDigest {
		return "Secret"
	}
	return "Secret" + digest
}

// secretRemoval keeps the secret beside the final snapshot: CloudFormation
// deletes secrets at once, without the recovery window that Secrets Manager
// has (pitfall A4).
func secretRemoval(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN
}

// RotationProps configures a Rotation.
type RotationProps struct {
	// Database is rotated once at deploy time and then every Days days.
	// Default: 90, as guide 5.5 says.
	Database *Aurora
	Days     int

	// FunctionName names the rotation function. It must be unique in account
	// and region: CDK derives one that is the same in every environment
	// (pitfall A7).
	FunctionName string

	// LogGroup is the group the function writes to, RotationLogGroupName. It must
	// exist before the function: else Lambda makes one that keeps logs for ever.
	LogGroup awslogs.ILogGroup

	// Vpc and Subnets are the rotation function's. It must reach the cluster
	// and, by NAT gateway or endpoint, Secrets Manager.
	Vpc     awsec2.IVpc
	Subnets *awsec2.SubnetSelection

	// FunctionSecurityGroup and DatabaseSecurityGroup must already let the
	// function reach the database: no rule is added here.
	FunctionSecurityGroup, DatabaseSecurityGroup awsec2.ISecurityGroup
}

// NewRotation rotates the database's password with the function that AWS
// publishes for PostgreSQL with one user.
func NewRotation(scope constructs.Construct, id string, props RotationProps) awssecretsmanager.SecretRotation {
	if props.Days == 0 {
		props.Days = 90
	}
	rotation := awssecretsmanager.NewSecretRotation(scope, &id, &awssecretsmanager.SecretRotationProps{
		Application:   awssecretsmanager.SecretRotationApplication_POSTGRES_ROTATION_SINGLE_USER(),
		Secret:        props.Database.Secret,
		Vpc:           props.Vpc,
		VpcSubnets:    props.Subnets,
		SecurityGroup: props.FunctionSecurityGroup,
		// The cluster as target would add rules to the groups' stack that need
		// the cluster's port, a cycle (pitfall A6).
		Target: awsec2.NewConnections(&awsec2.ConnectionsProps{
			SecurityGroups: &[]awsec2.ISecurityGroup{props.DatabaseSecurityGroup},
			DefaultPort:    awsec2.Port_Tcp(jsii.Number(Port)),
		}),
		ExcludeCharacters:  jsii.String(excludedCharacters),
		AutomaticallyAfter: awscdk.Duration_Days(jsii.Number(props.Days)),
	})
	function := rotation.Node().DefaultChild().(awssam.CfnApplication)
	function.AddPropertyOverride(jsii.String("Parameters.functionName"), props.FunctionName)
	// The first rotation runs at once and needs an instance to connect to.
	rotation.Node().AddDependency(props.Database.Cluster)
	rotation.Node().AddDependency(props.LogGroup)
	return rotation
}

// RotationLogGroupName is the name of the log group that a rotation function
// writes to. Lambda decides it: the application has no parameter for another.
func RotationLogGroupName(function string) string { return "/aws/lambda/" + function }
