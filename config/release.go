package config

import (
	"math"
	"strings"
)

// Release is how ECS replaces the tasks by those of a new version.
type Release struct {
	// Strategy is ECS's deployment strategy. "rolling" replaces the tasks bit by bit. The
	// others start all new tasks beside the old ones: then "blue-green" sends them all
	// requests, "canary" a part first, and "linear" a part more at each step. They need
	// the alternate target group. Default: rolling.
	Strategy Strategy `json:"strategy" jsonschema:"enum=rolling,enum=blue-green,enum=canary,enum=linear"`

	// AlternateTargetGroup is for any strategy but rolling: a second target group, and a
	// rule of the listener that ECS changes. The listener then no longer asks for the
	// origin header, which is left to the web ACL. In a running environment it is deployed
	// before the strategy changes. It costs nothing. Default: false.
	AlternateTargetGroup bool `json:"alternateTargetGroup"`

	// StepPercent is the part of the requests that goes to the new tasks first (canary) or
	// at each step (linear), 3 to 50. The deployment alarm must notice if they all fail.
	// Default: 10.
	StepPercent int `json:"stepPercent" jsonschema:"minimum=3,maximum=50"`

	// StepBakeMinutes is how long canary and linear wait until the next step, 10 to 1440.
	// The deployment alarm needs up to ten. Default: 15.
	StepBakeMinutes int `json:"stepBakeMinutes" jsonschema:"minimum=10,maximum=1440"`

	// BakeMinutes is how long the old tasks stay once the new ones have all requests, 10
	// to 1440, so that an alarm can send the requests back at once. Twice the tasks are
	// billed until then. rolling ignores it. Default: 15.
	BakeMinutes int `json:"bakeMinutes" jsonschema:"minimum=10,maximum=1440"`
}

// Strategy is a deployment strategy of ECS.
type Strategy string

// The strategies.
const (
	StrategyRolling   Strategy = "rolling"
	StrategyBlueGreen Strategy = "blue-green"
	StrategyCanary    Strategy = "canary"
	StrategyLinear    Strategy = "linear"
)

// ECS returns the name that ECS's API has for the strategy.
func (s Strategy) ECS() string { return strings.ToUpper(strings.ReplaceAll(string(s), "-", "_")) }

// inSteps reports whether some viewers get the new version before others.
func (r Release) inSteps() bool { return r.Strategy == StrategyCanary || r.Strategy == StrategyLinear }

// FastestBurn is the burn rate from which a deployment is rolled back: how many times
// faster than allowed the error budget is spent, for five minutes. It is the SRE
// workbook's rate for two per cent of the month's budget in an hour.
// https://sre.google/workbook/alerting-on-slos/
const FastestBurn = 14.4

// mostReleaseMinutes is how long CloudFormation lets the waiting of a deployment be: 33
// hours.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-canaryconfiguration.html
const mostReleaseMinutes = 33 * 60

// minutes returns how long a deployment waits in all.
func (r Release) minutes() int {
	switch r.Strategy {
	case StrategyCanary:
		return r.StepBakeMinutes + r.BakeMinutes
	case StrategyLinear:
		return int(math.Ceil(100/float64(r.StepPercent)))*r.StepBakeMinutes + r.BakeMinutes
	}
	return r.BakeMinutes
}
