// Package environments holds the operator's files, one for each environment.
// Only what deploys them, and what checks them, imports it.
package environments

import "embed"

// Files are the files, SUFFIX.yaml each. The pattern takes every spelling of the
// extension and of the name, so that a file with a name that cannot be meant is
// refused, not overlooked. It leaves out what editors put beside a file that is
// open: their names begin with a full stop or a number sign.
//
//go:embed [A-Za-z0-9_]*.[Yy]*
var Files embed.FS
