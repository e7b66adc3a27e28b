// Package config says what an operator may choose for an environment: the
// fields, their defaults, and which values are refused.
//
// An environment is one YAML file under environments/. A file may start from
// another (from: dev) and then holds only what differs. The defaults of all
// fields are in defaults.go and nowhere else.
//
// What a field may hold is in its tags, and in choices.go where the list is
// long; environments/schema.json is generated from both, for editors and for
// Load. How fields go together is in rules.go.
package config

import (
	"maps"
	"slices"
)

//go:generate go test . -run TestSchemaIsThatOfTheTypes -update

// Config is one environment, complete and valid: what Load returns.
type Config struct {
	// Suffix is the environment's name: "dev", "prod", "pr-17". It is part of
	// every stack name and is not written in the file.
	Suffix string `json:"-"`

	// ShortLived says that the environment has no file of its own and was made
	// from another by environmentFrom. It never owns an account-level service:
	// a sixth trail in a region is refused by AWS.
	ShortLived bool `json:"-"`

	// From is the environment that this one starts from: it holds whatever is
	// not written here. Lists are replaced, tags are added. Default: none.
	From string `json:"from" jsonschema:"pattern=^[a-z](-?[a-z0-9])*$,maxLength=12" jsonschema_extras:"errorMessage=want the name of another environment"`

	// Region is where every stack is deployed. Default: eu-north-1, the guide's
	// "Data Residency".
	Region string `json:"region" jsonschema_extras:"errorMessage=want a region of AWS\\, such as eu-north-1"`

	// Residency is the set of regions in which data may live. "eu" allows the
	// regions of AWS inside the European Union, "none" allows all. Default: eu.
	Residency Residency `json:"residency" jsonschema:"enum=eu,enum=none"`

	// Account is the AWS account, twelve digits, in quotes. Without one the
	// stacks go to the account of the credentials at deploy time, and a wrong
	// profile is not noticed. Default: none.
	Account string `json:"account" jsonschema:"pattern=^([0-9]{12})?$" jsonschema_extras:"errorMessage=want twelve digits\\, in quotes"`

	// Lifecycle says what destroying the environment does to its data.
	// Default: protected.
	Lifecycle Lifecycle `json:"lifecycle" jsonschema:"enum=protected,enum=retained,enum=disposable"`

	// Encryption says whose keys encrypt what is stored: the database with its
	// backups and password, logs, images and the trail. With "customer-managed"
	// each stack that stores something has a key of its own, which the account
	// decides over and can see the use of; AWS lists 1 USD for a key and month.
	// "aws-managed" leaves it to the keys that AWS has for each service, at no
	// charge. The alarm topic has a key of its own in any case. Choose before
	// the first deploy: CloudFormation refuses a change, since the database and
	// the image repository would have to be replaced under the same name. A
	// short-lived environment has its model's choice: permissions on keys are
	// what a pull request is deployed to try. Default: customer-managed.
	Encryption Encryption `json:"encryption" jsonschema:"enum=aws-managed,enum=customer-managed"`

	// Tags are put on every resource that takes tags, beside project and
	// environment: up to 45, whose keys differ in more than capitals, since IAM
	// takes Team and team for one. Default: none.
	Tags map[string]string `json:"tags" jsonschema_extras:"errorMessage=want keys with text as values"`

	Network  Network  `json:"network"`
	Database Database `json:"database"`
	Backup   Backup   `json:"backup"`
	Service  Service  `json:"service"`
	Edge     Edge     `json:"edge"`
	Logs     Logs     `json:"logs"`
	Audit    Audit    `json:"audit"`
	Alarms   Alarms   `json:"alarms"`
	SLO      SLO      `json:"slo"`
	Response Response `json:"response"`
}

// Name is the environment's name in AWS, which its cluster has too.
func (c Config) Name() string { return Project + "-" + c.Suffix }

// Residency is where data may live.
type Residency string

// The residencies.
const (
	ResidencyEU   Residency = "eu"
	ResidencyNone Residency = "none"
)

// Lifecycle says what destroying an environment does to its data.
type Lifecycle string

// The lifecycles, from the most careful to the least.
const (
	// LifecycleProtected refuses to delete the stacks, the database and the
	// load balancer until the protection is taken off; what is deleted then
	// leaves a snapshot or stays.
	LifecycleProtected Lifecycle = "protected"

	// LifecycleRetained lets the stacks be deleted; the database leaves a final
	// snapshot, and images and logs stay.
	LifecycleRetained Lifecycle = "retained"

	// LifecycleDisposable deletes everything but the audit trail's bucket.
	LifecycleDisposable Lifecycle = "disposable"
)

// Encryption is whose keys encrypt what is stored.
type Encryption string

// The encryptions.
const (
	EncryptionAWSManaged      Encryption = "aws-managed"
	EncryptionCustomerManaged Encryption = "customer-managed"
)

