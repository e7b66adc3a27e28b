package test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the files in testdata instead of comparing with them")

// stateful are the resources whose replacement loses something: data, logs, an
// address or name that outsiders know, or a confirmed subscription.
var stateful = []string{
	"AWS::Backup::BackupVault",
	"AWS::CloudFront::Distribution",
	"AWS::CloudTrail::Trail",
	"AWS::EC2::EIP",
	"AWS::ECR::Repository",
	"AWS::KMS::Key",
	"AWS::Logs::LogGroup",
	"AWS::RDS::DBCluster",
	"AWS::RDS::DBInstance",
	"AWS::S3::Bucket",
	"AWS::SNS::Topic",
	"AWS::SecretsManager::Secret",
}

func TestNothingThatHoldsStateIsReplaced(t *testing.T) {
	found := map[string][]string{}
	for _, env := range everyEnvironment(t) {
		for _, r := range resourcesOf(t, env, stateful...) {
			policy := r.DeletionPolicy
			if policy == "" {
				policy = "Delete" // CloudFormation's own
			}
			key := r.stack + " " + r.id + " " + r.Type
			found[key] = append(found[key], env.Suffix+"="+policy)
		}
	}

	compareWithFile(t, "stateful.golden", found,
		"A line that changed or vanished means that AWS replaces or deletes the resource at the next deployment, "+
			"with all that it holds. After =, what happens then. If that is meant, run go test ./test -update.")
}

func TestNoExportVanishesWhileItMayBeInUse(t *testing.T) {
	found := map[string][]string{}
	for _, env := range everyEnvironment(t) {
		for id, template := range env.templates {
			for output := range template.Outputs {
				if strings.HasPrefix(output, "ExportsOutput") {
					found[id+" "+output] = append(found[id+" "+output], env.Suffix)
				}
			}
		}
	}

	compareWithFile(t, "exports.golden", found,
		"CloudFormation refuses to remove an export that a deployed stack imports, and the exporting stack is deployed first. "+
			"Go two steps: keep the vanished line with Stack.ExportValue while the importing stack is deployed without it, "+
			"then remove it in a change of its own. A new line is harmless. Then run go test ./test -update.")
}

// compareWithFile checks that the file has a line for each key, with the
// values behind it.
func compareWithFile(t *testing.T, name string, found map[string][]string, meaning string) {
	t.Helper()
	var got strings.Builder
	for _, key := range slices.Sorted(maps.Keys(found)) {
		got.WriteString(key + " " + strings.Join(found[key], " ") + "\n")
	}
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String(), meaning)
}
