package rehearsal_test

import (
	"fmt"

	"catalog-infra/internal/rehearsal"
)

// shifting is a service behind a rule of a listener.
func shifting(condition, listener, strategy, advanced string) stacks {
	return app(fmt.Sprintf(`
		"Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Port": 80}},
		"Listener443": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Port": 443}},
		"Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {}},
		"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "%s"}, "Priority": 1,
			"Conditions": [{"Field": "%s"}], "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}]}},
		"Service": {"Type": "AWS::ECS::Service", "Properties": {"DeploymentConfiguration": {"Strategy": "%s"},
			"LoadBalancers": [{"ContainerPort": 3000, "TargetGroupArn": {"Ref": "Targets"}%s}]}}`, listener, condition, strategy, advanced))
}

// shifts names the rule by which ECS shifts requests.
const shifts = `, "AdvancedConfiguration": {"ProductionListenerRule": {"Ref": "Rule"}}`

var shiftingPairs = map[string]pair{
	"another condition with rolling": {shifting("a", "Listener", "ROLLING", ""), shifting("b", "Listener", "ROLLING", ""), rehearsal.Fine, ""},
	"the alternate group is added":   {shifting("a", "Listener", "ROLLING", ""), shifting("b", "Listener", "ROLLING", shifts), rehearsal.Fine, ""},
	"added at once with canary": {shifting("a", "Listener", "ROLLING", ""), shifting("b", "Listener", "CANARY", shifts), rehearsal.ServiceCut,
		"Deploy the alternate target group first"},
	"another strategy":                 {shifting("a", "Listener", "ROLLING", shifts), shifting("a", "Listener", "CANARY", shifts), rehearsal.Fine, ""},
	"back to rolling":                  {shifting("a", "Listener", "LINEAR", shifts), shifting("a", "Listener", "ROLLING", shifts), rehearsal.Fine, ""},
	"another condition with canary":    {shifting("a", "Listener", "CANARY", shifts), shifting("b", "Listener", "CANARY", shifts), rehearsal.ServiceCut, "CloudFormation writes the weights of the template again"},
	"the alternate group is removed":   {shifting("a", "Listener", "ROLLING", shifts), shifting("b", "Listener", "ROLLING", ""), rehearsal.ServiceCut, "CloudFormation writes the weights of the template again"},
	"another listener with canary":     {shifting("a", "Listener", "CANARY", shifts), shifting("a", "Listener443", "CANARY", shifts), rehearsal.ServiceCut, "CloudFormation writes the weights of the template again"},
	"a new service begins with canary": {app(), shifting("a", "Listener", "CANARY", shifts), rehearsal.Fine, ""},
}
