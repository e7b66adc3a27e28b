// Package jsiienv quiets CDK's node process, on every platform and for every
// command: the app, the tests, and go run.
//
// The JSII runtime reads its environment while its own package is initialized.
// Go initializes packages in the order of their import paths once what they
// import is initialized, so this package, which imports nothing but os, comes
// before github.com/aws/jsii-runtime-go.
package jsiienv

import "os"

// settings are the variables of the runtime that differ from its own choice.
// Whoever sets them keeps what they set.
var settings = map[string]string{
	// The banner on an old Node.js has twelve lines; tools/cdk.js says it in one.
	"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
	// Deprecated members that CDK itself uses are nothing an operator can change.
	"JSII_DEPRECATED": "quiet",
}

func init() {
	for name, value := range settings {
		if _, given := os.LookupEnv(name); !given {
			os.Setenv(name, value) //nolint:errcheck // fails for names with = or NUL only
		}
	}
}
