package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// OriginHeader carries the secret by which a load balancer knows its own
// CloudFront distribution: the addresses of CloudFront are those of everybody's
// distributions.
const OriginHeader = "X-Origin-Verify"

// OriginSecret is what CloudFront sends in OriginHeader.
type OriginSecret struct {
	constructs.Construct

	// Sent is what CloudFront sends, Accepted what the load balancer takes:
	// that and, while CloudFront changes over, what was sent before.
	Sent     awscdk.SecretValue
	Accepted []awscdk.SecretValue
}

// OriginSecretProps configures an OriginSecret.
type OriginSecretProps struct {
	// Version counts the values. Default: 1.
	Version int

	// Key encrypts the secret. Default: the one that Secrets Manager has in the
	// account.
	Key awskms.IKey
}

// NewOriginSecret defines an OriginSecret. Each version, counted from one, is a
// secret of its own. So a new version changes the references to it, without
// which CloudFormation would not read the value again, and the secret before it
// stays until it is the last but one.
func NewOriginSecret(scope constructs.Construct, id string, props OriginSecretProps) *OriginSecret {
	this := constructs.NewConstruct(scope, &id)
	version := max(props.Version, 1)
	secret := &OriginSecret{Construct: this, Sent: newHeaderValue(this, version, props.Key)}
	secret.Accepted = []awscdk.SecretValue{secret.Sent}
	if version > 1 {
		secret.Accepted = append(secret.Accepted, newHeaderValue(this, version-1, props.Key))
	}
	return secret
}

// newHeaderValue is deleted with the stack: its value is of no use without it.
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

// reference is the value as a template has it: where CloudFormation finds it.
func reference(value awscdk.SecretValue) *string { return value.UnsafeUnwrap() }
