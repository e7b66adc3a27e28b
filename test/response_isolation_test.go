package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// containment are the runbooks that stop an attack and their undoing, each with
// the steps that change something.
var containment = map[string][]string{
	"isolate-edge":            {"PinTasks", "SwapGroups"},
	"release-edge":            {"SwapGroups", "UnpinTasks"},
	"isolate-database":        {"PinTasks", "SwapGroups"},
	"release-database":        {"SwapGroups", "UnpinTasks"},
	"isolate-rules":           {"PinTasks", "MarkGroup", "RevokeRules"},
	"release-rules":           {"RestoreRules", "UnmarkGroup", "UnpinTasks"},
	"tighten-security-groups": {"RevokeRules"},
	"block-addresses":         {"UpdateList"},
	"set-alert-sensitivity":   {"SetLevel"},
}

// harmless change no traffic: they are no dry run by default, and there is
// nothing to save that the template does not say.
var harmless = []string{"set-alert-sensitivity"}

// everyContainment checks each of them in each environment that has it.
func everyContainment(t *testing.T, check func(t *testing.T, env *environment, name string, steps []props)) {
	t.Helper()
	for _, env := range allEnvironments(t) {
		for _, name := range slices.Sorted(maps.Keys(containment)) {
			if _, has := runbooksOf(t, env)[name]; has {
				t.Run(env.Environment+" "+name, func(t *testing.T) { check(t, env, name, stepsOf(t, env, name)) })
			}
		}
	}
}

func stepsOf(t *testing.T, env *environment, name string) []props {
	t.Helper()
	var steps []props
	for _, step := range at(t, runbookContent(t, env, name), "mainSteps").([]any) {
		steps = append(steps, step.(props))
	}
	return steps
}

// indexOf returns where in a document a step is, -1 if it is not.
func indexOf(steps []props, name string) int {
	return slices.IndexFunc(steps, func(step props) bool { return step["name"] == name })
}

func TestContainmentExistsWhereItsTargetExists(t *testing.T) {
	everything := slices.Sorted(maps.Keys(containment))
	inDev := slices.DeleteFunc(slices.Clone(everything), func(name string) bool {
		return name == "block-addresses" || name == "set-alert-sensitivity"
	})
	for suffix, want := range map[string][]string{"dev": inDev, "staging": everything, "prod": everything} {
		for _, name := range want {
			require.Contains(t, runbooksOf(t, reference(t, suffix)), name, suffix)
		}
	}
	require.NotContains(t, runbooksOf(t, reference(t, "dev")), "block-addresses", "dev has no web ACL")
	require.NotContains(t, runbooksOf(t, reference(t, "dev")), "set-alert-sensitivity", "dev has no stricter alarms")
	for name := range containment {
		require.NotContains(t, runbooksOf(t, shortLived(t, "dev")), name)
	}
}

func TestContainmentChangesNothingBeforeItSavedWhatIsThere(t *testing.T) {
	everyContainment(t, func(t *testing.T, _ *environment, name string, steps []props) {
		saved := indexOf(steps, "SaveState")
		if slices.Contains(harmless, name) {
			return
		}
		if strings.HasPrefix(name, "release-") {
			require.Equal(t, -1, saved, "what it restores is what was saved")
			return
		}
		require.NotContains(t, steps[saved], "onFailure", "it ends if it cannot save")
		for _, step := range containment[name] {
			require.Less(t, saved, indexOf(steps, step), step)
		}
	})
}

func TestUndoingAsksASecondPersonBeforeItChangesAnything(t *testing.T) {
	everyContainment(t, func(t *testing.T, _ *environment, name string, steps []props) {
		asked := indexOf(steps, "Approve")
		if strings.HasPrefix(name, "isolate-") {
			require.Equal(t, -1, asked, "isolating waits for nobody")
			return
		}
		approve := steps[asked]
		require.NotContains(t, approve, "onFailure", "it ends without consent")
		require.EqualValues(t, 4*60*60, approve["timeoutSeconds"])
		for _, step := range containment[name] {
			require.Less(t, asked, indexOf(steps, step), step)
		}
	})
}

