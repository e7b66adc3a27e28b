package rehearsal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// whole returns an assembly of one stack with the template, or nil where it is empty.
func whole(tb testing.TB, template string) *assembly.Assembly {
	tb.Helper()
	if template == "" {
		return nil
	}
	read, err := assembly.ParseTemplate("template", []byte(template))
	require.NoError(tb, err)
	return &assembly.Assembly{Stacks: []assembly.Stack{{ID: "a", Name: "shop-a", Region: "eu-north-1", Template: read}}}
}

const topic = `"Topic": {"Type": "AWS::SNS::Topic", "Properties": {%s}}`

func topicWith(properties string) string {
	return `{"Resources": {` + fmt.Sprintf(topic, properties) + `}}`
}

// many returns n entries of a section, each with the value.
func many(n int, value string) string {
	return series("E", n, `"%[2]s%[1]d": `+value)
}

func TestTemplatesThatCloudFormationDoesNotTakeAreRefused(t *testing.T) {
	parameter := func(properties string) string {
		return `{"Parameters": {"Size": {"Type": "String"` + properties + `}}, "Resources": {` +
			fmt.Sprintf(topic, `"DisplayName": {"Ref": "Size"}`) + `}}`
	}
	cases := map[string]struct{ base, head, says string }{
		// https://github.com/serverless/serverless/issues/4745
		"a reference that leads nowhere":   {"", topicWith(`"DisplayName": {"Ref": "VpcID"}`), `Topic names "VpcID", which the template does not have`},
		"an attribute of nothing":          {"", topicWith(`"DisplayName": {"Fn::GetAtt": ["Vpc", "Id"]}`), `Topic names "Vpc"`},
		"text with a variable for nothing": {"", topicWith(`"DisplayName": {"Fn::Sub": "${Vpc.Id}"}`), `Topic names "Vpc"`},
		"text that has the value itself":   {"", topicWith(`"DisplayName": {"Fn::Sub": ["${Vpc}", {"Vpc": "a"}]}`), ""},
		"an object with more beside Ref":   {"", topicWith(`"DisplayName": {"Ref": "VpcID", "Kind": "a"}`), ""},
		"a region":                         {"", topicWith(`"DisplayName": {"Ref": "AWS::Region"}`), ""},
		"DependsOn of nothing":             {"", `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Vpc"}}}`, `Topic names "Vpc"`},
		"an output of nothing":             {"", `{"Resources": {}, "Outputs": {"Id": {"Value": {"Ref": "Vpc"}}}}`, `output Id names "Vpc"`},
		// SAM adds resources: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
		"a reference to what a macro makes": {"", `{"Transform": "AWS::Serverless-2016-10-31",` + topicWith(`"DisplayName": {"Ref": "FunctionRole"}`)[1:], ""},
		// https://github.com/aehrc/smart-forms/pull/2069
		"a circle": {"", `{"Resources": {"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "Properties": {"P": {"Ref": "C"}}}, "C": {"Type": "T", "DependsOn": ["D", "A"]}, "D": {"Type": "T"}}}`,
			"its resources wait for each other: A, B, C"},
		"a resource that waits for itself": {"", topicWith(`"DisplayName": {"Ref": "Topic"}`), "its resources wait for each other: Topic"},
		"two that wait for a third one":    {"", `{"Resources": {"A": {"Type": "T", "DependsOn": "C"}, "B": {"Type": "T", "DependsOn": ["A", "C"]}, "C": {"Type": "T"}}}`, ""},
		// https://github.com/aws/aws-cdk/issues/26974
		"a parameter without a value":          {topicWith(""), parameter(""), "its parameter Size has no value and no default"},
		"a parameter with a default":           {topicWith(""), parameter(`, "Default": ""`), ""},
		"a parameter that has a value already": {parameter(""), parameter(`, "Description": "d"`), ""},
		// https://github.com/aws-samples/sample-autonomous-cloud-coding-agents/issues/735
		"500 resources":           {"", `{"Resources": {` + many(500, `{"Type": "AWS::SNS::Topic"}`) + `}}`, ""},
		"501 resources":           {"", `{"Resources": {` + many(501, `{"Type": "AWS::SNS::Topic"}`) + `}}`, "its template has 501 resources, CloudFormation takes 500"},
		"201 outputs":             {"", `{"Resources": {}, "Outputs": {` + many(201, `{"Value": "a"}`) + `}}`, "201 outputs"},
		"201 mappings":            {"", `{"Resources": {}, "Mappings": {` + many(201, `{}`) + `}}`, "201 mappings"},
		"201 parameters":          {"", `{"Resources": {}, "Parameters": {` + many(201, `{"Type": "String", "Default": ""}`) + `}}`, "201 parameters"},
		"a template of 1,000,000": {"", topicWith(strings.Repeat(" ", 1_000_000-len(topicWith("")))), ""},
		// https://github.com/aws-samples/sample-autonomous-cloud-coding-agents/issues/830
		"a template of 1,000,001": {"", topicWith(strings.Repeat(" ", 1_000_001-len(topicWith("")))), "its template has 1000001 bytes, CloudFormation takes 1000000"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			report := rehearsal.Deploy(whole(t, test.base), whole(t, test.head))
			if test.says == "" {
				require.Equal(t, rehearsal.Fine, report.Worst(), "%+v", report)
				return
			}
			requireVerdict(t, report, rehearsal.Refused, test.says)
		})
	}
}

