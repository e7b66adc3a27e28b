package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
	"catalog-infra/test/cost"
)

// FuzzDeploy feeds two templates, each of which two stacks have, so that they also import
// from one another. Whatever they hold, references in circles and to nowhere among it,
// the rehearsal ends, soon and without a panic. Twice it says the same.
func FuzzDeploy(f *testing.F) {
	seed := func(before, after stacks) {
		if len(before) > 0 && len(after) > 0 {
			last, next := before[len(before)-1], after[len(after)-1]
			f.Add(`{"Resources": {`+last.resources+`}, "Outputs": {`+last.outputs+`}}`,
				`{"Resources": {`+next.resources+`}, "Outputs": {`+next.outputs+`}}`)
		}
	}
	for _, pair := range allPairs() {
		seed(pair.base, pair.head)
	}
	f.Add(`{"Resources": {"A": {"Type": "T", "Properties": {"P": {"Ref": "B"}}}, "B": {"Type": "T", "Properties": {"P": {"Ref": "A"}}}}}`, `{}`)
	f.Add(`{"Resources": {"A": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": []}, "FromPort": "x"}}}}`,
		`{"Resources": {"A": {"Type": "AWS::EC2::SecurityGroupIngress", "DependsOn": ["A", "Z"]}}}`)
	f.Add(`{"Conditions": {"C": {"Fn::Not": [{"Condition": "C"}]}, "D": {"Fn::Equals": [{"Ref": "AWS::Region"}, ""]}}, "Parameters": {"P": {"Type": "String"}},
		"Resources": {"A": {"Type": "T", "Condition": "D", "Properties": {"P": {"Fn::If": ["D", {"Ref": "AWS::NoValue"}, [{"Fn::If": ["C", 1, 2]}]]}}}}}`,
		`{"Transform": [], "Resources": {"A": {"Type": "T", "Condition": "C", "Properties": {"P": {"Fn::GetStackOutput": {"StackName": "b", "OutputName": "O"}}}}},
		"Outputs": {"O": {"Condition": "D", "Value": {"Fn::GetStackOutput": {"StackName": "a", "OutputName": "O"}}}}}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		base, err := fuzzed(before)
		if err != nil {
			return
		}
		head, err := fuzzed(after)
		if err != nil {
			return
		}
		cost.RequireCheap(t, 500<<20, func() {
			first, again := rehearsal.Deploy(base, head), rehearsal.Deploy(base, head)
			require.Equal(t, first, again)
			rehearsal.Deploy(nil, head)
			rehearsal.Destroy(base)
		})
	})
}

func fuzzed(text string) (*assembly.Assembly, error) {
	template, err := assembly.ParseTemplate("template", []byte(text))
	var made assembly.Assembly
	for _, id := range strings.Fields("a b") {
		made.Stacks = append(made.Stacks, assembly.Stack{ID: id, Name: id, Region: "eu-north-1", Template: template})
	}
	return &made, err
}
