package config

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// rules are all there are, each with the fields whose own mistakes it would only
// report again.
var rules = []rule{
	{[]string{"region", "residency"}, checkResidency},
	{[]string{"region", "residency", "backup.copies", "edge.shieldAdvanced"}, checkRegion},
	{[]string{"tags"}, checkTags},
	{[]string{"network.cidr"}, checkCIDR},
	{[]string{"network.cidr", "network.zones", "network.interfaceEndpoints", "service.maxTasks", "edge.ingress"}, checkAddresses},
	{[]string{"network.natGateways", "network.zones"}, checkNATGateways},
	{[]string{"database.engineVersion"}, checkEngineVersion},
	{[]string{"database.name"}, checkDatabaseName},
	{[]string{"database.username"}, checkUsername},
	{[]string{"database.minCapacity", "database.maxCapacity"}, checkCapacity},
	{[]string{"database.restoreFrom.cluster", "database.restoreFrom.time"}, checkRestore},
	{[]string{"backup.copies", "lifecycle"}, checkCopies},
	{[]string{"backup.copyDays", "database.backupDays", "backup.copies"}, checkCopyDays},
	{[]string{"backup.rpoHours", "backup.everyHours"}, checkRPO},
	{[]string{"backup.copyDays", "backup.rpoHours"}, checkCopiesLast},
	{[]string{"backup.copyRegion", "backup.copies"}, checkCopiesOn},
	{[]string{"backup.copyRegion", "region"}, checkSecondRegion},
	{[]string{"backup.copyRegion", "residency"}, checkCopyResidency},
	{[]string{"service.memory", "service.cpu"}, checkMemory},
	{[]string{"service.minTasks", "service.maxTasks"}, checkTasks},
	{[]string{"audit.config", "audit.securityHub"}, checkConfig},
	{[]string{"alarms.emails"}, checkEmails},
	{[]string{"edge.viewerCertificateArn", "edge.domain"}, checkViewer},
	{[]string{"edge.originCertificateArn", "edge.originDomain", "edge.hostedZoneId"}, checkOrigin},
	{[]string{"edge.plainHTTP", "lifecycle", "edge.originCertificateArn", "edge.hostedZoneId", "from"}, checkPlainHTTP},
	{[]string{"edge.domain", "edge.originDomain", "edge.hostedZoneId"}, checkDomains},
	{[]string{"edge.originCertificateArn", "region"}, checkOriginRegion},
	{[]string{"edge.originPrefixList", "edge.ingress", "region"}, checkPrefixList},
	{[]string{"edge.countries", "edge.ingress"}, checkCountries},
	{[]string{"alarms.probe", "edge.countries"}, checkProbe},
	{[]string{"slo.minRequests", "slo.availabilityPercent"}, checkMinRequests},
	{[]string{"edge.accessLogs", "region"}, checkAccessLogs},
	{[]string{"edge.waf.mode", "edge.ingress"}, checkFirewall},
	{[]string{"edge.waf.countOnly", "edge.waf.mode"}, checkCountOnly},
	{[]string{"edge.waf.countParts", "edge.waf.mode"}, checkCountParts},
	{[]string{"edge.waf.exemptPaths", "edge.waf.mode"}, checkExemptPaths},
}

func checkResidency(c Config) []problem {
	holds := c.Residency == ResidencyNone || slices.Contains(euRegions, c.Region)
	return unless(holds, "region", "one of %s, or residency none", list(c.offering(euRegions)))
}

// maxTags leaves room, among the 50 that a resource takes, for those that a
// subnet has of its own: its name, its two of CDK, and the environment's two.
const maxTags = 50 - 5

// ownTags are the keys that the stacks set, in lower case.
var ownTags = map[string]string{
	"project":     "every resource",
	"environment": "every resource",
	"incident":    "what a runbook restores",
	"rto-hours":   "the weekly restore test",
}

