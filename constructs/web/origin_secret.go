package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// OriginHeader carries the secret by which a load balancer recognizes its own
// CloudFront distribution: all distributions share the addresses of CloudFront.
const OriginHeader = "X-Origin-Verify"

// OriginSecretProps configures an OriginSecret.
type OriginSecretProps struct {
	// Version is the number of the value that CloudFront sends, from 1.
	Version int `required:"true"`

	// SentOnly leaves out the other values, if nothing checks the header.
	SentOnly bool

	// Key encrypts the secret; nil means the AWS managed key of Secrets Manager.
	Key awskms.IKey
}

// OriginSecret is the secret that CloudFront sends in OriginHeader.
type OriginSecret struct {
	// Sent is the value that CloudFront sends. The load balancer accepts it, the value
	// before it and the next one. So CloudFront sends an accepted value while a
	// deployment raises the version by one, lowers it, or is rolled back.
	Sent     awscdk.SecretValue
	Accepted []awscdk.SecretValue
}

// NewOriginSecret defines an OriginSecret with a secret for each accepted version.
// A new version changes the references to the secret; without that CloudFormation
// would not read the value again.
func NewOriginSecret(scope constructs.Construct, id string, props OriginSecretProps) *OriginSecret {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	secret := &OriginSecret{Sent: newHeaderValue(this, props.Version, props.Key)}
	secret.Accepted = []awscdk.SecretValue{secret.Sent}
	if props.SentOnly {
		return secret
	}
	if props.Version > 1 {
		secret.Accepted = append(secret.Accepted, newHeaderValue(this, props.Version-1, props.Key))
	}
	secret.Accepted = append(secret.Accepted, newHeaderValue(this, props.Version+1, props.Key))
	return secret
}

// newHeaderValue defines one version. It is deleted with the stack: nothing else
// accepts its value.
func newHeaderValue(scope constructs.Construct, version int, key awskms.IKey) awscdk.SecretValue {
	return awssecretsmanager.NewSecret(scope, jsii.Sprintf("Version%d", version), &awssecretsmanager.SecretProps{
		EncryptionKey: key,
		Description:   jsii.Sprintf("Value %d of the header %s, from CloudFront to the load balancer", version, OriginHeader),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			PasswordLength:     jsii.Number(32),
			ExcludePunctuation: jsii.Bool(true),
		},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	}).SecretValue()
}
