package review_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/review"
	"catalog-infra/test/cost"
)

// FuzzCompare feeds two templates. Whatever they hold, references in circles and to
// nowhere among it, the review ends, soon and without a panic, and says the same twice.
func FuzzCompare(f *testing.F) {
	for _, pair := range allPairs() {
		f.Add(`{"Resources": {`+pair.base+`}}`, `{"Resources": {`+pair.head+`}}`)
	}
	for _, bad := range badTemplates() {
		f.Add(bad, `{}`)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		base, head := fuzzed(before), fuzzed(after)
		if base == nil || head == nil {
			return
		}
		cost.RequireCheap(t, 500<<20, func() {
			first, again := review.Compare(base, head), review.Compare(base, head)
			require.Equal(t, first, again)
			require.Empty(t, review.Compare(head, head).Changes)
			for _, found := range first.Findings {
				require.NotEmpty(t, found.What)
			}
		})
	})
}

// fuzzed returns an assembly of two stacks with the same template, nil where it is none.
func fuzzed(content string) *assembly.Assembly {
	template, err := assembly.ParseTemplate("template", []byte(content))
	if err != nil {
		return nil
	}
	var made assembly.Assembly
	for _, id := range strings.Fields("a b") {
		made.Stacks = append(made.Stacks, assembly.Stack{ID: id, Name: id, Region: "eu-north-1", Account: "unknown-account", Template: template})
	}
	return &made
}

// badTemplates are what no CDK writes.
func badTemplates() []string {
	doubled := func(of string) string {
		return fmt.Sprintf(`{"Fn::Join": ["", [{"Fn::ImportValue": %[1]q}, {"Fn::ImportValue": %[1]q}]]}`, of)
	}
	outputs := []string{`"O0": {"Value": "xxxxxxxxxx", "Export": {"Name": "e0"}}`}
	for i := 1; i < 60; i++ {
		outputs = append(outputs, fmt.Sprintf(`"O%d": {"Value": %s, "Export": {"Name": "e%d"}}`, i, doubled(fmt.Sprintf("e%d", i-1)), i))
	}
	many := `"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": [` + strings.TrimSuffix(strings.Repeat(doubled("e59")+",", 50), ",") + `]}}`
	return []string{
		`{"Resources": {` + many + `}, "Outputs": {` + strings.Join(outputs, ",") + `}}`,
		`{"Resources": {"A": {"Type": "T", "Properties": {"P": {"Ref": "B"}}}, "B": {"Type": "T", "Properties": {"P": {"Fn::GetAtt": ["A", "P"]}}}}}`,
		`{"Resources": {"A": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": []}, "IpProtocol": {}, "FromPort": "x", "CidrIp": "1/2"}}}}`,
		`{"Resources": {"A": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": {"IpProtocol": "icmp", "FromPort": 9e99, "ToPort": -5, "CidrIpv6": "::/0"}}}}}`,
		`{"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"Policies": "x", "AssumeRolePolicyDocument": [], "ManagedPolicyArns": {}}}}}`,
		`{"Resources": {"A": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{}, 1, {"Action": []}], "DefaultAction": "x"}}}}`,
		`{"Resources": {"A": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": "{", "EnableKeyRotation": {"Fn::If": ["C", true, false]}}}}}`,
		`{"Resources": {"A": {"Type": "T", "Properties": {"P": [{"Fn::Sub": ["${A}${B.C}${!D}", {"A": {"Fn::Select": ["0", {"Fn::Split": [",", "a,b"]}]}}]}, {"Fn::FindInMap": ["M", "a", "b"]}]}}}, "Mappings": {"M": {"a": {"b": 1}}}}`,
	}
}

// filled returns a template with so many resources of the text, in which %[1]d is the number
// of each and %[2]d the next one's.
func filled(size int, text string) string {
	var all []string
	for i := range size {
		numbers := strings.NewReplacer("%[1]d", fmt.Sprint(i), "%[2]d", fmt.Sprint((i+1)%size))
		all = append(all, fmt.Sprintf(`"E%d": %s`, i, numbers.Replace(text)))
	}
	return `{"Resources": {` + strings.Join(all, ", ") + `}}`
}

// oneGroup has rules of one group, which are compared with each other. AWS takes 60.
const oneGroup = "rules of one group"

