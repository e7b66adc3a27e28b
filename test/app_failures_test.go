package test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// A first deployment fails at each resource in turn. The same command again then
// succeeds, or the document says what to do.
func TestAFirstDeployThatFailedCanBeRepeatedAsDocumented(t *testing.T) {
	found := map[string]bool{}
	for _, env := range append(allEnvironments(t), unusualDev(t), secondRegionProd(t), vpcOriginProd(t)) {
		made := assemblyOf(t, env)
		report := rehearsal.Deploy(nil, made)
		require.Negative(t, rehearsal.Worse(rehearsal.ServiceCut, report.Worst()), "%s: %+v", env.Environment, report.Steps)
		require.ElementsMatch(t, idsOf(made), failedAt(report), env.Environment)
		collect(found, report)
		for _, failure := range report.AfterFailure {
			for _, problem := range failure.Problems {
				if problem.Kind == rehearsal.NameTaken {
					require.Equal(t, logGroup, env.stack(t, failure.Stack).resources[problem.Resource].Type, "retain it on update or delete only")
				}
			}
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(found)), firstCells(sections(t, "../docs/operations.md")["when-a-first-deploy-fails"]))
}

// A protected environment is first made a retained one, as the document says.
func TestADestroyThatFailedCanBeRepeatedAsDocumented(t *testing.T) {
	found := map[string]bool{}
	retain := func(cfg *config.Config) { cfg.Lifecycle = config.LifecycleRetained }
	for _, env := range append(allEnvironments(t), changed(t, "prod", retain)) {
		made := assemblyOf(t, env)
		report := rehearsal.Destroy(made)
		if made.Stacks[0].Protected {
			require.Equal(t, rehearsal.Refused, report.Worst())
			found[string(rehearsal.TerminationProtection)] = true
			continue
		}
		require.Negative(t, rehearsal.Worse(rehearsal.Refused, report.Worst()), "%s: %+v", env.Environment, report.Steps)
		require.ElementsMatch(t, idsOf(made, "Retain", "RetainExceptOnCreate"), failedAt(report), env.Environment)
		collect(found, report)
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(found)), firstCells(sections(t, "../docs/operations.md")["when-a-destroy-fails"]))
}

// collect adds the kinds of problems that follow a failure.
func collect(found map[string]bool, report rehearsal.Report) {
	for _, failure := range report.AfterFailure {
		for _, problem := range failure.Problems {
			found[string(problem.Kind)] = true
		}
	}
}

// failedAt returns each stack/resource at which a failure was rehearsed.
func failedAt(report rehearsal.Report) (all []string) {
	for _, failure := range report.AfterFailure {
		for _, id := range failure.Resources {
			all = append(all, failure.Stack+"/"+id)
		}
	}
	return all
}

// idsOf returns each stack/resource, without those of the deletion policies.
func idsOf(made *assembly.Assembly, leftOut ...string) (all []string) {
	for _, stack := range made.Stacks {
		for id, resource := range stack.Template.Resources {
			if !slices.Contains(leftOut, resource.DeletionPolicy) {
				all = append(all, fmt.Sprintf("%s/%s", stack.ID, id))
			}
		}
	}
	return all
}
