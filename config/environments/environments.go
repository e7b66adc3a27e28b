// Package environments holds the operator's files, one for each environment. Only the
// app, which deploys them, and their checks import it.
package environments

import "embed"

// Files are the files, NAME.yaml each. The pattern matches every spelling of the
// extension and of the name, so that a file whose name no environment can have is
// reported, not overlooked. It does not match what editors write beside an open file:
// those names begin with a full stop or a number sign.
//
//go:embed [A-Za-z0-9_]*.[Yy]*
var Files embed.FS