func checkTags(c Config) []problem {
	var problems []problem
	first := map[string]string{} // the key that came first, by how IAM sees it
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		field, folded := join("tags", key), strings.ToLower(key)
		problems = append(problems, slices.Concat(
			unless(ownTags[folded] == "", field, "another key, in capitals or not: this one is set for %s", ownTags[folded]),
			unless(first[folded] == "", field, "another key than %s: IAM does not tell capitals from small letters", join("tags", first[folded])),
			unless(!ofAWS(key), field, "a key that does not start with aws: or rds:"),
			unless(!ofAWS(c.Tags[key]), field, "a value that does not start with aws: or rds:"),
			unless(tagText(key, 1, 127), field, "a key of 1 to 127 letters, digits, spaces and _.:/=+-@"),
			unless(tagText(c.Tags[key], 0, 256), field, "at most 256 letters, digits, spaces and _.:/=+-@"),
		)...)
		first[folded] = cmp.Or(first[folded], key)
	}
	if len(c.Tags) > maxTags {
		problems = append(problems, problem{"tags", fmt.Sprintf("%d tags", len(c.Tags)), fmt.Sprintf("at most %d, as some resources have 5 of their own and AWS takes 50", maxTags)})
	}
	return problems
}

func checkCIDR(c Config) []problem {
	prefix, err := netip.ParsePrefix(c.Network.CIDR)
	if err != nil || !prefix.Addr().IsPrivate() {
		return unless(false, "network.cidr", "a private range (RFC 1918) from /16 to /24")
	}
	return unless(prefix == prefix.Masked(), "network.cidr", "%q, the start of that range", prefix.Masked())
}

func checkNATGateways(c Config) []problem {
	zones := len(c.Network.Zones)
	return unless(c.Network.NATGateways <= zones, "network.natGateways", "at most %d, the number of zones", zones)
}

func checkDatabaseName(c Config) []problem {
	name := strings.ToLower(c.Database.Name)
	free := !slices.Contains(reservedWords, name) && !slices.Contains(reservedDatabases, name) && !strings.HasPrefix(name, "pg_")
	return unless(free, "database.name", "a name that PostgreSQL and Aurora do not reserve")
}

func checkUsername(c Config) []problem {
	name := strings.ToLower(c.Database.Username)
	free := !slices.Contains(reservedWords, name) && !slices.Contains(reservedUsers, name) && !strings.HasPrefix(name, "pg_")
	return unless(free, "database.username", "a name that PostgreSQL and Aurora do not reserve")
}

func checkCapacity(c Config) []problem {
	holds := c.Database.MinCapacity <= c.Database.MaxCapacity
	return unless(holds, "database.minCapacity", "at most maxCapacity, which is %v", c.Database.MaxCapacity)
}

// checkRestore refuses no time for being long ago: it stays written after the
// restore, and what a file says must not become wrong by itself.
func checkRestore(c Config) []problem {
	const cluster, at = "database.restoreFrom.cluster", "database.restoreFrom.time"
	from := c.Database.RestoreFrom
	when, err := time.Parse(time.RFC3339, from.Time)
	return slices.Concat(
		unless(from.Cluster == "" || from.Time != "", cluster, "%s beside it, latest or a time in UTC", at),
		unless(from.Time == "" || from.Cluster != "", at, "%s beside it, the cluster to restore", cluster),
		unless(from.Time == "" || from.Time == "latest" || err == nil, at, "a time that exists"),
		unless(err != nil || !when.After(time.Now()), at, "a time in the past"),
		unless(from.Cluster != c.Name(), cluster, "another cluster than the environment's own, or a new suffix for what is restored"),
	)
}

// checkCopies refuses a vault that nobody could delete with its environment.
func checkCopies(c Config) []problem {
	holds := !c.Backup.Copies || c.Lifecycle != LifecycleDisposable
	return unless(holds, "backup.copies", "false with lifecycle disposable, which keeps nothing, or lifecycle retained")
}

func checkCopyDays(c Config) []problem {
	holds := !c.Backup.Copies || c.Backup.CopyDays >= c.Database.BackupDays
	return unless(holds, "backup.copyDays", "at least database.backupDays, which is %d, or fewer of those, or backup.copies false", c.Database.BackupDays)
}

// copyWindowHours is how long AWS Backup may take to start a copy, an hour, and
// to finish it, three more.
const copyWindowHours = 4

