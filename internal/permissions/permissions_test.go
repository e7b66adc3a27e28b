package permissions_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/permissions"
	"catalog-infra/internal/policy"
	"catalog-infra/test/cost"
)

const manifest = `{"version": "55.0.0", "artifacts": {"app": {"type": "aws:cloudformation:stack",
	"environment": "aws://123456789012/eu-west-1", "properties": {"templateFile": "app.json", "stackName": "shop"}}}}`

type object = map[string]any

// report returns the report of an assembly with the resources.
func report(t *testing.T, resources object) permissions.Report {
	t.Helper()
	template, err := json.Marshal(object{"Resources": resources})
	require.NoError(t, err)
	directory := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(manifest), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(directory, "app.json"), template, 0o600))
	loaded, err := assembly.Load(directory)
	require.NoError(t, err)
	read, err := permissions.Read(loaded)
	require.NoError(t, err)
	return read
}

func document(statements ...object) object { return object{"Statement": statements} }

func allow(action, resource any) object {
	return object{"Effect": "Allow", "Action": action, "Resource": resource}
}

func deny(action string) object {
	return object{"Effect": "Deny", "Action": action, "Resource": "*"}
}

// role returns a role that trusts a principal and has statements.
func role(principal object, statements ...object) object {
	trust := object{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
	properties := object{"AssumeRolePolicyDocument": document(trust)}
	if len(statements) > 0 {
		properties["Policies"] = []object{{"PolicyDocument": document(statements...)}}
	}
	return object{"Type": "AWS::IAM::Role", "Properties": properties}
}

func arn(id string) object { return object{"Fn::GetAtt": []string{id, "Arn"}} }

var (
	account = object{"AWS": "123456789012"}
	ecs     = object{"Service": "ecs-tasks.amazonaws.com"}
)

func TestStepsNeedBothSides(t *testing.T) {
	passedTo := func(service string) object {
		s := allow("iam:PassRole", arn("B"))
		s["Condition"] = object{"StringEquals": object{"iam:PassedToService": service}}
		return s
	}
	named := role(ecs)
	named["Properties"].(object)["RoleName"] = "reader" //nolint:forcetypeassert // it is made above
	for name, c := range map[string]struct {
		a, b object
		want []string
	}{
		"nothing":                  {role(ecs), role(account), nil},
		"assumes":                  {role(ecs, allow("sts:Assume*", arn("B"))), role(account), []string{"assumes"}},
		"not trusted":              {role(ecs, allow("sts:AssumeRole", arn("B"))), role(ecs), nil},
		"trusted by name":          {role(ecs), role(object{"AWS": arn("A")}), []string{"assumes"}},
		"denied":                   {role(ecs, deny("sts:AssumeRole")), role(object{"AWS": arn("A")}), nil},
		"by the name of the stack": {role(ecs, allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/shop-*")), role(account), []string{"assumes"}},
		"by another name":          {role(ecs, allow("iam:PassRole", "arn:aws:iam::123456789012:role/writer*")), named, nil},
		"passes":                   {role(ecs, allow("iam:PassRole", "*")), role(ecs), []string{"passes to ecs-tasks.amazonaws.com"}},
		"passes to a service":      {role(ecs, passedTo("ecs-tasks.amazonaws.com")), role(ecs), []string{"passes to ecs-tasks.amazonaws.com"}},
		"passes to another one":    {role(ecs, passedTo("ssm.amazonaws.com")), role(ecs), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, step := range report(t, object{"A": c.a, "B": c.b}).Steps() {
				if step.From.Name == "app/A" {
					got = append(got, step.How)
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestHarmsAreThoseThatAPolicyAllowsAndNoneDenies(t *testing.T) {
	bucket := object{"Type": "AWS::S3::Bucket", "Properties": object{"ObjectLockEnabled": true}}
	objects := object{"Fn::Sub": "${Bucket.Arn}/*"}
	bucketPolicy := func(statement object, principal any) object {
		statement["Principal"] = principal
		properties := object{"Bucket": object{"Ref": "Bucket"}, "PolicyDocument": document(statement)}
		return object{"Type": "AWS::S3::BucketPolicy", "Properties": properties}
	}
	unlessSecure := deny("s3:*")
	unlessSecure["Condition"] = object{"Bool": object{"aws:SecureTransport": false}}
	for name, c := range map[string]struct {
		role, policy object
		want         []string
	}{
		"denied under a condition":     {role(ecs, allow("s3:*", "*"), unlessSecure), nil, []string{"app/A"}},
		"nobody":                       {role(ecs), nil, nil},
		"objects":                      {role(ecs, allow("s3:DeleteObject*", objects)), nil, []string{"app/A"}},
		"a part of the objects":        {role(ecs, allow("s3:DeleteObjectVersion", object{"Fn::Sub": "${Bucket.Arn}/reports/*"})), nil, []string{"app/A"}},
		"only the version that counts": {role(ecs, allow("s3:DeleteObject", objects)), nil, nil},
		"the bucket":                   {role(ecs, allow("s3:DeleteBucket", arn("Bucket"))), nil, []string{"app/A"}},
		"denied":                       {role(ecs, allow("s3:*", "*"), deny("s3:*")), nil, nil},
		"denied by the bucket":         {role(ecs, allow("s3:*", "*")), bucketPolicy(deny("s3:*"), "*"), nil},
		"allowed by the bucket":        {role(ecs), bucketPolicy(allow("s3:*", "*"), object{"AWS": arn("A")}), []string{"app/A"}},
		"allowed by the bucket to the account, not by the role": {role(ecs), bucketPolicy(allow("s3:*", "*"), account), nil},
	} {
		t.Run(name, func(t *testing.T) {
			resources := object{"Bucket": bucket, "A": c.role}
			if c.policy != nil {
				resources["Policy"] = c.policy
			}
			harms := report(t, resources).Harms()
			require.Len(t, harms, 1)
			require.ElementsMatch(t, c.want, harms[0].Paths)
		})
	}
}

func TestWideSaysWhyAResourceIsMoreThanOne(t *testing.T) {
	const here = "arn:aws:x:eu-west-1:${AWS::AccountId}:"
	for resource, want := range map[string]string{
		here + "table/shop":         "",
		"${data.Bucket.Arn}":        "",
		"${data.Bucket.Arn}/*":      "what is below one name",
		here + "log-group:/shop:*":  "what is below one name",
		here + "table/*":            "all that there are, now or later",
		here + "cluster:*":          "all that there are, now or later",
		"arn:aws:s3:::*":            "all that there are, now or later",
		here + "secret:shop-??????": "all whose names begin so: AWS completes the name, or it exists only later",
		"arn:aws:x:*:1:table/shop":  "in more than one region, account or service",
	} {
		var got string
		for _, width := range permissions.Wide(policy.Statement{Resources: policy.Element{Patterns: []string{resource}}}) {
			got = width.Why
		}
		require.Equal(t, want, got, resource)
	}
}

// FuzzRead feeds a template. Whatever it holds, the outcome is lines that name what is
// wrong, or a report whose parts can all be asked for.
func FuzzRead(f *testing.F) {
	f.Add(`{"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": 1, "ManagedPolicyArns": [{"Ref": "P"}]}},
		"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "A"}, 1], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "*"}}}}}}`)
	f.Add(`{"Resources": {"S": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": {"SecretId": {"Fn::ImportValue": {"Ref": "S"}}}},
		"B": {"Type": "AWS::S3::Bucket", "Properties": {"ObjectLockEnabled": true, "BucketName": {"Fn::Sub": "${A}"}}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		template, err := assembly.ParseTemplate("app.json", []byte(text))
		if err != nil {
			return
		}
		loaded := &assembly.Assembly{Stacks: []assembly.Stack{{ID: "app", Name: "shop", Region: "eu-west-1", Template: template}}}
		cost.RequireCheap(t, 500<<20, func() {
			read, err := permissions.Read(loaded)
			if err != nil {
				require.Regexp(t, `^shop: Resources\..+: got .+, want .+`, err.Error())
			}
			for _, identity := range read.Identities {
				identity.Policy.Mistakes()
				for _, s := range identity.Policy.Statements {
					permissions.Wide(s)
				}
			}
			read.Harms()
		})
	})
}
