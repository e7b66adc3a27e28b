package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/review"
)

// twoStacks returns an assembly of the stacks a and b.
func twoStacks(t *testing.T, a, b string) *assembly.Assembly {
	t.Helper()
	made, other := stackOf(t, a), stackOf(t, b)
	second := other.Stacks[0]
	second.ID, second.Name = "b", "shop-b"
	made.Stacks = append(made.Stacks, second)
	return made
}

func actions(report review.Report) string {
	var all []string
	for _, change := range report.Changes {
		all = append(all, strings.TrimSpace(string(change.Action)+" "+change.Resource+" "+change.From))
	}
	return strings.Join(all, ", ")
}

// A renamed resource is the same one, and what refers to it has not changed.
func TestRenamedAndMovedResourcesAreRecognised(t *testing.T) {
	const topic = `"%": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "d"}}`
	const policy = `"P": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "%"}], "PolicyDocument": {"Statement": []}}}`
	one := func(id string) string { return strings.ReplaceAll(topic+","+policy, "%", id) }
	report := review.Compare(loaded(t, one("Old")), loaded(t, one("New")))
	require.Equal(t, "renamed New a/Old", actions(report))
	require.Equal(t, []string{"a/P"}, report.Rewritten)

	chain := func(ids ...string) string {
		all := []string{strings.ReplaceAll(topic, "%", ids[0])}
		for i, id := range ids[1:] {
			all = append(all, `"`+id+`": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "`+ids[i]+`"}}}`)
		}
		return strings.Join(all, ",")
	}
	report = review.Compare(loaded(t, chain("A", "B", "C")), loaded(t, chain("X", "Y", "Z")))
	require.Equal(t, "renamed X a/A, renamed Y a/B, renamed Z a/C", actions(report))

	exported := `{"Resources": {` + strings.ReplaceAll(topic, "%", "T") + `}, "Outputs": {"O": {"Value": {"Ref": "T"}, "Export": {"Name": "t"}}}}`
	importing := `{"Resources": {"S": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Fn::ImportValue": "t"}}}}}`
	together := `{"Resources": {` + strings.ReplaceAll(topic, "%", "T") + `, "S": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "T"}}}}}`
	report = review.Compare(twoStacks(t, exported, importing), twoStacks(t, `{"Resources": {}}`, together))
	require.Equal(t, "moved T a/T", actions(report))
	require.Equal(t, []string{"b/S"}, report.Rewritten)

	report = review.Compare(loaded(t, one("Topic0A1B2C3D")), loaded(t, strings.ReplaceAll(one("Topic9A1B2C3D"), `"d"`, `"e"`)))
	require.Equal(t, "renamed Topic9A1B2C3D a/Topic0A1B2C3D", actions(report))
	require.Equal(t, []string{"DisplayName"}, report.Changes[0].Properties)
}

// What CloudFormation takes for the same is the same.
func TestTheSameMeaningInOtherWordsIsNoChange(t *testing.T) {
	topic := func(name string) string { return of("SNS::Topic", `"DisplayName": `+name) }
	for _, name := range []string{
		`{"Fn::Sub": "shop-${AWS::Region}"}`, `{"Fn::Join": ["-", ["shop", {"Ref": "AWS::Region"}]]}`,
		`{"Fn::Select": [1, ["x", "shop-eu-north-1"]]}`, `{"Fn::Sub": ["${A}", {"A": "shop-eu-north-1"}]}`,
		`{"Fn::Select": ["0", {"Fn::Split": [",", "shop-eu-north-1,y"]}]}`,
	} {
		report := review.Compare(loaded(t, topic(`"shop-eu-north-1"`)), loaded(t, topic(name)))
		require.Empty(t, report.Changes, name)
		require.Len(t, report.Rewritten, 1)
	}
	require.Len(t, review.Compare(loaded(t, topic(`"shop"`)), loaded(t, topic(`{"Fn::Sub": "${!AWS::Region}"}`))).Changes, 1)
}

// Every text of a template may be a secret, if it is not one of AWS's words.
func TestNoSecretIsShown(t *testing.T) {
	const secret = "s3cr3t-Value"
	resources := func(value string) string {
		return strings.ReplaceAll(`"D": {"Type": "AWS::RDS::DBCluster", "Properties": {"MasterUserPassword": "%", "KmsKeyId": "%"}},
			"T": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "c", "Environment": [{"Name": "n", "Value": "%"}]}]}},
			"L": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "X"}, "Conditions": [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "h", "Values": ["%"]}}], "Actions": [{"Type": "forward"}]}},
			"X": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Port": 80}},
			"W": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{"Name": "r", "Statement": {"ByteMatchStatement": {"SearchString": "%"}}}]}},
			"F": {"Type": "AWS::Logs::MetricFilter", "Properties": {"FilterPattern": "%"}},
			"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "210987654321"}, "Condition": {"StringEquals": {"sts:ExternalId": "%"}}}}}},
			"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "%"}}`, "%", value)
	}
	report := review.Compare(loaded(t, resources(secret+"1")), loaded(t, resources(secret+"2")))
	require.NotEmpty(t, report.Findings)
	require.NotEmpty(t, report.Changes)
	written, err := json.Marshal(report)
	require.NoError(t, err)
	require.NotContains(t, string(written), secret)
}