// checkRPO counts from the start of one copy to the end of the next: before
// that the next one is of no use.
func checkRPO(c Config) []problem {
	least := c.Backup.EveryHours + copyWindowHours
	return unless(c.Backup.RPOHours >= least, "backup.rpoHours",
		"at least %d, since a copy is made every %d hours and may take %d, or fewer backup.everyHours", least, c.Backup.EveryHours, copyWindowHours)
}

func checkCopiesLast(c Config) []problem {
	least := (c.Backup.RPOHours + 23) / 24
	return unless(c.Backup.CopyDays >= least, "backup.copyDays",
		"at least %d, to outlast the %d hours of backup.rpoHours, or fewer of those", least, c.Backup.RPOHours)
}

func checkCopiesOn(c Config) []problem {
	holds := c.Backup.Copies || c.Backup.CopyRegion == ""
	return unless(holds, "backup.copyRegion", `"", since backup.copies false makes no copy, or backup.copies true`)
}

func checkSecondRegion(c Config) []problem {
	return unless(c.Backup.CopyRegion != c.Region, "backup.copyRegion", "another region than the environment's, or none")
}

func checkCopyResidency(c Config) []problem {
	holds := c.Residency == ResidencyNone || c.Backup.CopyRegion == "" || slices.Contains(euRegions, c.Backup.CopyRegion)
	return unless(holds, "backup.copyRegion", "one of %s, or residency none", list(euRegions))
}

func checkMemory(c Config) []problem {
	offered := fargateMemory[c.Service.CPU]
	holds := slices.Contains(offered, c.Service.Memory)
	return unless(holds, "service.memory", "%s, which Fargate offers with cpu %d", choice(offered), c.Service.CPU)
}

func choice(numbers []int) string {
	if len(numbers) <= 3 {
		return "one of " + list(numbers)
	}
	return fmt.Sprintf("%d to %d in steps of %d", numbers[0], numbers[len(numbers)-1], numbers[1]-numbers[0])
}

func checkTasks(c Config) []problem {
	holds := c.Service.MinTasks <= c.Service.MaxTasks
	return unless(holds, "service.minTasks", "at most maxTasks, which is %d", c.Service.MaxTasks)
}

func checkConfig(c Config) []problem {
	holds := c.Audit.SecurityHub != OwnershipCreate || c.Audit.Config != OwnershipOff
	return unless(holds, "audit.config", "create or existing: Security Hub checks what Config records")
}

// checkEmails holds the limit of SMTP (RFC 5321), beside which a pattern has no
// room for the dots.
func checkEmails(c Config) []problem {
	var problems []problem
	for i, email := range c.Alarms.Emails {
		local, _, _ := strings.Cut(email, "@")
		problems = append(problems, unless(len(local) <= 64, fmt.Sprintf("alarms.emails[%d]", i), "at most 64 characters before the @")...)
	}
	return problems
}

func checkViewer(c Config) []problem {
	return slices.Concat(
		unless(c.Edge.Domain == "" || c.Edge.ViewerCertificateARN != "", "edge.viewerCertificateArn",
			"the ARN of an ACM certificate in us-east-1 that covers %s, or no edge.domain", c.Edge.Domain),
		unless(c.Edge.Domain != "" || c.Edge.ViewerCertificateARN == "", "edge.domain",
			"the name that edge.viewerCertificateArn is for, or no certificate"),
	)
}

func checkOrigin(c Config) []problem {
	zone, certificate, domain := c.Edge.HostedZoneID, c.Edge.OriginCertificateARN, c.Edge.OriginDomain
	if zone != "" {
		return slices.Concat(
			unless(certificate == "", "edge.originCertificateArn", "none, since one is created in edge.hostedZoneId, or no hosted zone"),
			unless(domain != "", "edge.originDomain",
				"a name in edge.hostedZoneId for the load balancer, such as origin.example.com, or no hosted zone"),
		)
	}
	return slices.Concat(
		unless(domain == "" || certificate != "", "edge.originCertificateArn",
			"the ARN of an ACM certificate in %s that covers %s, or edge.hostedZoneId to create it in, or no edge.originDomain", c.Region, domain),
		unless(domain != "" || certificate == "", "edge.originDomain",
			"the name that edge.originCertificateArn is for, or no certificate"),
	)
}

