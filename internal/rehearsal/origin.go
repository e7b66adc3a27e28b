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
		if domain, known := origin["DomainName"].(string); known && a.certificates[domain] != nil {
			without := fmt.Sprintf("%s asks %s for a certificate for %s, which it does not have", distribution.ID, balancer.resource.ID, domain)
			needs[without] = slices.ContainsFunc(a.certificatesOf(listener), func(one string) bool { return a.certificates[domain][one] })
		}
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

// learnCertificates notes with which certificates load balancers answer for the domains
// that CloudFront asks for.
func (a *account) learnCertificates() {
	for stack, distribution := range a.ofType("AWS::CloudFront::Distribution") {
		for _, origin := range distribution.Properties.Objects("DistributionConfig", "Origins") {
			a.learnCertificatesOf(stack, origin)
		}
	}
}

func (a *account) learnCertificatesOf(stack assembly.Stack, origin assembly.Object) {
	domain, known := origin["DomainName"].(string)
	balancer, port, ok := a.called(stack, origin)
	if !known || !ok {
		return
	}
	listener, _ := a.listenerOn(balancer, port)
	for _, certificate := range a.certificatesOf(listener) {
		if a.certificates[domain] == nil {
			a.certificates[domain] = map[string]bool{}
		}
		a.certificates[domain][certificate] = true
	}
}

// certificatesOf returns the certificates of a listener: the default one and its list.
func (a *account) certificatesOf(listener placed) []string {
	all := a.certificatesIn(listener.stack, listener.resource)
	for _, more := range listener.stack.Template.OfType("AWS::ElasticLoadBalancingV2::ListenerCertificate") {
		if references(more.Properties["ListenerArn"])[listener.resource.ID] {
			all = append(all, a.certificatesIn(listener.stack, more)...)
		}
	}
	return all
}

func (a *account) certificatesIn(stack assembly.Stack, resource assembly.Resource) []string {
	var all []string
	for _, certificate := range resource.Properties.Objects("Certificates") {
		all = append(all, a.key(stack, certificate["CertificateArn"]))
	}
	return all
}

// called returns the load balancer behind an origin, and the port that CloudFront calls.
func (a *account) called(stack assembly.Stack, origin assembly.Object) (placed, int, bool) {
	endpoint, domain := object(origin["CustomOriginConfig"]), origin["DomainName"]
	if id := origin.At("VpcOriginConfig", "VpcOriginId"); id != nil {
		var through assembly.Resource
		stack, through, _ = a.target(stack, id)
		endpoint = object(through.Properties["VpcOriginEndpointConfig"])
		domain = endpoint["Arn"]
	} else if name, ok := domain.(string); ok {
		stack, domain = a.alias(name)
	}
	owner, balancer, _ := a.target(stack, domain)
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
	for stack, record := range a.ofType("AWS::Route53::RecordSet") {
		if strings.TrimSuffix(text(record.Properties["Name"]), ".") != name {
			continue
		}
		for id := range references(record.Properties.At("AliasTarget", "DNSName")) {
			return stack, map[string]any{"Ref": id}
		}
	}
	return assembly.Stack{}, nil
}

// listenerOn returns the listener of a load balancer on a port.
func (a *account) listenerOn(balancer placed, port int) (placed, bool) {
	wanted := balancer.stack.ID + "/" + balancer.resource.ID
	for stack, listener := range a.ofType("AWS::ElasticLoadBalancingV2::Listener") {
		if listener.Properties.Int("Port") == port && a.key(stack, listener.Properties["LoadBalancerArn"]) == wanted {
			return placed{stack: stack, resource: listener}, true
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