// Network is the VPC.
type Network struct {
	// CIDR is the VPC's range, private (RFC 1918), /16 to /24. Subnets for
	// three zones are cut from it at once, so a later zone renumbers nothing;
	// the range itself can never be changed, so a narrow one bounds maxTasks and
	// interfaceEndpoints for good. Default: 10.0.0.0/16.
	CIDR string `json:"cidr" jsonschema:"pattern=^(10|172|192)[.][0-9.]+/(1[6-9]|2[0-4])$" jsonschema_extras:"errorMessage=want a private range (RFC 1918) from /16 to /24"`

	// Zones are the letters of the availability zones, two or three. Append
	// only: the order decides which subnet is in which zone. Default: [a, b].
	Zones []string `json:"zones" jsonschema:"minItems=2,maxItems=3,uniqueItems=true,enum=a,enum=b,enum=c,enum=d,enum=e,enum=f" jsonschema_extras:"errorMessage=want two or three different letters from a to f"`

	// NATGateways is how many NAT gateways carry the private subnets' traffic
	// out, from 1 to the number of zones. One is cheapest and stops all
	// outbound traffic when its zone fails. Default: one for each zone.
	NATGateways int `json:"natGateways" jsonschema:"minimum=1,maximum=3"`

	// InterfaceEndpoints are the AWS services reached through endpoints in the
	// VPC instead of the NAT gateways, each billed by the hour and zone.
	// Default: none.
	InterfaceEndpoints []string `json:"interfaceEndpoints" jsonschema:"uniqueItems=true"`
}

// Database is the Aurora PostgreSQL cluster.
type Database struct {
	// EngineVersion is the Aurora PostgreSQL version, one that AWS still creates
	// and supports; of newer ones cfn-lint must know first. It is a floor: after
	// the end of its support, of which there is a warning 90 days ahead, AWS
	// upgrades it by force. Default: 16.8, a long-term support version.
	EngineVersion string `json:"engineVersion" jsonschema:"pattern=^1[4-8][.]([0-9]|[12][0-9])$" jsonschema_extras:"errorMessage=want MAJOR.MINOR in quotes\\, MAJOR from 14 to 18\\, MINOR from 0 to 29"`

	// Name is the database created in the cluster. It can never be changed: the
	// cluster would be replaced. Default: catalog.
	Name string `json:"name" jsonschema:"pattern=^[a-zA-Z][a-zA-Z0-9_]*$,maxLength=63" jsonschema_extras:"errorMessage=want 1 to 63 letters\\, digits and _\\, the first a letter"`

	// Username is the master user. It can never be changed: the cluster would be
	// replaced. Default: catalog_admin.
	Username string `json:"username" jsonschema:"pattern=^[a-zA-Z][a-zA-Z0-9_]*$,maxLength=63" jsonschema_extras:"errorMessage=want 1 to 63 letters\\, digits and _\\, the first a letter"`

	// MinCapacity bounds each instance from below, in Aurora capacity units
	// (about 2 GiB of memory each) in steps of 0.5, from 0.5 to 256. A small
	// minimum is cheap and slow to grow. Default: 0.5.
	MinCapacity float64 `json:"minCapacity" jsonschema:"minimum=0.5,maximum=256,multipleOf=0.5"`

	// MaxCapacity is the upper bound, at least 1 and the minimum.
	// Default: 2.
	MaxCapacity float64 `json:"maxCapacity" jsonschema:"minimum=1,maximum=256,multipleOf=0.5"`

	// Readers is how many instances stand by in other zones, 0 to 15. One makes
	// a failover take seconds instead of minutes. Default: 1.
	Readers int `json:"readers" jsonschema:"minimum=0,maximum=15"`

	// BackupDays is how far back the cluster can be restored, 1 to 35 days.
	// Default: 35.
	BackupDays int `json:"backupDays" jsonschema:"minimum=1,maximum=35"`

	// MaintenanceWindow is when the half hour of the week begins in which AWS may
	// patch the database, in UTC: the day's first three letters and the time. The
	// daily backup is made in the half hour that begins an hour before. Default:
	// tue:03:30, night in Europe before a working day, and not that of the restore
	// test.
	MaintenanceWindow string `json:"maintenanceWindow" jsonschema:"pattern=^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$" jsonschema_extras:"errorMessage=want a day and a time in UTC\\, such as tue:03:30"`

	// RotationDays is how often the password is rotated, 1 to 90 days. A change
	// rotates at once, as any other rotation: for some minutes, until the tasks are
	// replaced, new connections are refused.
	// Default: 90, the guide's "Secret Rotation Strategy".
	RotationDays int `json:"rotationDays" jsonschema:"minimum=1,maximum=90"`

	RestoreFrom RestoreFrom `json:"restoreFrom"`
}

