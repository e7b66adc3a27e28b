package config_test

import "testing"

func TestReleasesAreRefused(t *testing.T) {
	release := func(settings string) string { return "service:\n  release: {" + settings + "}\n" }
	const alternate = "strategy: canary, alternateTargetGroup: true"
	refused{
		"a canary without the alternate target group": {release("strategy: canary"), `:2: service.release.strategy: got "canary", ` +
			`want rolling, or service.release.alternateTargetGroup true. Deploy that first where the environment is running`},
		"the alternate target group without a web ACL": {release("alternateTargetGroup: true") + "edge: {waf: {mode: 'off'}}\n",
			`:2: service.release.alternateTargetGroup: got true, want false, or edge.waf.mode count or block: with it only the web ACL asks for the origin header`},
		"a canary that the alarm does not notice": {release(alternate+", stepPercent: 7") + "slo: {availabilityPercent: 99.5}\n",
			`:2: service.release.stepPercent: got 7, want more than 7.2, the percentage of errors that sets off the deployment alarm, or a higher slo.availabilityPercent`},
		"a canary of two days": {release(alternate + ", stepBakeMinutes: 1440, bakeMinutes: 541"),
			`:2: service.release.stepBakeMinutes: got 1440, want fewer minutes, or fewer steps: a deployment would wait for 1981, and CloudFormation accepts at most 1980`},
		"34 steps of an hour": {release("strategy: linear, alternateTargetGroup: true, stepPercent: 3, stepBakeMinutes: 60"),
			`:2: service.release.stepBakeMinutes: got 60, want fewer minutes, or fewer steps: a deployment would wait for 2055, and CloudFormation accepts at most 1980`},
		"a strategy of another service": {release("strategy: allAtOnce"), `:2: service.release.strategy: got "allAtOnce", want one of rolling, blue-green, canary, linear`},
	}.run(t)
	with(t, release("alternateTargetGroup: true, strategy: blue-green, stepPercent: 3")+"slo: {availabilityPercent: 99.5}\n")
	with(t, release("alternateTargetGroup: true")+"edge: {ingress: internet, waf: {mode: 'off'}}\n")
}
