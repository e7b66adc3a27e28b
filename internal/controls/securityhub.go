package controls

import (
	"bytes"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Control is a control of AWS Security Hub that resources of the templates answer to.
type Control struct {
	// ID is such as RDS.7. Title says in our words what it asks for.
	ID, Title string

	// Severity is Critical, High, Medium or Low.
	Severity string

	// Resource is the type in the templates that is judged, such as AWS::RDS::DBCluster.
	Resource string

	// Standards are those that have the control: FSBP, CIS 3.0, CIS 1.4, CIS 1.2, NIST
	// or PCI.
	Standards []string

	// Pattern is the one that CIS prescribes for a metric filter, for a control that
	// compares it; its spaces have no meaning.
	Pattern string

	// By is people or AWS where no template decides.
	By string
}

//go:embed securityhub.yaml
var securityHub []byte

// SecurityHub returns the controls in the order of the file.
func SecurityHub() []Control { return embedded[[]Control]("securityhub.yaml", securityHub) }

// embedded decodes an embedded file, which a test does, too.
func embedded[T any](name string, content []byte) T {
	var decoded T
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&decoded); err != nil {
		panic(fmt.Sprintf("controls: %s: %v", name, err))
	}
	return decoded
}
