package config_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/config/published"
)

func TestRegionsAreRefusedForWhatTheyLack(t *testing.T) {
	const (
		inTheEU  = "one of eu-central-1, eu-north-1, eu-west-1, eu-west-3"
		rotation = " has no AWS::Serverless::Application, which rotates the password and comes from the Serverless Application Repository"
		tested   = ", which restores recovery points of backup.enabled as a test"
	)
	refused{
		"a region of the Union without the rotation": {"region: eu-south-1\n", `:1: region: got "eu-south-1", want ` + inTheEU + `: eu-south-1` + rotation},
		"one elsewhere": {"residency: none\nregion: eu-central-2\n", `:2: region: got "eu-central-2", want another region: eu-central-2` + rotation},
		"one without restore tests and without Shield": {
			"residency: none\nregion: ap-east-2\nedge: {shieldAdvanced: true}\n",
			`:2: region: got "ap-east-2", want another region: ap-east-2 has no AWS::Backup::RestoreTestingPlan` + tested + "\n" +
				`:2: region: got "ap-east-2", want another region: ap-east-2 has no AWS::Backup::RestoreTestingSelection` + tested + "\n" +
				`:2: region: got "ap-east-2", want another region: ap-east-2` + rotation + "\n" +
				`:2: region: got "ap-east-2", want another region: ap-east-2 has no AWS::Shield::Protection, which edge.shieldAdvanced asks for`,
		},
		"the same without either": {
			"residency: none\nregion: ap-east-2\nbackup: {enabled: false}\n",
			`:2: region: got "ap-east-2", want another region: ap-east-2` + rotation,
		},
	}.run(t)
}

func TestARegionIsAcceptedOnlyIfItHasWhatAnEnvironmentNeeds(t *testing.T) {
	accepted := 0
	for _, region := range config.Regions {
		content := "residency: none\nregion: " + region + "\nbackup: {enabled: false}\n" +
			"edge: {ingress: internet, accessLogs: false, waf: {mode: off}}\n"
		_, _, err := files{"dev": content}.load("dev", "")
		if slices.Contains(published.Lacking(region), "AWS::Serverless::Application") {
			require.ErrorContains(t, err, "Serverless Application Repository", region)
			continue
		}
		require.NoError(t, err, region)
		accepted++
	}
	require.Equal(t, 18, accepted)
}

// AWS counts London and Zurich to Europe, too.
func TestTheRegionsOfTheUnionAreThoseThatAWSHasInEurope(t *testing.T) {
	var european []string
	for region, description := range published.Regions() {
		if strings.HasPrefix(description, "Europe (") && description != "Europe (London)" && description != "Europe (Zurich)" {
			european = append(european, region)
		}
	}

	require.ElementsMatch(t, european, config.EURegions)
}

func TestOnlyVersionsThatAuroraCreatesAndSupportsAreAccepted(t *testing.T) {
	versions := published.AuroraVersions()
	require.Contains(t, versions, "16.8")
	for major := 14; major <= 18; major++ {
		for minor := range 30 {
			version := fmt.Sprintf("%d.%d", major, minor)
			_, _, err := files{"dev": "database: {engineVersion: \"" + version + "\"}\n"}.load("dev", "")
			if slices.Contains(versions, version) {
				require.NoError(t, err, version)
			} else {
				require.ErrorContains(t, err, "want one of ", version)
			}
		}
	}
}

func TestVersionsThatNeverWereAndThoseThatAreGoneAreRefused(t *testing.T) {
	const of16 = `, want one of 16.8, 16.9, 16.10, 16.11, 16.13, which Aurora PostgreSQL creates and supports`
	refused{
		"retired, though the schemas still have it": {"database: {engineVersion: \"16.4\"}\n", `:1: database.engineVersion: got "16.4"` + of16},
		"retired long ago":                          {"database: {engineVersion: \"16.1\"}\n", `:1: database.engineVersion: got "16.1"` + of16},
		"of PostgreSQL's, not of Aurora's":          {"database: {engineVersion: \"17.1\"}\n", `:1: database.engineVersion: got "17.1", want one of 17.4, 17.5, 17.6, 17.7, 17.9, which Aurora PostgreSQL creates and supports`},
		"not of any yet":                            {"database: {engineVersion: \"16.29\"}\n", `:1: database.engineVersion: got "16.29"` + of16},
	}.run(t)
}

func TestTheEndOfAVersionsSupportIsWarnedOf(t *testing.T) {
	at := func(day string) time.Time {
		parsed, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		return parsed
	}

	require.Empty(t, config.Ending("16.8", at("2028-11-30")))
	require.Equal(t, "the standard support of Aurora PostgreSQL 16.8 ends on 2029-02-28: AWS then upgrades it by itself, and no new cluster may have it"+
		" (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html)", config.Ending("16.8", at("2028-12-01")))
	require.NotEmpty(t, config.Ending("16.8", at("2031-01-01")))
	require.Empty(t, config.Ending("15.0", at("2031-01-01")), "it is refused instead")
}

func TestAWarningOfItNamesTheFileThatHasTheVersion(t *testing.T) {
	ends := map[time.Time]string{} // the version of which the support ends first is warned of sooner or later
	for _, version := range published.AuroraVersions() {
		support, _ := published.SupportOf(version)
		ends[support.End] = version
	}
	first := ends[slices.MinFunc(slices.Collect(maps.Keys(ends)), time.Time.Compare)]
	_, warnings, err := files{"base": "database:\n  engineVersion: \"" + first + "\"\n", "dev": "from: base\n"}.load("dev", "")

	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "config/environments/base.yaml:2: database.engineVersion: the standard support of Aurora PostgreSQL "+first)
}

func TestRangesThatWouldFillUpAreRefused(t *testing.T) {
	endpoints := strings.Join(config.Endpoints, ", ")
	refused{
		"endpoints in the smallest range": {
			"network:\n  cidr: 10.0.0.0/24\n  interfaceEndpoints: [" + endpoints + "]\n",
			`:2: network.cidr: got "10.0.0.0/24", want /23 or wider: a private subnet of a /24 has 32 addresses, and 40 are needed ` +
				`(5 that AWS keeps, 10 for twice service.maxTasks in 2 zones, 1 for the rotation function, 24 for network.interfaceEndpoints)`,
		},
		"all at once": {
			"service: {maxTasks: 100}\nedge: {ingress: vpc-origin}\nnetwork: {cidr: 10.0.0.0/23, zones: [a, b, c], interfaceEndpoints: [" + endpoints + "]}\n",
			`:3: network.cidr: got "10.0.0.0/23", want /22 or wider: a private subnet of a /23 has 64 addresses, and 106 are needed ` +
				`(5 that AWS keeps, 67 for twice service.maxTasks in 3 zones, 1 for the rotation function, 24 for network.interfaceEndpoints, 8 for the load balancer, 1 for CloudFront)`,
		},
	}.run(t)
}

// What is counted is what fits: with one task more than the message allows, the
// next wider range is asked for.
func TestARangeHoldsWhatIsCounted(t *testing.T) {
	for cidr, tasks := range map[string]int{"10.0.0.0/24": 26, "10.0.0.0/23": 58, "10.0.0.0/22": 100} {
		content := "network: {cidr: " + cidr + "}\nservice: {maxTasks: %d}\n"
		_, _, err := files{"dev": fmt.Sprintf(content, tasks)}.load("dev", "")
		require.NoError(t, err, cidr)
		if tasks < 100 {
			_, _, err = files{"dev": fmt.Sprintf(content, tasks+1)}.load("dev", "")
			require.ErrorContains(t, err, "addresses, and", cidr)
		}
	}
}
