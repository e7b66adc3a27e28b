package config

import (
	"fmt"
	"math"
	"net/netip"
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
	{[]string{"network.natGateways", "network.zones"}, checkNATGateways},
	{[]string{"database.engineVersion"}, checkEngineVersion},
	{[]string{"database.name"}, checkDatabaseName},
	{[]string{"database.username"}, checkUsername},
	{[]string{"database.applicationUser", "database.username", "service.migration.command"}, checkApplicationUser},
	{[]string{"database.minCapacity", "database.maxCapacity"}, checkCapacity},
	{[]string{"database.backupWindow", "database.maintenanceWindow"}, checkWindows},
	{[]string{"database.parameters"}, checkParameters},
	{[]string{"database.restoreFrom.cluster", "database.restoreFrom.time"}, checkRestore},
	{[]string{"backup.enabled", "lifecycle"}, checkBackup},
	{[]string{"backup.retentionDays", "database.backupRetentionDays", "backup.enabled"}, checkBackupRetention},
	{[]string{"backup.rpoHours", "backup.everyHours"}, checkRPO},
	{[]string{"backup.retentionDays", "backup.rpoHours"}, checkRPORetention},
	{[]string{"backup.copyToRegion", "backup.enabled"}, checkCopy},
	{[]string{"backup.copyToRegion", "region"}, checkCopyRegion},
	{[]string{"backup.copyToRegion", "residency"}, checkCopyResidency},
	{[]string{"service.memory", "service.cpu"}, checkMemory},
	{[]string{"service.minTasks", "service.maxTasks"}, checkTasks},
	{[]string{"service.command", "service.image"}, checkCommand},
	{[]string{"service.healthCommand", "service.image"}, checkHealthCommand},
	{[]string{"service.migration.command", "service.migration.timeoutMinutes", "service.image"}, checkMigration},
	{[]string{"service.tmpfs", "service.memory"}, checkTmpfs},
	{[]string{"service.environment"}, checkEnvironment},
	{[]string{"service.secrets", "service.environment", "region", "account"}, checkSecrets},
	{[]string{"service.secretKeys", "service.secrets", "region", "account"}, checkSecretKeys},
	{[]string{"service.permissions", "region", "account"}, checkPermissions},
	{[]string{"service.egress"}, checkEgress},
	{[]string{"service.release.strategy", "service.release.alternateTargetGroup"}, checkStrategy},
	{[]string{"service.release.alternateTargetGroup", "edge.ingress", "edge.waf.mode"}, checkAlternateTargetGroup},
	{[]string{"service.release.stepPercent", "service.release.strategy", "slo.availabilityPercent"}, checkStep},
	{[]string{"service.release.stepBakeMinutes", "service.release.bakeMinutes", "service.release.stepPercent", "service.release.strategy"},
		checkReleaseMinutes},
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
	{[]string{"edge.waf.mode", "edge.ingress"}, checkWAF},
	{[]string{"edge.waf.countOnly", "edge.waf.mode"}, checkCountOnly},
	{[]string{"edge.waf.countGroupRules", "edge.waf.mode"}, checkCountGroupRules},
	{[]string{"edge.waf.exemptPaths", "edge.waf.mode"}, checkExemptPaths},
}

func checkResidency(c Config) []problem {
	holds := c.Residency == ResidencyNone || slices.Contains(euRegions, c.Region)
	return unless(holds, "region", "one of %s, or residency none", source.List(c.offering(euRegions)))
}

