// Package environments holds the reference environments: what the repository
// shipped in config/environments, before an operator made it their own. Tests,
// drills and documents are about these, so that they pass whatever an operator
// chooses.
package environments

import (
	"embed"
	"io/fs"
	"slices"

	"catalog-infra/config"
)

// Files are the files, NAME.yaml each.
//
//go:embed *.yaml
var Files embed.FS

// Named is an environment by the arguments of config.Load.
type Named struct{ Name, From string }

func (n Named) String() string {
	if n.From == "" {
		return n.Name
	}
	return n.Name + "-from-" + n.From
}

// Reference returns the reference environments, and a short-lived one made from dev.
func Reference() []Named {
	return append(withFile(Files), Named{"pr-17", "dev"})
}

// Every returns the environments of the files, and a short-lived one made from each.
func Every(files fs.FS) []Named {
	all := withFile(files)
	for _, base := range slices.Clone(all) {
		all = append(all, Named{free(files), base.Name})
	}
	return all
}

func withFile(files fs.FS) (all []Named) {
	for _, name := range config.EnvironmentNames(files) {
		all = append(all, Named{Name: name})
	}
	return all
}

// free returns a name that no file has.
func free(files fs.FS) string {
	for _, name := range []string{"pr-17", "pr-18"} {
		if !slices.Contains(config.EnvironmentNames(files), name) {
			return name
		}
	}
	return "pr-17-18-19"
}
