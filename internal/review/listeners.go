package review

import (
	"fmt"
	"slices"

	"catalog-infra/internal/assembly"
)

const listenerPage = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html"

// forwarding says for which requests a listener does not answer itself. Every condition
// must be met; it has a field, and one of its values.
type forwarding struct {
	at         *resource
	conditions map[string][]any
}

// judgeListeners finds ports that are open, and requests that are forwarded, as none was.
func judgeListeners(c *comparison) {
	before, after := c.base.ports(), c.head.ports()
	for _, found := range c.head.ofType(listener) {
		port := c.head.portOf(found)
		if before[port] == nil {
			c.find(Wider, found, listenerPage, "%s listens on port %s", c.head.named(found.values["LoadBalancerArn"]), text(found.values["Port"]))
		}
		for _, young := range after[port] {
			if before[port] != nil && !slices.ContainsFunc(before[port], young.isIn) {
				c.find(Wider, young.at, listenerPage, "%s forwards requests that it answered itself or asked for a login", found.shared)
			}
		}
	}
}

// ports returns what is forwarded at each port of each load balancer. A port that forwards
// nothing has an empty list.
func (e *environment) ports() map[string][]forwarding {
	all := map[string][]forwarding{}
	for _, found := range e.ofType(listener) {
		forwards := []forwarding{}
		if isForwarding(found.values["DefaultActions"]) {
			forwards = append(forwards, forwarding{found, nil})
		}
		all[e.portOf(found)] = forwards
	}
	for _, rule := range e.ofType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		target, ok := e.target(rule.values["ListenerArn"])
		if ok && isForwarding(rule.values["Actions"]) {
			port := e.portOf(target)
			all[port] = append(all[port], forwarding{rule, conditionsOf(rule)})
		}
	}
	return all
}

func (e *environment) portOf(found *resource) string {
	return fmt.Sprintf("%s port %s", e.named(found.values["LoadBalancerArn"]), text(found.values["Port"]))
}

// isForwarding reports whether actions let a request through without a login.
func isForwarding(actions any) bool {
	forwards := false
	for _, action := range objectsOf(actions) {
		switch action["Type"] {
		case "authenticate-oidc", "authenticate-cognito", "jwt-validation":
			return false
		case "forward":
			forwards = true
		}
	}
	return forwards
}

// conditionConfigs are the properties of a condition that have its values, if not Values
// has them.
var conditionConfigs = []string{
	"HttpHeaderConfig", "PathPatternConfig", "HostHeaderConfig", "SourceIpConfig", "QueryStringConfig", "HttpRequestMethodConfig",
}

// conditionsOf returns the values of each condition of a rule, by its field and the name
// of a header.
func conditionsOf(rule *resource) map[string][]any {
	all := map[string][]any{}
	for _, condition := range objectsOf(rule.values["Conditions"]) {
		field, values := text(condition["Field"]), assembly.AsList(condition["Values"])
		for _, name := range conditionConfigs {
			if config, ok := condition[name].(map[string]any); ok {
				field += text(config["HttpHeaderName"])
				values = append(values, assembly.AsList(config["Values"])...)
			}
		}
		all[field] = append(all[field], values...)
	}
	return all
}

// isIn reports whether each request that is forwarded was forwarded by the other, too: it
// asks for all that the other asks for, and takes no more values.
func (f forwarding) isIn(other forwarding) bool {
	for field, values := range other.conditions {
		own, asks := f.conditions[field]
		if !asks || grows(values, own) {
			return false
		}
	}
	return true
}
