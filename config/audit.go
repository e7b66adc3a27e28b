package config

import (
	"maps"
	"slices"
)

// Logs is how long logs are kept.
type Logs struct {
	// RetentionDays is for log groups, one of the numbers that CloudWatch Logs
	// takes. Default: 365.
	RetentionDays int `json:"retentionDays" format:"retention"`

	// AccessLogRetentionDays is for the access logs of the load balancer and of
	// CloudFront, 1 to 3653 days. Default: 30, as guide 4.10 says.
	AccessLogRetentionDays int `json:"accessLogRetentionDays" jsonschema:"minimum=1,maximum=3653"`
}

// Audit decides which environment creates the account-level services, and which one
// notifies of their findings.
type Audit struct {
	// NotifyFindings sends what GuardDuty, Security Hub and Access Analyzer find in
	// the account and region by mail, and opens an incident for GuardDuty's, whoever
	// created the services. Exactly one environment of an account and region must
	// do so: with none nobody sees the findings, with two each arrives twice. A
	// short-lived one does not. Default: true.
	NotifyFindings bool `json:"notifyFindings"`

	// Trail is the CloudTrail trail. A region takes five, so more than one
	// environment of an account may create its own. AWS does not bill the first copy
	// of the management events; each further one is billed by the event.
	// Default: create.
	Trail Ownership `json:"trail" jsonschema:"enum=create,enum=existing,enum=off"`

	// RetentionDays is how long the buckets of the trail and of AWS Config keep a
	// file, 365 to 3653 days. A file of the trail is locked for as long: deleting it
	// earlier takes s3:BypassGovernanceRetention. A change holds for new files.
	// Default: 2557, seven years.
	RetentionDays int `json:"retentionDays" jsonschema:"minimum=365,maximum=3653"`

	// GuardDuty looks for attacks in logs that the account has anyway. It is billed by
	// their volume. Default: create.
	GuardDuty Ownership `json:"guardDuty" jsonschema:"enum=create,enum=existing,enum=off"`

	// GuardDutyPlans are protection plans of GuardDuty. Each is billed on its own. Without
	// them it watches the account's API calls, and the network flows and DNS queries of
	// EC2 instances. RUNTIME_MONITORING, which alone sees into tasks on Fargate, is not
	// among the choices: its agent needs permissions of the tasks, and an endpoint in
	// the VPC that no template describes. Default:
	// [S3_DATA_EVENTS, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS], for the buckets, the
	// database and the rotation function.
	GuardDutyPlans []string `json:"guardDutyPlans" jsonschema:"uniqueItems=true" format:"guardduty-plans"`

	// SecurityHub checks the account against standards, and is billed by the check. It
	// sees only resources that AWS Config records. Default: create.
	SecurityHub Ownership `json:"securityHub" jsonschema:"enum=create,enum=existing,enum=off"`

	// SecurityHubStandards are the standards that Security Hub checks. Each adds checks,
	// and findings that somebody must read. Default: [foundational, cis-3.0], AWS
	// Foundational Security Best Practices and the CIS AWS Foundations Benchmark.
	SecurityHubStandards []string `json:"securityHubStandards" jsonschema:"uniqueItems=true" format:"security-hub-standards"`

	// AWSConfig records how resources are configured, and evaluates a few rules. It is
	// billed by the change. Default: create.
	AWSConfig Ownership `json:"config" jsonschema:"enum=create,enum=existing,enum=off"`

	// AccessAnalyzer finds resources that are shared outside the account. It costs
	// nothing.
	// Default: create.
	AccessAnalyzer Ownership `json:"accessAnalyzer" jsonschema:"enum=create,enum=existing,enum=off"`

	// UnusedAccess adds an analyzer for roles, users and permissions that nobody has
	// used for 90 days. AWS lists 0.20 USD per role or user of the account and month.
	// Default: false.
	UnusedAccess bool `json:"unusedAccess"`

	// Inspector scans every image of the account's registry for vulnerabilities, when it
	// is pushed and when a new vulnerability is published. It is billed by the scan.
	// Without it this environment's images are scanned once, when they are pushed.
	// Default: create.
	Inspector Ownership `json:"inspector" jsonschema:"enum=create,enum=existing,enum=off"`
}

// Services returns the services of which an account has one in a region, by field.
// The trail is not among them, since several environments may create one.
func (a Audit) Services() map[string]Ownership {
	return map[string]Ownership{
		"audit.guardDuty":      a.GuardDuty,
		"audit.securityHub":    a.SecurityHub,
		"audit.config":         a.AWSConfig,
		"audit.accessAnalyzer": a.AccessAnalyzer,
		"audit.inspector":      a.Inspector,
	}
}

// Owns reports whether the environment creates any account-level service.
func (a Audit) Owns() bool {
	owned := append(slices.Collect(maps.Values(a.Services())), a.Trail)
	return slices.Contains(owned, OwnershipCreate)
}

// finders returns the services that have findings about the account, by field.
func (a Audit) finders() map[string]Ownership {
	return map[string]Ownership{
		"audit.guardDuty":      a.GuardDuty,
		"audit.securityHub":    a.SecurityHub,
		"audit.accessAnalyzer": a.AccessAnalyzer,
	}
}

// shared returns the services for an environment that creates none and notifies of
// no findings.
func (a Audit) shared() Audit {
	a.NotifyFindings = false
	owners := []*Ownership{&a.Trail, &a.GuardDuty, &a.SecurityHub, &a.AWSConfig, &a.AccessAnalyzer, &a.Inspector}
	for _, owner := range owners {
		if *owner == OwnershipCreate {
			*owner = OwnershipExisting
		}
	}
	return a
}

// Ownership is where an account-level service comes from.
type Ownership string

// The ownerships.
const (
	// OwnershipCreate defines the service in this environment's audit stack. It
	// outlives that stack, since other environments rely on it. To deploy again after
	// destroying the owner, write existing, or import the service.
	OwnershipCreate Ownership = "create"

	// OwnershipExisting relies on the one that the account already has.
	OwnershipExisting Ownership = "existing"

	// OwnershipOff is an environment without the service.
	OwnershipOff Ownership = "off"
)