// RestoreFrom is another cluster whose data this environment's starts with,
// restored from that one's own backups. Engine version, name and username must
// be those it has, and it must be encrypted. It counts when the cluster is
// created and then stays written: changed or removed, CloudFormation would have
// to replace the cluster, and refuses. No environment inherits it.
type RestoreFrom struct {
	// Cluster is the identifier of a cluster in the environment's account and
	// region: no other can be restored to a point in time. Default: none, which
	// starts with an empty database.
	Cluster string `json:"cluster" jsonschema:"pattern=^([a-z](-?[a-z0-9])*)?$,maxLength=63" jsonschema_extras:"errorMessage=want the identifier of a cluster in this account and region"`

	// Time is a point in time that has passed, in RFC 3339 and UTC, or "latest".
	// Whether the source can be restored to it is known to RDS alone, at deploy
	// time: its backups reach back as many days as they are kept, and up to
	// minutes ago. Default: none, since latest may hold the mistake to be undone.
	Time string `json:"time" jsonschema:"pattern=^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$" jsonschema_extras:"errorMessage=want latest or a time in UTC\\, such as 2026-11-24T10:00:00Z"`
}

// Backup is the copies of the database beside the cluster's own backups, which
// are lost with the cluster.
type Backup struct {
	// Copies says whether AWS Backup copies the cluster into a vault that is
	// locked against deleting copies early, and restores one each week as a
	// test, both billed. A disposable environment keeps nothing and must not
	// have them; a short-lived one has none. Default: true.
	Copies bool `json:"copies"`

	// EveryHours is how many hours are from one copy to the next. Default: 24.
	EveryHours int `json:"everyHours" jsonschema:"enum=4,enum=6,enum=8,enum=12,enum=24"`

	// CopyDays is how long a vault keeps a copy, 1 to 3653 days, no less than
	// database.backupDays and no less than rpoHours: else there would be times
	// without any copy. With copyRegion, a copy that arrives there while a deploy
	// raises it may be refused, which CopyFailed tells. Default: 35.
	CopyDays int `json:"copyDays" jsonschema:"minimum=1,maximum=3653"`

	// CopyRegion is a second region that each copy is copied on to, into a vault
	// locked like the first. It outlives the loss of a region and bills storage
	// and transfer a second time. Before the first deploy it needs a cdk
	// bootstrap of its own. Default: none.
	CopyRegion string `json:"copyRegion" jsonschema_extras:"errorMessage=want a region of AWS\\, such as eu-central-1"`

	// RPOHours is the recovery point objective once the cluster is lost with its
	// own backups: how many hours of changes may be lost, 8 to 168 and no less
	// than everyHours and the 4 hours that a copy may take to start and to
	// finish. Until then the objective is minutes, by restoring to a point in
	// time. Copies in copyRegion are older by the time that copying on takes,
	// which AWS does not limit. Default: 28.
	RPOHours int `json:"rpoHours" jsonschema:"minimum=8,maximum=168"`

	// RTOHours is the recovery time objective, 1 to 72 hours. It is a tag of
	// the weekly restore test, whose duration is to be held against it: AWS
	// enforces none. Default: 4.
	RTOHours int `json:"rtoHours" jsonschema:"minimum=1,maximum=72"`
}

// Service is the Fargate service that runs the API.
type Service struct {
	// Image is the container image, by tag or digest, as docker pull takes it.
	// Default: none, which runs a public image that answers "ok" on every path
	// until there is one.
	Image string `json:"image" jsonschema:"pattern=^(([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0\\,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64}))?$,maxLength=500" jsonschema_extras:"errorMessage=want an image with its tag or digest\\, without https://"`

	// FormerRepositories are private repositories of images that ran before, by
	// their URIs without a tag. Tasks of earlier revisions can then still start: a
	// deployment goes on with them until it is through, and goes back to them. The
	// environment's own repository and that of image are always among them. Take
	// one out once nobody would go back to its images. Up to ten. Default: none.
	FormerRepositories []string `json:"formerRepositories" jsonschema:"uniqueItems=true,maxItems=10,pattern=^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*$" jsonschema_extras:"errorMessage=want up to ten private repositories\\, each once\\, such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/NAME"`

	// CPU is in CPU units, 1024 being one vCPU. Default: 1024.
	CPU int `json:"cpu" jsonschema:"enum=256,enum=512,enum=1024,enum=2048,enum=4096,enum=8192,enum=16384"`

	// Memory is in MiB and must be one that Fargate offers with the CPU.
	// Default: 2048.
	Memory int `json:"memory" jsonschema:"minimum=512,maximum=122880"`

	// Port is the TCP port the container listens on, 1024 to 65535: it does not
	// run as root. Default: 3000.
	Port int `json:"port" jsonschema:"minimum=1024,maximum=65535"`

	// HealthCheckPath must answer 200 without touching the database: else a
	// database failure also kills every task. Default: /health.
	HealthCheckPath string `json:"healthCheckPath" jsonschema:"pattern=^/[!-~]*$,maxLength=1024" jsonschema_extras:"errorMessage=want a path that starts with / and has no spaces"`

	// StartSeconds is how long a task may take to start, 10 to 900: until then ECS
	// replaces none for failing its health checks. A broken image is noticed as
	// much later. Default: 60.
	StartSeconds int `json:"startSeconds" jsonschema:"minimum=10,maximum=900"`

	// MinTasks bounds the autoscaling from below, 1 to 100. Two survive the loss
	// of a zone. Default: 2.
	MinTasks int `json:"minTasks" jsonschema:"minimum=1,maximum=100"`

	// MaxTasks bounds the autoscaling, and with it the bill, from above, 1 to
	// 100. Default: 10.
	MaxTasks int `json:"maxTasks" jsonschema:"minimum=1,maximum=100"`

	// CPUTargetPercent is the mean CPU use the autoscaling aims at, 10 to 90.
	// Default: 60.
	CPUTargetPercent int `json:"cpuTargetPercent" jsonschema:"minimum=10,maximum=90"`

	// RequestsPerTarget is how many requests a minute the autoscaling gives to
	// each task, 1 to 1000000. Default: 1000.
	RequestsPerTarget int `json:"requestsPerTarget" jsonschema:"minimum=1,maximum=1000000"`

	// Architecture is the processor the image is built for, x86_64 or arm64.
	// Default: x86_64.
	Architecture Architecture `json:"architecture" jsonschema:"enum=x86_64,enum=arm64"`
}