func TestAParameterThatTheCLIHandsOverHasAValue(t *testing.T) {
	head := whole(t, `{"Resources": {}, "Parameters": {"Size": {"Type": "String"}}}`)
	requireVerdict(t, rehearsal.Deploy(nil, head), rehearsal.Refused, "its parameter Size")
	head.Stacks[0].Parameters = map[string]any{"Size": "1"}
	require.Equal(t, rehearsal.Fine, rehearsal.Deploy(nil, head).Worst())
}

func TestConditionsDecideWhatIsThere(t *testing.T) {
	const conditions = `{"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-north-1"]}, "There": {"Fn::Not": [{"Condition": "Here"}]},
		"Named": {"Fn::And": [{"Condition": "Here"}, {"Fn::Equals": [{"Ref": "AWS::StackName"}, "shop-a"]}]},
		"Either": {"Fn::Or": [{"Condition": "There"}, {"Fn::Equals": [{"Ref": "Size"}, "big"]}]},
		"Both": {"Fn::And": [{"Condition": "There"}, {"Fn::Equals": [{"Ref": "Size"}, "big"]}]},
		"Circle": {"Condition": "Circle"}}`
	template := func(condition, properties string) string {
		return `{"Parameters": {"Size": {"Type": "String", "Default": ""}}, "Conditions": ` + conditions + `, "Resources": {
			"Topic": {"Type": "AWS::SNS::Topic", "Properties": {` + properties + `}}, "Kept": {"Type": "AWS::SNS::Topic", "Condition": "` + condition + `"}},
			"Outputs": {"Id": {"Condition": "` + condition + `", "Value": {"Ref": "Kept"}}}}`
	}
	const left = "whether the condition %s of stack a holds: it counts as true"
	cases := map[string]struct {
		condition, properties string
		made                  bool
		leftOut               []string
	}{
		"one that holds":                    {"Here", "", true, nil},
		"one that does not":                 {"There", "", false, nil},
		"two that hold":                     {"Named", "", true, nil},
		"one of two that is enough":         {"Both", "", false, nil},
		"one about a parameter":             {"Either", "", true, []string{fmt.Sprintf(left, "Either")}},
		"one about itself":                  {"Circle", "", true, []string{fmt.Sprintf(left, "Circle")}},
		"a reference in a branch not taken": {"There", `"DisplayName": {"Fn::If": ["There", {"Ref": "Kept"}, {"Ref": "AWS::NoValue"}]}`, false, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			report := rehearsal.Deploy(nil, whole(t, template(test.condition, test.properties)))
			require.Equal(t, rehearsal.Fine, report.Worst(), "%+v", report)
			require.Equal(t, test.made, slices.ContainsFunc(report.Steps, func(step rehearsal.Step) bool { return step.Resource == "Kept" }))
			require.ElementsMatch(t, test.leftOut, report.LeftOut)
		})
	}
	list := `"Tags": [{"Fn::If": ["There", "a", {"Ref": "AWS::NoValue"}]}]`
	require.Empty(t, rehearsal.Deploy(whole(t, template("Here", `"Tags": []`)), whole(t, template("Here", list))).Steps)
	anywhere := whole(t, template("Here", ""))
	anywhere.Stacks[0].Region = "unknown-region"
	require.Equal(t, []string{fmt.Sprintf(left, "Here")}, rehearsal.Deploy(nil, anywhere).LeftOut)

	// https://github.com/serverless/serverless/issues/4535
	absent := template("There", `"DisplayName": {"Ref": "Kept"}`)
	requireVerdict(t, rehearsal.Deploy(nil, whole(t, absent)), rehearsal.Refused, `Topic names "Kept"`)
	requireVerdict(t, rehearsal.Deploy(whole(t, template("Here", "")), whole(t, template("There", ""))), rehearsal.Fine, "it is deleted")
}

