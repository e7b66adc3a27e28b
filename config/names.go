package config

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/config/source"
)

// The names of environments are part of RDS identifiers, which take no two hyphens
// in a row.
const allowedName = "1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen"

// fileName matches the names that look like an environment's file, however they
// are spelled. It does not match backups, nor what editors write beside a file.
var fileName = regexp.MustCompile(`(?i)^[^.#].*[.]y[a-z]*$`)

// EnvironmentNames returns the names of the environments that have a file, sorted.
func EnvironmentNames(files fs.FS) []string {
	names, _ := fs.Glob(files, "*.yaml") // fails for a bad pattern only
	for i, file := range names {
		names[i] = strings.TrimSuffix(file, ".yaml")
	}
	return slices.DeleteFunc(names, func(name string) bool { return !valid(name) })
}

// misnamed reports the files that look like an environment's, but whose names no
// environment can have.
func misnamed(files fs.FS) (mistakes Errors) {
	all, _ := fs.Glob(files, "*")
	for _, file := range all {
		name, isYAML := strings.CutSuffix(file, ".yaml")
		if fileName.MatchString(file) && (!isYAML || !valid(name)) {
			mistakes = append(mistakes, source.Error{File: directory + file, Got: "a name that no environment can have", Want: rename(files, file)})
		}
	}
	return mistakes
}

// rename returns the name to give to a file, if small letters and the extension are
// all that it needs.
func rename(files fs.FS, file string) string {
	name := strings.ToLower(strings.TrimSuffix(file, path.Ext(file)))
	if valid(name) && !slices.Contains(EnvironmentNames(files), name) {
		return name + ".yaml"
	}
	return "NAME.yaml, NAME being " + allowedName
}

func valid(name string) bool { return formats["environment"].accepts(name) }