// Architecture is a processor architecture.
type Architecture string

// The architectures that Fargate runs.
const (
	ArchitectureX86 Architecture = "x86_64"
	ArchitectureARM Architecture = "arm64"
)

// Edge is what stands between the viewers and the service.
type Edge struct {
	// HostedZoneID is the public hosted zone of Route 53, in the same account,
	// that holds the domains below. With one the load balancer's certificate is
	// created, and so are the records of both domains; the viewer certificate is
	// not, since it must be in us-east-1. Default: none.
	HostedZoneID string `json:"hostedZoneId" jsonschema:"pattern=^(Z[A-Z0-9]{1\\,31})?$" jsonschema_extras:"errorMessage=want the id of a hosted zone of Route 53\\, such as Z0123456789ABCDEFGHIJ"`

	// OriginCertificateARN is the ACM certificate of the load balancer, in the
	// environment's region. With it, or with the hosted zone, the load balancer
	// listens on 443. Default: none.
	OriginCertificateARN string `json:"originCertificateArn" jsonschema:"pattern=^(arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$" jsonschema_extras:"errorMessage=want the ARN of an ACM certificate in the environment's region"`

	// ViewerCertificateARN is the ACM certificate of CloudFront, always in
	// us-east-1. Default: none, which leaves CloudFront's own certificate and
	// with it no choice of the TLS version.
	ViewerCertificateARN string `json:"viewerCertificateArn" jsonschema:"pattern=^(arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$" jsonschema_extras:"errorMessage=want the ARN of an ACM certificate in us-east-1"`

	// Domain is the name viewers use, an alias of CloudFront; it needs the
	// viewer certificate. Default: none.
	Domain string `json:"domain" jsonschema:"pattern=^(([a-z0-9]([a-z0-9-]{0\\,61}[a-z0-9])?[.])+[a-z]{2\\,63})?$,maxLength=253" jsonschema_extras:"errorMessage=want a domain name in lower case"`

	// OriginDomain is the name under which CloudFront reaches the load
	// balancer by HTTPS; it needs the hosted zone, or an origin certificate that
	// covers it. Default: none.
	OriginDomain string `json:"originDomain" jsonschema:"pattern=^(([a-z0-9]([a-z0-9-]{0\\,61}[a-z0-9])?[.])+[a-z]{2\\,63})?$,maxLength=253" jsonschema_extras:"errorMessage=want a domain name in lower case"`

	// PlainHTTP accepts that requests reach the load balancer by plain HTTP: with
	// viewers' passwords and tokens in them, between CloudFront and the load
	// balancer. A protected environment without a certificate of the load balancer
	// must say so; where there is a certificate it changes nothing. Default: false.
	PlainHTTP bool `json:"plainHTTP"`

	// Ingress says who reaches the load balancer. "cloudfront" admits the
	// addresses of CloudFront only, and of their requests those that carry the
	// secret header of this environment's distribution. "vpc-origin" does the
	// same, and the load balancer has no public address: CloudFront comes through
	// an interface in the private subnets.
	// "internet" admits everybody, also around CloudFront. In a running
	// environment a change between cloudfront and internet answers 403 until
	// CloudFront has taken it over, some minutes, and one to or from vpc-origin
	// is refused by AWS. Default: cloudfront.
	Ingress Ingress `json:"ingress" jsonschema:"enum=internet,enum=cloudfront,enum=vpc-origin"`

	// OriginPrefixList is the id of the prefix list with CloudFront's
	// addresses, com.amazonaws.global.cloudfront.origin-facing, which each
	// region has its own of. Default: the region's, where it is known.
	OriginPrefixList string `json:"originPrefixList" jsonschema:"pattern=^(pl-[0-9a-f]{8\\,17})?$" jsonschema_extras:"errorMessage=want the id of a prefix list\\, such as pl-fab65393"`

	// OriginHeaderVersion counts the values of the secret header, 1 to 10000.
	// Raising it by one, in a deploy of its own, rotates the header without an
	// outage; any other change answers 403 for some minutes. Each value is a
	// secret, billed by the month. Default: 1.
	OriginHeaderVersion int `json:"originHeaderVersion" jsonschema:"minimum=1,maximum=10000"`

	// OriginTimeoutSeconds is how long the API may take to begin an answer, and
	// between two parts of it, before CloudFront answers 504 itself, 1 to 60: no
	// longer than the load balancer waits. Default: 30.
	OriginTimeoutSeconds int `json:"originTimeoutSeconds" jsonschema:"minimum=1,maximum=60"`

	// Countries are the only ones that CloudFront answers, ISO 3166-1 alpha-2.
	// It goes by the viewer's address, which a VPN hides. Default: all.
	Countries []string `json:"countries" jsonschema:"uniqueItems=true" jsonschema_extras:"errorMessage=want ISO 3166-1 alpha-2 codes of countries\\, such as SE\\, each once"`

	// AccessLogs has CloudFront write a line for each request, with the viewer's
	// address and the query string but no cookies, into a bucket in this region
	// for logs.bucketDays. It costs the storage. CloudFront does not deliver to
	// the regions that an account must opt in to. Default: true.
	AccessLogs bool `json:"accessLogs"`

	// ShieldAdvanced protects the distribution, and a load balancer with a public
	// address, against floods that Shield Standard lets through, and has AWS bear
	// what the flood costs. It takes a subscription of the account for a year,
	// which a person makes. So the field is the price, in words, and each
	// environment says it in its own file. Default: none.
	ShieldAdvanced string `json:"shieldAdvanced" jsonschema:"pattern=^(3000 USD a month for a year)?$" jsonschema_extras:"errorMessage=want its price in these words: 3000 USD a month for a year"`

	WAF WAF `json:"waf"`
}