// checkPlainHTTP lets nobody leave the certificate out by forgetting it.
func checkPlainHTTP(c Config) []problem {
	holds := c.Lifecycle != LifecycleProtected || c.Edge.HTTPSOrigin() || c.Edge.PlainHTTP
	return unless(holds, "edge.plainHTTP", "true while a protected environment has no certificate for its load balancer, "+
		"or edge.hostedZoneId and edge.originDomain, or edge.originCertificateArn and edge.originDomain")
}

// checkDomains refuses a circle, and names that cannot be in one zone.
func checkDomains(c Config) []problem {
	domain, origin := c.Edge.Domain, c.Edge.OriginDomain
	if domain == "" || origin == "" {
		return nil
	}
	together := c.Edge.HostedZoneID == "" || registrable(domain) == registrable(origin)
	return slices.Concat(
		unless(domain != origin, "edge.originDomain", "another name than edge.domain, which leads to CloudFront"),
		unless(together, "edge.originDomain", "a name in the hosted zone of edge.domain, which is %s, or no edge.hostedZoneId", domain),
	)
}

// registrable is the end of a name that no hosted zone is above. Of some, such
// as those under co.uk, it is too short, which accepts more.
func registrable(domain string) string {
	labels := strings.Split(domain, ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

func checkOriginRegion(c Config) []problem {
	holds := c.Edge.OriginCertificateARN == "" || strings.HasPrefix(c.Edge.OriginCertificateARN, "arn:aws:acm:"+c.Region+":")
	return unless(holds, "edge.originCertificateArn", "the ARN of an ACM certificate in %s, where the load balancer is", c.Region)
}

func checkPrefixList(c Config) []problem {
	const field = "edge.originPrefixList"
	known := originPrefixLists[c.Region]
	written := c.Edge.OriginPrefixList
	switch {
	case c.elsewhere():
		return nil // another region has another list
	case c.Edge.Ingress == IngressInternet:
		return unless(written == "", field, "none with edge.ingress internet, or edge.ingress cloudfront")
	case known != "":
		return unless(written == "" || written == known, field, "none, as in %s it is %s", c.Region, known)
	}
	return unless(written != "", field,
		"the id of com.amazonaws.global.cloudfront.origin-facing in %s (aws ec2 describe-managed-prefix-lists), or edge.ingress internet", c.Region)
}

// probeCountries are where Route 53 asks from (constructs/web/probe.go).
var probeCountries = []string{"IE", "US"}

func checkProbe(c Config) []problem {
	outside := surplusOf(probeCountries, c.Edge.Countries)
	asked := c.Alarms.Probe && c.Edge.Ingress != IngressInternet // there countries are refused
	holds := !asked || len(c.Edge.Countries) == 0 || len(outside) == 0
	return unless(holds, "alarms.probe", "false, or %s among edge.countries: the probe comes from there", strings.Join(outside, " and "))
}

// surplusOf returns those of some that are not among others.
func surplusOf(some, others []string) []string {
	return slices.DeleteFunc(slices.Clone(some), func(one string) bool { return slices.Contains(others, one) })
}

// FastestBurn is how many times faster than allowed the error budget may be
// spent for five minutes. From there on a deployment is taken back. It is the
// SRE workbook's for two per cent of the month's budget in an hour.
// https://sre.google/workbook/alerting-on-slos/
const FastestBurn = 14.4

// checkMinRequests has more than one failure count: the share of one failure in
// the fewest requests must be below the rate that takes a deployment back.
func checkMinRequests(c Config) []problem {
	rate := FastestBurn * (100 - c.SLO.AvailabilityPercent)
	least := int(math.Floor(100/rate+1e-9)) + 1
	return unless(c.SLO.MinRequests >= least, "slo.minRequests",
		"at least %d with slo.availabilityPercent %v: with fewer, one failed request takes a deployment back", least, c.SLO.AvailabilityPercent)
}

func checkCountries(c Config) []problem {
	holds := len(c.Edge.Countries) == 0 || c.Edge.Ingress != IngressInternet
	return unless(holds, "edge.countries", "none with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront")
}

func checkAccessLogs(c Config) []problem {
	holds := !c.Edge.AccessLogs || !slices.Contains(withoutAccessLogs, c.Region) || c.elsewhere()
	return unless(holds, "edge.accessLogs", "false, since CloudFront delivers none to %s, or another region", c.Region)
}

// checkFirewall refuses rules that would go by the addresses of CloudFront, or by
// a header that whoever comes around it may write.
func checkFirewall(c Config) []problem {
	holds := c.Edge.WAF.Mode == WAFOff || c.Edge.Ingress != IngressInternet
	return unless(holds, "edge.waf.mode", "off with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront")
}

func checkCountOnly(c Config) []problem {
	var problems []problem
	for _, rule := range slices.Sorted(maps.Keys(c.Edge.WAF.CountOnly.Reasons())) {
		problems = append(problems, c.Edge.WAF.onlyIfBlocking(join("edge.waf.countOnly", rule))...)
	}
	return problems
}

// onlyIfBlocking refuses an exception to what blocks nothing.
func (w WAF) onlyIfBlocking(field string) []problem {
	return unless(w.Mode == WAFBlock, field, "none, since edge.waf.mode %s blocks nothing, or edge.waf.mode block", w.Mode)
}

func checkCountParts(c Config) []problem {
	var problems []problem
	known := slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(managedRules))...)))
	if given := len(c.Edge.WAF.CountParts); given > len(known) {
		return []problem{{"edge.waf.countParts", fmt.Sprintf("%d names", given), fmt.Sprintf("at most the %d that there are", len(known))}}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Edge.WAF.CountParts)) {
		field := join("edge.waf.countParts", name)
		if ruleOf(name) == "" {
			problems = append(problems, unless(false, field, "%s", nearest(name, known))...)
			continue
		}
		problems = append(problems, slices.Concat(c.Edge.WAF.onlyIfBlocking(field), checkReason(field, c.Edge.WAF.CountParts[name]))...)
	}
	return problems
}

