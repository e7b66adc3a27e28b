package test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// update is the one golden file that is written instead of compared with: to
// accept one never accepts another unseen.
var update = new(updateFlag)

func init() {
	flag.Var(update, "update", "write the golden file `NAME` in testdata instead of comparing with it: -update=stateful")
}

type updateFlag string

func (f *updateFlag) String() string { return string(*f) }

// IsBoolFlag has -update without a name reach Set, whose answer names the files.
func (f *updateFlag) IsBoolFlag() bool { return true }

func (f *updateFlag) Set(name string) error {
	var names []string
	for _, g := range goldens {
		names = append(names, g.name)
	}
	names = append(names, "outages") // a part of docs/alarms.md
	if !slices.Contains(names, name) {
		return fmt.Errorf("name the one file to write: -update=%s", strings.Join(names, ", or -update="))
	}
	*f = updateFlag(name)
	return nil
}

// stateful are the resources whose replacement loses something, and what.
var stateful = map[string]string{
	"AWS::Backup::BackupVault":      "the copies of the database that it holds",
	"AWS::CloudFront::Distribution": "its domain name, which viewers and DNS records know",
	"AWS::CloudTrail::Trail":        "the record of what happens until there is another one",
	"AWS::Cognito::UserPool":        "its users",
	"AWS::DynamoDB::GlobalTable":    "its data",
	"AWS::DynamoDB::Table":          "its data",
	"AWS::EC2::EIP":                 "its address, which others may have allowed",
	"AWS::ECR::Repository":          "its images",
	"AWS::EFS::FileSystem":          "its files",
	"AWS::KMS::Key":                 "all that is encrypted with it, once the days of waiting are over",
	"AWS::Logs::LogGroup":           "its logs",
	"AWS::RDS::DBCluster":           "its data",
	"AWS::RDS::DBInstance":          "its address; the data is its cluster's",
	"AWS::S3::Bucket":               "its objects",
	"AWS::SNS::Topic":               "its confirmed subscriptions",
	"AWS::SQS::Queue":               "its messages",
	"AWS::SecretsManager::Secret":   "its values",
}

var statefulGolden = golden{
	name: "stateful", test: "TestNothingThatHoldsStateIsReplaced",
	related: sameType,
	meaning: func(d difference) []string {
		return d.sentences(func(was, is string, before, now bool) string {
			switch {
			case !before:
				return "it is created, and nothing is lost"
			case !now:
				return removed(d.was.key, was)
			case d.is.key != d.was.key:
				return "replaced by a new, empty one (if both have the same fixed name, the deployment fails); this one: " + removed(d.was.key, was)
			case was != is:
				return fmt.Sprintf("it stays; when it is destroyed or replaced later, %s (before: %s)", removed(d.was.key, is), was)
			}
			return ""
		})
	},
}

// sameType reports whether both are resources of one stack and type: of two
// logical ids the second then replaces the first.
func sameType(gone, added string) bool {
	one, other := strings.Fields(gone), strings.Fields(added)
	return one[0] == other[0] && one[2] == other[2]
}

// removed returns what becomes of a resource that is no longer in its template, by
// the policy of the template that is deployed.
func removed(key, policy string) string {
	kind := strings.Fields(key)[2]
	switch policy {
	case "Retain":
		return "left behind outside the stack with all that it holds (Retain)"
	case "Snapshot":
		return "deleted after a final snapshot (Snapshot)"
	}
	return "deleted, with " + stateful[kind] + " (Delete)"
}

func TestNothingThatHoldsStateIsReplaced(t *testing.T) {
	found := newListing()
	for _, env := range allEnvironments(t) {
		for _, r := range resourcesOf(t, env) {
			if stateful[r.Type] == "" {
				continue
			}
			found.add(r.stack+" "+r.id+" "+r.Type, env.Environment, deletionPolicy(r))
		}
	}

	statefulGolden.check(t, found)
}

// deletionPolicy returns the template's policy, or CloudFormation's default.
func deletionPolicy(r placed) string {
	switch {
	case r.DeletionPolicy != "":
		return r.DeletionPolicy
	case r.Type == "AWS::RDS::DBCluster":
		return "Snapshot"
	}
	return "Delete"
}

