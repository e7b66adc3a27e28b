package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
)

// settingsGolden has what statements.golden has not: every number, switch and
// choice of every resource, each reference to another one, and what waits for
// what. Few of them deserve a test of their own, and none may change unseen.
var settingsGolden = golden{
	name: "settings", test: "TestOnlyTheListedSettingsExist",
	related: func(gone, added string) bool { return placeOfSetting(gone) == placeOfSetting(added) },
	meaning: func(difference) []string { return nil },
}

// placeOfSetting returns the line without its last word, the value.
func placeOfSetting(line string) string { return line[:strings.LastIndex(line, " ")] }

// listedByOthers are the types whose content other tests list: permissions, patterns of logs, scripts,
// queries, pictures.
var listedByOthers = []string{
	"AWS::CloudWatch::Dashboard", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::Logs::MetricFilter",
	"AWS::Logs::QueryDefinition", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SSM::Document",
	"AWS::SecretsManager::ResourcePolicy",
}

var (
	// oneOfAFew is the text of a setting: a number, or a word that AWS knows. What has a
	// name, an address or a sentence in it is not a setting.
	oneOfAFew = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?|[A-Za-z][A-Za-z0-9_.]{0,39})$`)

	// naming are the properties whose words are names that we made up.
	naming = regexp.MustCompile(`(^|\.)(\w*Name|\w*Id|Key|Keys|Family|KeyPolicy.*|Description|Tags.*|Default|Dimensions.*|Expression|Label|Zones|Regions?)(\.|$)`)

	// ofEvents are the properties of which every text is listed: when a rule acts.
	ofEvents = regexp.MustCompile(`^(EventPattern|ScheduleExpression)`)

	// unlisted are the properties whose references other files list, or say nothing.
	unlisted = regexp.MustCompile(`^(KeyPolicy|Tags)|Dimensions|InputTemplate`)
)

// leaf is a number, switch or text of a resource, or a reference to another one
// as readable writes it, and its path.
type leaf struct {
	path      string
	value     any
	reference bool
}

func (v leaf) String() string { return fmt.Sprintf("%s %v", v.path, v.value) }

// valuesOf returns the values below a value. Elements of a list have its path.
func valuesOf(t *testing.T, env *environment, value any, path string) (found []leaf) {
	t.Helper()
	switch value := value.(type) {
	case props:
		if isReference(value) {
			return []leaf{{path, readable(t, env, value), true}}
		}
		// A list of names and values is an object that CloudFormation writes another way.
		if name, named := nameAndValue(value); name != "" && !strings.HasSuffix(path, "Tags") {
			return valuesOf(t, env, named, path+"."+name)
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, valuesOf(t, env, value[key], strings.TrimPrefix(path+"."+key, "."))...)
		}
		return found
	case []any:
		for _, element := range value {
			found = append(found, valuesOf(t, env, element, path)...)
		}
		return found
	}
	return []leaf{{path, value, false}}
}

// nameAndValue returns both where a value has nothing else.
func nameAndValue(object props) (name string, value any) {
	for _, words := range [][2]string{{"Key", "Value"}, {"Name", "Value"}, {"Name", "ValueFrom"}} {
		if name, ok := object[words[0]].(string); ok && object[words[1]] != nil && len(object) == 2 {
			return name, object[words[1]]
		}
	}
	return "", nil
}

// attributes returns the settings of a resource that are no properties: what it
// waits for, and what becomes of it when it is removed or replaced.
func (r resource) attributes() (found []string) {
	for _, other := range r.DependsOn {
		found = append(found, "after "+other)
	}
	for name, policy := range map[string]string{"DeletionPolicy": r.DeletionPolicy, "UpdateReplacePolicy": r.UpdateReplacePolicy} {
		if policy != "" {
			found = append(found, name+" "+policy)
		}
	}
	return found
}

// isReference reports whether CloudFormation puts something else in the place of
// the value.
func isReference(value props) bool {
	for key := range value {
		return len(value) == 1 && (key == "Ref" || strings.HasPrefix(key, "Fn::"))
	}
	return false
}

// settingsOf returns the values below a value that are settings or references.
func settingsOf(t *testing.T, env *environment, value any, path string) (found []string) {
	t.Helper()
	named := strings.NewReplacer(env.Name(), "PROJECT-SUFFIX", database.RestoreTestName(env.Name()), "PLAN", config.Project, "PROJECT")
	for _, one := range valuesOf(t, env, value, path) {
		text, ok := one.value.(string)
		listed := !ok || oneOfAFew.MatchString(text) && !naming.MatchString(one.path)
		if one.reference {
			listed = !unlisted.MatchString(one.path)
		}
		if listed || ofEvents.MatchString(one.path) {
			found = append(found, named.Replace(one.String()))
		}
	}
	return found
}

func TestOnlyTheListedSettingsExist(t *testing.T) {
	found := listing{}
	for env, r := range resourcesIn(t, allEnvironments(t)) {
		for _, setting := range r.attributes() {
			found.add(fmt.Sprintf("%s %s %s", r.stack, r.id, setting), env.Environment)
		}
		if slices.Contains(listedByOthers, r.Type) {
			continue
		}
		for _, setting := range settingsOf(t, env, r.Properties, "") {
			found.add(fmt.Sprintf("%s %s %s", r.stack, r.id, setting), env.Environment)
		}
	}

	settingsGolden.check(t, found)
}

func TestSettingsAreFoundAtEveryDepth(t *testing.T) {
	var value any
	require.NoError(t, json.Unmarshal([]byte(`{"A": {"B": [{"Key": "desync", "Value": "defensive"}, 3, true, "a sentence"]}, "DBName": "x", "Tags": [{"Key": "a", "Value": "1"}]}`), &value))

	require.Equal(t, []string{"A.B.desync defensive", "A.B 3", "A.B true"}, settingsOf(t, reference(t, "dev"), value, ""))
}

var statementsGolden = golden{
	name: "statements", test: "TestOnlyTheListedStatementsExist",
	related: func(gone, added string) bool {
		was, is := readStatementLine(gone), readStatementLine(added)
		return was.subject == is.subject && (slices.Equal(was.actions, is.actions) || slices.Equal(was.resources, is.resources))
	},
	meaning: func(d difference) []string {
		return d.sentences(func(before, now bool) string {
			switch {
			case !before:
				return readStatementLine(d.is).appears()
			case !now:
				return readStatementLine(d.was).vanishes()
			case d.was != d.is:
				return readStatementLine(d.was).becomes(readStatementLine(d.is))
			}
			return ""
		})
	},
}

// statementLine is the line of a policyStatement. Its subject is who
// has it, whether it allows or denies, and of a resource's policy whom.
type statementLine struct {
	subject string
	denies  bool

	actions, allBut, resources, conditions []string
}

var (
	statementParts = regexp.MustCompile(`^(.*? (allows|denies))(?: (.*?))?(?: all but (.*?))?(?: on (.*?))?(?: if (.*))?$`)
	action         = regexp.MustCompile(`(?:[a-z0-9-]+:[A-Za-z*]+|\*)(?:, .*)?$`)
)

func readStatementLine(text string) statementLine {
	part := statementParts.FindStringSubmatch(text)
	if part == nil {
		return statementLine{subject: text}
	}
	actions := action.FindString(part[3])
	return statementLine{
		subject:    part[1] + " " + strings.TrimSuffix(part[3], actions),
		denies:     part[2] == "denies",
		actions:    elements(actions),
		allBut:     elements(part[4]),
		resources:  elements(part[5]),
		conditions: elements(part[6]),
	}
}

func elements(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

func (s statementLine) appears() string {
	if s.denies {
		return "refused from the next deployment on, whatever allows it: see what does it today"
	}
	return "a permission more from the next deployment on: say in the commit what needs it"
}

func (s statementLine) vanishes() string {
	if s.denies {
		return "a protection less: what it refused is possible from the next deployment on, where anything allows it"
	}
	return "a permission less: unless another line allows it, whatever still does it fails with AccessDenied from the next deployment on"
}

func (s statementLine) becomes(is statementLine) string {
	var wider, narrower []string
	compare := func(was, is []string, more, less string) {
		if added := surplus(is, was); len(added) > 0 {
			wider = append(wider, more+" "+strings.Join(added, ", "))
		}
		if gone := surplus(was, is); len(gone) > 0 {
			narrower = append(narrower, less+" "+strings.Join(gone, ", "))
		}
	}
	compare(s.actions, is.actions, "also", "no longer")
	compare(s.resources, is.resources, "also on", "no longer on")
	compare(is.allBut, s.allBut, "no longer all but", "all but")
	compare(is.conditions, s.conditions, "no longer only if", "only if")
	changes := strings.Join(append(wider, narrower...), "; ")
	switch {
	case len(narrower) == 0:
		return s.appears() + ": " + changes
	case len(wider) == 0:
		return s.vanishes() + ": " + changes
	}
	return "other requests than before: " + changes
}
