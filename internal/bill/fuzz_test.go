package bill_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/bill"
	"catalog-infra/test/cost"
)

// read are the properties that the charges read.
const read = `{"LaunchType": "FARGATE", "TaskDefinition": {"Ref": "A"}, "DBClusterIdentifier": {"Ref": "A"}, "DBInstanceClass": "db.serverless",
	"Type": ODD, "DesiredCount": ODD, "Cpu": ODD, "Memory": ODD, "EphemeralStorage": ODD, "RuntimePlatform": ODD,
	"MinCapacity": ODD, "MaxCapacity": ODD, "ResourceId": {"Ref": "A"}, "ServerlessV2ScalingConfiguration": {"MinCapacity": ODD,
		"MaxCapacity": ODD}, "StorageType": ODD, "Scheme": "internet-facing",
	"Subnets": ODD, "SubnetIds": ODD, "VpcEndpointType": "Interface", "Rules": ODD, "HealthCheckConfig": ODD,
	"Period": ODD, "Metrics": [{"MetricStat": ODD}, ODD],
	"ThresholdMetricId": ODD, "MetricTransformations": ODD, "RetentionInDays": ODD, "EnableKeyRotation": ODD, "AdvancedEventSelectors": ODD,
	"EventSelectors": [ODD], "Features": [{"Name": ODD, "Status": "ENABLED"}], "ScanType": ODD}`

// FuzzBill feeds a template of two stacks, which also refer to each other. Whatever its
// properties are, the bill comes soon, has no negative or endless quantity, and is the
// same twice.
func FuzzBill(f *testing.F) {
	for _, kind := range bill.ChargedTypes() {
		for _, odd := range []string{`-1`, `1e300`, `"NaN"`, `"-5"`, `true`, `[]`, `[{}, "a", 3]`, `{"Ref": "A"}`,
			`{"Fn::GetAtt": []}`, `"aurora-iopt1"`} {
			f.Add(fmt.Sprintf(`{"Resources": {"A": {"Type": %q, "Properties": %s}}}`, kind, strings.ReplaceAll(read, "ODD", odd)))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		template, err := assembly.ParseTemplate("template", []byte(text))
		if err != nil {
			return
		}
		both := &assembly.Assembly{Stacks: []assembly.Stack{{ID: "a", Name: "a", Region: "eu-north-1", Template: template},
			{ID: "b", Name: "b", Region: "unknown-region", Template: template}}}
		cost.RequireCheap(t, 200<<20, func() {
			month := bill.Of(both, assumed, nil)
			require.Equal(t, month, bill.Of(both, assumed, nil))
			for _, line := range month.Sum() {
				require.GreaterOrEqual(t, line.Quantity.Least, 0.)
				require.False(t, math.IsInf(line.Quantity.Most, 0))
			}
			require.Empty(t, bill.Difference(month, month))
			bill.Products(both)
		})
	})
}

// BenchmarkBill takes templates of 500 resources, the most that CloudFormation takes.
func BenchmarkBill(b *testing.B) {
	for _, stacks := range []int{1, 10, 50} {
		var resources []string
		for i := range 100 {
			resources = append(resources, strings.NewReplacer(`"Api"`, fmt.Sprintf(`"Api%d"`, i), `"Task"`, fmt.Sprintf(`"Task%d"`, i),
				`"Scaling"`, fmt.Sprintf(`"Scaling%d"`, i), `"Writer"`, fmt.Sprintf(`"Writer%d"`, i), `"Db"`, fmt.Sprintf(`"Db%d"`, i)).
				Replace(strings.Join([]string{service, task, scaling, instance, cluster}, ",")))
		}
		one := made(b, strings.Join(resources, ","))
		large := &assembly.Assembly{}
		for i := range stacks {
			stack := one.Stacks[0]
			stack.ID = fmt.Sprint(i)
			large.Stacks = append(large.Stacks, stack)
		}
		b.Run(fmt.Sprintf("%d stacks", stacks), func(b *testing.B) {
			for b.Loop() {
				bill.Of(large, assumed, nil)
			}
		})
	}
}
