// Package jsiienv silences messages of CDK's node process, on every platform and for
// every command: the app, the tests, and go run.
//
// The JSII runtime reads its environment variables when its package is initialized.
// Go initializes packages in the order of their import paths, after their imports.
// This package imports only os, so it comes before github.com/aws/jsii-runtime-go.
package jsiienv

import "os"

// settings are variables of the runtime, with values other than its defaults. A variable
// that is set already is left as it is.
var settings = map[string]string{
	// The banner on an old Node.js has twelve lines; tools/cdk.js says it in one.
	"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
	// CDK itself uses deprecated members, which an operator cannot change.
	"JSII_DEPRECATED": "quiet",
}

func init() {
	for name, value := range settings {
		if _, given := os.LookupEnv(name); !given {
			os.Setenv(name, value) //nolint:errcheck // fails for names with = or NUL only
		}
	}
}
