package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
	"catalog-infra/test/cost"
)

// filled returns a template of n resources E0 to En-1, each with the text, in which
// %[1]d is its number and %[2]d the next one's. The last one is a topic.
func filled(n int, text string) string {
	var all []string
	for i := range n - 1 {
		numbers := strings.NewReplacer("%[1]d", fmt.Sprint(i), "%[2]d", fmt.Sprint(i+1))
		all = append(all, fmt.Sprintf(`"E%d": `, i)+numbers.Replace(text))
	}
	return `{"Resources": {` + strings.Join(append(all, fmt.Sprintf(`"E%d": {"Type": "AWS::SNS::Topic"}`, n-1)), ", ") + `}}`
}

// worst are the resources of templates that are as large as CloudFormation takes them.
var worst = map[string]string{
	"1 MB in a chain":   `{"Type": "AWS::SNS::Topic", "DependsOn": ["E%[2]d"], "Properties": {"DisplayName": "` + strings.Repeat("x", 1900) + `%[1]d"}}`,
	"unlike resources":  `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "%[1]d-%[2]d"}}`,
	"rules in a chain":  `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "E%[2]d"}, "FromPort": %[1]d}}`,
	"services":          `{"Type": "AWS::ECS::Service", "Properties": {"LoadBalancers": [{"TargetGroupArn": {"Ref": "E%[2]d"}, "ContainerPort": %[1]d}]}}`,
	"distributions":     `{"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [{"DomainName": "a%[1]d%[2]d.example.com"}]}}}`,
	"subnets":           `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc", "CidrBlock": "10.%[1]d.%[2]d.0/24"}}`,
	"groups":            `{"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": %[1]d}]}}`,
	"buckets":           `{"Type": "AWS::S3::Bucket", "Properties": {"OwnershipControls": "%[1]d"}}`,
	"logs of functions": `{"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/%[1]d"}}`,
	"listeners":         `{"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": "l%[1]d", "Port": 80}}`,
}

// tooMany are more than CloudFormation takes.
var tooMany = map[string]string{
	"a chain too long":   `{"Type": "AWS::SNS::Topic", "DependsOn": ["E%[2]d"], "Properties": {"DisplayName": "%[1]d"}}`,
	"too many of a name": `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop", "DisplayName": "%[1]d%[2]d"}}`,
}

// rehearsals are a first deployment, one of other resources, a change of each, and the end.
func rehearsals(t *testing.T, text string) []func() {
	t.Helper()
	base, others := whole(t, text), whole(t, strings.ReplaceAll(text, `"E`, `"F`))
	changed := whole(t, strings.ReplaceAll(text, `"Properties": {`, `"Properties": {"Tags": ["a"], `))
	return []func(){
		func() { rehearsal.Deploy(nil, base) }, func() { rehearsal.Deploy(base, others) },
		func() { rehearsal.Deploy(base, changed) }, func() { rehearsal.Destroy(base) },
	}
}

func TestNoTemplateTakesASecondOr500MB(t *testing.T) {
	for name, text := range worst {
		t.Run(name, func(t *testing.T) {
			for i, rehearse := range rehearsals(t, filled(500, text)) {
				cost.RequireCheap(t, 500<<20, rehearse)
				cost.RequireLinear(t, func(size int) func() { return rehearsals(t, filled(size, text))[i] })
			}
		})
	}
	for name, text := range tooMany {
		t.Run(name, func(t *testing.T) {
			for _, rehearse := range rehearsals(t, filled(10_000, text)) {
				cost.RequireCheap(t, 500<<20, rehearse)
			}
		})
	}
}

func TestTheRehearsalGoesNoFurtherIntoATemplateThatIsTooLarge(t *testing.T) {
	large, small := whole(t, filled(501, `{"Type": "AWS::SNS::Topic"}`)), whole(t, topicWith(""))
	for _, report := range []rehearsal.Report{rehearsal.Deploy(nil, large), rehearsal.Deploy(large, small), rehearsal.Destroy(large)} {
		require.Len(t, report.Steps, 1)
		require.Equal(t, "its template has 501 resources, CloudFormation takes 500", report.Steps[0].Why)
	}
}

// environment returns an assembly of prod's size: stacks that import from the one
// before, with a property that a change replaces the resources for.
func environment(b *testing.B, name string) *assembly.Assembly {
	b.Helper()
	var made assembly.Assembly
	for stack := range 8 {
		var resources []string
		for i := range 44 {
			resources = append(resources, fmt.Sprintf(`"Topic%[1]d": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "%[3]s-%[2]d-%[1]d", "DisplayName": "%[4]s"}}`,
				i, stack, name, strings.Repeat("x", 2000)))
		}
		if stack > 0 {
			resources = append(resources, fmt.Sprintf(`"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Fn::ImportValue": "t%d"}]}}`, stack-1))
		}
		template, err := assembly.ParseTemplate("template", []byte(`{"Resources": {`+strings.Join(resources, ", ")+
			fmt.Sprintf(`}, "Outputs": {"T": {"Value": {"Fn::GetAtt": ["Topic0", "TopicName"]}, "Export": {"Name": "t%d"}}}}`, stack)))
		require.NoError(b, err)
		id := fmt.Sprintf("s%d", stack)
		made.Stacks = append(made.Stacks, assembly.Stack{ID: id, Name: id, Region: "eu-north-1", Template: template})
	}
	return &made
}

func BenchmarkDeploy(b *testing.B) {
	base := environment(b, "shop")
	head := environment(b, "shop")
	for i := range head.Stacks {
		for id, resource := range head.Stacks[i].Template.Resources {
			if resource.Type == "AWS::SNS::Topic" {
				resource.Properties["DisplayName"] = "shop"
				head.Stacks[i].Template.Resources[id] = resource
			}
		}
	}
	b.Run("350 resources in 8 stacks", func(b *testing.B) { measure(b, base, head) })
	text := filled(500, worst["1 MB in a chain"])
	b.Run("500 resources, 1 MB", func(b *testing.B) {
		measure(b, whole(b, text), whole(b, strings.ReplaceAll(text, "xx", "yy")))
	})
}

// measure rehearses a change of every resource, and reports the processor time, too: on a
// busy machine that stays the same.
func measure(b *testing.B, base, head *assembly.Assembly) {
	b.Helper()
	start := cost.ProcessorTime()
	for b.Loop() {
		rehearsal.Deploy(base, head)
	}
	used := cost.ProcessorTime() - start
	b.ReportMetric(float64(used.Milliseconds())/float64(b.N), "cpu-ms/op")
}
