package assembly_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
)

func shop(t *testing.T) *assembly.Assembly {
	t.Helper()
	loaded, err := assembly.Load("testdata/shop")
	require.NoError(t, err)
	return loaded
}

func TestStacksAreInTheOrderOfTheirDeployment(t *testing.T) {
	type stack struct {
		id, name, region, account string
		protected                 bool
	}
	var got []stack
	for _, s := range shop(t).Stacks {
		got = append(got, stack{s.ID, s.Name, s.Region, s.Account, s.Protected})
	}
	require.Equal(t, []stack{
		{"network", "shop-dev-network", "eu-north-1", "unknown-account", false},
		{"trail", "trail", "us-east-1", "111122223333", true},
		{"api", "shop-dev-api", "eu-north-1", "unknown-account", false},
	}, got)
}

// The CLI's order, which deploys c before d although what d waits for comes first.
func TestStacksThatAreReadyTogetherAreInTheOrderOfTheirIDs(t *testing.T) {
	const stack = `": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}, "dependencies": [`
	loaded, err := assembly.LoadFiles(fstest.MapFS{
		"manifest.json": {Data: []byte(`{"version": "55.0.0", "artifacts": {"d` + stack + `"a", "a"]}, "c` + stack + `"b", "b.assets"]}, "b` + stack + `]}, "a` + stack + `]}}}`)},
		"t.json":        {Data: []byte("{}")},
	}, "dir")
	require.NoError(t, err)
	var ids []string
	for _, stack := range loaded.Stacks {
		ids = append(ids, stack.ID)
	}
	require.Equal(t, []string{"a", "b", "c", "d"}, ids)
}

func TestResourcesAreFoundByTypeInTheOrderOfTheirIDs(t *testing.T) {
	var ids []string
	for _, subnet := range shop(t).Stacks[0].Template.OfType("AWS::EC2::Subnet") {
		ids = append(ids, subnet.ID)
	}
	require.Equal(t, []string{"SubnetA", "SubnetB"}, ids)
}

func TestProperties(t *testing.T) {
	stacks := shop(t).Stacks
	vpc := stacks[0].Template.Resources["Vpc"].Properties
	rules := stacks[2].Template.Resources["Group"].Properties.Objects("SecurityGroupIngress")

	require.Equal(t, "10.0.0.0/16", vpc.At("CidrBlock"))
	require.Equal(t, []assembly.Object{{"Key": "Name", "Value": "shop"}}, vpc.Objects("Tags"))
	require.Len(t, vpc.List("Tags"), 2)
	require.Equal(t, 443, rules[0].Int("FromPort"))
	require.Equal(t, "Port", rules[1].At("FromPort", "Ref"))

	require.Nil(t, vpc.At("CidrBlock", "Ref"), "it is a text")
	require.Zero(t, rules[1].Int("FromPort"), "it is a reference")
	require.Empty(t, stacks[0].Template.Resources["Nothing"].Properties.List("Tags"), "it has no properties")
}

func TestTarget(t *testing.T) {
	cases := map[string]struct {
		stack    int
		property any
		want     string
	}{
		"Ref":                              {0, map[string]any{"Ref": "Vpc"}, "network/Vpc"},
		"GetAtt":                           {0, map[string]any{"Fn::GetAtt": []any{"SubnetA", "CidrBlock"}}, "network/SubnetA"},
		"an import":                        {2, map[string]any{"Fn::ImportValue": "shop:VpcId"}, "network/Vpc"},
		"another stack's resource":         {2, map[string]any{"Ref": "Vpc"}, ""},
		"an import from another app":       {2, map[string]any{"Fn::ImportValue": "office:VpcId"}, ""},
		"an import of a name put together": {2, map[string]any{"Fn::ImportValue": map[string]any{}}, ""},
		"a text":                           {0, "Vpc", ""},
		"nothing":                          {0, nil, ""},
	}
	loaded := shop(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			found, ok := loaded.Target(loaded.Stacks[test.stack], test.property)
			require.Equal(t, test.want != "", ok)
			require.Equal(t, test.want, found.Key())
		})
	}
}

// What is imported from itself leads nowhere, and does not lead there for ever.
func TestTargetOfACircleOfImportsIsNone(t *testing.T) {
	circle := assembly.Output{Value: map[string]any{"Fn::ImportValue": "a"}}
	circle.Export.Name = "a"
	loaded := &assembly.Assembly{Stacks: []assembly.Stack{{Template: assembly.Template{Outputs: map[string]assembly.Output{"A": circle}}}}}

	_, ok := loaded.Target(loaded.Stacks[0], circle.Value)

	require.False(t, ok)
}

func TestTargetOfAnOutputOfAnotherStack(t *testing.T) {
	maker := func(region, id string) assembly.Stack {
		return assembly.Stack{Name: "shop", Region: region, Template: assembly.Template{
			Resources: map[string]assembly.Resource{id: {ID: id}},
			Outputs:   map[string]assembly.Output{"Id": {Value: map[string]any{"Ref": id}}}}}
	}
	reader := assembly.Stack{Name: "reader", Region: "eu-west-1"}
	loaded := &assembly.Assembly{Stacks: []assembly.Stack{maker("eu-north-1", "North"), maker("eu-west-1", "West"), reader}}
	for name, test := range map[string]struct {
		argument map[string]any
		want     string
	}{
		"in the same region":        {map[string]any{"StackName": "shop", "OutputName": "Id"}, "West"},
		"in another region":         {map[string]any{"StackName": "shop", "OutputName": "Id", "Region": "eu-north-1"}, "North"},
		"of no stack":               {map[string]any{"StackName": "store", "OutputName": "Id"}, ""},
		"that the stack lacks":      {map[string]any{"StackName": "shop", "OutputName": "Name"}, ""},
		"of a name known on deploy": {map[string]any{"StackName": map[string]any{"Ref": "Name"}, "OutputName": "Id"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, ok := loaded.Target(reader, map[string]any{"Fn::GetStackOutput": test.argument})
			require.Equal(t, test.want != "", ok)
			require.Equal(t, test.want, found.ID)
		})
	}
}

func TestWhatCloudFormationReadsBesideResourcesIsRead(t *testing.T) {
	const template = `{"Transform": "AWS::Serverless-2016-10-31", "Conditions": {"Here": {}}, "Resources": {"Vpc": {"Type": "T", "Condition": "Here"}}, "Outputs": {"Id": {"Condition": "Here"}}}`
	loaded, err := assembly.LoadFiles(fstest.MapFS{
		"manifest.json": {Data: []byte(manifestOf(`{"templateFile": "api.json", "parameters": {"Size": "1"}}`))},
		"api.json":      {Data: []byte(template)},
	}, "dir")
	require.NoError(t, err)
	stack := loaded.Stacks[0]
	require.Equal(t, map[string]any{"Size": "1"}, stack.Parameters)
	require.Equal(t, len(template), stack.Template.Size)
	require.Equal(t, "AWS::Serverless-2016-10-31", stack.Template.Transform)
	require.Equal(t, map[string]any{"Here": map[string]any{}}, stack.Template.Conditions)
	require.Equal(t, "Here", stack.Template.Resources["Vpc"].Condition)
	require.Equal(t, "Here", stack.Template.Outputs["Id"].Condition)
}
