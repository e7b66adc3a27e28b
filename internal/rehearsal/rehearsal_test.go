package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// stacks are templates by stack id, in the order of deployment. An id that begins
// with ! is that of a stack with termination protection.
type stacks []struct{ id, resources, outputs string }

func (s stacks) assembly(t *testing.T) *assembly.Assembly {
	t.Helper()
	if s == nil {
		return nil
	}
	var made assembly.Assembly
	for _, one := range s {
		var template assembly.Template
		require.NoError(t, json.Unmarshal([]byte("{"+one.resources+"}"), &template.Resources), one.resources)
		require.NoError(t, json.Unmarshal([]byte("{"+one.outputs+"}"), &template.Outputs), one.outputs)
		for id, resource := range template.Resources {
			resource.ID = id
			template.Resources[id] = resource
		}
		id, protected := strings.CutPrefix(one.id, "!")
		made.Stacks = append(made.Stacks,
			assembly.Stack{ID: id, Name: "shop-" + id, Region: "eu-north-1", Protected: protected, Template: template})
	}
	return &made
}

// app returns stacks a, b and so on that have the resources and no outputs.
func app(resources ...string) (all stacks) {
	for i, each := range resources {
		all = append(all, stacks{{string(rune('a' + i)), each, ""}}...)
	}
	return all
}

const (
	role     = `"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "shop"%s}}`
	cluster  = `"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"DBClusterIdentifier": "shop", "Engine": "aurora-postgresql"%s}%s}`
	bucket   = `"Bucket": {"Type": "AWS::S3::Bucket"%s}`
	logs     = `"%s": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "%s", "Properties": {"LogGroupName": "/shop"}}`
	exported = `"Out": {"Value": {"Fn::GetAtt": ["Group", "TargetGroupFullName"]}, "Export": {"Name": "shop:Group"}}`
	importer = `"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [{"Value": {"Fn::ImportValue": "shop:Group"}}]}}`
	alarm    = `"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Threshold": 1}}`
)

func TestEachRuleFlagsWhatItMustAndNothingElse(t *testing.T) {
	for name, test := range allPairs() {
		t.Run(name, func(t *testing.T) {
			requireVerdict(t, rehearsal.Deploy(test.base.assembly(t), test.head.assembly(t)), test.want, test.says)
		})
	}
}

// requireVerdict wants the worst verdict, and that a step which has it says why.
func requireVerdict(t *testing.T, report rehearsal.Report, want rehearsal.Verdict, says string) {
	t.Helper()
	require.Equal(t, want, report.Worst(), "%+v", report)
	if says == "" {
		return
	}
	for _, step := range report.Steps {
		if step.Verdict == want && strings.Contains(step.Why, says) {
			return
		}
	}
	require.Fail(t, "no step says so", "want %q in %+v", says, report.Steps)
}

func TestNothingComesAfterWhatIsRefused(t *testing.T) {
	base := stacks{{"api", group("80"), exported}, {"mon", importer, ""}, {"z", alarm, ""}}
	head := stacks{{"api", group("81"), exported}, {"mon", importer, ""}, {"z", group("1"), ""}}
	report := rehearsal.Deploy(base.assembly(t), head.assembly(t))

	require.Equal(t, []string{"mon", "z"}, report.NotReached)
	for _, step := range report.Steps {
		require.Equal(t, "api", step.Stack)
	}
}

func TestAWayIsRehearsedBeforeItIsNamed(t *testing.T) {
	cases := map[string]struct {
		base, head stacks
		first      []string
	}{
		"consumers of an export first": {
			stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, stacks{{"api", group("80"), ""}, {"mon", alarm, ""}}, []string{"mon"},
		},
		"an export that moves": {
			stacks{{"a", alarm, ""}, {"b", group("80"), exported}}, stacks{{"a", group("80"), exported}, {"b", alarm, ""}}, []string{"b"},
		},
		"a name that moves": {
			stacks{{"a", alarm, ""}, {"b", fmt.Sprintf(role, ""), ""}}, stacks{{"a", fmt.Sprintf(role, ""), ""}, {"b", alarm, ""}}, []string{"b"},
		},
		"the consumer stays one": {
			stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, stacks{{"api", group("81"), exported}, {"mon", importer, ""}}, nil,
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			report := rehearsal.Deploy(test.base.assembly(t), test.head.assembly(t))
			require.Equal(t, rehearsal.Refused, report.Worst())
			if test.first == nil {
				require.Nil(t, report.Way)
				return
			}
			require.Equal(t, test.first, report.Way.First)
		})
	}
}

// Replacement is passed on to what is made anew, but is not its reason.
func TestOfTwoReasonsTheOwnOneIsTold(t *testing.T) {
	net := `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.%[1]d.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "10.%[1]d.0.0/20"}}`
	base, head := stacks{{"a", fmt.Sprintf(net, 0), ""}}, stacks{{"a", fmt.Sprintf(net, 1), ""}}
	requireVerdict(t, rehearsal.Deploy(base.assembly(t), head.assembly(t)), rehearsal.Replaced, "it is replaced, since CidrBlock, VpcId cannot change")
}

func TestWhatIsNewIsNoReplacement(t *testing.T) {
	base := stacks{{"a", group("80"), ""}}
	head := stacks{{"a", group("81") + `, "New": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Group"}}}`, ""}}
	for _, step := range rehearsal.Deploy(base.assembly(t), head.assembly(t)).Steps {
		if step.Resource == "New" {
			require.Equal(t, rehearsal.Create, step.Action)
		}
	}
}

func TestExportsAreThoseOfTheRegion(t *testing.T) {
	made := stacks{{"api", group("80"), exported}, {"mon", importer, ""}}.assembly(t)
	made.Stacks[1].Region = "eu-west-1"
	requireVerdict(t, rehearsal.Deploy(nil, made), rehearsal.Refused, "it imports shop:Group")
}

func TestResourcesAreMadeByDependencyAndRemovedAtTheEnd(t *testing.T) {
	base := stacks{{"a", `"Gone": {"Type": "AWS::SNS::Topic"}`, ""}}
	head := stacks{{"a", `"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "C"}}}, "B": {"Type": "AWS::SNS::Topic", "DependsOn": "A"}, "C": {"Type": "AWS::SNS::Topic"}`, ""}}
	// Unlike the reader of assemblies, encoding/json takes lists only.
	head[0].resources = strings.Replace(head[0].resources, `"DependsOn": "A"`, `"DependsOn": ["A"]`, 1)
	var order []string
	for _, step := range rehearsal.Deploy(base.assembly(t), head.assembly(t)).Steps {
		order = append(order, fmt.Sprintf("%s %s", step.Action, step.Resource))
	}
	require.Equal(t, []string{"create C", "create A", "create B", "delete Gone"}, order)
}

func TestWhatStaysAsItIsIsNoStep(t *testing.T) {
	base := stacks{{"api", group("80") + ", " + alarm, ""}}
	require.Empty(t, rehearsal.Deploy(base.assembly(t), base.assembly(t)).Steps)

	head := stacks{{"api", group("80") + ", " + strings.Replace(alarm, "1", "2", 1), ""}}
	steps := rehearsal.Deploy(base.assembly(t), head.assembly(t)).Steps
	require.Len(t, steps, 1)
	require.Equal(t, "Alarm", steps[0].Resource)
}