func checkCIDR(c Config) []problem {
	prefix, err := netip.ParsePrefix(c.Network.CIDR)
	if err != nil || !prefix.Addr().IsPrivate() {
		return unless(false, "network.cidr", "%s", formats["cidr"].message())
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
	return unless(freeUser(c.Database.Username), "database.username", "a name that PostgreSQL and Aurora do not reserve")
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

func checkCapacity(c Config) []problem {
	holds := c.Database.MinCapacity <= c.Database.MaxCapacity
	return unless(holds, "database.minCapacity", "at most maxCapacity, which is %v", c.Database.MaxCapacity)
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

// checkBackup refuses a vault that could not be deleted with its environment.
func checkBackup(c Config) []problem {
	holds := !c.Backup.Enabled || c.Lifecycle != LifecycleDisposable
	return unless(holds, "backup.enabled", "false with lifecycle disposable, which keeps nothing, or lifecycle retained")
}

func checkBackupRetention(c Config) []problem {
	holds := !c.Backup.Enabled || c.Backup.RetentionDays >= c.Database.BackupRetentionDays
	return unless(holds, "backup.retentionDays",
		"at least database.backupRetentionDays, which is %d, or fewer of those, or backup.enabled false",
		c.Database.BackupRetentionDays)
}

// backupWindowHours is how long AWS Backup may take to start a backup job, an hour,
// and to finish it, three more.
const backupWindowHours = 4

// checkRPO counts from the start of one backup job to the end of the next: until
// then only the recovery point of the first one exists.
func checkRPO(c Config) []problem {
	least := c.Backup.EveryHours + backupWindowHours
	return unless(c.Backup.RPOHours >= least, "backup.rpoHours",
		"at least %d, since a backup job starts every %d hours and may take %d, "+
			"or fewer backup.everyHours", least, c.Backup.EveryHours, backupWindowHours)
}

func checkRPORetention(c Config) []problem {
	least := (c.Backup.RPOHours + 23) / 24
	return unless(c.Backup.RetentionDays >= least, "backup.retentionDays",
		"at least %d, to outlast the %d hours of backup.rpoHours, or fewer of those", least, c.Backup.RPOHours)
}

func checkCopy(c Config) []problem {
	holds := c.Backup.Enabled || c.Backup.CopyToRegion == ""
	return unless(holds, "backup.copyToRegion",
		`"", since there are no recovery points to copy with backup.enabled false, or backup.enabled true`)
}

func checkCopyRegion(c Config) []problem {
	return unless(c.Backup.CopyToRegion != c.Region, "backup.copyToRegion", "another region than the environment's, or none")
}

func checkCopyResidency(c Config) []problem {
	holds := c.Residency == ResidencyNone || c.Backup.CopyToRegion == "" || slices.Contains(euRegions, c.Backup.CopyToRegion)
	return unless(holds, "backup.copyToRegion", "one of %s, or residency none", source.List(euRegions))
}

func checkMemory(c Config) []problem {
	offered := fargateMemory[c.Service.CPU]
	holds := slices.Contains(offered, c.Service.Memory)
	return unless(holds, "service.memory", "%s, which Fargate offers with cpu %d", choice(offered), c.Service.CPU)
}

func choice(numbers []int) string {
	if len(numbers) <= 3 {
		return "one of " + source.List(numbers)
	}
	return fmt.Sprintf("%d to %d in steps of %d", numbers[0], numbers[len(numbers)-1], numbers[1]-numbers[0])
}

func checkTasks(c Config) []problem {
	holds := c.Service.MinTasks <= c.Service.MaxTasks
	return unless(holds, "service.minTasks", "at most maxTasks, which is %d", c.Service.MaxTasks)
}

func checkConfig(c Config) []problem {
	holds := c.Audit.SecurityHub != OwnershipCreate || c.Audit.AWSConfig != OwnershipOff
	return unless(holds, "audit.config", "create or existing, since Security Hub checks the records of AWS Config")
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

// FastestBurn is the burn rate from which a deployment is rolled back: how many times
// faster than allowed the error budget is spent, for five minutes. It is the SRE
// workbook's rate for two per cent of the month's budget in an hour.
// https://sre.google/workbook/alerting-on-slos/
const FastestBurn = 14.4

// checkMinRequests requires so many requests that one failure among them is below the
// rate that rolls a deployment back.
func checkMinRequests(c Config) []problem {
	rate := FastestBurn * (100 - c.SLO.AvailabilityPercent)
	least := int(math.Floor(100/rate+1e-9)) + 1
	return unless(c.SLO.MinRequests >= least, "slo.minRequests",
		"at least %d with slo.availabilityPercent %v: with fewer, one failed request rolls a deployment back", least, c.SLO.AvailabilityPercent)
}
