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
)

// settingsGolden has what statements.golden has not: every number, switch and
// choice of every resource, and what waits for what. Few of them deserve a test
// of their own, and none may change unseen.
var settingsGolden = golden{
	name: "settings", test: "TestOnlyTheListedSettingsExist",
	related: func(gone, added string) bool { return placeOfSetting(gone) == placeOfSetting(added) },
	meaning: func(difference) []string { return nil },
}

// placeOfSetting returns the line without its last word, the value.
func placeOfSetting(line string) string { return line[:strings.LastIndex(line, " ")] }

// listedByOthers are the types whose content other tests list: permissions, rules of events, patterns, scripts,
// queries, pictures.
var listedByOthers = []string{
	"AWS::CloudWatch::Dashboard", "AWS::Events::Rule", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::Logs::MetricFilter",
	"AWS::Logs::QueryDefinition", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SSM::Document",
	"AWS::SecretsManager::ResourcePolicy",
}

var (
	// oneOfAFew is the text of a setting: a number, or a word that AWS knows. What has a
	// name, an address or a sentence in it is not a setting.
	oneOfAFew = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?|[A-Za-z][A-Za-z0-9_.]{0,39})$`)

	// naming are the properties whose words are names that we made up.
	naming = regexp.MustCompile(`(^|\.)(\w*Name|\w*Id|Key|Keys|Family|Fn::\w+|Ref|KeyPolicy.*|Description|Tags.*|Default|Dimensions.*|Expression|Label|Zones|Regions?)(\.|$)`)
)

// leaf is a number, switch or text of a resource, and its path.
type leaf struct {
	path  string
	value any
}

func (v leaf) String() string { return fmt.Sprintf("%s %v", v.path, v.value) }

// valuesOf returns the values below a value. Elements of a list have its path.
func valuesOf(value any, path string) (found []leaf) {
	switch value := value.(type) {
	case props:
		// A list of keys and values is an object that CloudFormation writes another way.
		if key, ok := value["Key"].(string); ok && len(value) == 2 && !strings.HasSuffix(path, "Tags") {
			return valuesOf(value["Value"], path+"."+key)
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, valuesOf(value[key], strings.TrimPrefix(path+"."+key, "."))...)
		}
		return found
	case []any:
		for _, element := range value {
			found = append(found, valuesOf(element, path)...)
		}
		return found
	}
	return []leaf{{path, value}}
}

// settingsOf returns the values below a value that are settings.
func settingsOf(value any, path string) (found []string) {
	for _, one := range valuesOf(value, path) {
		if text, ok := one.value.(string); !ok || oneOfAFew.MatchString(text) && !naming.MatchString(one.path) {
			found = append(found, one.String())
		}
	}
	return found
}

func TestOnlyTheListedSettingsExist(t *testing.T) {
	found := newListing()
	for _, env := range allEnvironments(t) {
		for _, r := range resourcesOf(t, env) {
			for _, other := range r.DependsOn {
				found.add(fmt.Sprintf("%s %s after %s", r.stack, r.id, other), env.Environment, "")
			}
			if slices.Contains(listedByOthers, r.Type) {
				continue
			}
			for _, setting := range settingsOf(r.Properties, "") {
				found.add(fmt.Sprintf("%s %s %s", r.stack, r.id, setting), env.Environment, "")
			}
		}
	}

	settingsGolden.check(t, found)
}

func TestSettingsAreFoundAtEveryDepth(t *testing.T) {
	var value any
	require.NoError(t, json.Unmarshal([]byte(`{"A": {"B": [{"Key": "desync", "Value": "defensive"}, 3, true, "a sentence"]}, "DBName": "x", "Tags": [{"Key": "a", "Value": "1"}]}`), &value))

	require.Equal(t, []string{"A.B.desync defensive", "A.B 3", "A.B true"}, settingsOf(value, ""))
}