// HTTPSOrigin says whether the load balancer has a certificate, and with it
// listens on 443 instead of 80.
func (e Edge) HTTPSOrigin() bool { return e.HostedZoneID != "" || e.OriginCertificateARN != "" }

// names are the domains, each of which leads to one environment, by field.
func (e Edge) names() map[string]string {
	return map[string]string{"edge.domain": e.Domain, "edge.originDomain": e.OriginDomain}
}

// nameless returns the edge without what an account, or the world, has one of.
func (e Edge) nameless() Edge {
	e.HostedZoneID, e.OriginCertificateARN, e.OriginDomain = "", "", ""
	e.ViewerCertificateARN, e.Domain = "", ""
	return e
}

// Ingress is who reaches the load balancer.
type Ingress string

// The ingresses.
const (
	IngressInternet   Ingress = "internet"
	IngressCloudFront Ingress = "cloudfront"
	IngressVPCOrigin  Ingress = "vpc-origin"
)

// WAF is the firewall in front of the load balancer, billed by the month for
// itself and for each of its eight rules, and by the request.
type WAF struct {
	// Mode is what happens to a request that a rule matches: "block" answers
	// 403, "count" lets it pass and logs it, "off" goes without a firewall. With
	// ingress internet it must be off: of requests that come around CloudFront
	// no rule could tell the viewer. Default: block.
	Mode WAFMode `json:"mode" jsonschema:"enum=off,enum=count,enum=block"`

	// RateLimit is how many requests one address may send in five minutes, 10
	// to 2000000000. An office or a mobile network behind one address shares
	// it. Default: 2000.
	RateLimit int `json:"rateLimit" jsonschema:"minimum=10,maximum=2000000000"`

	// CountOnly are the rules that only count while the others block, each with
	// the reason. Default: none.
	CountOnly CountOnly `json:"countOnly"`

	// CountParts are rules inside AWS's groups that only count while the rest of
	// their group blocks, by AWS's names, such as SizeRestrictions_BODY, each with
	// the reason. Default: none.
	CountParts map[string]string `json:"countParts" jsonschema_extras:"errorMessage=want names of rules in AWS's groups\\, each with the reason"`

	// ExemptPaths are paths that one of AWS's groups does not look at.
	// Default: none.
	ExemptPaths ExemptPaths `json:"exemptPaths"`
}

// Parts are the names in CountParts, sorted, by the rule whose group they are in.
func (w WAF) Parts() map[string][]string {
	parts := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(w.CountParts)) {
		rule := ruleOf(name)
		parts[rule] = append(parts[rule], name)
	}
	return parts
}

// WAFMode is what the firewall does to a request that a rule matches.
type WAFMode string

// The modes.
const (
	WAFOff   WAFMode = "off"
	WAFCount WAFMode = "count"
	WAFBlock WAFMode = "block"
)