func TestOfVeryManyChangesOnlyTheOutcomeIsLookedAt(t *testing.T) {
	many := func(n int) []string {
		base := stacks{{"web", listening(n, 1000), ""}}
		return rehearsal.Deploy(base.assembly(t), base.replaced(`"Port"`, `"SslPolicy": "a", "Port"`).assembly(t)).LeftOut
	}
	require.Empty(t, many(100))
	require.Equal(t, []string{"cuts while stack web is deployed, which changes more than 100 listeners, rules and services"}, many(101))
}

func TestWhatTheRehearsalDoesNotKnowIsNamed(t *testing.T) {
	custom := func(kind, property string) string {
		return `{"Resources": {"Own": {"Type": "` + kind + `", "Properties": {"` + property + `": 1}}}}`
	}
	parameter := func(value string) string {
		return `{"Parameters": {"Size": {"Type": "String", "Default": "` + value + `"}}, "Resources": {}}`
	}
	cases := map[string]struct {
		base, head string
		want       []string
	}{
		"a custom resource that changes":    {custom("Custom::Own", "A"), custom("Custom::Own", "B"), []string{"Custom::Own, which AWS's schemas lack: a change may replace it"}},
		"a custom resource that is made":    {"", custom("Custom::Own", "A"), nil},
		"a type of AWS that is too new":     {"", custom("AWS::New::Thing", "A"), []string{"AWS::New::Thing, which AWS's schemas lack: a change may replace it"}},
		"a property that is too new":        {"", custom("AWS::SNS::Topic", "Newest"), []string{"AWS::SNS::Topic.Newest, which AWS's schemas lack"}},
		"a property":                        {"", custom("AWS::SNS::Topic", "DisplayName"), nil},
		"a macro":                           {"", `{"Transform": "Shop", "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}`, []string{"what the macro Shop makes of stack a"}},
		"a macro over what does not change": {`{"Transform": "Shop", "Resources": {}}`, `{"Transform": "Shop", "Resources": {}}`, nil},
		// https://github.com/aws/aws-cdk/issues/7611
		"a default that changes":        {parameter("a"), parameter("b"), []string{"the change of parameter Size of stack a: cdk deploy hands over the value that the stack has"}},
		"a default that does not":       {parameter("a"), parameter("a"), nil},
		"a parameter with a default":    {`{"Resources": {}}`, parameter("a"), nil},
		"a parameter that is taken out": {parameter("a"), `{"Resources": {}}`, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.ElementsMatch(t, test.want, rehearsal.Deploy(whole(t, test.base), whole(t, test.head)).LeftOut)
		})
	}
}
