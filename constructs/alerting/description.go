package alerting

import "fmt"

// Severity is how soon somebody must look.
type Severity string

// The severities.
const (
	// Critical wakes the person on call: viewers have no service, or an attacker may
	// have access.
	Critical Severity = "CRITICAL"

	// High needs a look on the same day.
	High Severity = "HIGH"

	// Medium waits for the next working day.
	Medium Severity = "MEDIUM"
)

// Description is the text of an alarm or a notification for the person on call.
type Description struct {
	Severity Severity `required:"true"`

	// Meaning says in one line what happened.
	Meaning string `required:"true"`

	// Runbook is the page with the instructions: a document and, after #, its
	// section.
	Runbook string `required:"true"`
}

// Text returns the description as one line, the AlarmDescription of an alarm.
func (d Description) Text() string {
	return fmt.Sprintf("%s: %s. Runbook: %s", d.Severity, d.Meaning, d.Runbook)
}
