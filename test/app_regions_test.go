package test

import (
	"encoding/json"
	"maps"
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
	for _, env := range environmentsWithEverySetting(t) {
		for _, stack := range env.Stacks() {
			for id, resource := range env.templates[*stack.Node().Id()].resources {
				if strings.HasPrefix(resource.Type, "AWS::") {
					require.Contains(t, looked, resource.Type, "%s of %s: add the type to TYPES in config/published/renew.py, and run make published", id, env.Environment)
				}
			}
		}
	}
}

func TestNoEnvironmentHasWhatItsRegionLacks(t *testing.T) {
	for _, env := range environmentsWithEverySetting(t) {
		for _, stack := range env.Stacks() {
			lacking := published.Lacking(*stack.Region())
			for id, resource := range env.templates[*stack.Node().Id()].resources {
				require.NotContains(t, lacking, resource.Type, "%s of %s in %s", id, env.Environment, *stack.Region())
			}
		}
	}
}

// A type that a setting brings has a line in uses, config/offered.go: without
// one a region would be refused for what the environment does not have.
func TestARegionIsRefusedOnlyForWhatTheEnvironmentHas(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), reference(t, "prod"), vpcOriginProd(t)} {
		has := map[string]bool{}
		for _, stack := range env.Stacks() {
			for _, resource := range env.templates[*stack.Node().Id()].resources {
				has[resource.Type] = true
			}
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
	require.Len(t, pinned, 7)
}
