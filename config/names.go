package config

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/config/source"
)

const allowedSuffix = "1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen"

// meantAsFile matches the names that look like an environment's file, however
// they are spelled. Backups and what editors write beside a file do not.
var meantAsFile = regexp.MustCompile(`(?i)^[^.#].*[.]y[a-z]*$`)

// Suffixes returns the names of the environments that have a file, sorted.
func Suffixes(files fs.FS) []string {
	names, _ := fs.Glob(files, "*.yaml") // fails for a bad pattern only
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".yaml")
	}
	return slices.DeleteFunc(names, func(name string) bool { return !valid(name) })
}

// misnamed reports the files that look like an environment's and are none.
func misnamed(files fs.FS) (mistakes Errors) {
	names, _ := fs.Glob(files, "*")
	for _, name := range names {
		suffix, isYAML := strings.CutSuffix(name, ".yaml")
		isEnvironment := isYAML && valid(suffix)
		if meantAsFile.MatchString(name) && !isEnvironment {
			mistakes = append(mistakes, source.Error{File: directory + name, Got: "a name that is no environment's", Want: rename(files, name)})
		}
	}
	return mistakes
}

// rename is the name that a file can have, if small letters are all it needs.
func rename(files fs.FS, name string) string {
	suffix := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	if valid(suffix) && !slices.Contains(Suffixes(files), suffix) {
		return suffix + ".yaml"
	}
	return fmt.Sprintf("SUFFIX.yaml, SUFFIX being %s", allowedSuffix)
}

func valid(suffix string) bool {
	return len(suffix) <= 12 && suffixes.MatchString(suffix)
}
