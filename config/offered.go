package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-infra/config/published"
	"catalog-infra/config/source"
)

// use is why an environment needs a type of resource.
type use struct {
	// why continues a message after the type.
	why string

	// needed reports whether an environment has the type. If it is nil, all have it.
	needed func(Config) bool
}

// uses are the types that some region lacks and that not every environment needs, or
// whose purpose the name does not tell.
var uses = map[string]use{
	"AWS::Serverless::Application": {why: "which rotates the password and comes from the Serverless Application Repository"},
	"AWS::Backup::RestoreTestingPlan": {"which restores recovery points of backup.enabled as a test",
		func(c Config) bool { return c.Backup.Enabled }},
	"AWS::Backup::RestoreTestingSelection": {"which restores recovery points of backup.enabled as a test",
		func(c Config) bool { return c.Backup.Enabled }},
	"AWS::Shield::Protection": {"which edge.shieldAdvanced asks for",
		func(c Config) bool { return c.Edge.ShieldAdvanced }},
}

// lacked returns the types that the environment needs and its region lacks.
func (c Config) lacked() []string {
	return slices.DeleteFunc(published.Lacking(c.Region), func(name string) bool {
		needed := uses[name].needed
		return needed != nil && !needed(c)
	})
}

// checkRegion refuses a region in which a stack could not be created.
func checkRegion(c Config) []problem {
	if len(checkResidency(c)) > 0 {
		return nil // another region lacks something else
	}
	want := "another region"
	if c.Residency == ResidencyEU {
		want = "one of " + source.List(c.offering(euRegions))
	}
	var problems []problem
	for _, name := range c.lacked() {
		message := fmt.Sprintf("%s: %s has no %s", want, c.Region, name)
		if why := uses[name].why; why != "" {
			message += ", " + why
		}
		problems = append(problems, problem{field: "region", want: message})
	}
	return problems
}

// offering returns the regions in which the environment could be created.
func (c Config) offering(regions []string) []string {
	return slices.DeleteFunc(slices.Clone(regions), func(region string) bool {
		c.Region = region
		return len(c.lacked()) > 0
	})
}

// elsewhere reports whether the region is refused. Other checks of the region are then
// left for the next one.
func (c Config) elsewhere() bool { return len(checkResidency(c)) > 0 || len(c.lacked()) > 0 }

func checkEngineVersion(c Config) []problem {
	versions := published.AuroraVersions()
	major, _, _ := strings.Cut(c.Database.EngineVersion, ".")
	near := slices.DeleteFunc(slices.Clone(versions), func(version string) bool { return !strings.HasPrefix(version, major+".") })
	if len(near) == 0 {
		near = versions
	}
	return unless(slices.Contains(versions, c.Database.EngineVersion), "database.engineVersion",
		"one of %s, which Aurora PostgreSQL creates and supports", source.List(near))
}

// noticeDays is how many days before the end of support Load warns.
const noticeDays = 90

// ending returns a warning if the support of a version of Aurora has ended or soon
// will. It is no mistake: a valid file must not become invalid by itself.
func ending(version string, now time.Time) (warning string) {
	support, known := published.SupportOf(version)
	if !known || !support.Lost(now.AddDate(0, 0, noticeDays)) {
		return ""
	}
	return fmt.Sprintf("the standard support of Aurora PostgreSQL %s ends on %s: "+
		"AWS then upgrades it by itself, and no new cluster may have it (%s)",
		version, support.End.Format(time.DateOnly), support.Source)
}
