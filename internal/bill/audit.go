package bill

import "slices"

const (
	guardDuty = "Amazon GuardDuty"
	configSvc = "AWS Config"
)

// auditCharges are those of what records and judges the account.
//
// https://aws.amazon.com/cloudtrail/pricing/
// https://aws.amazon.com/guardduty/pricing/
// https://aws.amazon.com/config/pricing/
// https://aws.amazon.com/security-hub/cspm/pricing/
// https://aws.amazon.com/inspector/pricing/
var auditCharges = []charge{
	{resource: "AWS::CloudTrail::Trail", service: "AWS CloudTrail", one: "data event", many: "data events", basis: ByRequest, unit: "events",
		product: Product{Service: "AWSCloudTrail", UsageType: "DataEventsRecorded"}, quantity: dataEvents},
	{resource: "AWS::GuardDuty::Detector", service: guardDuty, one: "management event inspected", many: "management events inspected",
		basis: ByRequest, unit: "events", product: Product{Service: "AmazonGuardDuty", UsageType: "PaidEventsAnalyzed"},
		quantity: assume(func(a Assumptions) float64 { return a.ManagementEvents })},
	{resource: "AWS::GuardDuty::Detector", service: guardDuty, one: "GB of traffic logs inspected", many: "GB of traffic logs inspected",
		basis: ByVolume, unit: "GB", product: Product{Service: "AmazonGuardDuty", UsageType: "PaidEventsAnalyzed-Bytes"},
		quantity: assume(func(a Assumptions) float64 { return a.GBInspected })},
	{resource: "AWS::GuardDuty::Detector", service: guardDuty, one: "data event inspected", many: "data events inspected",
		basis: ByRequest, unit: "events", product: Product{Service: "AmazonGuardDuty", UsageType: "PaidS3DataEventsAnalyzed"},
		quantity: feature("S3_DATA_EVENTS", func(detector site) Range { return exactly(detector.assumed.DataEvents) })},
	{resource: "AWS::GuardDuty::Detector", service: guardDuty, one: "Aurora capacity unit inspected", many: "Aurora capacity units inspected",
		basis: ByHour, unit: "a month", product: Product{Service: "AmazonGuardDuty", UsageType: "PaidRDSACUMonitored"},
		quantity: feature("RDS_LOGIN_EVENTS", inspectedCapacity)},
	{resource: "AWS::Config::ConfigurationRecorder", service: configSvc, one: "change recorded", many: "changes recorded",
		basis: ByRequest, unit: "items", product: Product{Service: "AWSConfig", UsageType: "ConfigurationItemRecorded"},
		quantity: assume(func(a Assumptions) float64 { return a.ConfigItems })},
	{resource: "AWS::Config::ConfigRule", service: configSvc, one: "evaluation of rules", many: "evaluations of rules",
		basis: ByRequest, unit: "evaluations", product: Product{Service: "AWSConfig", UsageType: "ConfigRuleEvaluations"},
		quantity: assume(func(a Assumptions) float64 { return a.RuleEvaluations }), once: true},
	{resource: "AWS::SecurityHub::Hub", service: "AWS Security Hub", one: "security check", many: "security checks",
		basis: ByRequest, unit: "checks", product: Product{Service: "AWSSecurityHub", UsageType: "PaidComplianceCheck"},
		quantity: assume(func(a Assumptions) float64 { return a.SecurityChecks })},
	{resource: "AWS::ECR::RegistryScanningConfiguration", service: "Amazon Inspector", one: "scan of an image", many: "scans of images",
		basis: ByRequest, unit: "scans", quantity: imageScans},
	{resource: "AWS::AccessAnalyzer::Analyzer", quantity: analyzers},
	{resource: "AWS::Shield::Protection", quantity: func(protection site) Range {
		protection.refuse("Shield Advanced is a subscription of the account")
		return Range{}
	}},
}

// dataEvents are those that a trail records beside the management events, of which
// the first copy is free.
func dataEvents(trail site) Range {
	selectors := trail.Properties.List("AdvancedEventSelectors")
	recorded := mentions(selectors, "Data")
	for _, selector := range trail.Properties.Objects("EventSelectors") {
		recorded = recorded || len(selector.List("DataResources")) > 0
	}
	if !recorded {
		return Range{}
	}
	return exactly(trail.assumed.DataEvents)
}

// countedFeatures are the plans of GuardDuty that have a line. The calls of the
// functions are too few to be seen on a bill.
var countedFeatures = []string{"S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"}

// feature counts what a plan of GuardDuty is charged, if it is on.
func feature(name string, of func(site) Range) func(site) Range {
	return func(detector site) (counted Range) {
		for _, plan := range detector.Properties.Objects("Features") {
			on, id := plan.At("Status") == "ENABLED", plan.At("Name")
			if text, _ := id.(string); on && !slices.Contains(countedFeatures, text) {
				detector.refuse("the plan " + text)
			}
			if on && id == name {
				counted = of(detector)
			}
		}
		return counted
	}
}

// inspectedCapacity sums the capacity of the instances that the assembly has.
func inspectedCapacity(detector site) (sum Range) {
	for _, instance := range detector.all("AWS::RDS::DBInstance") {
		sum = sum.Plus(capacity(site{detector.writer, instance}))
	}
	return sum
}

// imageScans counts the scans of Amazon Inspector. Basic ones are free.
func imageScans(registry site) Range {
	if registry.text("ScanType") != "enhanced" {
		return Range{}
	}
	return exactly(registry.assumed.ImageScans)
}

// analyzers of what is shared outside the account are free; those of unused access are
// charged by the role and user.
func analyzers(analyzer site) Range {
	if kind := analyzer.text("Type"); kind != "account" && kind != "organization" {
		analyzer.refuse("unused access is charged by the role and user")
	}
	return Range{}
}
