package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go/logging"

	"catalog-infra/config"
)

// manifestTypes has the media types of an image, and of several for different processors.
var manifestTypes = []string{
	"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
}

// registry is a repository of Amazon ECR.
type registry struct {
	*ecr.Client
	repository config.Repository
}

// checkImage returns the digest of the image that the configuration names. It returns
// an error if the image does not exist, is for another processor than the tasks, or
// has critical findings.
func checkImage(ctx context.Context, cfg config.Config) (digest string, err error) {
	repository, private := cfg.Service.ImageRepository()
	if !private {
		return "", fmt.Errorf("got %s, want an image in Amazon ECR, where it can be checked; "+
			"make deploy takes any image that the file names", cfg.Service.Image)
	}
	caller, err := callerIdentity(ctx, cfg.Region)
	if err != nil {
		return "", err
	}
	if err := sameAccount(cfg, caller); err != nil {
		return "", err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(repository.Region), awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return "", err
	}
	r := registry{ecr.NewFromConfig(aws), repository}
	digest, err = r.digest(ctx, cfg.Service.Image)
	if err != nil {
		return "", err
	}
	return digest, r.check(ctx, digest, cfg.Service.Architecture)
}

// digest returns the digest of an image by tag or digest.
func (r registry) digest(ctx context.Context, image string) (string, error) {
	answer, err := r.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RegistryId: &r.repository.Account, RepositoryName: &r.repository.Name, ImageIds: []types.ImageIdentifier{identifier(image)},
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", image, shortened(err))
	}
	if len(answer.ImageDetails) == 0 {
		return "", fmt.Errorf("%s: Amazon ECR has no such image", image)
	}
	return aws.ToString(answer.ImageDetails[0].ImageDigest), nil
}

// identifier returns the digest of an image, or else its tag.
func identifier(image string) types.ImageIdentifier {
	if _, digest, found := strings.Cut(image, "@"); found {
		return types.ImageIdentifier{ImageDigest: &digest}
	}
	tag := image[strings.LastIndex(image, ":")+1:]
	return types.ImageIdentifier{ImageTag: &tag}
}

// check returns what speaks against running the image, all of it.
func (r registry) check(ctx context.Context, digest string, architecture config.Architecture) error {
	want := map[config.Architecture]string{config.ArchitectureX86: "amd64", config.ArchitectureARM: "arm64"}[architecture]
	manifest, err := r.manifest(ctx, digest)
	if err != nil {
		return err
	}
	if manifest.isIndex() {
		if digest = manifest.digestFor(want); digest == "" {
			return fmt.Errorf("%s is for %s, want linux/%s, as service.architecture says", r.repository.URI(), manifest.platforms(), want)
		}
		return r.checkFindings(ctx, digest)
	}
	return errors.Join(r.checkProcessor(ctx, manifest.Config.Digest, want), r.checkFindings(ctx, digest))
}

// manifest is an image, or a list of images for different processors.
type manifest struct {
	Config    struct{ Digest string }
	Manifests []struct {
		Digest   string
		Platform platform
	}
}

// platform names the operating system and the processor that an image needs.
type platform struct{ OS, Architecture string }

func (p platform) String() string { return p.OS + "/" + p.Architecture }

func (m manifest) isIndex() bool { return len(m.Manifests) > 0 }

func (m manifest) digestFor(architecture string) string {
	for _, each := range m.Manifests {
		if each.Platform == (platform{"linux", architecture}) {
			return each.Digest
		}
	}
	return ""
}

func (m manifest) platforms() string {
	var all []string
	for _, each := range m.Manifests {
		all = append(all, each.Platform.String())
	}
	return strings.Join(all, ", ")
}

func (r registry) manifest(ctx context.Context, digest string) (found manifest, err error) {
	answer, err := r.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RegistryId: &r.repository.Account, RepositoryName: &r.repository.Name,
		ImageIds: []types.ImageIdentifier{{ImageDigest: &digest}}, AcceptedMediaTypes: manifestTypes,
	})
	if err != nil {
		return manifest{}, shortened(err)
	}
	if len(answer.Images) == 0 {
		return manifest{}, fmt.Errorf("%s@%s: Amazon ECR returns no manifest", r.repository.URI(), digest)
	}
	err = json.Unmarshal([]byte(aws.ToString(answer.Images[0].ImageManifest)), &found)
	return found, err
}

// checkProcessor reads the image's own description, which is one of its layers.
func (r registry) checkProcessor(ctx context.Context, digest, want string) error {
	answer, err := r.GetDownloadUrlForLayer(ctx, &ecr.GetDownloadUrlForLayerInput{
		RegistryId: &r.repository.Account, RepositoryName: &r.repository.Name, LayerDigest: &digest,
	})
	if err != nil {
		return shortened(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, aws.ToString(answer.DownloadUrl), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s@%s: the description of the image cannot be read: %s", r.repository.URI(), digest, response.Status)
	}
	var image platform
	if err := json.NewDecoder(response.Body).Decode(&image); err != nil {
		return err
	}
	if image != (platform{"linux", want}) {
		return fmt.Errorf("%s is for %s, want linux/%s, as service.architecture says", r.repository.URI(), image, want)
	}
	return nil
}

// checkFindings wants an image that was scanned. Amazon ECR scans each image when it is pushed.
func (r registry) checkFindings(ctx context.Context, digest string) error {
	answer, err := r.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{
		RegistryId: &r.repository.Account, RepositoryName: &r.repository.Name, ImageId: &types.ImageIdentifier{ImageDigest: &digest},
	})
	if err != nil {
		return fmt.Errorf("findings of %s@%s: %w", r.repository.URI(), digest, shortened(err))
	}
	status := answer.ImageScanStatus
	if status == nil || status.Status != types.ScanStatusComplete && status.Status != types.ScanStatusActive {
		return fmt.Errorf("%s@%s is not scanned yet: try again in a minute", r.repository.URI(), digest)
	}
	if answer.ImageScanFindings == nil {
		return nil
	}
	if critical := answer.ImageScanFindings.FindingSeverityCounts[string(types.FindingSeverityCritical)]; critical > 0 {
		return fmt.Errorf("%s@%s has %d critical findings: aws ecr describe-image-scan-findings lists them", r.repository.URI(), digest, critical)
	}
	return nil
}