// largest are the resources of templates that are as large as CloudFormation takes them.
var largest = map[string]string{
	"1 MB":                `{"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "` + strings.Repeat("x", 1900) + `%[1]d"}}`,
	"references in a row": `{"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "E%[2]d"}}}`,
	oneGroup:              `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "g", "IpProtocol": "tcp", "FromPort": %[1]d, "ToPort": %[2]d, "CidrIp": "10.%[1]d.0.0/16"}}`,
	"rules":               `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "g%[1]d", "IpProtocol": "tcp", "FromPort": %[1]d, "ToPort": %[1]d, "CidrIp": "10.0.0.0/16"}}`,
	"groups":              `{"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": %[1]d, "ToPort": %[1]d, "CidrIp": "10.0.0.0/16"}]}}`,
	"members":             `{"Type": "AWS::ECS::Service", "Properties": {"NetworkConfiguration": {"AwsvpcConfiguration": {"SecurityGroups": [{"Ref": "E%[2]d"}]}}}}`,
	"roles":               `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:role/r%[1]d"}}]}}}`,
	"alarms":              `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Threshold": %[1]d, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [{"Ref": "E%[2]d"}]}}`,
	"listeners":           `{"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": "l%[1]d", "Port": %[1]d, "DefaultActions": [{"Type": "forward"}]}}`,
}

// changes are what is done to each of 500 resources.
var changes = map[string]*strings.Replacer{
	"another id":     strings.NewReplacer(`"E`, `"F`),
	"another value":  strings.NewReplacer(`"Properties": {`, `"Properties": {"Tags": ["a"], `, `%[1]d`, `7`),
	"another number": strings.NewReplacer(`0"`, `9"`, "10.", "11.", "role/r", "role/*", "Threshold\": ", "Threshold\": 9"),
}

func TestNoReviewTakesASecondOr500MB(t *testing.T) {
	for name, text := range largest {
		for change, replacer := range changes {
			t.Run(name+", "+change, func(t *testing.T) {
				compare := func(size int) func() {
					base, head := stackOf(t, filled(size, text)), stackOf(t, replacer.Replace(filled(size, text)))
					return func() { review.Compare(base, head) }
				}
				cost.RequireCheap(t, 500<<20, compare(500))
				if name != oneGroup {
					cost.RequireLinear(t, compare)
					cost.RequireCheap(t, 500<<20, compare(2000)) // CloudFormation takes 500
				}
			})
		}
	}
	for i, content := range badTemplates() {
		t.Run(fmt.Sprint("bad template ", i), func(t *testing.T) {
			made := stackOf(t, content)
			cost.RequireCheap(t, 500<<20, func() { review.Compare(made, loaded(t, "")); review.Compare(loaded(t, ""), made) })
		})
	}
}

func TestWhatCannotBeResolvedIsSaid(t *testing.T) {
	report := review.Compare(stackOf(t, badTemplates()[0]), loaded(t, ""))
	require.Contains(t, report.LeftOut, "references that multiply each other: their values are too long")
}

func BenchmarkCompare(b *testing.B) {
	for _, size := range []int{100, 500} {
		b.Run(fmt.Sprint(size, " resources"), func(b *testing.B) {
			base, head := sized(b, size, "true"), sized(b, size, "false")
			start := cost.ProcessorTime()
			for b.Loop() {
				review.Compare(base, head)
			}
			used := cost.ProcessorTime() - start
			b.ReportMetric(float64(used.Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
}

// sized returns an assembly with so many keys, topics and roles.
func sized(b *testing.B, size int, rotates string) *assembly.Assembly {
	b.Helper()
	var all []string
	for i := 0; i < size; i += 4 {
		all = append(all, fmt.Sprintf(`"K%[1]d": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": %[2]s}},
			"T%[1]d": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "K%[1]d"}, "DisplayName": "%[2]s"}},
			"R%[1]d": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.amazonaws.com"}}]}}},
			"P%[1]d": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": [{"Ref": "R%[1]d"}], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sns:Publish%[2]s", "Resource": {"Ref": "T%[1]d"}}]}}}`, i, rotates))
	}
	return stackOf(b, `{"Resources": {`+strings.Join(all, ",")+`}}`)
}
