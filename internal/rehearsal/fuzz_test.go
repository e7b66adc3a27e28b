package rehearsal_test

import (
	"encoding/json"
	"testing"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
	"catalog-infra/test/cost"
)

// FuzzDeploy feeds two templates of one stack. Whatever they hold, references in
// circles and to nowhere among it, the rehearsal ends, soon and without a panic.
func FuzzDeploy(f *testing.F) {
	for _, pair := range allPairs() {
		if len(pair.base) > 0 && len(pair.head) > 0 {
			f.Add("{"+pair.base[0].resources+"}", "{"+pair.head[0].resources+"}")
		}
	}
	f.Add(`{"A": {"Type": "T", "Properties": {"P": {"Ref": "B"}}}, "B": {"Type": "T", "Properties": {"P": {"Ref": "A"}}}}`, `{}`)
	f.Add(`{"A": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": []}, "FromPort": "x"}}}`, `{"A": {"Type": "AWS::EC2::SecurityGroupIngress", "DependsOn": ["A", "Z"]}}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		base, ok := fuzzed(before)
		head, okay := fuzzed(after)
		if !ok || !okay {
			return
		}
		cost.RequireCheap(t, 200<<20, func() {
			rehearsal.Deploy(base, head)
			rehearsal.Deploy(nil, head)
			rehearsal.Destroy(base)
		})
	})
}

func fuzzed(text string) (*assembly.Assembly, bool) {
	var template assembly.Template
	if json.Unmarshal([]byte(text), &template.Resources) != nil {
		return nil, false
	}
	for id, resource := range template.Resources {
		resource.ID = id
		template.Resources[id] = resource
	}
	return &assembly.Assembly{Stacks: []assembly.Stack{{ID: "a", Name: "a", Template: template}}}, true
}
