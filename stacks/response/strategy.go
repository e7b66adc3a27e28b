package response

import (
	"maps"

	"catalog-infra/config"
)

// strategyConstants are what the deployments of runbooks need where ECS shifts requests
// between two target groups. Their new tasks get all requests at once: the old ones have
// an old password, or are what the incident is about. ECS changes the strategy of the
// service only, so it is restored after the deployment, also if that does not end.
func strategyConstants(r *resources) map[string]any {
	release := r.env.Config.Service.Release
	if release.Strategy == config.StrategyRolling {
		return map[string]any{"AtOnce": nil, "AfterTimeout": nil, "RestoreStrategy": []any{}}
	}
	strategy := map[string]any{"strategy": release.Strategy.ECS(), "bakeTimeInMinutes": release.BakeMinutes}
	switch release.Strategy {
	case config.StrategyCanary:
		strategy["canaryConfiguration"] = map[string]any{
			"canaryPercent": release.StepPercent, "canaryBakeTimeInMinutes": release.StepBakeMinutes,
		}
	case config.StrategyLinear:
		strategy["linearConfiguration"] = map[string]any{
			"stepPercent": release.StepPercent, "stepBakeTimeInMinutes": release.StepBakeMinutes,
		}
	}
	return map[string]any{
		"AtOnce":          r.deploymentConfiguration(map[string]any{"strategy": config.StrategyBlueGreen.ECS(), "bakeTimeInMinutes": 0}),
		"AfterTimeout":    "step:RestoreStrategy",
		"RestoreStrategy": []any{map[string]any{"uses": "RestoreStrategy"}},
		"Strategy":        r.deploymentConfiguration(strategy),
	}
}

// deploymentConfiguration returns a strategy with all else that the service has: AWS does
// not say whether UpdateService keeps what a request leaves out.
func (r *resources) deploymentConfiguration(strategy map[string]any) map[string]any {
	all := map[string]any{
		"maximumPercent": 200, "minimumHealthyPercent": 100,
		"deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true},
		"alarms":                   map[string]any{"alarmNames": []*string{r.props.DeploymentAlarm.Ref()}, "enable": true, "rollback": true},
	}
	maps.Copy(all, strategy)
	return all
}
