// Package web defines what answers the catalog's requests: the image
// repository, the Fargate service, its load balancer and CloudFront.
package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// keptImages is how many images the repository keeps. ECR does not know which
// image runs, so it is far more than are pushed between two deployments.
const keptImages = 200

// EvidenceTagPrefix starts the tags of images that are kept as evidence of an
// incident and do not expire. keptEvidence is more of them than there will be:
// ECR has no rule that keeps all.
const (
	EvidenceTagPrefix = "evidence-"
	keptEvidence      = 9999
)

// RepositoryProps configures a Repository.
type RepositoryProps struct {
	// Name is the physical name: whoever builds images must know it.
	Name string

	// Key encrypts the images. It cannot be changed: a repository with another
	// key is another one, of the same name. Default: keys of S3.
	Key awskms.IKey

	// Disposable deletes the images with the stack. By default they stay.
	Disposable bool
}

// NewRepository defines a repository that scans each image on push, and in
// which a tag always means the same image.
func NewRepository(scope constructs.Construct, id string, props RepositoryProps) awsecr.Repository {
	removal := awscdk.RemovalPolicy_RETAIN
	if props.Disposable {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	return awsecr.NewRepository(scope, &id, &awsecr.RepositoryProps{
		RepositoryName:     &props.Name,
		ImageScanOnPush:    jsii.Bool(true),
		EncryptionKey:      props.Key,
		ImageTagMutability: awsecr.TagMutability_IMMUTABLE,
		LifecycleRules: &[]*awsecr.LifecycleRule{{
			// An image that a rule applies to is left alone by the rules after it.
			RulePriority:  jsii.Number(1),
			Description:   jsii.String("Keep the images of incidents"),
			TagStatus:     awsecr.TagStatus_TAGGED,
			TagPrefixList: jsii.Strings(EvidenceTagPrefix),
			MaxImageCount: jsii.Number(keptEvidence),
		}, {
			RulePriority:  jsii.Number(2),
			Description:   jsii.String("Keep the newest images"),
			MaxImageCount: jsii.Number(keptImages),
		}},
		RemovalPolicy: removal,
		EmptyOnDelete: &props.Disposable,
	})
}
