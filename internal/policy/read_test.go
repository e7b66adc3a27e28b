package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// manifest has two stacks, of which app reads what base exports.
const manifest = `{"version": "55.0.0", "artifacts": {
	"base": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/eu-west-1", "properties": {"templateFile": "base.json"}},
	"app": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/eu-west-1", "properties": {"templateFile": "app.json"}, "dependencies": ["base"]}}}`

const base = `{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}, "Role": {"Type": "AWS::IAM::Role"}},
	"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Bucket", "Arn"]}, "Export": {"Name": "bucket"}}}}`

// scope returns the scope of the stack app, with a template.
func scope(t *testing.T, template string) policy.Scope {
	t.Helper()
	directory := t.TempDir()
	for name, content := range map[string]string{"manifest.json": manifest, "base.json": base, "app.json": template} {
		require.NoError(t, os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600))
	}
	loaded, err := assembly.Load(directory)
	require.NoError(t, err)
	return policy.Scope{Assembly: loaded, Stack: loaded.Stacks[1]}
}

func read(t *testing.T, text string) (policy.Document, error) {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return policy.Read(scope(t, "{}"), "P", value)
}

// parsed returns a policy without mistakes.
func parsed(t *testing.T, text string) policy.Document {
	t.Helper()
	document, err := read(t, text)
	require.NoError(t, err)
	return document
}

func TestAValueIsTheSameTextInEveryStack(t *testing.T) {
	const bucket = "${base.Bucket.Arn}"
	for value, want := range map[string]string{
		`"arn:aws:s3:::a/*"`: "arn:aws:s3:::a/*",
		`true`:               "true",
		`3600`:               "3600",
		`{"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "iam:", {"Ref": "AWS::AccountId"}]]}`: "arn:aws:iam::123456789012",
		`{"Ref": "Key"}`:                                                     "${app.Key}",
		`{"Ref": "AWS::URLSuffix"}`:                                          "${AWS::URLSuffix}",
		`{"Fn::GetAtt": "Key.Arn"}`:                                          "${app.Key.Arn}",
		`{"Fn::ImportValue": "bucket"}`:                                      bucket,
		`{"Fn::Join": ["", [{"Fn::ImportValue": "bucket"}, "/*"]]}`:          bucket + "/*",
		`{"Fn::GetStackOutput": {"StackName": "base", "OutputName": "Arn"}}`: bucket,
		`{"Fn::Sub": "${AWS::Region}/${Key.Arn}/${!aws:username}"}`:          "eu-west-1/${app.Key.Arn}/${aws:username}",
		`{"Fn::Sub": ["${A}-${A}", {"A": {"Fn::ImportValue": "bucket"}}]}`:   bucket + "-" + bucket,
		`{"Fn::Select": [0, {"Fn::Split": [":", "a:b"]}]}`:                   `${app.("Fn::Select":[0,("Fn::Split":[":","a:b"])])}`,
		`{"Fn::ImportValue": "nowhere"}`:                                     `${app.("Fn::ImportValue":"nowhere")}`,
	} {
		var read any
		require.NoError(t, json.Unmarshal([]byte(value), &read))
		got, ok := scope(t, "{}").Text(read)
		require.True(t, ok, value)
		require.Equal(t, want, got)
	}
}

func TestAPolicyIsReadWithItsPrincipals(t *testing.T) {
	require.Equal(t, policy.Document{Statements: []policy.Statement{{
		Sid: "A", Deny: true,
		Principals: policy.Element{Not: true, Patterns: []string{
			"AWS:123456789012:*", "AWS:999999999999:*", "AWS:999999999999:role/a", "*",
			"AWS:123456789012:${base.Role.Arn}", "Service:ecs.amazonaws.com",
		}},
		Actions: policy.Element{Patterns: []string{"s3:Get*"}}, Resources: policy.Element{Not: true, Patterns: []string{"a", "b"}},
		Conditions: []policy.Condition{{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"false"}}},
	}}}, parsed(t, `{"Statement": {"Sid": "A", "Effect": "Deny", "Action": "s3:Get*", "NotResource": ["a", "b"],
		"NotPrincipal": {"AWS": [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}, "999999999999",
			"arn:aws:iam::999999999999:role/a", "*", "${base.Role.Arn}"], "Service": "ecs.amazonaws.com"},
		"Condition": {"Bool": {"aws:SecureTransport": false}}}}`))
}