// CountOnly has, for each rule of the firewall that only counts, the reason.
type CountOnly struct {
	// IPReputation is about addresses that AWS knows for attacks. With ingress
	// cloudfront it sees addresses of CloudFront only. Default: blocks.
	IPReputation string `json:"ip-reputation,omitempty" jsonschema:"pattern=[^ ],maxLength=200" jsonschema_extras:"errorMessage=want the reason"`

	// Common is about what OWASP lists. It also refuses bodies above 8 KiB and
	// requests without a User-Agent. Default: blocks.
	Common string `json:"common,omitempty" jsonschema:"pattern=[^ ],maxLength=200" jsonschema_extras:"errorMessage=want the reason"`

	// KnownBadInputs is about requests that exploit known holes, such as
	// Log4j's. Default: blocks.
	KnownBadInputs string `json:"known-bad-inputs,omitempty" jsonschema:"pattern=[^ ],maxLength=200" jsonschema_extras:"errorMessage=want the reason"`

	// SQLInjection is about SQL in requests. Default: blocks.
	SQLInjection string `json:"sql-injection,omitempty" jsonschema:"pattern=[^ ],maxLength=200" jsonschema_extras:"errorMessage=want the reason"`

	// RateLimit is about addresses above edge.waf.rateLimit. Default: blocks.
	RateLimit string `json:"rate-limit,omitempty" jsonschema:"pattern=[^ ],maxLength=200" jsonschema_extras:"errorMessage=want the reason"`
}

// Reasons are the reasons by rule.
func (c CountOnly) Reasons() map[string]string {
	reasons := map[string]string{
		"ip-reputation":    c.IPReputation,
		"common":           c.Common,
		"known-bad-inputs": c.KnownBadInputs,
		"sql-injection":    c.SQLInjection,
		"rate-limit":       c.RateLimit,
	}
	maps.DeleteFunc(reasons, func(_, reason string) bool { return reason == "" })
	return reasons
}

// ExemptPaths are, for each rule of the firewall that is a group of AWS's, the
// paths that it does not look at, each with the reason. What is below such a path
// is exempt too, if it is spelled with letters, digits and . _ ~ - alone and has
// no two dots in a row: else other paths could be written to look like it. Up to
// 20 paths in all, since each takes of the firewall's capacity.
type ExemptPaths struct {
	// IPReputation are paths that addresses known for attacks may ask for.
	// Default: none.
	IPReputation map[string]string `json:"ip-reputation,omitempty" jsonschema_extras:"errorMessage=want paths\\, each with the reason"`

	// Common are paths with what OWASP lists, such as bodies above 8 KiB.
	// Default: none.
	Common map[string]string `json:"common,omitempty" jsonschema_extras:"errorMessage=want paths\\, each with the reason"`

	// KnownBadInputs are paths with what looks like an exploit. Default: none.
	KnownBadInputs map[string]string `json:"known-bad-inputs,omitempty" jsonschema_extras:"errorMessage=want paths\\, each with the reason"`

	// SQLInjection are paths with SQL in requests, which the alarm
	// FirewallSQLInjections does not count either. Default: none.
	SQLInjection map[string]string `json:"sql-injection,omitempty" jsonschema_extras:"errorMessage=want paths\\, each with the reason"`
}

// reasons are the reasons by path, by rule.
func (e ExemptPaths) reasons() map[string]map[string]string {
	return map[string]map[string]string{
		"ip-reputation": e.IPReputation, "common": e.Common, "known-bad-inputs": e.KnownBadInputs, "sql-injection": e.SQLInjection,
	}
}

// Paths are the paths, sorted, by rule.
func (e ExemptPaths) Paths() map[string][]string {
	paths := map[string][]string{}
	for rule, reasons := range e.reasons() {
		if len(reasons) > 0 {
			paths[rule] = slices.Sorted(maps.Keys(reasons))
		}
	}
	return paths
}

// Logs says how long logs are kept.
type Logs struct {
	// RetentionDays is for log groups, one of the numbers CloudWatch Logs
	// knows. Default: 365.
	RetentionDays int `json:"retentionDays"`

	// BucketDays is for the access logs of the load balancer and of CloudFront,
	// 1 to 3653 days. Default: 30, the guide's "delete-old-logs".
	BucketDays int `json:"bucketDays" jsonschema:"minimum=1,maximum=3653"`
}

