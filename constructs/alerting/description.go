package alerting

import "fmt"

// Severity says how soon somebody must look.
type Severity string

// The severities.
const (
	// Critical wakes somebody: viewers are without service, or somebody may be
	// inside.
	Critical Severity = "CRITICAL"

	// High is looked at the same day.
	High Severity = "HIGH"

	// Medium waits for the next working day.
	Medium Severity = "MEDIUM"
)

// Description is what whoever is told of an alarm needs to know.
type Description struct {
	Severity Severity

	// Meaning is one line on what it says when it goes off.
	Meaning string

	// Runbook is where it says what to do: a document and, after #, its
	// section.
	Runbook string
}

// Text returns the contract in one line, which is in the e-mail.
func (d Description) Text() string {
	if d.Severity == "" || d.Meaning == "" || d.Runbook == "" {
		panic(fmt.Sprintf("alerting: an alarm needs Severity, Meaning and Runbook, got %+v", d))
	}
	return fmt.Sprintf("%s: %s. Runbook: %s", d.Severity, d.Meaning, d.Runbook)
}
