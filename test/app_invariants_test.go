package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/stacks"
	"catalog-infra/test/environments"
	"catalog-infra/test/invariants"
)

// The operator's own files are tested for the same in operator/, but for those
// that are as these.
func TestInvariants(t *testing.T) {
	tested := unusualEnvironments(t)
	for _, each := range environments.Every(environments.Files) {
		tested = append(tested, define(t, loaded(t, each.Name, each.From)))
	}
	for _, invariant := range invariants.All {
		t.Run(invariant.Name, func(t *testing.T) { requireInvariant(t, invariant, tested) })
	}
}

// CDK has moved its notes before, and a test that looks in the old place sees
// none.
func TestAnnotationsOfCDKAreFound(t *testing.T) {
	cfg, directory := loaded(t, "dev", ""), t.TempDir()
	app := stacks.NewApp(cfg, directory)
	notes := awscdk.Annotations_Of(app.Network.Stack)
	notes.AddInfo(jsii.String("a notice"))
	notes.AddWarningV2(jsii.String("test:old"), jsii.String("a warning"), nil)
	app.Synth(nil)

	written, err := invariants.Load(cfg, directory)

	require.NoError(t, err)
	found := strings.Join(invariants.NoStackHasANote.Broken(written), "\n")
	for _, note := range []string{"a notice", "a warning"} {
		require.Contains(t, found, note)
	}
}

// Without the flag annotationsInValidationReport it would be written, and only the
// CDK CLI would refuse it.
func TestAnErrorOfCDKFailsTheSynthesis(t *testing.T) {
	app := stacks.NewApp(loaded(t, "dev", ""), t.TempDir())
	awscdk.Annotations_Of(app.Network.Stack).AddError(jsii.String("an error"))

	err := caught(func() { app.Synth(nil) })

	require.ErrorContains(t, err, "Validation failed")
}

func requireInvariant(t *testing.T, invariant invariants.Invariant, environments []*environment) {
	t.Helper()
	broken := breaches{}
	for _, env := range environments {
		for _, line := range invariant.Broken(env.assembly) {
			broken.add(env, line)
		}
	}
	broken.fail(t, invariant.Name+". "+invariant.Advice)
}

// accountsOfAWS are the only accounts that a template names while the file
// names none.
var accountsOfAWS = map[string]string{
	"897822967062": "delivers the access logs of load balancers in eu-north-1",
	"297356227824": "publishes the rotation function",
	"193023089310": "publishes it in China",
	"023102451235": "publishes it in GovCloud",
}

func TestTemplatesNameNoAccount(t *testing.T) {
	for _, env := range allEnvironments(t) {
		require.Empty(t, env.Account)
		for _, stack := range env.assembly.Stacks {
			for _, account := range regexp.MustCompile(`\b[0-9]{12}\b`).FindAllString(stack.Text, -1) {
				require.Contains(t, accountsOfAWS, account, "%s %s names the account %s: templates name none but AWS's own, "+
					"in accountsOfAWS of test/app_invariants_test.go", env.Environment, stack.ID, account)
			}
		}
	}
}

