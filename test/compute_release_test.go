package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/constructs/web"
)

// Whatever changes the rule has CloudFormation write its weights again. Only another
// port or certificate of the listener does, which the rehearsal calls a cut.
func TestSettingsLeaveTheRuleByWhichECSShiftsRequests(t *testing.T) {
	rule := func(env *environment) props { return env.stack(t, "compute").one(listenerRule).Properties }
	other := withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Service.Release = config.Release{Strategy: config.StrategyRolling, AlternateTargetGroup: true}
		cfg.Service.Port, cfg.Service.HealthCheckPath = 8080, "/ready"
		cfg.Edge.OriginHeaderVersion = 2
		cfg.Edge.Ingress = config.IngressInternet
		cfg.Edge.WAF.Mode = config.WAFCount
		cfg.Edge.Domain, cfg.Edge.ViewerCertificateARN = "api.example.com", viewerCertificate
	})
	require.Equal(t, rule(canaryProd(t)), rule(other))
}

func TestAServiceIsNotReleasedWithoutAnAlarm(t *testing.T) {
	require.PanicsWithValue(t, "web: Release: ReleaseProps lacks Alarm, BakeMinutes, StepPercent, StepBakeMinutes", func() {
		(&web.Service{}).Release(web.ReleaseProps{Strategy: awsecs.DeploymentStrategy_CANARY})
	})
}
