package test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// regionName is the name of any region of AWS, and of those to come.
var regionName = regexp.MustCompile(`\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov|us-iso[a-z]?)-(?:(?:north|south)(?:east|west)?|east|west|central|gov-east|gov-west|iso-east)-\d\b`)

// inTheEU are the regions in the European Union: without London and Zurich.
var inTheEU = []string{"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"}

// outsideTheEU are the only texts that may name another region, and why no data
// goes there.
var outsideTheEU = map[string]string{
	"arn:aws:serverlessrepo:us-east-1:297356227824:":        "where AWS publishes the rotation function: its code comes from there and runs here",
	"arn:aws-cn:serverlessrepo:cn-north-1:193023089310:":    "as above, in the partition of China; CDK's table has all partitions",
	"arn:aws-us-gov:serverlessrepo:us-gov-west-1:023102451": "as above, GovCloud",
	`"us-east-1"`:            "gather-evidence reads there what CloudTrail has of IAM and sign-ins, nowhere else, and keeps it in the EU",
	`"us-west-2"`:            "the probe asks from there as a viewer would, and is answered ok; from us-east-1 too",
	"cloudtrail/us-east-1/":  "the folder in the EU that it keeps that in",
	"arn:aws:acm:us-east-1:": "CloudFront reads the viewers' certificate there: it holds a name and a public key",
}

// elsewhere returns the quoted texts of a file that name a region outside the EU
// and are not listed.
func elsewhere(text string) (found []string) {
	for _, quoted := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(text, -1) {
		for prefix := range outsideTheEU {
			quoted = strings.ReplaceAll(quoted, prefix, "")
		}
		for _, region := range regionName.FindAllString(quoted, -1) {
			if !slices.Contains(inTheEU, region) {
				found = append(found, quoted)
			}
		}
	}
	return found
}

func TestEveryTextThatNamesARegionOutsideTheEUIsListed(t *testing.T) {
	for _, env := range environmentsInTheEU(t) {
		files, err := filepath.Glob(filepath.Join(env.directory, "*.json"))
		require.NoError(t, err)
		require.Greater(t, len(files), len(env.Stacks()), "the templates and the manifest")
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Empty(t, elsewhere(string(text)), "%s %s", env.Environment, filepath.Base(file))
		}
	}
}

func TestRegionsOutsideTheEUAreFoundInAnyText(t *testing.T) {
	for _, text := range []string{`"us-east-2"`, `"in us-east-1"`, `"arn:aws:s3:ap-southeast-2:1:x"`, `"a.eu-west-2.b"`,
		`"eu-central-2"`, `"us-gov-west-1"`} {
		require.NotEmpty(t, elsewhere(text), text)
	}
	for _, text := range []string{`"eu-north-1"`, `"us-east-1"`, `"arn:aws:acm:us-east-1:1:certificate/x"`} {
		require.Empty(t, elsewhere(text), text)
	}
}

func TestEveryStackIsInTheEU(t *testing.T) {
	for _, env := range environmentsInTheEU(t) {
		for _, stack := range env.Stacks() {
			require.Contains(t, inTheEU, *stack.Region(), "%s %s", env.Environment, *stack.Node().Id())
		}
	}
}

// copying are the properties and types that copy data to another region.
var copying = regexp.MustCompile(`(?i)Replication|CrossRegion|CopyActions|DestinationRegion|GlobalCluster|ReplicaRegions|MultiRegion"?: ?true|SourceRegion`)

// notCopying match copying and copy nothing.
var notCopying = []string{
	"DeleteBucketReplication", "PutBucketReplication", // events that an alarm looks for

	"IsMultiRegionTrail", // the trail records all regions, and delivers into this one
}

// copyAction is the one way in which data may be copied to another region, the
// one that is configured, and its whole list of destinations.
var copyAction = regexp.MustCompile(`"CopyActions": \[\s*\{\s*"DestinationBackupVaultArn": \{\s*"Fn::Join": \[\s*"",\s*\[\s*` +
	`"arn:aws:backup:` + secondRegion + `:",\s*\{\s*"Ref": "AWS::AccountId"\s*\},\s*":backup-vault:` + config.Project + `-prod"\s*\]\s*\]\s*\},\s*` +
	`"Lifecycle": \{\s*"DeleteAfterDays": \d+\s*\}\s*\}\s*\]`)

func TestNothingCopiesDataToAnotherRegion(t *testing.T) {
	for _, env := range environmentsInTheEU(t) {
		for _, stack := range env.assembly.Stacks {
			text := stack.Text
			for _, word := range notCopying {
				text = strings.ReplaceAll(text, word, "")
			}
			if env.Backup.CopyToRegion != "" {
				text = copyAction.ReplaceAllString(text, "")
			}
			require.Empty(t, copying.FindAllString(text, -1), "%s %s", env.Environment, stack.ID)
		}
	}
}
