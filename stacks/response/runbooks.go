// Package response has the runbooks of the response stack.
package response

import "embed"

// Runbooks are the Automation documents, runbooks/NAME.yaml for the document
// catalog-api-SUFFIX-NAME, and the scripts that they name.
//
//go:embed runbooks/*.yaml runbooks/scripts/*.py
var Runbooks embed.FS
