package main

import (
	"slices"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/reach"
)

// notesOn returns weaknesses of the assembly that a configuration may have on purpose,
// so that no check refuses them.
func notesOn(synthesized *assembly.Assembly) []string {
	notes := slices.Concat(unheard(synthesized), anyAccount(synthesized))
	for _, distribution := range synthesized.OfType("AWS::CloudFront::Distribution") {
		notes = append(notes, distributionNotes(distribution)...)
	}
	for _, origin := range synthesized.OfType("AWS::CloudFront::VpcOrigin") {
		if origin.Properties.At("VpcOriginEndpointConfig", "OriginProtocolPolicy") == "http-only" {
			notes = append(notes, "viewers to load balancer: plain HTTP behind the VPC origin: no origin certificate")
		}
	}
	notes = append(notes, openPorts(synthesized)...)
	if len(synthesized.OfType("AWS::Shield::Protection")) > 0 {
		notes = append(notes, "Shield Advanced: AWS refuses it until the account subscribes to it, for a year")
	}
	return notes
}

// unheard returns a note if there is a topic without a subscription.
func unheard(synthesized *assembly.Assembly) []string {
	if len(synthesized.OfType("AWS::SNS::Topic")) == 0 || len(synthesized.OfType("AWS::SNS::Subscription")) > 0 {
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

func distributionNotes(distribution assembly.Placed) []string {
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

// openPorts returns a note for the ports on which everybody reaches a load balancer.
func openPorts(synthesized *assembly.Assembly) []string {
	var notes []string
	for _, path := range reach.Read(synthesized).Paths {
		if path.From.Name == string(reach.Internet) && path.To.Kind == reach.LoadBalancer {
			notes = append(notes, "load balancer open to the internet, ports: "+path.Ports.String())
		}
	}
	return slices.Compact(notes)
}
