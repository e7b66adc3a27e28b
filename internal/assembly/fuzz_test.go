package assembly_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/test/cost"
)

// FuzzLoad feeds a manifest and the template that it may name. Whatever they
// hold, it takes neither long nor much memory, and the outcome is one line, or an
// assembly in which every reference can be followed.
func FuzzLoad(f *testing.F) {
	f.Add(ordinary, `{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}, "Outputs": {"A": {"Value": {"Fn::ImportValue": "a"}, "Export": {"Name": "a"}}}}`)
	for _, c := range refusedManifests {
		f.Add(c.manifest, "{}")
	}
	for _, c := range refusedTemplates {
		f.Add(ordinary, c.template)
	}
	f.Fuzz(func(t *testing.T, manifest, template string) {
		files := fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "api.json": {Data: []byte(template)}}
		var loaded *assembly.Assembly
		var err error
		cost.RequireCheap(t, 200<<20, func() { loaded, err = assembly.LoadFiles(files, "dir") })
		if err != nil {
			require.Nil(t, loaded)
			require.NotContains(t, err.Error(), "\n")
			require.Regexp(t, `^dir/.+: got .+, want .+$`, err.Error())
			return
		}
		requireFollowed(t, loaded)
	})
}

func requireFollowed(t *testing.T, loaded *assembly.Assembly) {
	t.Helper()
	require.NotEmpty(t, loaded.Stacks)
	for _, stack := range loaded.Stacks {
		for id, resource := range stack.Template.Resources {
			require.Equal(t, id, resource.ID)
			found, ok := loaded.Target(stack, map[string]any{"Ref": id})
			require.True(t, ok)
			require.Equal(t, id, found.ID)
		}
		for _, output := range stack.Template.Outputs {
			loaded.Target(stack, output.Value)
		}
	}
}

// worst returns pairs of a manifest and a template, of the largest size each.
func worst() map[string][2]string {
	const size = 2 << 20
	fill := func(start, part, end string) string {
		return start + strings.Repeat(part, (size-len(start)-len(end))/len(part)) + end
	}
	counted := func(start, format, end string) string {
		var text strings.Builder
		text.WriteString(start)
		for i := 1; text.Len() < size-len(end)-200; i++ {
			fmt.Fprintf(&text, format, i, i-1)
		}
		return text.String() + end
	}
	const last = `"api": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "api.json"}}}}`
	const stacks = `{"version": "55.0.0", "artifacts": {`
	const next = `"s%d": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "api.json"}, "dependencies": [`
	return map[string][2]string{
		"stacks":               {counted(stacks, next+`"s%[2]dx"]},`, last), "{}"},
		"stacks in a row":      {counted(stacks, next+`"s%d"]},`, last), "{}"},
		"stacks in circles":    {counted(stacks, next+`"s%[1]d"]},`, last), "{}"},
		"dependencies":         {counted(`{"version": "55.0.0", "artifacts": {"x": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "api.json"}, "dependencies": [`, `"api", "api%[1]d", `, `"api"]}, `+last), "{}"},
		"empty objects":        {ordinary, fill(`{"Resources": [`, `{},`, `{}]}`)},
		"empty lists":          {ordinary, fill(`{"Resources": [`, `[],`, `[]]}`)},
		"numbers":              {ordinary, fill(`{"Resources": [`, `1,`, `1]}`)},
		"nesting":              {ordinary, strings.Repeat(`{"a":`, 9000) + "null" + strings.Repeat("}", 9000)},
		"nesting without end":  {ordinary, fill("", `[`, "")},
		"resources":            {ordinary, counted(`{"Resources": {`, `"r%[1]d": {"Type": "t"},`, `"z": {"Type": "t"}}}`)},
		"resources of nothing": {ordinary, counted(`{"Resources": {`, `"r%[1]d": {},`, `"z": {}}}`)},
		"outputs":              {ordinary, counted(`{"Outputs": {`, `"o%[1]d": {"Value": {"Fn::ImportValue": "a"}, "Export": {"Name": "a"}},`, `"z": {}}}`)},
		"a long text":          {ordinary, fill(`{"Resources": "`, `x`, `"}`)},
		"escapes":              {ordinary, fill(`{"Resources": "`, `\u0041`, `"}`)},
		"a long key":           {ordinary, fill(`{"Resources": {"`, `x`, `": 1}}`)},
		"blanks":               {ordinary, fill("", " ", "{}")},
	}
}

func TestNoAssemblyTakesASecondOr200MB(t *testing.T) {
	for name, c := range worst() {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, max(len(c[0]), len(c[1])), 2<<20, "it would not be read")
			files := fstest.MapFS{"manifest.json": {Data: []byte(c[0])}, "api.json": {Data: []byte(c[1])}}
			cost.RequireCheap(t, 200<<20, func() { _, _ = assembly.LoadFiles(files, "dir") })
		})
	}
}