// A dry run ends in the step that reports, before anything is saved or changed.
func TestRunbooksThatChangeTrafficAreADryRunByDefault(t *testing.T) {
	everyRunbook(t, func(t *testing.T, env *environment, name string, _ placed) {
		_, contains := containment[name]
		if contains == slices.Contains(harmless, name) && name != "roll-back-service" && name != "cut-over-database" {
			return
		}
		dryRun := at(t, runbookContent(t, env, name), "parameters", "DryRun").(props)
		require.Equal(t, "true", dryRun["default"])
		require.Equal(t, []any{"true", "false"}, dryRun["allowedValues"])

		steps := stepsOf(t, env, name)
		choose, report := stepOf(t, env, name, "ChooseDryRun"), indexOf(steps, "NotifyDryRun")
		require.Equal(t, indexOf(steps, "ChooseDryRun")+1, report)
		require.Equal(t, "NotifyDryRun", at(t, choose, "inputs", "Default"))
		require.Equal(t, true, steps[report]["isEnd"])
		for _, step := range containment[name] {
			require.Less(t, report, indexOf(steps, step), step)
		}
	})
}

func TestContainmentNotifiesAndStaysIfNotifyingFails(t *testing.T) {
	everyContainment(t, func(t *testing.T, _ *environment, _ string, steps []props) {
		last := steps[len(steps)-1]
		require.Equal(t, "Notify", last["name"])
		require.Equal(t, "Continue", last["onFailure"])
		require.Equal(t, false, last["isCritical"])
	})
}

// containmentParameters are all that a person decides.
var containmentParameters = []string{"Action", "Addresses", "DryRun", "IncidentId", "Level", "Undoes"}

func TestContainmentTakesNoTargetAsAParameter(t *testing.T) {
	everyContainment(t, func(t *testing.T, env *environment, name string, _ []props) {
		for parameter, definition := range at(t, runbookContent(t, env, name), "parameters").(props) {
			require.Contains(t, containmentParameters, parameter)
			require.True(t, definition.(props)["allowedPattern"] != nil || definition.(props)["allowedValues"] != nil, parameter)
			require.NotEmpty(t, definition.(props)["description"], parameter)
		}
	})
}

// SSM would put the value of a parameter into the code.
func TestNothingIsInterpolatedIntoAScript(t *testing.T) {
	scripts := 0
	everyRunbook(t, func(t *testing.T, env *environment, name string, _ placed) {
		for _, step := range stepsOf(t, env, name) {
			if script, ok := at(t, step, "inputs").(props)["Script"]; ok {
				scripts++
				require.NotContains(t, script, "{{", step["name"])
			}
		}
	})
	require.Positive(t, scripts)
}

func TestIsolatingAttachesTheIsolationGroup(t *testing.T) {
	for name, path := range map[string][]any{"isolate-edge": {"inputs", "SecurityGroups"},
		"isolate-database": {"inputs", "InputPayload", "Groups"}} {
		everyContainment(t, func(t *testing.T, env *environment, runbook string, _ []props) {
			if runbook != name {
				return
			}
			group := map[string]string{"isolate-edge": "IsolatedLoadBalancer", "isolate-database": "IsolatedDatabase"}[name]
			require.Equal(t, []string{group + ".GroupId"}, readableList(t, env, at(t, stepOf(t, env, name, "SwapGroups"), path...)))
			require.Empty(t, about(rulesOf(t, env), group+" in "))
		})
	}
}

// The names are those of the stricter alarms, and of no other alarm.
func TestSetAlertSensitivityChangesTheStricterAlarmsOnly(t *testing.T) {
	for _, suffix := range []string{"staging", "prod"} {
		env := reference(t, suffix)
		var stricter []string
		for _, alarm := range resourcesOf(t, env, "AWS::CloudWatch::Alarm") {
			if alarm.Properties["ActionsEnabled"] == false {
				stricter = append(stricter, readableID(alarm.id))
			}
		}
		require.NotEmpty(t, stricter)
		for _, step := range []string{"Plan", "SetLevel"} {
			names := readableList(t, env, at(t, stepOf(t, env, "set-alert-sensitivity", step), "inputs", "InputPayload", "Alarms"))
			requireSame(t, stricter, names, "The runbook enables something other than a stricter alarm", "The runbook leaves out a stricter alarm")
		}
	}
}