func TestWhatIsNoPolicyIsOneLineForEachMistake(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                 `P: got nothing, want a policy, an object with Statement`,
		`"text"`:               `P: got "text", want a policy, an object with Statement`,
		`[]`:                   `P: got a list, want a policy, an object with Statement`,
		`{"Statements": []}`:   `P.Statement: got nothing, want a statement or a list of them`,
		`{"Statement": ["a"]}`: `P.Statement[0]: got "a", want a statement, an object with Effect`,
		`{"Statement": {"Effect": "allow", "Action": "a"}}`: `P.Statement[0].Effect: got "allow", want "Allow" or "Deny"`,
		`{"Statement": {"Effect": "Allow", "Actions": "a"}}`: `P.Statement[0]: got "Actions", want one of Sid, Effect, Principal, NotPrincipal, ` +
			"Action, NotAction, Resource, NotResource, Condition\nP.Statement[0].Action: got nothing, want Action or NotAction",
		`{"Statement": {"Effect": "Allow", "Action": "a", "NotAction": "b"}}`: "P.Statement[0]: got \"Action and NotAction\", want one of them\n" +
			`P.Statement[0].Action: got nothing, want Action or NotAction`,
		`{"Statement": {"Effect": "Allow", "Action": [{}]}}`: "P.Statement[0].Action: got an object, want text or a list of texts\n" +
			`P.Statement[0].Action: got nothing, want Action or NotAction`,
		`{"Statement": {"Effect": "Allow", "Action": "a", "Resource": []}}`: `P.Statement[0].Resource: got a list, want at least one text`,
		`{"Statement": {"Effect": "Allow", "Action": "a", "Principal": "root"}}`: `P.Statement[0].Principal: got "root", want "*" or an object with ` +
			`AWS, CanonicalUser, Federated, Service`,
		`{"Statement": {"Effect": "Allow", "Action": "a", "Principal": {"User": "a"}}}`: `P.Statement[0].Principal: got "User", want one of ` +
			`AWS, CanonicalUser, Federated, Service`,
		`{"Statement": {"Effect": "Allow", "Action": "a", "Condition": "a"}}`:           `P.Statement[0].Condition: got "a", want an object of operators`,
		`{"Statement": {"Effect": "Allow", "Action": "a", "Condition": {"Bool": "a"}}}`: `P.Statement[0].Condition.Bool: got "a", want an object of condition keys`,
	} {
		document, err := read(t, text)
		require.EqualError(t, err, want)
		require.Empty(t, document.Statements, text)
	}
}

// A text that doubles with each function would fill the memory.
func TestATextThatGrowsWithoutEndIsRefused(t *testing.T) {
	var value any = "a"
	for range 90 {
		value = map[string]any{"Fn::Sub": []any{"${A}${A}", map[string]any{"A": value}}}
	}
	_, ok := scope(t, "{}").Text(value)
	require.False(t, ok)
}

func TestAllFindsPoliciesOfEveryType(t *testing.T) {
	in := scope(t, `{"Resources": {
		"A": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Action": "a"}},
			"Policies": [{"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "b"}}}]}},
		"B": {"Type": "AWS::Logs::ResourcePolicy", "Properties": {"PolicyDocument": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"c\"}}"}},
		"C": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com",
			"FunctionName": "f", "SourceArn": "arn:aws:sns:eu-west-1:123456789012:t"}},
		"D": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{"Statement": {}}]}},
		"E": {"Type": "AWS::Events::EventBusPolicy", "Properties": {"Statement": {"Effect": "Allow", "Action": "d"}}},
		"F": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"PolicyDocument": 1}}}}`)

	all, err := policy.All(in.Assembly)

	require.EqualError(t, err, "app: Resources.F.Properties.PolicyDocument: got 1, want a policy, an object with Statement")
	var found []string
	for _, each := range all {
		for _, s := range each.Document.Statements {
			found = append(found, strings.Join([]string{each.Resource.ID, each.Path, s.Actions.String()}, " "))
		}
	}
	require.Equal(t, []string{
		"A Properties.AssumeRolePolicyDocument a", "A Properties.Policies[0].PolicyDocument b", "B Properties.PolicyDocument c",
		"C Properties lambda:InvokeFunction", "E Properties d",
	}, found)
	require.Equal(t, []policy.Condition{{Operator: "ArnLike", Key: "aws:SourceArn", Values: []string{"arn:aws:sns:eu-west-1:123456789012:t"}}},
		all[3].Document.Statements[0].Conditions)
}
