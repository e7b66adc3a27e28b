package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

const (
	// output is what Fn::GetStackOutput reads, reader a stack that reads it.
	output = `"Out": {"Value": {"Fn::GetAtt": ["Group", "TargetGroupFullName"]}}`
	reader = `"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [{"Value": {"Fn::GetStackOutput": {"StackName": "shop-api", "OutputName": "Out"}}}]}}`
)

// inVpc is a target group whose VPC is the value.
func inVpc(value string) string {
	return `"G": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"VpcId": ` + value + `}}`
}

// exportPairs are about what stacks have from one another.
var exportPairs = map[string]pair{
	// https://github.com/aws/aws-cdk/issues/7602
	"an export that vanishes in use": {
		stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, stacks{{"api", group("80"), ""}, {"mon", alarm, ""}},
		rehearsal.Refused, "shop:Group would vanish while mon imports it",
	},
	"an export that vanishes after its use": {
		stacks{{"api", group("80"), exported}, {"mon", alarm, ""}}, stacks{{"api", group("80"), ""}, {"mon", alarm, ""}},
		rehearsal.Fine, "",
	},
	"an export whose value changes with what it names": {
		stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, stacks{{"api", group("81"), exported}, {"mon", importer, ""}},
		rehearsal.Refused, "shop:Group would change while mon imports it",
	},
	"an export of what changes in place": {
		stacks{{"api", group("80"), exported}, {"mon", importer, ""}},
		stacks{{"api", strings.Replace(group("80"), "80", `80, "HealthCheckPath": "/"`, 1), exported}, {"mon", importer, ""}},
		rehearsal.Fine, "",
	},
	"an import of what no stack exports": {nil, app(importer), rehearsal.Refused, "it imports shop:Group, which no deployed stack exports"},
	"an import of what an earlier stack exports": {
		nil, stacks{{"api", group("80"), exported}, {"mon", importer, ""}},
		rehearsal.Fine, "",
	},
	// https://github.com/aws/aws-cdk/issues/24349
	"an export that another stack has": {
		stacks{{"old", group("80"), exported}}, stacks{{"new", group("80"), exported}},
		rehearsal.Refused, "stack old exports shop:Group already",
	},
	"an export that another stack gave up before": {
		stacks{{"a", group("80"), exported}, {"b", alarm, ""}}, stacks{{"a", group("80"), ""}, {"b", group("80"), exported}},
		rehearsal.Fine, "",
	},
	// https://github.com/aws/aws-cdk/issues/38829
	"an import that becomes a weak reference, where a change replaces": {
		stacks{{"api", group("80"), exported}, {"web", inVpc(`{"Fn::ImportValue": "shop:Group"}`), ""}},
		stacks{{"api", group("80"), exported}, {"web", inVpc(`{"Fn::GetStackOutput": {"StackName": "shop-api", "OutputName": "Out"}}`), ""}},
		rehearsal.Replaced, "since VpcId cannot change",
	},
	"an import that becomes a weak reference, where a change does not replace": {
		stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, stacks{{"api", group("80"), exported}, {"mon", reader, ""}},
		rehearsal.Fine, "",
	},
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
	"a weak reference to what changes": {
		stacks{{"api", group("80"), output}, {"mon", reader, ""}}, stacks{{"api", group("81"), output}, {"mon", reader, ""}},
		rehearsal.ServiceCut, "from here, until it is deployed again, mon uses the former value of the output Out",
	},
	"a weak reference to what changes in place": {
		stacks{{"api", group("80"), output}, {"mon", reader, ""}},
		stacks{{"api", strings.Replace(group("80"), "80", `80, "HealthCheckPath": "/"`, 1), output}, {"mon", reader, ""}},
		rehearsal.Fine, "",
	},
	"a weak reference to what vanishes": {
		stacks{{"api", group("80"), output}, {"mon", reader, ""}}, stacks{{"api", group("80"), ""}, {"mon", reader, ""}},
		rehearsal.Refused, "it reads the output Out of stack shop-api, which does not have it",
	},
	"a weak reference that ends with what it read": {
		stacks{{"api", group("80"), output}, {"mon", reader, ""}}, stacks{{"api", group("80"), ""}, {"mon", alarm, ""}},
		rehearsal.Fine, "",
	},
	"a weak reference to a stack that is deployed later": {
		nil, stacks{{"mon", reader, ""}, {"api", group("80"), output}},
		rehearsal.Refused, "it reads the output Out of stack shop-api, which is not deployed yet",
	},
	"a weak reference to a stack that is deployed before": {
		nil, stacks{{"api", group("80"), output}, {"mon", reader, ""}},
		rehearsal.Fine, "",
	},
	"a weak reference to a stack in another region": {
		nil, stacks{{"api", group("80"), ""}, {"mon", strings.Replace(reader, `"OutputName"`, `"Region": "eu-west-1", "OutputName"`, 1), ""}},
		rehearsal.Fine, "",
	},
	"a weak reference to a stack of another app": {nil, app(reader), rehearsal.Fine, ""},
	"a stack that the app has no more while another uses it": {
		stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, stacks{{"mon", importer, ""}},
		rehearsal.Left, "which is refused while it is used by mon",
	},
	"a stack that the app has no more and nobody uses": {
		stacks{{"api", group("80"), exported}, {"mon", alarm, ""}}, stacks{{"mon", alarm, ""}},
		rehearsal.Left, "from an earlier commit",
	},
	// https://github.com/aws/aws-cdk/issues/16006
	"an import of a name that is put together": {
		stacks{
			{"api", group("80"), namedExport(`{"Fn::Sub": "${AWS::StackName}:Group"}`)},
			{"mon", importing(`{"Fn::Sub": "shop-api:Group"}`), ""},
		},
		stacks{{"api", group("80"), ""}, {"mon", importing(`{"Fn::Sub": "shop-api:Group"}`), ""}},
		rehearsal.Refused, "the export shop-api:Group would vanish while mon imports it",
	},
	"an import of a name that is only known on deploy": {nil,
		app(importing(`{"Fn::Sub": "${Stack}:Group"}`) + `, "Stack": {"Type": "AWS::SNS::Topic"}`), rehearsal.Fine, ""},
	"an import inside of a text": {
		stacks{{"api", group("80"), exported}, {"mon", importerInText, ""}}, stacks{{"api", group("80"), ""}, {"mon", importerInText, ""}},
		rehearsal.Refused, "shop:Group would vanish while mon imports it",
	},
}

func namedExport(name string) string {
	return strings.Replace(exported, `"shop:Group"`, name, 1)
}

func importing(name string) string {
	return strings.Replace(importer, `"shop:Group"`, name, 1)
}

const importerInText = `"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::Sub": ["${G}!", {"G": {"Fn::ImportValue": "shop:Group"}}]}}}`

func TestWeakReferencesKeepNothingFromADestroy(t *testing.T) {
	made := stacks{{"mon", reader, ""}, {"api", group("80"), output}}
	require.Equal(t, rehearsal.Fine, rehearsal.Destroy(made.assembly(t)).Worst())
}
