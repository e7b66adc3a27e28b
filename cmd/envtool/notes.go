package main

import (
	"fmt"
	"slices"

	"catalog-infra/internal/assembly"
)

// notesOn returns weaknesses of the assembly that a configuration may have on purpose,
// so that no check refuses them.
func notesOn(synthesized *assembly.Assembly) []string {
	notes := slices.Concat(unheard(synthesized), anyAccount(synthesized))
	for _, stack := range synthesized.Stacks {
		for _, distribution := range stack.Template.OfType("AWS::CloudFront::Distribution") {
			notes = append(notes, distributionNotes(distribution)...)
		}
		for _, origin := range stack.Template.OfType("AWS::CloudFront::VpcOrigin") {
			if origin.Properties.At("VpcOriginEndpointConfig", "OriginProtocolPolicy") == "http-only" {
				notes = append(notes, "viewers to load balancer: plain HTTP behind the VPC origin: no origin certificate")
			}
		}
		for _, balancer := range stack.Template.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
			notes = append(notes, openPorts(synthesized, stack, balancer)...)
		}
		if len(stack.Template.OfType("AWS::Shield::Protection")) > 0 {
			notes = append(notes, "Shield Advanced: AWS refuses it until the account subscribes to it, for a year")
		}
	}
	return notes
}

// unheard returns a note if there is a topic without a subscription.
func unheard(synthesized *assembly.Assembly) []string {
	var topics, subscriptions int
	for _, stack := range synthesized.Stacks {
		topics += len(stack.Template.OfType("AWS::SNS::Topic"))
		subscriptions += len(stack.Template.OfType("AWS::SNS::Subscription"))
	}
	if topics == 0 || subscriptions > 0 {
		return nil
	}
	return []string{"no mail about alarms and approvals: alarms.emails is empty, as in every short-lived environment"}
}

// anyAccount returns a note if a protected stack is deployed to the account of the
// credentials, whichever it is.
func anyAccount(synthesized *assembly.Assembly) []string {
	for _, stack := range synthesized.Stacks {
		if stack.Protected && stack.Account == "unknown-account" {
			return []string{"protected, but account is not set: the stacks go to the account of the credentials"}
		}
	}
	return nil
}

func distributionNotes(distribution assembly.Resource) []string {
	var notes []string
	origins := distribution.Properties.Objects("DistributionConfig", "Origins")
	if slices.ContainsFunc(origins, plainHTTP) {
		notes = append(notes, "viewers to load balancer: plain HTTP between CloudFront and the load balancer: no origin certificate")
	}
	if distribution.Properties.At("DistributionConfig", "ViewerCertificate", "MinimumProtocolVersion") == nil {
		notes = append(notes, "CloudFront's own certificate: it also accepts TLS older than 1.2")
	}
	return notes
}

func plainHTTP(origin assembly.Object) bool {
	return origin.At("CustomOriginConfig", "OriginProtocolPolicy") == "http-only"
}

// openPorts returns a note for each port of the load balancer that its security groups
// open to the internet. They may be in another stack.
func openPorts(synthesized *assembly.Assembly, stack assembly.Stack, balancer assembly.Resource) []string {
	if balancer.Properties.At("Scheme") != "internet-facing" {
		return nil
	}
	var notes []string
	for _, reference := range balancer.Properties.List("SecurityGroups") {
		owner, group, _ := synthesized.Target(stack, reference)
		for _, rule := range ingress(synthesized, owner, group) {
			if note := "load balancer open to the internet on " + ports(rule); open(rule) && !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// ingress returns the rules of a security group: its own, and those that are resources.
func ingress(synthesized *assembly.Assembly, owner assembly.Stack, group assembly.Resource) []assembly.Object {
	rules := group.Properties.Objects("SecurityGroupIngress")
	for _, stack := range synthesized.Stacks {
		for _, rule := range stack.Template.OfType("AWS::EC2::SecurityGroupIngress") {
			ruleOwner, ruleGroup, ok := synthesized.Target(stack, rule.Properties.At("GroupId"))
			if ok && ruleOwner.ID == owner.ID && ruleGroup.ID == group.ID {
				rules = append(rules, rule.Properties)
			}
		}
	}
	return rules
}

func open(rule assembly.Object) bool {
	return rule.At("CidrIp") == "0.0.0.0/0" || rule.At("CidrIpv6") == "::/0"
}

func ports(rule assembly.Object) string {
	from, to := rule.Int("FromPort"), rule.Int("ToPort")
	switch {
	case rule.At("FromPort") == nil:
		return "every port"
	case from == to:
		return fmt.Sprintf("port %d", from)
	default:
		return fmt.Sprintf("ports %d–%d", from, to)
	}
}
