package config

import (
	"regexp"

	"catalog-infra/config/source"
)

// Project is the first part of every name in AWS, and the value of the tag
// "project". Nothing else has to be edited to change it, which can be done
// before the first deploy only: under another name everything is another thing.
const Project = "catalog-api"

// longestProject leaves room in the identifiers of RDS, which have 63
// characters, for a suffix of 12 and what restore-database appends: an incident
// of 36, and -1.
const longestProject = 11

var projects = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)

// checkProject reports a name of the project that AWS would refuse somewhere.
func checkProject(name string) Errors {
	if len(name) <= longestProject && projects.MatchString(name) {
		return nil
	}
	return Errors{{
		File: "config/project.go", Field: "Project", Got: source.Quote(name),
		Want: "1 to 11 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen",
	}}
}
