package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// needsOfDistribution adds what CloudFront needs to reach a load balancer: a listener on
// the port that it calls, which admits the header that it sends.
func (a *account) needsOfDistribution(stack assembly.Stack, distribution assembly.Resource, needs map[string]bool) {
	for _, origin := range distribution.Properties.Objects("DistributionConfig", "Origins") {
		balancer, port, ok := a.called(stack, origin)
		if !ok {
			continue
		}
		listener, listens := a.listenerOn(balancer, port)
		needs[fmt.Sprintf("%s calls port %d of %s, which has no such listener", distribution.ID, port, balancer.resource.ID)] = listens
		var sent []string
		for _, header := range origin.Objects("OriginCustomHeaders") {
			name := text(header["HeaderName"])
			sent = append(sent, name)
			admitted := a.admitted(listener, name)
			refused := fmt.Sprintf("%s sends a value of the header %s that %s does not admit", distribution.ID, name, balancer.resource.ID)
			needs[refused] = len(admitted) == 0 || slices.Contains(admitted, a.key(stack, header["HeaderValue"]))
		}
		lacks := slices.ContainsFunc(asked(listener), func(name string) bool { return !slices.Contains(sent, name) })
		needs[fmt.Sprintf("%s lacks a header that %s asks for", distribution.ID, balancer.resource.ID)] = !lacks
	}
}

// called returns the load balancer behind an origin, and the port that CloudFront calls.
func (a *account) called(stack assembly.Stack, origin assembly.Object) (placed, int, bool) {
	deployed := assembly.Assembly{Stacks: a.stacks}
	endpoint, domain := object(origin["CustomOriginConfig"]), origin["DomainName"]
	if id := origin.At("VpcOriginConfig", "VpcOriginId"); id != nil {
		var through assembly.Resource
		stack, through, _ = deployed.Target(stack, id)
		endpoint = object(through.Properties["VpcOriginEndpointConfig"])
		domain = endpoint["Arn"]
	} else if name, ok := domain.(string); ok {
		stack, domain = a.alias(name)
	}
	owner, balancer, _ := deployed.Target(stack, domain)
	if balancer.Type != "AWS::ElasticLoadBalancingV2::LoadBalancer" {
		return placed{}, 0, false
	}
	switch found := (placed{stack: owner, resource: balancer}); endpoint["OriginProtocolPolicy"] {
	case "http-only":
		return found, portOr(endpoint, "HTTPPort", 80), true
	case "https-only":
		return found, portOr(endpoint, "HTTPSPort", 443), true
	}
	return placed{}, 0, false
}

func object(value any) assembly.Object {
	found, _ := value.(map[string]any)
	return found
}

func portOr(endpoint assembly.Object, property string, usual int) int {
	if port := endpoint.Int(property); port != 0 {
		return port
	}
	return usual
}

// alias returns the load balancer that a record of the account is an alias for.
func (a *account) alias(name string) (assembly.Stack, any) {
	for _, stack := range a.stacks {
		for _, record := range stack.Template.OfType("AWS::Route53::RecordSet") {
			if strings.TrimSuffix(text(record.Properties["Name"]), ".") != name {
				continue
			}
			for id := range references(record.Properties.At("AliasTarget", "DNSName")) {
				return stack, map[string]any{"Ref": id}
			}
		}
	}
	return assembly.Stack{}, nil
}

// listenerOn returns the listener of a load balancer on a port.
func (a *account) listenerOn(balancer placed, port int) (placed, bool) {
	wanted := balancer.stack.ID + "/" + balancer.resource.ID
	for _, stack := range a.stacks {
		for _, listener := range stack.Template.OfType("AWS::ElasticLoadBalancingV2::Listener") {
			if listener.Properties.Int("Port") == port && a.key(stack, listener.Properties["LoadBalancerArn"]) == wanted {
				return placed{stack: stack, resource: listener}, true
			}
		}
	}
	return placed{}, false
}

// asked returns the headers without which a listener forwards no request.
func asked(listener placed) []string {
	for _, action := range listener.resource.Properties.Objects("DefaultActions") {
		if action["TargetGroupArn"] != nil {
			return nil
		}
	}
	var names []string
	for _, condition := range asks(listener) {
		if name, ok := object(condition["HttpHeaderConfig"])["HttpHeaderName"].(string); ok {
			names = append(names, name)
		}
	}
	return names
}

// asks returns the conditions of the rules of a listener.
func asks(listener placed) []assembly.Object {
	var all []assembly.Object
	for _, rule := range listener.stack.Template.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		if references(rule.Properties["ListenerArn"])[listener.resource.ID] {
			all = append(all, rule.Properties.Objects("Conditions")...)
		}
	}
	return all
}

// admitted returns the values of a header that the rules of a listener ask for; none
// where they ask for no such header.
func (a *account) admitted(listener placed, header string) []string {
	var values []string
	for _, condition := range asks(listener) {
		if config := object(condition["HttpHeaderConfig"]); config["HttpHeaderName"] == header {
			values = append(values, a.keys(listener.stack, config.List("Values"))...)
		}
	}
	return values
}
