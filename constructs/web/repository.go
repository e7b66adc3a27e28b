package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
	"catalog-infra/constructs/storage"
)

// keptImages is how many images the repository keeps. ECR does not know which
// image runs, so it is far more than are pushed between two deployments.
const keptImages = 200

// EvidenceTagPrefix starts the tags of images that are evidence of an incident and
// do not expire. ECR has no rule that keeps all images, so keptEvidence is higher
// than any number of incidents.
const (
	EvidenceTagPrefix = "evidence-"
	keptEvidence      = 9999
)

// RepositoryProps configures a Repository.
type RepositoryProps struct {
	// Name is the physical name, which image builds use.
	Name string `required:"true"`

	// Key encrypts the images; nil means keys of S3. A changed key replaces the
	// repository, which its name prevents.
	Key awskms.IKey

	// PullAccounts are the accounts beside its own whose roles may pull the images.
	PullAccounts []string

	// Disposable deletes the images with the stack. Otherwise they stay.
	Disposable bool
}

// Repository is an image repository that scans each image on push, and whose tags
// are immutable.
type Repository struct {
	ECR awsecr.Repository
}

// NewRepository defines a Repository.
func NewRepository(scope constructs.Construct, id string, props RepositoryProps) *Repository {
	required.Check(id, props)
	repository := awsecr.NewRepository(scope, &id, &awsecr.RepositoryProps{
		RepositoryName:     &props.Name,
		ImageScanOnPush:    jsii.Bool(true),
		EncryptionKey:      props.Key,
		ImageTagMutability: awsecr.TagMutability_IMMUTABLE,
		LifecycleRules: &[]*awsecr.LifecycleRule{{
			// ECR applies only the first rule that matches an image.
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
		RemovalPolicy: storage.RemovalPolicy(props.Disposable),
		EmptyOnDelete: &props.Disposable,
	})
	for _, account := range props.PullAccounts {
		// The policy of a repository names no resource.
		repository.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("PullFrom" + account),
			Principals: &[]awsiam.IPrincipal{awsiam.NewAccountPrincipal(account)},
			Actions:    jsii.Strings("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
		}))
	}
	return &Repository{repository}
}
