package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	shopRepository = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop"
	pushedDigest   = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	armDigest      = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// pushed is an image as Amazon ECR has it.
type pushed struct {
	manifest, description, scan string
	critical                    int
}

var (
	forX86 = pushed{manifest: `{"config": {"digest": "sha256:cc"}}`, description: `{"os": "linux", "architecture": "amd64"}`, scan: "COMPLETE"}
	forAll = pushed{manifest: `{"manifests": [{"digest": "` + armDigest + `", "platform": {"os": "linux", "architecture": "arm64"}},
		{"digest": "` + pushedDigest + `", "platform": {"os": "linux", "architecture": "amd64"}}]}`, scan: "ACTIVE"}
)

// withRegistry is Amazon ECR with one image, shop:v1, or none.
func withRegistry(t *testing.T, image *pushed) {
	t.Helper()
	withCredentials(t, "111122223333")
	mux := http.NewServeMux()
	address := serve(t, "ECR", mux.ServeHTTP)
	mux.HandleFunc("/layer", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, image.description) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var input struct{ RegistryID, RepositoryName string }
		if err := json.NewDecoder(r.Body).Decode(&input); err != nil || input.RegistryID != "111122223333" || input.RepositoryName != "shop" {
			http.Error(w, "another repository", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		operation := r.Header.Get("X-Amz-Target")
		switch operation[strings.Index(operation, ".")+1:] {
		case "DescribeImages":
			if image == nil {
				refuse(w, "ImageNotFoundException", "shop has no v1")
				return
			}
			fmt.Fprintf(w, `{"imageDetails": [{"imageDigest": %q}]}`, pushedDigest)
		case "BatchGetImage":
			fmt.Fprintf(w, `{"images": [{"imageManifest": %q}]}`, image.manifest)
		case "GetDownloadUrlForLayer":
			fmt.Fprintf(w, `{"downloadUrl": %q}`, address+"/layer")
		case "DescribeImageScanFindings":
			fmt.Fprintf(w, `{"imageScanStatus": {"status": %q}, "imageScanFindings": {"findingSeverityCounts": {"CRITICAL": %d}}}`, image.scan, image.critical)
		}
	})
}

// writeEnvironment writes the file of qa, and returns its directory.
func writeEnvironment(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "qa.yaml"), []byte(content), 0o600))
	return dir
}

const qa = "# Quality assurance\nregion: eu-central-1\nlifecycle: retained\n"

func TestAReleaseWritesTheDigestAndNothingElse(t *testing.T) {
	pinned := shopRepository + "@" + pushedDigest
	for name, c := range map[string]struct{ before, after string }{
		"without a service": {qa, qa + "\nservice:\n  image: " + pinned + "\n"},
		"without an image":  {qa + "service: # sized in May\n    cpu: 512\n    memory: 1024\n", qa + "service: # sized in May\n    image: " + pinned + "\n    cpu: 512\n    memory: 1024\n"},
		"another image":     {qa + "service:\n  image: nginx:1  # for now\n\n# end\n", qa + "service:\n  image: " + pinned + "  # for now\n\n# end\n"},
		"in quotes":         {qa + "service: {image: \"nginx:1\", cpu: 1024}\n", qa + "service: {image: " + pinned + ", cpu: 1024}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistry(t, &forX86)
			dir := writeEnvironment(t, c.before)
			out, err := run("release", "--environments", dir, shopRepository+":v1")
			require.NoError(t, err)
			require.Contains(t, out, "service.image is "+pinned)
			content, err := os.ReadFile(filepath.Join(dir, "qa.yaml"))
			require.NoError(t, err)
			require.Equal(t, c.after, string(content))
		})
	}
}

func TestAnImageForSeveralProcessorsIsReleased(t *testing.T) {
	for _, architecture := range []string{"x86_64", "arm64"} {
		withRegistry(t, &forAll)
		dir := writeEnvironment(t, qa+"service:\n  architecture: "+architecture+"\n")
		_, err := run("release", "--environments", dir, shopRepository+"@"+pushedDigest)
		require.NoError(t, err)
	}
}

