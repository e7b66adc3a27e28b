package config

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"catalog-infra/config/source"
)

// rule is a check that the schema cannot express: of fields together, or of a value
// against a long list. A check is skipped if one of its fields is already refused.
type rule struct {
	fields []string
	check  func(Config) []problem
}

// problem is a value that a rule refuses.
type problem struct {
	field string
	got   string // empty for the value in the files
	want  string
}

// checkRules checks the values of all files together.
func (l *loader) checkRules(cfg Config) {
	if !l.chain.Readable() {
		return
	}
	for _, rule := range rules {
		if slices.ContainsFunc(rule.fields, l.chain.Refused) {
			continue
		}
		for _, problem := range rule.check(cfg) {
			l.errors = append(l.errors, l.chain.Refuse(problem.field, problem.got, problem.want, rule.fields...))
		}
	}
}

// unless returns a problem if the condition does not hold.
func unless(holds bool, field, want string, args ...any) []problem {
	if holds {
		return nil
	}
	return []problem{{field: field, want: fmt.Sprintf(want, args...)}}
}

// rules are the checks, each with its fields.
var rules = []rule{
	{[]string{"region", "residency"}, checkResidency},
	{[]string{"region", "residency", "backup.enabled", "edge.shieldAdvanced"}, checkRegion},
	{[]string{"tags"}, checkTags},
	{[]string{"network.cidr"}, checkCIDR},
	{[]string{"network.cidr", "network.zones", "network.interfaceEndpoints", "service.maxTasks",
		"service.migration.command", "edge.ingress"}, checkAddresses},
	{[]string{"network.natGateways", "network.zones"}, func(c Config) []problem {
		zones := len(c.Network.Zones)
		return unless(c.Network.NATGateways <= zones, "network.natGateways", "at most %d, the number of zones", zones)
	}},
	{[]string{"database.engineVersion"}, checkEngineVersion},
	{[]string{"database.name"}, func(c Config) []problem {
		name := strings.ToLower(c.Database.Name)
		free := !slices.Contains(reservedWords, name) && !slices.Contains(reservedDatabases, name) && !strings.HasPrefix(name, "pg_")
		return unless(free, "database.name", "a name that PostgreSQL and Aurora do not reserve")
	}},
	{[]string{"database.username"}, func(c Config) []problem {
		return unless(freeUser(c.Database.Username), "database.username", "a name that PostgreSQL and Aurora do not reserve")
	}},
	{[]string{"database.applicationUser", "database.username", "service.migration.command"}, checkApplicationUser},
	{[]string{"database.minCapacity", "database.maxCapacity"}, func(c Config) []problem {
		holds := c.Database.MinCapacity <= c.Database.MaxCapacity
		return unless(holds, "database.minCapacity", "at most maxCapacity, which is %v", c.Database.MaxCapacity)
	}},
	{[]string{"database.backupWindow", "database.maintenanceWindow"}, checkWindows},
	{[]string{"database.parameters"}, checkParameters},
	{[]string{"database.restoreFrom.cluster", "database.restoreFrom.time"}, checkRestore},
	// Such a vault could not be deleted with its environment.
	{[]string{"backup.enabled", "lifecycle"}, func(c Config) []problem {
		holds := !c.Backup.Enabled || c.Lifecycle != LifecycleDisposable
		return unless(holds, "backup.enabled", "false with lifecycle disposable, which keeps nothing, or lifecycle retained")
	}},
	{[]string{"backup.retentionDays", "database.backupRetentionDays", "backup.enabled"}, func(c Config) []problem {
		holds := !c.Backup.Enabled || c.Backup.RetentionDays >= c.Database.BackupRetentionDays
		return unless(holds, "backup.retentionDays",
			"at least database.backupRetentionDays, which is %d, or fewer of those, or backup.enabled false",
			c.Database.BackupRetentionDays)
	}},
	// From the start of one backup job to the end of the next, only the recovery point of the
	// first one exists.
	{[]string{"backup.rpoHours", "backup.everyHours"}, func(c Config) []problem {
		least := c.Backup.EveryHours + backupWindowHours
		return unless(c.Backup.RPOHours >= least, "backup.rpoHours",
			"at least %d, since a backup job starts every %d hours and may take %d, "+
				"or fewer backup.everyHours", least, c.Backup.EveryHours, backupWindowHours)
	}},
	{[]string{"backup.retentionDays", "backup.rpoHours"}, func(c Config) []problem {
		least := (c.Backup.RPOHours + 23) / 24
		return unless(c.Backup.RetentionDays >= least, "backup.retentionDays",
			"at least %d, to outlast the %d hours of backup.rpoHours, or fewer of those", least, c.Backup.RPOHours)
	}},
	{[]string{"backup.copyToRegion", "backup.enabled"}, func(c Config) []problem {
		holds := c.Backup.Enabled || c.Backup.CopyToRegion == ""
		return unless(holds, "backup.copyToRegion",
			`"", since there are no recovery points to copy with backup.enabled false, or backup.enabled true`)
	}},
	{[]string{"backup.copyToRegion", "region"}, func(c Config) []problem {
		return unless(c.Backup.CopyToRegion != c.Region, "backup.copyToRegion", "another region than the environment's, or none")
	}},
	{[]string{"backup.copyToRegion", "residency"}, func(c Config) []problem {
		holds := c.Residency == ResidencyNone || c.Backup.CopyToRegion == "" || slices.Contains(euRegions, c.Backup.CopyToRegion)
		return unless(holds, "backup.copyToRegion", "one of %s, or residency none", source.List(euRegions))
	}},
	{[]string{"service.memory", "service.cpu"}, func(c Config) []problem {
		offered := fargateMemory[c.Service.CPU]
		holds := slices.Contains(offered, c.Service.Memory)
		return unless(holds, "service.memory", "%s, which Fargate offers with cpu %d", choice(offered), c.Service.CPU)
	}},
	{[]string{"service.minTasks", "service.maxTasks"}, func(c Config) []problem {
		holds := c.Service.MinTasks <= c.Service.MaxTasks
		return unless(holds, "service.minTasks", "at most maxTasks, which is %d", c.Service.MaxTasks)
	}},
	{[]string{"service.command", "service.image"}, func(c Config) []problem {
		return c.checkWords("service.command", c.Service.Command)
	}},
	{[]string{"service.healthCommand", "service.image"}, func(c Config) []problem {
		return c.checkWords("service.healthCommand", c.Service.HealthCommand)
	}},
	{[]string{"service.migration.command", "service.migration.timeoutMinutes", "service.image"}, checkMigration},
	{[]string{"service.tmpfs", "service.memory"}, checkTmpfs},
	{[]string{"service.environment"}, checkEnvironment},
	{[]string{"service.secrets", "service.environment", "region", "account"}, checkSecrets},
	{[]string{"service.secretKeys", "service.secrets", "region", "account"}, checkSecretKeys},
	{[]string{"service.permissions", "region", "account"}, checkPermissions},
	{[]string{"service.egress"}, checkEgress},
	{[]string{"service.release.strategy", "service.release.alternateTargetGroup"}, func(c Config) []problem {
		release := c.Service.Release
		return unless(release.Strategy == StrategyRolling || release.AlternateTargetGroup, "service.release.strategy",
			"rolling, or service.release.alternateTargetGroup true. Deploy that first where the environment is running")
	}},
	{[]string{"service.release.alternateTargetGroup", "edge.ingress", "edge.waf.mode"}, func(c Config) []problem {
		checked := c.Edge.Ingress.AnyViewer() || c.Edge.WAF.Mode != WAFOff
		return unless(checked || !c.Service.Release.AlternateTargetGroup, "service.release.alternateTargetGroup",
			"false, or edge.waf.mode count or block: with it only the web ACL asks for the origin header")
	}},
	// A smaller step cannot set off the deployment alarm, which looks at all requests.
	{[]string{"service.release.stepPercent", "service.release.strategy", "slo.availabilityPercent"}, func(c Config) []problem {
		release := c.Service.Release
		alarm := math.Round(FastestBurn*(100-c.SLO.AvailabilityPercent)*1e4) / 1e4
		return unless(!release.inSteps() || float64(release.StepPercent) > alarm, "service.release.stepPercent",
			"more than %v, the percentage of errors that sets off the deployment alarm, or a higher slo.availabilityPercent", alarm)
	}},
	{[]string{"service.release.stepBakeMinutes", "service.release.bakeMinutes", "service.release.stepPercent", "service.release.strategy"},
		func(c Config) []problem {
			release := c.Service.Release
			return unless(release.minutes() <= mostReleaseMinutes, "service.release.stepBakeMinutes",
				"fewer minutes, or fewer steps: a deployment would wait for %d, and CloudFormation accepts at most %d",
				release.minutes(), mostReleaseMinutes)
		}},
	{[]string{"audit.config", "audit.securityHub"}, func(c Config) []problem {
		holds := c.Audit.SecurityHub != OwnershipCreate || c.Audit.AWSConfig != OwnershipOff
		return unless(holds, "audit.config", "create or existing, since Security Hub checks the records of AWS Config")
	}},
	{[]string{"alarms.emails"}, checkEmails},
	{[]string{"edge.viewerCertificateArn", "edge.domain"}, checkViewer},
	{[]string{"edge.originCertificateArn", "edge.originDomain", "edge.hostedZoneId"}, checkOrigin},
	// Nobody leaves out a certificate without a decision.
	{[]string{"edge.plainHTTP", "lifecycle", "edge.originCertificateArn", "edge.hostedZoneId", "from"}, func(c Config) []problem {
		holds := c.Lifecycle != LifecycleProtected || c.Edge.HTTPSOrigin() || c.Edge.PlainHTTP
		return unless(holds, "edge.plainHTTP", "true while a protected environment has no certificate for its load balancer, "+
			"or edge.hostedZoneId and edge.originDomain, or edge.originCertificateArn and edge.originDomain")
	}},
	{[]string{"edge.domain", "edge.originDomain", "edge.hostedZoneId"}, checkDomains},
	{[]string{"edge.originCertificateArn", "region"}, func(c Config) []problem {
		holds := c.Edge.OriginCertificateARN == "" || strings.HasPrefix(c.Edge.OriginCertificateARN, "arn:aws:acm:"+c.Region+":")
		return unless(holds, "edge.originCertificateArn", "the ARN of an ACM certificate in %s, where the load balancer is", c.Region)
	}},
	{[]string{"edge.originPrefixList", "edge.ingress", "region"}, checkPrefixList},
	{[]string{"edge.countries", "edge.ingress"}, func(c Config) []problem {
		holds := len(c.Edge.Countries) == 0 || !c.Edge.Ingress.AnyViewer()
		return unless(holds, "edge.countries", "none with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront")
	}},
	{[]string{"alarms.probe", "edge.countries"}, checkProbe},
	// One failure among so many requests is below the rate that rolls a deployment back.
	{[]string{"slo.minRequests", "slo.availabilityPercent"}, func(c Config) []problem {
		rate := FastestBurn * (100 - c.SLO.AvailabilityPercent)
		least := int(math.Floor(100/rate+1e-9)) + 1
		return unless(c.SLO.MinRequests >= least, "slo.minRequests",
			"at least %d with slo.availabilityPercent %v: with fewer, one failed request rolls a deployment back", least, c.SLO.AvailabilityPercent)
	}},
	{[]string{"edge.accessLogs", "region"}, func(c Config) []problem {
		holds := !c.Edge.AccessLogs || !slices.Contains(withoutAccessLogs, c.Region) || c.elsewhere()
		return unless(holds, "edge.accessLogs", "false, since CloudFront delivers none to %s, or another region", c.Region)
	}},
	// If requests can bypass CloudFront, rules by address would see CloudFront's addresses, or
	// a header that the viewer wrote.
	{[]string{"edge.waf.mode", "edge.ingress"}, func(c Config) []problem {
		holds := c.Edge.WAF.Mode == WAFOff || !c.Edge.Ingress.AnyViewer()
		return unless(holds, "edge.waf.mode", "off with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront")
	}},
	{[]string{"edge.waf.countOnly", "edge.waf.mode"}, checkCountOnly},
	{[]string{"edge.waf.countGroupRules", "edge.waf.mode"}, checkCountGroupRules},
	{[]string{"edge.waf.exemptPaths", "edge.waf.mode"}, checkExemptPaths},
}

