package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

// later is the resource at which a deployment fails.
const later = `"Later": {"Type": "AWS::SNS::Topic"}`

const (
	key       = `"Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain"}`
	named     = `"Kept": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "%s", "Properties": {"LogGroupName": "%s"%s}}`
	singleton = `"Kept": {"Type": "AWS::GuardDuty::Detector", "DeletionPolicy": "%s"}`
	writer    = `"Writer": {"Type": "AWS::Lambda::Function", "DependsOn": ["Kept"]}`
	trail     = `"Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"S3BucketName": {"Ref": "Bucket"}}}`
	emptier   = `"Emptier": {"Type": "Custom::S3AutoDeleteObjects", "Properties": {"BucketName": {"Ref": "Bucket"}}}`
)

// try is a deployment, or a destroy where there is no head.
type try struct{ base, head stacks }

// creation makes the resources in a new stack, beside the one that fails.
func creation(resources ...string) try {
	return try{nil, stacks{{"a", strings.Join(append(resources, later), ", "), ""}}}
}

// update changes one resource into another, beside the one that fails.
func update(before, after string) try {
	return try{stacks{{"a", before, ""}}, stacks{{"a", after + ", " + later, ""}}}
}

// deletion destroys a stack. The one that fails waits for another, if that is named.
func deletion(waitsFor string, resources ...string) try {
	waiting := later
	if waitsFor != "" {
		waiting = strings.Replace(later, `"}`, `", "DependsOn": ["`+waitsFor+`"]}`, 1)
	}
	return try{stacks{{"a", strings.Join(append(resources, waiting), ", "), ""}}, nil}
}

var (
	plain     = fmt.Sprintf(cluster, "", "")
	protected = fmt.Sprintf(cluster, `, "DeletionProtection": true`, "")
	database  = func(property string) string { return fmt.Sprintf(cluster, ", "+property, "") }
	keyed     = fmt.Sprintf(named, "Retain", "/shop", `, "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}`)
	files     = fmt.Sprintf(bucket, "")
	filesWith = func(properties string) string { return fmt.Sprintf(bucket, `, "Properties": {`+properties+`}`) }
	logGroup  = func(policy, name string) string { return fmt.Sprintf(named, policy, name, "") }
)