// Audit says who owns the account-level services, and who tells of what they find.
type Audit struct {
	// Tells says whether this environment tells of what GuardDuty, Security Hub
	// and Access Analyzer find in the account and region, whoever created them: by
	// mail, and by an incident for what GuardDuty finds. One environment of an
	// account and region must, since else nobody hears, and only one, since else each
	// finding is told twice. A short-lived one does not. Default: true.
	Tells bool `json:"tells"`

	// Trail is the CloudTrail trail. A region takes five, so more than one
	// environment of an account may create its own; the first copy of the
	// management events is free, each further one is billed by the event.
	// Default: create.
	Trail Ownership `json:"trail" jsonschema:"enum=create,enum=existing,enum=off"`

	// TrailDays is how long the buckets of the trail and of Config keep their
	// files, 365 to 3653 days. A file of the trail is locked for as long: only
	// who has s3:BypassGovernanceRetention can delete it before. Another time is
	// for new files. Default: 2557, seven years.
	TrailDays int `json:"trailDays" jsonschema:"minimum=365,maximum=3653"`

	// GuardDuty looks for attacks in what the account logs anyway, billed by
	// the volume of it. Default: create.
	GuardDuty Ownership `json:"guardDuty" jsonschema:"enum=create,enum=existing,enum=off"`

	// GuardDutyPlans are what GuardDuty watches beside the account's API calls,
	// and the network flows and DNS queries of EC2 instances, each billed on its own.
	// RUNTIME_MONITORING, without which GuardDuty sees nothing of tasks on Fargate,
	// is not among the choices: its agent needs permissions of the tasks and an
	// endpoint in the VPC that no template describes. Default: S3_DATA_EVENTS,
	// RDS_LOGIN_EVENTS and LAMBDA_NETWORK_LOGS, for the buckets, the database
	// and the rotation function.
	GuardDutyPlans []string `json:"guardDutyPlans" jsonschema:"uniqueItems=true,enum=S3_DATA_EVENTS,enum=RDS_LOGIN_EVENTS,enum=LAMBDA_NETWORK_LOGS,enum=EBS_MALWARE_PROTECTION,enum=EKS_AUDIT_LOGS"`

	// SecurityHub checks the account against standards, billed by the check. It
	// knows only what Config records. Default: create.
	SecurityHub Ownership `json:"securityHub" jsonschema:"enum=create,enum=existing,enum=off"`

	// SecurityHubStandards are what Security Hub checks. Each adds checks, and
	// findings that somebody must read. Default: foundational (AWS Foundational
	// Security Best Practices) and cis-3.0 (CIS AWS Foundations Benchmark).
	SecurityHubStandards []string `json:"securityHubStandards" jsonschema:"uniqueItems=true,enum=foundational,enum=cis-1.4,enum=cis-3.0,enum=nist-800-53,enum=pci-dss-4.0"`

	// Config records how resources are configured, billed by the change, and
	// evaluates a few rules. Default: create.
	Config Ownership `json:"config" jsonschema:"enum=create,enum=existing,enum=off"`

	// AccessAnalyzer finds what is shared with outsiders. It costs nothing.
	// Default: create.
	AccessAnalyzer Ownership `json:"accessAnalyzer" jsonschema:"enum=create,enum=existing,enum=off"`

	// UnusedAccess also finds roles, users and permissions that nobody used for
	// 90 days, in an analyzer of its own beside the one that accessAnalyzer
	// creates. AWS lists 0.20 USD per role or user of the account and month.
	// Default: false.
	UnusedAccess bool `json:"unusedAccess"`

	// Inspector scans every image of the account's registry for
	// vulnerabilities, when it is pushed and whenever a new vulnerability
	// becomes known, billed by the scan. Without it the images of this
	// environment are scanned once, when they are pushed. Default: create.
	Inspector Ownership `json:"inspector" jsonschema:"enum=create,enum=existing,enum=off"`
}

// Services are the services other than the trail of which an account has one
// in a region, by field. What several environments may own is not among them.
func (a Audit) Services() map[string]Ownership {
	return map[string]Ownership{
		"audit.guardDuty":      a.GuardDuty,
		"audit.securityHub":    a.SecurityHub,
		"audit.config":         a.Config,
		"audit.accessAnalyzer": a.AccessAnalyzer,
		"audit.inspector":      a.Inspector,
	}
}

// Owns says whether the environment creates any account-level service.
func (a Audit) Owns() bool {
	owned := append(slices.Collect(maps.Values(a.Services())), a.Trail)
	return slices.Contains(owned, OwnershipCreate)
}

// told are the services whose findings are about the account, by field.
func (a Audit) told() map[string]Ownership {
	return map[string]Ownership{"audit.guardDuty": a.GuardDuty, "audit.securityHub": a.SecurityHub, "audit.accessAnalyzer": a.AccessAnalyzer}
}

// shared returns the services as an environment has them that owns none and tells
// of none.
func (a Audit) shared() Audit {
	a.Tells = false
	owners := []*Ownership{&a.Trail, &a.GuardDuty, &a.SecurityHub, &a.Config, &a.AccessAnalyzer, &a.Inspector}
	for _, owner := range owners {
		if *owner == OwnershipCreate {
			*owner = OwnershipExisting
		}
	}
	return a
}

// Ownership says where an account-level service comes from.
type Ownership string

// The ownerships.
const (
	// OwnershipCreate defines the service in this environment's audit stack. It
	// outlives that stack: others rely on it. To deploy again after destroying
	// the owner, write existing or import what stayed.
	OwnershipCreate Ownership = "create"

	// OwnershipExisting relies on the one that the account already has.
	OwnershipExisting Ownership = "existing"

	// OwnershipOff goes without.
	OwnershipOff Ownership = "off"
)

