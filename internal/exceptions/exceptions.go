// Package exceptions is the register of what checkers and Security Hub find in
// our templates and is meant to be so. Whatever accepts a finding gets the
// reason from here: the suppressions in Security Hub, make policy and
// docs/exceptions.md.
package exceptions

import (
	"bytes"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Exception is one reason, and all that it explains.
type Exception struct {
	// ID is one word. Reason is for people who meet a finding.
	ID, Reason string

	// SecurityHub is nil where no control of high or critical severity fails.
	SecurityHub *Controls `yaml:"securityHub"`

	// Found are the ids of the rules, by checker.
	Found map[string][]string

	// Unprotected reports whether the reason is none where stacks have termination
	// protection.
	Unprotected bool

	// Needs is the field of the configuration without which nothing is found, where
	// no reference environment has it.
	Needs string
}

// Controls are what Security Hub checks and the templates fail.
type Controls struct {
	// Controls are such as RDS.13.
	Controls []string

	// Of are the resources, as "SERVICE KIND"; empty for all in the account.
	Of string

	// Owner is the service, guardDuty or inspector, that the environment must
	// create for the decision to be its own; empty where it is about its own
	// resources.
	Owner string

	// Plan is the plan of GuardDuty with which the controls pass; empty where
	// none does.
	Plan string
}

// LowerSeverity is the checker, in Found, that finds what Security Hub gives a severity
// of medium or low: these findings page nobody, so that none is suppressed.
const LowerSeverity = "Security Hub, lower severity"

//go:embed exceptions.yaml
var register []byte

// All returns the register, in its order.
func All() []Exception {
	var all []Exception
	decoder := yaml.NewDecoder(bytes.NewReader(register))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		panic(fmt.Sprintf("exceptions: %v", err)) // a test decodes the embedded file
	}
	return all
}