func checkResidency(c Config) []problem {
	holds := c.Residency == ResidencyNone || slices.Contains(euRegions, c.Region)
	return unless(holds, "region", "one of %s, or residency none", source.List(c.offering(euRegions)))
}

func freeUser(name string) bool {
	name = strings.ToLower(name)
	return !slices.Contains(reservedWords, name) && !slices.Contains(reservedUsers, name) && !strings.HasPrefix(name, "pg_")
}

// checkApplicationUser refuses a user beside whom nobody could create tables, and names
// that the alternating rotation would take for those of others.
func checkApplicationUser(c Config) []problem {
	const field, clone = "database.applicationUser", "_clone"
	user, master := c.Database.ApplicationUser, c.Database.Username
	if user == "" {
		return nil
	}
	return slices.Concat(
		unless(freeUser(user), field, "a name that PostgreSQL and Aurora do not reserve"),
		unless(!strings.HasSuffix(user, clone), field, "a name that does not end with %s, as that of the second user does", clone),
		unless(user != master && user+clone != master, field, "another user than database.username, which is %s", master),
		unless(len(c.Service.Migration.Command) > 0, field,
			"service.migration beside it, which creates the tables: this user may not"),
	)
}

// checkWindows refuses half hours that overlap, as RDS does.
func checkWindows(c Config) []problem {
	const clock = "15:04"
	_, at, _ := strings.Cut(c.Database.MaintenanceWindow, ":")
	maintenance, err := time.Parse(clock, at)
	backup, unset := time.Parse(clock, c.Database.BackupWindow)
	if err != nil || unset != nil {
		return nil
	}
	apart := maintenance.Sub(backup).Abs()
	const half, whole = 30 * time.Minute, 24 * time.Hour
	return unless(apart >= half && apart <= whole-half, "database.backupWindow",
		"%s or earlier, or %s or later: the maintenance is at %s", maintenance.Add(-half).Format(clock), maintenance.Add(half).Format(clock), at)
}

