package test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/config/published"
)

func TestEveryResourceTypeIsInThePublishedRegions(t *testing.T) {
	looked := published.Types()
	for env, r := range resourcesIn(t, environmentsWithEverySetting(t)) {
		if strings.HasPrefix(r.Type, "AWS::") {
			require.Contains(t, looked, r.Type, "%s of %s: add the type to TYPES in config/published/renew.py, and run make published", r, env.Environment)
		}
		region := env.templates[r.stack].Region
		require.NotContains(t, published.Lacking(region), r.Type, "%s of %s in %s", r, env.Environment, region)
	}
}

// A type that a setting brings has a line in uses, config/offered.go: without
// one a region would be refused for what the environment does not have.
func TestARegionIsRefusedOnlyForWhatTheEnvironmentHas(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), reference(t, "prod"), vpcOriginProd(t)} {
		has := map[string]bool{}
		for _, r := range resourcesOf(t, env) {
			has[r.Type] = true
		}
		for region := range published.Regions() {
			for _, lacking := range published.Lacking(region) {
				cfg := env.Config
				cfg.Region, cfg.Residency, cfg.Edge.AccessLogs = region, config.ResidencyNone, false
				_, _, err := config.Load(fileOf(t, cfg), cfg.Environment, "")
				require.Error(t, err, region)
				require.Equal(t, has[lacking], strings.Contains(err.Error(), lacking+","), "%s of %s in %s", lacking, cfg.Environment, region)
			}
		}
	}
}

// fileOf returns the environment's file with every field written.
func fileOf(t *testing.T, cfg config.Config) fstest.MapFS {
	t.Helper()
	content, err := json.Marshal(cfg)
	require.NoError(t, err)
	return fstest.MapFS{cfg.Environment + ".yaml": &fstest.MapFile{Data: content}}
}

// CloudFront's page says "opt-in regions", and the list has them one by one.
func TestAccessLogsAreRefusedWhereAnAccountMustOptIn(t *testing.T) {
	for region := range published.Regions() {
		if slices.Contains(published.Lacking(region), "AWS::Serverless::Application") {
			continue // nothing is deployed there
		}
		content := "residency: none\nregion: " + region + "\nedge: {originPrefixList: pl-0123456789abcdef0}\n"
		_, _, err := config.Load(fstest.MapFS{"dev.yaml": &fstest.MapFile{Data: []byte(content)}}, "dev", "")
		refused := err != nil && strings.Contains(err.Error(), "edge.accessLogs")
		require.Equal(t, *regioninfo.RegionInfo_Get(&region).IsOptInRegion(), refused, region)
	}
}

// pinning are the properties that pin a version which AWS supports for a time,
// wherever they are.
var pinning = regexp.MustCompile(`"(EngineVersion|MinimumProtocolVersion|Runtime|[Ss]emanticVersion|SslPolicy)": ?"([^"]+)"`)

// pins returns the versions that templates pin, with where. The rotation's is in a
// mapping by partition, of which aws is ours.
func pins(t *testing.T, environments []*environment) map[string]string {
	t.Helper()
	where := map[string]string{}
	for _, env := range environments {
		for _, stack := range env.Stacks() {
			id := *stack.Node().Id()
			values := []any{env.templates[id].resources}
			for _, mapping := range env.templates[id].Template.Mappings {
				values = append(values, at(t, mapping, "aws"))
			}
			text, err := json.Marshal(values)
			require.NoError(t, err)
			for _, match := range pinning.FindAllStringSubmatch(string(text), -1) {
				pinned := match[2]
				if match[1] == "Runtime" && id == "response" && strings.HasPrefix(pinned, "python") {
					pinned = "automation " + pinned
				}
				where[pinned] = match[1] + " in " + id + " of " + env.Environment
			}
		}
	}
	return where
}

// lost returns the versions without support by then, or whose support nobody has
// looked the support up.
func lost(pinned map[string]string, now time.Time) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(pinned)) {
		if support, known := published.SupportOf(name); !known || support.Lost(now) {
			names = append(names, name)
		}
	}
	return names
}

// It fails by the calendar, without a change: from that day on AWS no longer
// creates, or no longer patches, what the templates name.
func TestWhatTheTemplatesPinIsSupported(t *testing.T) {
	pinned := pins(t, environmentsWithEverySetting(t))
	for _, name := range lost(pinned, time.Now()) {
		support, known := published.SupportOf(name)
		require.Fail(t, "no support", "%s (%s): known %v, ended %s, %s; see config/published/support.go", name, pinned[name], known, support.End.Format(time.DateOnly), support.Source)
	}
}

func TestTheDayOnWhichAPinLosesSupportIsNoticed(t *testing.T) {
	pinned := pins(t, environmentsWithEverySetting(t))

	require.Empty(t, lost(pinned, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, []string{"nodejs24.x"}, lost(pinned, time.Date(2028, 4, 30, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, []string{"1.1.671", "16.8", "nodejs24.x"}, lost(pinned, time.Date(2029, 3, 1, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, []string{"1.1.367"}, lost(map[string]string{"1.1.367": ""}, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)), "what nobody looked up")
	require.Equal(t, []string{"1.1.671", "16.8", "nodejs24.x", "python3.14"}, lost(pinned, time.Date(2029, 6, 30, 0, 0, 0, 0, time.UTC)))
	require.Len(t, pinned, 8)
}

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
