package controls

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Framework is a list of requirements, such as a benchmark.
type Framework struct {
	// Name is as its publisher writes it. Prefix stands before an id where ids must be
	// unique. Source is where it is published. Note is what a reader must know.
	Name, Prefix, Source, Note string

	Requirements []Requirement
}

// Requirement is one of a framework's.
type Requirement struct {
	ID, Title string

	// Severity is Security Hub's; empty for others.
	Severity string

	// Answers are ids of controls, such as RDS.7; types, such as AWS::EC2::VPC, with the
	// start of the logical ids where only some of the type answer; and clauses, such as
	// "guide 2.6".
	Answers []string

	// Proof names tests, and make drill where it is one.
	Proof string

	// Judges is the type that a control of Security Hub is about.
	Judges string

	// By is people or AWS where no template decides.
	By string
}

var (
	//go:embed frameworks.yaml
	frameworks []byte

	//go:embed guide.yaml
	guideAnswers []byte
)

// proof matches the name of a test, and make drill.
var proof = regexp.MustCompile(`Test[A-Z]\w+|make drill`)

// proofs returns what Proof names, each once.
func (r Requirement) proofs() []string {
	var names []string
	for _, name := range proof.FindAllString(r.Proof, -1) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// clauseRow matches a row of the security guide's tables: id, clause, where and proof.
var clauseRow = regexp.MustCompile(`(?m)^\| (\d+\.\d+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$`)

// readGuide returns the clauses of docs/guide.md, with what answers to them.
func readGuide(document string) (Framework, error) {
	guide := Framework{Name: "The security guide", Prefix: "guide", Source: "guide.md",
		Note: "In short; [the security guide, clause by clause](guide.md) says where each is met, and where we leave it."}
	answers := embedded[map[string][]string]("guide.yaml", guideAnswers)
	for _, row := range clauseRow.FindAllStringSubmatch(document, -1) {
		clause := Requirement{ID: row[1], Title: row[2], Proof: row[3], Answers: answers[row[1]]}
		if by, ok := strings.CutPrefix(clause.Proof, "by "); ok {
			clause.By, clause.Proof = by, ""
		}
		guide.Requirements = append(guide.Requirements, clause)
		delete(answers, clause.ID)
	}
	if len(guide.Requirements) == 0 {
		return guide, fmt.Errorf("the security guide: got no row | id | clause | where | proof |, want tables as in docs/guide.md")
	}
	var missing []error
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		missing = append(missing, fmt.Errorf("the security guide: got no clause %s, to which internal/controls/guide.yaml has answers", id))
	}
	return guide, errors.Join(missing...)
}

// foundational returns the register of Security Hub's controls as a framework.
func foundational() Framework {
	hub := Framework{Name: "AWS Security Hub", Prefix: "security-hub",
		Source: "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html",
		Note: "The controls of AWS Foundational Security Best Practices that judge a type of our resources, but for other engines " +
			"of databases and for tags, and those of CIS 3.0. Of other standards they are those of severity high or critical."}
	for _, control := range SecurityHub() {
		requirement := Requirement{ID: control.ID, Title: control.Title, Severity: control.Severity, By: control.By}
		if control.By == "" {
			requirement.Answers, requirement.Judges = []string{control.ID}, control.Resource
		}
		hub.Requirements = append(hub.Requirements, requirement)
	}
	return hub
}

// allFrameworks returns every framework, the security guide first and Security Hub last, or an
// error with a line for each answer that does not exist.
func allFrameworks(guide string) ([]Framework, error) {
	clauses, err := readGuide(guide)
	if err != nil {
		return nil, err
	}
	hub, known := foundational(), map[string]bool{}
	all := slices.Concat([]Framework{clauses}, embedded[[]Framework]("frameworks.yaml", frameworks), []Framework{hub})
	for _, requirement := range hub.Requirements {
		known[requirement.ID] = requirement.By == ""
	}
	for _, clause := range clauses.Requirements {
		known["guide "+clause.ID] = true
	}
	var unknown []error
	for _, framework := range all {
		for _, requirement := range framework.Requirements {
			unknown = append(unknown, requirement.unknown(framework, known))
		}
	}
	return all, errors.Join(unknown...)
}

// unknown returns an error for answers that are no type and not known.
func (r Requirement) unknown(of Framework, known map[string]bool) error {
	var mistakes []error
	for _, answer := range r.Answers {
		if !known[answer] && !strings.Contains(answer, "::") {
			mistakes = append(mistakes, fmt.Errorf("%s %s: got the answer %s, want a control, a type or a clause", of.Prefix, r.ID, answer))
		}
	}
	return errors.Join(mistakes...)
}