// failures are what follows where CloudFormation fails at the resource Later.
var failures = map[string]struct {
	try
	want rehearsal.Kind
	left []string
}{
	"a topic": {creation(alarm), "", nil},

	// https://github.com/aws-samples/aws-secure-environment-accelerator/pull/253
	"a new stack with termination protection": {try{nil, stacks{{"!a", later, ""}}}, rehearsal.TerminationProtection, nil},
	"a stack with termination protection":     {try{stacks{{"!a", alarm, ""}}, stacks{{"!a", later, ""}}}, "", nil},

	// https://github.com/aws-cloudformation/rain/issues/187
	"a cluster with deletion protection":                    {creation(protected), rehearsal.DeletionProtection, nil},
	"a cluster with deletion protection, which is retained": {creation(strings.TrimSuffix(protected, "}") + `, "DeletionPolicy": "Retain"}`), "", []string{"Cluster"}},
	"a cluster without deletion protection":                 {creation(plain), "", nil},
	"a cluster that waits for what fails":                   {creation(strings.Replace(protected, `"Properties"`, `"DependsOn": ["Later"], "Properties"`, 1)), "", nil},
	"a cluster with deletion protection in an old stack":    {update(alarm, protected), rehearsal.NameTaken, []string{"Cluster"}},

	// https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/1211
	"a key that stays":                                 {creation(key), "", []string{"Key"}},
	"a key that goes":                                  {creation(strings.Replace(key, "Retain", "RetainExceptOnCreate", 1)), "", nil},
	"a log group that stays":                           {creation(logGroup("Retain", "/shop")), "", []string{"Kept"}},
	"a log group that stays with its key":              {creation(key, keyed), rehearsal.TakenOver, []string{"Key", "Kept"}},
	"a log group that stays with a key that was there": {try{stacks{{"a", key, ""}}, stacks{{"a", key + ", " + keyed + ", " + later, ""}}}, "", []string{"Kept"}},
	"a log group that goes":                            {creation(logGroup("RetainExceptOnCreate", "/shop")), "", nil},
	"a singleton that stays":                           {creation(fmt.Sprintf(singleton, "Retain")), rehearsal.OneInAccount, []string{"Kept"}},
	"a singleton that goes":                            {creation(fmt.Sprintf(singleton, "RetainExceptOnCreate")), "", nil},
	"a key that the template no longer has":            {update(key, alarm), "", nil},

	// https://github.com/aws/aws-cdk/issues/32689
	"a log group of a function":                      {creation(logGroup("Delete", "/aws/lambda/shop"), writer), rehearsal.NameTaken, []string{"Kept"}},
	"a log group of a function, which is taken over": {creation(logGroup("RetainExceptOnCreate", "/aws/lambda/shop"), writer), rehearsal.TakenOver, []string{"Kept"}},
	"a log group of a function that is not there":    {creation(logGroup("Delete", "/aws/lambda/shop")), "", nil},
	"a log group of another name":                    {creation(logGroup("Delete", "/shop"), writer), "", nil},

	"a bucket that a trail writes to":                 {creation(files, trail), rehearsal.NotEmpty, nil},
	"a bucket that a trail writes to and CDK empties": {creation(files, trail, emptier), "", nil},
	"a bucket that nothing writes to":                 {creation(files), "", nil},
	"a repository that is new":                        {creation(`"R": {"Type": "AWS::ECR::Repository"}`), "", nil},

	// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/311
	"a database that is upgraded": {update(database(`"EngineVersion": "16.8"`), database(`"EngineVersion": "17.5"`)), rehearsal.RollbackFails, nil},
	"a database that is upgraded and replaced": {update(
		`"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"EngineVersion": "16.8", "DatabaseName": "a"}}`,
		`"Cluster": {"Type": "AWS::RDS::DBCluster", "UpdateReplacePolicy": "Snapshot", "Properties": {"EngineVersion": "17.5", "DatabaseName": "b"}}`), "", nil},
	"a database that is changed": {update(database(`"BackupRetentionPeriod": 7`), database(`"BackupRetentionPeriod": 8`)), "", nil},
	"a bucket that is locked":    {update(files, filesWith(`"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}`)), rehearsal.RollbackFails, nil},
	"a bucket that is changed":   {update(files, filesWith(`"AccelerateConfiguration": {}`)), "", nil},

	// https://github.com/aws/aws-cdk/issues/16332
	"the end of a bucket that was emptied before":  {deletion("Bucket", files, emptier), rehearsal.NotEmpty, nil},
	"the end of a bucket that is emptied later":    {deletion("Emptier", files, emptier), "", nil},
	"the end of a bucket that may be gone already": {deletion("", files, emptier), "", nil},
	"the end of a bucket that stays":               {deletion("Bucket", fmt.Sprintf(bucket, `, "DeletionPolicy": "Retain"`)), "", nil},
	"the end of a topic":                           {deletion("", alarm), "", nil},
	"the end of a group of people":                 {try{stacks{{"a", `"Later": {"Type": "AWS::IAM::Group"}`, ""}}, nil}, rehearsal.InUse, nil},
}

func TestEachFailureHasItsProblemAndNoOther(t *testing.T) {
	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			failure := failureAtLater(t, test.base, test.head)
			var kinds []rehearsal.Kind
			for _, problem := range failure.Problems {
				kinds = append(kinds, problem.Kind)
			}
			if test.want == "" {
				require.Empty(t, failure.Problems)
			} else {
				require.Equal(t, []rehearsal.Kind{test.want}, kinds)
			}
			require.ElementsMatch(t, test.left, failure.Left)
		})
	}
}

// failureAtLater returns the one failure that has the resource Later.
func failureAtLater(t *testing.T, base, head stacks) (found rehearsal.Failure) {
	t.Helper()
	var report rehearsal.Report
	if head == nil {
		report = rehearsal.Destroy(base.assembly(t))
	} else {
		report = rehearsal.Deploy(base.assembly(t), head.assembly(t))
	}
	times := 0
	for _, failure := range report.AfterFailure {
		if strings.Contains(strings.Join(failure.Resources, " "), "Later") {
			found = failure
			times++
		}
	}
	require.Equal(t, 1, times, "%+v", report)
	return found
}

// The rules let the new tasks be reached before the service changes. Rolled back, the
// former ones are not.
func TestAServiceIsNotRolledBackToTasksThatAreNotReached(t *testing.T) {
	fail := func(change func(*service)) []rehearsal.Problem {
		base, head := running, running
		change(&head)
		made := head.stacks()
		made[2].resources += ", " + later
		return failureAtLater(t, base.stacks(), made).Problems
	}
	require.Equal(t, []rehearsal.Problem{{Kind: rehearsal.RollbackFails,
		Why: "the former tasks cannot start or are not reached: nothing passes from groups/Balancer to groups/Tasks on port 3000"}},
		fail(func(s *service) { s.serves, s.passes = 8080, 8080 }))
	require.Empty(t, fail(func(s *service) { s.image = "shop:2" }))
}
