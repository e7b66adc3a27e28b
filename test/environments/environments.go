// Package environments holds the reference environments: what the repository
// shipped in config/environments, before an operator made it their own. Tests,
// drills and documents are about these, so that they pass whatever an operator
// chooses.
package environments

import "embed"

// Files are the files, SUFFIX.yaml each.
//
//go:embed *.yaml
var Files embed.FS