var exportsGolden = golden{
	name: "exports", test: "TestNoExportVanishesWhileItMayBeInUse",
	meaning: func(d difference) []string {
		stack, output, _ := strings.Cut(d.key(), " ")
		return d.sentences(func(_, _ string, before, now bool) string {
			switch {
			case !before:
				return "harmless"
			case !now:
				return fmt.Sprintf("while a deployed stack imports it, CloudFormation refuses to update %s: "+
					"Cannot delete export ...%s as it is in use by ... Go two steps: keep it with Stack.ExportValue "+
					"while what imports it is deployed without, then remove that in a change of its own", stack, output)
			}
			return ""
		})
	},
}

func TestNoExportVanishesWhileItMayBeInUse(t *testing.T) {
	found := newListing()
	for _, env := range allEnvironments(t) {
		for id, template := range env.templates {
			for output := range template.Template.Outputs {
				if strings.HasPrefix(output, "ExportsOutput") {
					found.add(id+" "+output, env.Environment, "")
				}
			}
		}
	}

	exportsGolden.check(t, found)
}

// listing is what a golden file lists.
type listing struct{ lines map[string]*line }

// line is one thing, and of each environment that has it what it says there.
type line struct {
	key     string
	columns []column
}

// column is an environment; value is empty where having the line says it all.
type column struct{ environment, value string }

const bar = " | "

func newListing() *listing { return &listing{map[string]*line{}} }

func (l *listing) add(key, environment, value string) {
	if l.lines[key] == nil {
		l.lines[key] = &line{key: key}
	}
	l.lines[key].columns = append(l.lines[key].columns, column{environment, value})
}

// readListing reads what String writes.
func readListing(text string) (*listing, error) {
	l := newListing()
	for text := range strings.Lines(text) {
		text = strings.TrimSuffix(text, "\n")
		i := strings.LastIndex(text, bar)
		if i < 0 {
			return nil, fmt.Errorf("a line without environments behind a bar: %q", text)
		}
		for cell := range strings.FieldsSeq(text[i+len(bar):]) {
			environment, value, _ := strings.Cut(cell, "=")
			l.add(text[:i], environment, value)
		}
	}
	return l, nil
}

func (l *listing) String() string {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(l.lines)) {
		text.WriteString(l.lines[key].String() + "\n")
	}
	return text.String()
}

// environments returns the environments of all lines.
func (l *listing) environments() []string {
	var names []string
	for _, line := range l.lines {
		names = append(names, line.environments()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// count says how many lines the environment has.
func (l *listing) count(environment string) string {
	count := len(l.only([]string{environment}).lines)
	if count == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", count)
}

// only returns the part of the listing that is about the environments.
func (l *listing) only(environments []string) *listing {
	part := newListing()
	for key, line := range l.lines {
		for _, c := range line.columns {
			if slices.Contains(environments, c.environment) {
				part.add(key, c.environment, c.value)
			}
		}
	}
	return part
}

func (l *line) environments() []string {
	var names []string
	for _, c := range l.columns {
		names = append(names, c.environment)
	}
	return names
}

// shares reports whether an environment has both lines.
func (l *line) shares(other *line) bool {
	return slices.ContainsFunc(l.environments(), func(name string) bool { return slices.Contains(other.environments(), name) })
}

func (l *line) String() string {
	var cells []string
	for _, c := range l.columns {
		cells = append(cells, strings.TrimSuffix(c.environment+"="+c.value, "="))
	}
	return l.key + bar + strings.Join(cells, " ")
}

// same reports whether both say the same, in whatever order.
func (l *line) same(other *line) bool {
	if len(l.columns) != len(other.columns) {
		return false
	}
	return !slices.ContainsFunc(l.columns, func(c column) bool { return !slices.Contains(other.columns, c) })
}

// value is what the line says of the environment; ok reports whether it has it.
func (l *line) value(environment string) (value string, ok bool) {
	if l == nil {
		return "", false
	}
	for _, c := range l.columns {
		if c.environment == environment {
			return c.value, true
		}
	}
	return "", false
}
