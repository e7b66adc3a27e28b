// Package response has the runbooks of the response stack.
package response

import "embed"

// Runbooks are the Automation documents, runbooks/NAME.yaml for the document
// catalog-api-SUFFIX-NAME, the parts that they share, and their scripts.
//
//go:embed runbooks/*.yaml runbooks/shared/*.yaml runbooks/scripts/*.py
var Runbooks embed.FS
