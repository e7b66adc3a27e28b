package exceptions

import (
	"bytes"
	"fmt"
	"strings"
)

//go:generate go test . -run TestTheDocument -update

// Checkers are those whose findings the register explains, in the order of the
// document.
var Checkers = []string{LowerSeverity, "cfn-lint", "cdk-nag", "Control Tower", "Trivy", "Checkov", "KICS", "cfn_nag"}

const introduction = `# Accepted findings

<!-- Generated from internal/exceptions/exceptions.yaml: go generate ./internal/exceptions -->

What checkers find in the templates, and Security Hub in the account, and why it is meant to be so. Each reason is written
once, in ` + "`internal/exceptions/exceptions.yaml`" + `, and used four times:

- In Security Hub, where this environment creates it, a rule suppresses the findings of these controls, with the reason as their
  note: nobody is notified. They are all controls of severity high or critical that the templates fail
  (` + "`TestEveryControlThatTheTemplatesFailIsSuppressed`" + `), and none that they pass
  (` + "`TestNoSuppressedControlPasses`" + `). Others are of lower severity, and page nobody:
  [controls](controls.md) has them all, by environment.
- ` + "`make controls`" + ` says which reason an environment has for a control that it does not meet, and fails where it has none.
- ` + "`make policy`" + ` accepts these findings of cfn-lint and no others, and fails where one of them finds nothing any more.
- The ids of the other checkers are for people who run one of them. They were found over the reference environment ` + "`prod`" + ` with
  cdk-nag 3.0.2 (AwsSolutions, NIST 800-53, PCI DSS, HIPAA), Control Tower's proactive rules of cdk-validator-cfnguard
  0.0.62, Trivy 0.69.0, Checkov of 2026-08-20, KICS 2.2.0 and cfn_nag 8b5f03d. Nothing here runs them. Point them to
  ` + "`.build/assemblies`" + `, which ` + "`make assemblies`" + ` empties first. ` + "`cdk.out`" + ` may also hold
  templates of other environments.

To accept another finding, write its reason into the register, then ` + "`go generate ./internal/exceptions`" + `.

| reason | found by |
| --- | --- |
`

// Document returns docs/exceptions.md.
func Document() []byte {
	var page bytes.Buffer
	page.WriteString(introduction)
	for _, each := range All() {
		fmt.Fprintf(&page, "| %s: %s | %s |\n", each.ID, each.Reason, strings.Join(each.foundBy(), "<br/>"))
	}
	return page.Bytes()
}

func (e Exception) foundBy() []string {
	var lines []string
	if e.SecurityHub != nil {
		lines = append(lines, "Security Hub: "+strings.Join(e.SecurityHub.Controls, ", ")+e.SecurityHub.limits())
	}
	for _, checker := range Checkers {
		if rules := e.Found[checker]; len(rules) > 0 {
			lines = append(lines, checker+": "+strings.Join(rules, ", "))
		}
	}
	if e.Unprotected {
		lines = append(lines, "without `lifecycle: protected`")
	}
	if e.Needs != "" {
		lines = append(lines, "with `"+e.Needs+"`")
	}
	return lines
}

func (c Controls) limits() string {
	switch {
	case c.Of != "":
		return ", of ours"
	case c.Plan != "":
		return ", unless `" + c.Plan + "` is chosen"
	}
	return ""
}