func checkReason(field, reason string) []problem {
	holds := strings.TrimSpace(reason) != "" && utf8.RuneCountInString(reason) <= 200
	return unless(holds, field, "the reason, in up to 200 characters")
}

// maxExemptPaths leaves the firewall far from the 1500 units of capacity at which
// AWS charges more: each path takes 3.
const maxExemptPaths = 20

var exemptPath = regexp.MustCompile(`^(/[A-Za-z0-9_~-]+([.][A-Za-z0-9_~-]+)*)+$`)

func checkExemptPaths(c Config) []problem {
	var problems []problem
	count := 0
	reasons := c.Edge.WAF.ExemptPaths.reasons()
	for _, rule := range slices.Sorted(maps.Keys(reasons)) {
		for _, path := range slices.Sorted(maps.Keys(reasons[rule])) {
			field := join(join("edge.waf.exemptPaths", rule), path)
			count++
			problems = append(problems, slices.Concat(
				c.Edge.WAF.onlyIfBlocking(field),
				unless(exemptPath.MatchString(path) && len(path) <= 200, field,
					"a path below /, without a slash at its end, of letters, digits and . _ ~ -, up to 200 characters"),
				checkReason(field, reasons[rule][path]),
			)...)
		}
	}
	if count > maxExemptPaths {
		problems = append(problems, problem{"edge.waf.exemptPaths", fmt.Sprintf("%d paths", count), fmt.Sprintf("at most %d", maxExemptPaths)})
	}
	return problems
}

// ofAWS reports whether a tag's key or value starts as ECS and RDS keep for
// themselves.
func ofAWS(text string) bool {
	text = strings.ToLower(text)
	return strings.HasPrefix(text, "aws:") || strings.HasPrefix(text, "rds:")
}

func tagText(text string, least, most int) bool {
	length := utf8.RuneCountInString(text)
	return length >= least && length <= most && strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _.:/=+-@", r)
	}) < 0
}
