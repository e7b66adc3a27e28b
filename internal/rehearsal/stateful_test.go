package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

func TestResourcesThatHoldDataAreListedWithWhatBecomesOfThem(t *testing.T) {
	kept := `"Kept": {"Type": "AWS::S3::Bucket"}, "Changed": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": %d}}, `
	base := stacks{{"a", fmt.Sprintf(kept, 1) + `"Gone": {"Type": "AWS::KMS::Key"}, ` + alarm, ""}}
	head := stacks{{"a", fmt.Sprintf(kept, 2) + `"New": {"Type": "AWS::RDS::DBCluster"}, ` + alarm, ""}}

	var told []string
	for _, step := range rehearsal.Deploy(base.assembly(t), head.assembly(t)).Stateful {
		told = append(told, fmt.Sprintf("%s %s/%s", step.Action, step.Stack, step.Resource))
	}

	require.Equal(t, []string{"update a/Changed", "keep a/Kept", "create a/New", "delete a/Gone"}, told)
}

// What a retained resource holds stays, but its environment goes on without it.
func TestAnotherLogicalIDOfWhatHoldsDataIsALossOfData(t *testing.T) {
	retained := fmt.Sprintf(bucket, `, "DeletionPolicy": "Retain"`)
	deploy := func(resources string) rehearsal.Report {
		return rehearsal.Deploy(stacks{{"a", retained, ""}}.assembly(t), stacks{{"a", resources, ""}}.assembly(t))
	}
	requireVerdict(t, deploy(strings.Replace(retained, "Bucket", "Renamed", 1)), rehearsal.DataLost, "it is retained and belongs to no stack; Renamed, of the same type, is new and empty")
	requireVerdict(t, deploy(alarm), rehearsal.Left, "it is retained")
	requireVerdict(t, deploy(retained+`, "More": {"Type": "AWS::S3::Bucket"}`), rehearsal.Fine, "")
}
