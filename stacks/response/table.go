package response

import (
	"catalog-infra/config"
	"catalog-infra/constructs/permissions"
)

//go:generate go test . -run TestTheDocument -update

// runbook is a row of the table of runbooks. Documents, roles, the policies of
// Operator and Approver, event rules and the table in
// docs/incident-response.md are made from it.
type runbook struct {
	// name is the file runbooks/NAME.yaml and the end of the document's name.
	name string

	// role has the permissions of the runbook. Rows with the same role share it.
	role role

	// constants returns values for ${...} in the file, in addition to those that
	// (*resources).constants returns for every runbook.
	constants func(*resources) map[string]any

	// starts names the runbooks that a step of this one starts.
	starts []string

	// triggers start the runbook without asking anybody, so it must be harmless.
	triggers []trigger

	// eventsOnly denies people to start the runbook. Operators may start all
	// others. Approvers may start none.
	eventsOnly bool

	// firstHours adds the runbook to the links in the OpsItem of an incident.
	firstHours bool

	// shortLived adds the runbook to short-lived environments, too.
	shortLived bool

	// only leaves the runbook out of environments that lack what it acts on.
	// Default: every environment has it.
	only condition
}

// role is the role of one or several runbooks. Its ID is also its logical ID.
type role struct {
	id     string
	grants []grant
}

// grant returns statements of a role.
type grant func(*resources) []permissions.Statement

// in reports whether the environment has the runbook.
func (r runbook) in(cfg config.Config) bool {
	return (r.shortLived || !cfg.ShortLived) && r.only.holds(cfg)
}

// The roles that several runbooks share, because one undoes or continues what
// the other did.
var (
	deploymentRole = role{"DeploymentRunbookRole", []grant{publish, deployService, rollBackService}}
	databaseRole   = role{"DatabaseRole", []grant{publish, restoreDatabase, switchDatabase, grantKeyToRDS, describeService, listRuns}}
	rulesRole      = role{"RulesRole", []grant{saveState, pinTasks, changeRules, listRuns, publish}}

	edgeIsolationRole     = role{"EdgeIsolationRole", []grant{saveState, pinTasks, setLoadBalancerGroups, listRuns, publish}}
	databaseIsolationRole = role{"DatabaseIsolationRole", []grant{saveState, pinTasks, setClusterGroups, listRuns, publish}}
)

// runbooks are in the order in which an incident needs them.
var runbooks = []runbook{
	{
		name:      "open-incident",
		role:      role{"OpenIncidentRole", []grant{publish, listSavedState, putState, openOpsItem}},
		constants: incidentConstants,
		triggers:  []trigger{threatFound},
	},
	{
		name:       "preserve-evidence",
		role:       role{"PreserveEvidenceRole", []grant{publish, describeTasks, copyEvidence, grantKeyToRDS}},
		constants:  preserveConstants,
		triggers:   []trigger{databaseAttacked},
		firstHours: true,
	},
	{name: "isolate-edge", role: edgeIsolationRole, constants: isolationConstants, firstHours: true},
	{name: "isolate-database", role: databaseIsolationRole, constants: isolationConstants, firstHours: true},
	{name: "isolate-rules", role: rulesRole, constants: isolationConstants},
	{
		name:       "block-addresses",
		role:       role{"BlockingRole", []grant{saveState, updateIPSets, listRuns, publish}},
		constants:  ipSetConstants,
		firstHours: true,
		only:       hasWAF,
	},
	{
		name: "gather-evidence",
		role: role{"GatherEvidenceRole", []grant{publish, listSavedState, putState, exportLogs, readConfiguration,
			describeService, listRuns}},
		constants:  gatherConstants,
		firstHours: true,
	},
	{
		name:       "set-alert-sensitivity",
		role:       role{"SensitivityRole", []grant{setAlarms, listRuns, publish}},
		constants:  alarmConstants,
		firstHours: true,
		only:       hasStricterAlarms,
	},
	{name: "release-rules", role: rulesRole, constants: isolationConstants},
	{
		name:       "replace-tasks",
		role:       deploymentRole,
		constants:  strategyConstants,
		triggers:   []trigger{secretRotated},
		shortLived: true,
	},
	{name: "release-database", role: databaseIsolationRole, constants: isolationConstants},
	{
		name:       "rotate-secret",
		role:       role{"SecretRole", []grant{publish, rotateSecret, describeService, listRuns}},
		constants:  rotationConstants,
		starts:     []string{"replace-tasks"},
		firstHours: true,
	},
	{name: "tighten-security-groups", role: rulesRole, constants: isolationConstants},
	{name: "release-edge", role: edgeIsolationRole, constants: isolationConstants},
	{
		name:   "quarantine-image",
		role:   role{"QuarantineImageRole", []grant{publish, describeTasks, archiveImages, listRuns}},
		starts: []string{"roll-back-service"},
	},
	{name: "roll-back-service", role: deploymentRole, constants: strategyConstants},
	{name: "restore-database", role: databaseRole, constants: databaseConstants},
	{name: "cut-over-database", role: databaseRole, constants: databaseConstants, starts: []string{"replace-tasks"}},
	{
		name:     "review-access",
		role:     role{"ReviewAccessRole", []grant{publish, putReview, readAccess}},
		triggers: []trigger{everyQuarter},
	},
	{
		name:       "check-secret-age",
		role:       role{"SecretAgeRole", []grant{compareSecretAge, describeService}},
		triggers:   []trigger{everyHour},
		shortLived: true,
	},
	{
		name:     "mark-finding-notified",
		role:     role{"MarkFindingNotifiedRole", []grant{setWorkflowStatus}},
		triggers: []trigger{hubFindingSent},
		only:     notifiesOfHub,
	},
	{
		name:       reportFailedRun,
		role:       role{"ReportFailedRunRole", []grant{publish, readRuns}},
		triggers:   []trigger{runbookFailed},
		eventsOnly: true,
		shortLived: true,
	},
}
