// Package source reads the files of environments: YAML as plain values that
// remember their lines, checked against a JSON schema. Whatever is wrong is
// reported at once, as FILE:LINE: FIELD: got X, want Y. It does not know which
// fields there are.
package source
