//go:build transitions

// Package transitions changes each field of the configuration in each reference
// environment, and back again, and rehearses both deployments. The tag keeps it out
// of go test ./..., for which it takes too long: make transitions gives it.
package transitions

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

var (
	only   = flag.String("only", "", "make only the changes that `REGEXP` matches, such as 'prod edge', and compare no table")
	update = flag.Bool("update", false, "write the table of docs/operations.md instead of comparing with it")
)

func TestMain(m *testing.M) {
	status := m.Run()
	jsii.Close()
	os.Exit(status)
}

// transition is a change of a running environment.
type transition struct {
	environment, change string

	// from and to are the values of a field, and nil of several together.
	from, to any

	report rehearsal.Report
}

// irreversible reports whether the change fails as its entry in the list says.
func (t *transition) irreversible() bool {
	entry, listed := irreversible[t.change]
	concerned := entry.value == nil || entry.value == t.from || entry.value == t.to
	return listed && concerned && !t.deploys()
}

// explained returns the transition with its worst steps, up to some.
func (t *transition) explained() string {
	const most = 5
	worst := t.outcome().Worst()
	lines := []string{fmt.Sprintf("%s %s from %v to %v: %s", t.environment, t.change, t.from, t.to, worst)}
	for _, step := range t.outcome().Steps {
		if step.Verdict == worst && len(lines) < most {
			lines = append(lines, fmt.Sprintf("    %s %s %s: %s", step.Stack, step.Action, step.Resource, step.Why))
		}
	}
	return strings.Join(lines, "\n")
}

// outcome returns the steps of a deployment that make deploy makes by itself: of all
// stacks, or of some first.
func (t *transition) outcome() rehearsal.Report {
	if t.report.Way != nil {
		return rehearsal.Report{Steps: t.report.Way.Steps}
	}
	return t.report
}

// deploys reports whether make deploy goes through without a question but its own.
func (t *transition) deploys() bool {
	return rehearsal.Worse(t.outcome().Worst(), rehearsal.ServiceCut) > 0
}

func TestEveryFieldOfARunningEnvironmentChangesAndBack(t *testing.T) {
	all := newMatrix(t)
	all.run(t)
	breaches := all.breaches()
	if *only == "" {
		breaches = slices.Concat(breaches, all.untried(), all.listedInVain(), all.undocumented(t), all.compareTable(t))
	}
	require.Empty(t, breaches, strings.Join(breaches, "\n"))
}

// matrix has what became of all transitions.
type matrix struct {
	reference   files
	fields      map[string]property
	changes     []change
	transitions []*transition

	rehearsals sync.WaitGroup

	// refusals are what the configuration says of the changes that it refuses.
	refusals map[string][]string

	// bases are the assemblies of the environment that is changed, by its
	// configuration.
	bases map[string]*assembly.Assembly
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	known := fields(t)
	return &matrix{reference: reference(t), fields: known, changes: changes(t, known), refusals: map[string][]string{}}
}

// run makes the changes. It says where it is, since all of them take minutes.
func (m *matrix) run(t *testing.T) {
	t.Helper()
	start, wanted := time.Now(), regexp.MustCompile(*only)
	for _, environment := range sortedKeys(m.reference) {
		m.bases = map[string]*assembly.Assembly{}
		for i, each := range m.changes {
			if wanted.MatchString(environment + " " + each.name) {
				m.make(t, environment, each)
			}
			if i%20 == 19 && *only == "" {
				t.Logf("%s: %d of %d changes, after %.0f s", environment, i+1, len(m.changes), time.Since(start).Seconds())
			}
		}
	}
	m.rehearsals.Wait()
}

// make makes one change of an environment, to each of its values or to the first that
// the configuration accepts.
func (m *matrix) make(t *testing.T, environment string, change change) {
	t.Helper()
	base, err := m.reference.load(environment, change.beside)
	if err != nil {
		m.refusals[change.name] = append(m.refusals[change.name], err.Error())
		return
	}
	for _, to := range change.to {
		head, err := m.reference.load(environment, change.beside, to)
		if err != nil {
			m.refusals[change.name] = append(m.refusals[change.name], err.Error())
			continue
		}
		if text(t, base) == text(t, head) {
			continue
		}
		m.rehearse(t, environment, change, base, head)
		if !change.each {
			return
		}
	}
}

// rehearse rehearses the change and the way back.
func (m *matrix) rehearse(t *testing.T, environment string, change change, base, head config.Config) {
	t.Helper()
	if m.bases[text(t, base)] == nil {
		m.bases[text(t, base)] = synthesized(t, base)
	}
	before, after := m.bases[text(t, base)], synthesized(t, head)
	from, to := value(t, base, change.name), value(t, head, change.name)
	forth := &transition{environment: environment, change: change.name, from: from, to: to}
	back := &transition{environment: environment, change: change.name, from: to, to: from}
	m.transitions = append(m.transitions, forth, back)
	m.rehearsals.Go(func() { // while CDK synthesizes the next one in its own process
		forth.report, back.report = rehearsal.Deploy(before, after), rehearsal.Deploy(after, before)
	})
}

// text returns the configuration as one text, to compare it.
func text(t *testing.T, cfg config.Config) string {
	t.Helper()
	content, err := json.Marshal(cfg)
	require.NoError(t, err)
	return string(content)
}

// value returns the value of a field, and nil for what is none.
func value(t *testing.T, cfg config.Config, field string) any {
	t.Helper()
	at := any(parsed(t, text(t, cfg)))
	for key := range strings.SplitSeq(field, ".") {
		inner, _ := section(at)
		at = inner[key]
	}
	return at
}

// breaches returns the transitions that neither deploy nor are listed.
func (m *matrix) breaches() (lines []string) {
	for _, each := range m.transitions {
		if !each.deploys() && !each.irreversible() {
			lines = append(lines, each.explained())
		}
	}
	return lines
}

// untried returns the changes of which the configuration refused every value.
func (m *matrix) untried() (lines []string) {
	for _, each := range m.changes {
		if !slices.ContainsFunc(m.transitions, func(found *transition) bool { return found.change == each.name }) {
			lines = append(lines, fmt.Sprintf("%s: no value is accepted in any environment. It needs an example in config/formats.go, "+
				"or something beside it in changes_test.go. The configuration says:\n%s", each.name, strings.Join(m.refusals[each.name], "\n")))
		}
	}
	return lines
}

// listedInVain returns the exceptions that are none any more.
func (m *matrix) listedInVain() (lines []string) {
	refused := map[string]bool{}
	for _, each := range m.transitions {
		refused[each.change] = refused[each.change] || each.irreversible()
	}
	for _, each := range sortedKeys(irreversible) {
		if !refused[each] {
			lines = append(lines, each+" deploys: remove it from irreversible")
		}
	}
	return lines
}

// undocumented returns the problems after a failure of which docs/operations.md does not
// say what to do.
func (m *matrix) undocumented(t *testing.T) (lines []string) {
	t.Helper()
	document, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, each := range m.transitions {
		for _, failure := range each.report.AfterFailure {
			for _, problem := range failure.Problems {
				if !strings.Contains(string(document), "`"+string(problem.Kind)+"`") {
					lines = append(lines, fmt.Sprintf("%s %s: a failure in %s: %s, %s",
						each.environment, each.change, failure.Stack, problem.Kind, problem.Why))
				}
			}
		}
	}
	return lines
}
