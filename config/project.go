package config

import "catalog-infra/config/source"

// Project is the first part of every name in AWS, and the value of the tag
// "project". To change it, edit this line only, before the first deploy: later, all
// resources would be made anew under the other name.
const Project = "catalog-api"

// project leaves room in the identifiers of RDS, which have 63 characters, for the
// name of an environment, 12, and what restore-database appends: an incident of 36,
// and -1.
var project = format{
	Pattern: `^` + identifier + `$`, MaxLength: 11,
	Want: "1 to 11 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen",
}

// checkProject reports a name of the project that AWS would refuse somewhere.
func checkProject(name string) Errors {
	if project.accepts(name) {
		return nil
	}
	return Errors{{File: "config/project.go", Field: "Project", Got: source.Quote(name), Want: project.Want}}
}