// checkRestore accepts a time long ago: it stays written after the restore, and a
// valid file must not become invalid by itself.
func checkRestore(c Config) []problem {
	const cluster, at = "database.restoreFrom.cluster", "database.restoreFrom.time"
	from := c.Database.RestoreFrom
	when, err := time.Parse(time.RFC3339, from.Time)
	return slices.Concat(
		unless(from.Cluster == "" || from.Time != "", cluster, "%s beside it, latest or a time in UTC", at),
		unless(from.Time == "" || from.Cluster != "", at, "%s beside it, the cluster to restore", cluster),
		unless(from.Time == "" || from.Time == "latest" || err == nil, at, "a time that exists"),
		unless(err != nil || !when.After(time.Now()), at, "a time in the past"),
		unless(from.Cluster != c.Name(), cluster, "another cluster than the environment's own, or another name for this environment"),
	)
}

// backupWindowHours is how long AWS Backup may take to start a backup job, an hour,
// and to finish it, three more.
const backupWindowHours = 4

func choice(numbers []int) string {
	if len(numbers) <= 3 {
		return "one of " + source.List(numbers)
	}
	return fmt.Sprintf("%d to %d in steps of %d", numbers[0], numbers[len(numbers)-1], numbers[1]-numbers[0])
}

// checkEmails holds the limit of SMTP (RFC 5321). A pattern that allows dots cannot
// limit the length, too.
func checkEmails(c Config) []problem {
	var problems []problem
	for i, email := range c.Alarms.Emails {
		local, _, _ := strings.Cut(email, "@")
		problems = append(problems, unless(len(local) <= 64, fmt.Sprintf("alarms.emails[%d]", i), "at most 64 characters before the @")...)
	}
	return problems
}

// probeCountries are the countries of Route 53's health checkers
// (constructs/web/domain.go).
var probeCountries = []string{"IE", "US"}

func checkProbe(c Config) []problem {
	missing := slices.DeleteFunc(slices.Clone(probeCountries), func(country string) bool {
		return slices.Contains(c.Edge.Countries, country)
	})
	asked := c.Alarms.Probe && !c.Edge.Ingress.AnyViewer() // with any viewer, countries are refused anyway
	holds := !asked || len(c.Edge.Countries) == 0 || len(missing) == 0
	return unless(holds, "alarms.probe", "false, or %s among edge.countries: the probe comes from there", strings.Join(missing, " and "))
}
