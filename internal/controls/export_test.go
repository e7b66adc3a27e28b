package controls

// Verdicts returns how a control judges each resource of its type, by logical id.
var Verdicts = func(control Control, env *environment) map[string]string {
	verdicts := map[string]string{}
	for _, r := range env.byType[control.Resource] {
		verdicts[r.ID] = []string{"passes", "fails", "exempt"}[checks[control.ID](env, r)]
	}
	return verdicts
}

var (
	NewEnvironment = newEnvironment
	Checks         = checks
)