// A fixed name stops AWS from replacing a resource, and collides: only what an
// outsider must know has one. That of the response headers has no choice.
func TestOnlyWhatOutsidersMustKnowHasAFixedName(t *testing.T) {
	unknown, missing := breaches{}, breaches{}
	for _, env := range allEnvironments(t) {
		want := []string{
			"compute AWS::CloudFront::Function Name",
			"compute AWS::CloudFront::ResponseHeadersPolicy Name",
			"compute AWS::ECR::Repository RepositoryName",
			"compute AWS::ECS::TaskDefinition Family",
			"compute AWS::Logs::LogGroup LogGroupName", // the service's
			"compute AWS::Logs::LogGroup LogGroupName", // WAF's
			"data AWS::Logs::LogGroup LogGroupName",    // RDS's for the database's log
			"data AWS::Logs::LogGroup LogGroupName",    // Lambda's for the rotation's
			"data AWS::RDS::DBCluster DBClusterIdentifier",
			"data AWS::RDS::DBClusterParameterGroup DBClusterParameterGroupName", // which restore-database names
			"data AWS::Serverless::Application functionName",
			"monitoring AWS::CloudWatch::Dashboard DashboardName",
			"monitoring AWS::SNS::Topic TopicName",
		}
		for range runbooksOf(t, env) {
			want = append(want, "response AWS::SSM::Document Name")
		}
		if env.Edge.WAF.Mode != config.WAFOff {
			// A runbook must name the two sets to WAF.
			want = append(want, "compute AWS::WAFv2::IPSet Name", "compute AWS::WAFv2::IPSet Name")
		}
		if env.Backup.Enabled {
			want = append(want,
				"data AWS::Backup::BackupPlan BackupPlanName",
				"data AWS::Backup::BackupVault BackupVaultName",
				"data AWS::Backup::RestoreTestingPlan RestoreTestingPlanName")
		}
		if env.Config.Audit.Trail == config.OwnershipCreate {
			want = append(want, "audit AWS::CloudTrail::Trail TrailName", "audit AWS::Logs::LogGroup LogGroupName")
		}
		for _, query := range resourcesOf(t, env, queryDefinition) {
			want = append(want, query.stack+" AWS::Logs::QueryDefinition Name") // it must have one
		}
		for _, name := range invariants.PhysicalNames(env.assembly) {
			if i := slices.Index(want, name.Of); i >= 0 {
				want = slices.Delete(want, i, i+1)
				continue
			}
			unknown.add(env, fmt.Sprintf("%s = %s", name.Of, strings.ReplaceAll(name.Value, env.Environment, "SUFFIX")))
		}
		for _, name := range want {
			missing.add(env, name)
		}
	}
	unknown.fail(t, "a fixed name, with which AWS cannot replace the resource. Leave it to CloudFormation; "+
		"if an outsider must know it, add it to the list of this test in test/app_invariants_test.go, or to scopedNames of test/invariants/names.go if it is a name within another resource")
	missing.fail(t, "listed in test/app_invariants_test.go as a fixed name, but nothing has it: take it off the list, or give the name back if an outsider knows it")
}

// Two environments can be in the same account: pull requests always are.
func TestEnvironmentsInOneAccountShareNoName(t *testing.T) {
	var all []*invariants.Environment
	for _, env := range allEnvironments(t) {
		all = append(all, env.assembly)
	}
	require.Empty(t, invariants.Taken(all))
	require.NotEmpty(t, invariants.Taken(append(all, all[0])))
}

// A resource with another logical id is another resource: moved between
// environments, a change would replace in one what it updates in the other. So
// of two environments the one with fewer resources of a type has none that the
// other lacks.
func TestLogicalIDsAreTheSameInEveryEnvironment(t *testing.T) {
	most := map[string][]string{}
	for _, env := range allEnvironments(t) {
		for kind, ids := range idsByKind(t, env) {
			if len(ids) > len(most[kind]) {
				most[kind] = ids
			}
		}
	}
	for _, env := range allEnvironments(t) {
		for kind, ids := range idsByKind(t, env) {
			require.Subset(t, most[kind], ids, "%s %s", env.Environment, kind)
		}
	}
}

// idsByKind returns the logical ids of each type in each stack, but for CDK's
// function that empties the bucket of disposable environments.
func idsByKind(t *testing.T, env *environment) map[string][]string {
	t.Helper()
	ids := map[string][]string{}
	for _, r := range resourcesOf(t, env) {
		if !strings.HasPrefix(r.id, "CustomS3AutoDeleteObjects") {
			kind := r.stack + " " + r.Type
			ids[kind] = append(ids[kind], r.id)
		}
	}
	return ids
}

// manifest is what the CDK CLI reads of an assembly.
type manifest struct {
	Artifacts map[string]struct {
		Properties struct{ Flags map[string]featureFlag }
	}
}

func manifestOf(t *testing.T, env *environment) manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(env.directory, "manifest.json"))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, json.Unmarshal(text, &m))
	require.Len(t, m.Artifacts, 2*len(env.templates)+1, "template and assets of each stack, and the report on feature flags")
	return m
}