// Alarms says when somebody is told, and who.
type Alarms struct {
	// Emails are subscribed to the alarm topic; each must confirm the mail that
	// AWS sends. An address has at most 64 characters before the @ and 254 in
	// all, as in SMTP. A short-lived environment has none: whoever is on call for
	// its model is not for it. Default: none.
	Emails []string `json:"emails" jsonschema:"uniqueItems=true,maxLength=254,pattern=^[A-Za-z0-9!#$%&'*+/\\x3d?^_\\x60{|}~-]+([.][A-Za-z0-9!#$%&'*+/\\x3d?^_\\x60{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0\\,61}[A-Za-z0-9])?[.])+[A-Za-z]{2\\,63}$" jsonschema_extras:"errorMessage=want e-mail addresses\\, each once"`

	// ErrorRatePercent is the share of requests answered with 5xx that is too
	// high, more than 0 and at most 100. Default: 5.
	ErrorRatePercent float64 `json:"errorRatePercent" jsonschema:"exclusiveMinimum=0,maximum=100"`

	// RequestsPerMinute is the traffic that is unusual, 1 to 10000000.
	// Default: 10000.
	RequestsPerMinute int `json:"requestsPerMinute" jsonschema:"minimum=1,maximum=10000000"`

	// DatabaseFailures is how many failed database connections in five minutes
	// are too many, 1 to 10000: refused by the database, or reported by the
	// application, each on its own. Default: 5.
	DatabaseFailures int `json:"databaseFailures" jsonschema:"minimum=1,maximum=10000"`

	// AuthFailures is how many failed sign-ins to the application in five
	// minutes are too many, 1 to 100000. People mistype; a number that they
	// reach by themselves is soon ignored. Default: 20.
	AuthFailures int `json:"authFailures" jsonschema:"minimum=1,maximum=100000"`

	// SQLInjections is how many signs of SQL injection in five minutes are too
	// many, 1 to 100000: requests at the firewall, input of the application, or
	// malformed statements at the database, each on its own. Scanners of the
	// whole internet come by at any time. Default: 10.
	SQLInjections int `json:"sqlInjections" jsonschema:"minimum=1,maximum=100000"`

	// ResponseSeconds is how long the tasks may take for an answer: 95 of 100
	// requests must be faster, more than 0 and at most 60. The alarm is one of the extended.
	// Default: 2.
	ResponseSeconds float64 `json:"responseSeconds" jsonschema:"exclusiveMinimum=0,maximum=60"`

	// Probe has Route 53 ask for service.healthCheckPath as viewers do, some
	// times a minute, and wakes somebody when nothing arrives at the load
	// balancer any more, which no other metric in this region shows. It comes from
	// Ireland and the United States, so edge.countries must have them. Its
	// requests count as answered ones. AWS bills each health check by the month.
	// A short-lived environment has none. Default: true.
	Probe bool `json:"probe"`

	// Extended adds the alarms on the error budget of the SLO, on unusual
	// traffic, on slow answers, on saturation and on what could not be told, and
	// the twins: for each security alarm one with a stricter threshold, which
	// stays disarmed until an incident, and of which a short-lived environment
	// has none. AWS lists 0.10 USD a month for each metric that an alarm watches
	// and 0.50 for an alarm made of others; these are about 7 USD together.
	// Default: true.
	Extended bool `json:"extended"`
}

// SLO is the service level objective, over the last 30 days: what share of
// requests is not answered with 5xx. What it leaves for errors is the error
// budget.
type SLO struct {
	// AvailabilityPercent is the objective, 95 to 99.99: at 99.9 an outage of
	// 43 minutes uses the month's budget up. A deployment that spends the budget
	// 14.4 times too fast for five minutes is taken back by itself.
	// Default: 99.9.
	AvailabilityPercent float64 `json:"availabilityPercent" jsonschema:"minimum=95,maximum=99.99" jsonschema_extras:"errorMessage=want a percentage from 95 to 99.99"`

	// MinRequests is how many requests there must be in the time that an alarm
	// on the budget looks at, 5 minutes at the least, 1 to 1000000. With fewer
	// there is no alarm: one failure of two at night would be one. With 300 and
	// 99.9 %, five failures are the fewest that count. One failure must not take
	// a deployment back: the closer the objective is to 100 %, the more requests
	// it takes. Default: 300.
	MinRequests int `json:"minRequests" jsonschema:"minimum=1,maximum=1000000"`
}

// Response is what happens after an alarm.
type Response struct {
	// EvidenceDays is how long nobody can delete what runbooks saved and
	// collected, 1 to 3653 days; then it expires. A disposable environment locks
	// nothing. Default: 365.
	EvidenceDays int `json:"evidenceDays" jsonschema:"minimum=1,maximum=3653"`

	// Approvers may approve what a runbook asks for, beside the role Approver:
	// up to nine ARNs of IAM roles or users, such as the roles of single sign-on.
	// Whoever started a runbook should not be among them. Default: none.
	Approvers []string `json:"approvers" jsonschema:"uniqueItems=true,maxItems=9,pattern=^arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+\\,.@_/-]{1\\,512}$" jsonschema_extras:"errorMessage=want up to nine ARNs of IAM roles or users\\, each once"`
}