func TestAnotherRepositoryIsToldForARollback(t *testing.T) {
	withRegistry(t, &forX86)
	const former = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/before"
	out, err := run("release", "--environments", writeEnvironment(t, qa+"service:\n  image: "+former+":v1\n"), shopRepository+":v1")
	require.NoError(t, err)
	require.Contains(t, out, "A roll-back needs it in service.formerRepositories: "+former)
}

func TestAnImageThatMustNotRunIsRefusedAndNothingIsWritten(t *testing.T) {
	arm, critical, unscanned := forX86, forX86, forX86
	arm.description, arm.critical = `{"os": "linux", "architecture": "arm64"}`, 2
	critical.critical, unscanned.scan = 1, "PENDING"
	onlyARM := pushed{manifest: `{"manifests": [{"digest": "x", "platform": {"os": "linux", "architecture": "arm64"}}]}`}
	whole := shopRepository + "@" + pushedDigest
	for name, c := range map[string]struct {
		image *pushed
		named string
		want  string
	}{
		"that does not exist":   {nil, shopRepository + ":v1", shopRepository + ":v1: ImageNotFoundException: shop has no v1"},
		"for another processor": {&onlyARM, shopRepository + ":v1", shopRepository + " is for linux/arm64, want linux/amd64, as service.architecture says"},
		"with two mistakes": {&arm, shopRepository + ":v1", shopRepository + " is for linux/arm64, want linux/amd64, as service.architecture says\n" +
			whole + " has 2 critical findings: aws ecr describe-image-scan-findings lists them"},
		"with a critical finding": {&critical, shopRepository + ":v1", whole + " has 1 critical findings: aws ecr describe-image-scan-findings lists them"},
		"not scanned":             {&unscanned, shopRepository + ":v1", whole + " is not scanned yet: try again in a minute"},
		"from elsewhere":          {&forX86, "nginx:1", "got nginx:1, want an image in Amazon ECR, where it can be checked; make deploy takes any image that the file names"},
		"without a tag": {&forX86, "nginx", `config/environments/qa.yaml:5: service.image: got "nginx", want an image with its tag or digest, without https://, ` +
			`such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1`},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistry(t, c.image)
			dir := writeEnvironment(t, qa+"service:\n  image: nginx:0\n")
			_, err := run("release", "--environments", dir, c.named)
			require.EqualError(t, err, c.want)
			files, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, files, 1)
			content, err := os.ReadFile(filepath.Join(dir, "qa.yaml"))
			require.NoError(t, err)
			require.Equal(t, qa+"service:\n  image: nginx:0\n", string(content))
		})
	}
}

func TestAFileThatCannotBeEditedIsLeftAlone(t *testing.T) {
	for content, want := range map[string]string{
		"{region: eu-central-1, lifecycle: retained}\n": "want the fields of the environment on lines of their own, to add service.image",
		qa + "service: {cpu: 1024}\n":                   "line 4: want the settings of service on lines of their own, to add image",
		qa + "service:\n  image: >-\n    nginx:1\n":     "line 5: want service.image on one line, without escapes",
	} {
		withRegistry(t, &forX86)
		_, err := run("release", "--environments", writeEnvironment(t, content), shopRepository+":v1")
		require.EqualError(t, err, want)
	}
}

func TestAShortLivedEnvironmentHasNoFileToReleaseInto(t *testing.T) {
	withRegistry(t, &forX86)
	t.Setenv("ENVIRONMENT_FROM", "qa")
	t.Setenv("ENVIRONMENT_SUFFIX", "pr-17")
	_, err := run("release", "--environments", writeEnvironment(t, qa), shopRepository+":v1")
	require.EqualError(t, err, "pr-17 is short-lived, so it has no file: name the image in the file of qa")
}
