package config_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestAccountAndTagsAreRefused(t *testing.T) {
	const text = " letters, digits, spaces and _.:/=+-@"
	refused{
		"a region that does not exist":        {"region: eu-north-9\n", `:1: region: got "eu-north-9", want a region of AWS, such as eu-north-1`},
		"a region outside residency":          {"region: us-east-1\n", `:1: region: got "us-east-1", want one of eu-central-1, eu-north-1, eu-west-1, eu-west-3, or residency none`},
		"London":                              {"residency: eu\nregion: eu-west-2\n", `:2: region: got "eu-west-2", want one of eu-central-1, eu-north-1, eu-west-1, eu-west-3, or residency none`},
		"an account of 11 digits":             {"account: \"12345678901\"\n", `:1: account: got "12345678901", want twelve digits, in quotes, such as 123456789012`},
		"an account without quotes":           {"account: 123456789012\n", `:1: account: got 123456789012, want twelve digits, in quotes, such as 123456789012`},
		"a reserved tag":                      {"tags:\n  project: x\n  environment: y\n", ":2: tags.project: got \"x\", want another key, regardless of capitals: the stacks set this one on every resource\n:3: tags.environment: got \"y\", want another key, regardless of capitals: the stacks set this one on every resource"},
		"a reserved tag in capitals":          {"tags:\n  Project: x\n  ENVIRONMENT: y\n", ":2: tags.Project: got \"x\", want another key, regardless of capitals: the stacks set this one on every resource\n:3: tags.ENVIRONMENT: got \"y\", want another key, regardless of capitals: the stacks set this one on every resource"},
		"a tag of the incident":               {"tags: {Incident: x}\n", `:1: tags.Incident: got "x", want another key, regardless of capitals: the stacks set this one on clusters that a runbook restores`},
		"a tag of the restore test":           {"tags: {RTO-hours: \"4\"}\n", `:1: tags.RTO-hours: got "4", want another key, regardless of capitals: the stacks set this one on the weekly restore test`},
		"tags that differ in capitals":        {"tags:\n  Team: a\n  team: b\n", `:3: tags.team: got "b", want another key than tags.Team: to IAM they differ in capitals only, so they are the same`},
		"46 tags":                             {"region: eu-north-1\ntags:\n" + tags(46), `:2: tags: got 46 tags, want at most 45, since AWS takes 50 and some resources have 5 anyway`},
		"a tag of AWS":                        {"tags:\n  AWS:x: y\n", `:2: tags.AWS:x: got "y", want a key that does not start with aws: or rds:`},
		"a tag of RDS":                        {"tags: {rds:x: y}\n", `:1: tags.rds:x: got "y", want a key that does not start with aws: or rds:`},
		"a tag's value of AWS":                {"tags: {x: Aws:y}\n", `:1: tags.x: got "Aws:y", want a value that does not start with aws: or rds:`},
		"a tag without a name":                {"tags: {\"\": x}\n", `:1: tags."": got "x", want a key of 1 to 127` + text},
		"a tag of 128 characters":             {"tags: {" + strings.Repeat("ä", 128) + ": x}\n", `:1: tags."` + strings.Repeat("ä", 100) + `…": got "x", want a key of 1 to 127` + text},
		"a tag's value of 257 characters":     {"tags: {a: " + strings.Repeat("x", 257) + "}\n", `:1: tags.a: got "` + strings.Repeat("x", 100) + `…", want at most 256` + text},
		"a tag with an exclamation mark":      {"tags: {a!: x}\n", `:1: tags.a!: got "x", want a key of 1 to 127` + text},
		"a tag's value with a question mark":  {"tags: {a: 'x?'}\n", `:1: tags.a: got "x?", want at most 256` + text},
		"a tag's value that is not text":      {"tags: {a: 1}\n", `:1: tags.a: got 1, want keys with text as values`},
		"tags as a list":                      {"tags: [a]\n", `:1: tags: got ["a"], want keys with text as values`},
		"a tag with a dot and an empty value": {"tags: {a.b!: \"\"}\n", `:1: tags."a.b!": got "", want a key of 1 to 127` + text},
	}.run(t)
}

// tags are lines for a mapping of that many.
func tags(count int) string {
	var lines strings.Builder
	for i := range count {
		fmt.Fprintf(&lines, "  tag-%d: x\n", i)
	}
	return lines.String()
}

// IAM compares what all files say together.
func TestTagsOfSeveralFilesAreComparedAndCounted(t *testing.T) {
	_, _, err := files{"base": "tags: {Team: a}\n", "dev": "from: base\ntags: {team: b}\n"}.load("dev", "")
	requireRefused(t, err, `config/environments/dev.yaml:2: tags.team: got "b", want another key than tags.Team: to IAM they differ in capitals only, so they are the same`)

	_, _, err = files{"base": "tags: {own: a}\n", "dev": "from: base\ntags:\n" + tags(45)}.load("dev", "")
	requireRefused(t, err, `config/environments/dev.yaml:2: tags: got 46 tags, want at most 45, since AWS takes 50 and some resources have 5 anyway`)

	require.Len(t, with(t, "tags:\n"+tags(45)).Tags, 45)
}

func TestNetworksAreRefused(t *testing.T) {
	const private = `, want a private range (RFC 1918) from /16 to /24, such as 10.1.0.0/16`
	const letters = `, want two or three different letters from a to f`
	refused{
		"a public range":           {"network: {cidr: 8.8.0.0/16}\n", `:1: network.cidr: got "8.8.0.0/16"` + private},
		"a range beside 172.16/12": {"network: {cidr: 172.32.0.0/16}\n", `:1: network.cidr: got "172.32.0.0/16"` + private},
		"a /15":                    {"network: {cidr: 10.0.0.0/15}\n", `:1: network.cidr: got "10.0.0.0/15"` + private},
		"a /25":                    {"network: {cidr: 10.0.0.0/25}\n", `:1: network.cidr: got "10.0.0.0/25"` + private},
		"an octet of 256":          {"network: {cidr: 10.256.0.0/16}\n", `:1: network.cidr: got "10.256.0.0/16"` + private},
		"three octets":             {"network: {cidr: 10.0.0/16}\n", `:1: network.cidr: got "10.0.0/16"` + private},
		"an address":               {"network: {cidr: 10.0.0.0}\n", `:1: network.cidr: got "10.0.0.0"` + private},
		"a range of IPv6":          {"network: {cidr: \"fd00::/16\"}\n", `:1: network.cidr: got "fd00::/16"` + private},
		"host bits":                {"network: {cidr: 10.1.2.0/16}\n", `:1: network.cidr: got "10.1.2.0/16", want "10.1.0.0/16", the start of that range`},
		"one zone":                 {"network: {zones: [a]}\n", `:1: network.zones: got ["a"]` + letters},
		"four zones":               {"network: {zones: [a, b, c, d]}\n", `:1: network.zones: got ["a", "b", "c", "d"]` + letters},
		"a zone twice":             {"network: {zones: [a, a]}\n", `:1: network.zones: got ["a", "a"]` + letters},
		"zones with the region":    {"network:\n  zones:\n    - a\n    - eu-north-1b\n", `:4: network.zones[1]: got "eu-north-1b"` + letters},
		"a capital zone":           {"network: {zones: [A, b]}\n", `:1: network.zones[0]: got "A"` + letters},
		"more gateways than zones": {"network:\n  natGateways: 3\n", `:2: network.natGateways: got 3, want at most 2, the number of zones`},
		"an unknown endpoint":      {"network: {interfaceEndpoints: [ecr]}\n", `:1: network.interfaceEndpoints[0]: got "ecr", want one of ec2, ec2messages, ecr.api, ecr.dkr, ecs, ecs-agent, ecs-telemetry, elasticloadbalancing, events, guardduty-data, kms, lambda, logs, monitoring, rds, rds-data, secretsmanager, sns, sqs, ssm, ssmmessages, states, sts, xray`},
		"an endpoint twice":        {"network: {interfaceEndpoints: [kms, kms]}\n", `:1: network.interfaceEndpoints: got ["kms", "kms"], want a list, each value once`},
	}.run(t)
}

func TestDatabasesAreRefused(t *testing.T) {
	const letters = `, want 1 to 63 letters, digits and _, the first a letter, such as shop`
	const taken = `, want a name that PostgreSQL and Aurora do not reserve`
	const window = `, want a day and a time in UTC, such as wed:04:00`
	const migrates = "service: {image: 'shop:v1', migration: {command: [migrate]}}\n"
	const version = `, want MAJOR.MINOR in quotes, MAJOR from 14 to 18, MINOR from 0 to 29, such as 16.9`
	refused{
		"user admin":           {"database: {username: admin}\n", `:1: database.username: got "admin"` + taken},
		"user RDSadmin":        {"database: {username: RDSadmin}\n", `:1: database.username: got "RDSadmin"` + taken},
		"user pg_x":            {"database: {username: pg_x}\n", `:1: database.username: got "pg_x"` + taken},
		"user table":           {"database: {username: table}\n", `:1: database.username: got "table"` + taken},
		"user 1a":              {"database: {username: 1a}\n", `:1: database.username: got "1a"` + letters},
		"a user with a hyphen": {"database: {username: a-b}\n", `:1: database.username: got "a-b"` + letters},
		"a user of 64 letters": {"database: {username: " + strings.Repeat("u", 64) + "}\n", `:1: database.username: got "` + strings.Repeat("u", 64) + `"` + letters},
		"no user":              {"database: {username: \"\"}\n", `:1: database.username: got ""` + letters},
		"a name with a hyphen": {"database: {name: my-db}\n", `:1: database.name: got "my-db"` + letters},
		"name template1":       {"database: {name: template1}\n", `:1: database.name: got "template1"` + taken},
		"name select":          {"database: {name: SELECT}\n", `:1: database.name: got "SELECT"` + taken},
		"a user of the application without a migration": {
			"database: {applicationUser: catalog_app}\n",
			`:1: database.applicationUser: got "catalog_app", want service.migration beside it, which creates the tables: this user may not`,
		},
		"the master user as that of the application": {
			migrates + "database: {applicationUser: catalog_admin}\n",
			`:2: database.applicationUser: got "catalog_admin", want another user than database.username, which is catalog_admin`,
		},
		"the second user of the rotation as the master user": {
			migrates + "database: {username: shop_clone, applicationUser: shop}\n",
			`:2: database.applicationUser: got "shop", want another user than database.username, which is shop_clone`,
		},
		"a user named as the second one": {
			migrates + "database: {applicationUser: shop_clone}\n",
			`:2: database.applicationUser: got "shop_clone", want a name that does not end with _clone, as that of the second user does`,
		},
		"a reserved user of the application": {migrates + "database: {applicationUser: rdsadmin}\n", `:2: database.applicationUser: got "rdsadmin"` + taken},
		"a user of 58 letters": {
			migrates + "database: {applicationUser: " + strings.Repeat("u", 58) + "}\n",
			`:2: database.applicationUser: got "` + strings.Repeat("u", 58) + `", want a letter, then letters, digits and _, 57 at most, such as catalog_app`,
		},
		"a window without a day":      {"database: {maintenanceWindow: \"03:30\"}\n", `:1: database.maintenanceWindow: got "03:30"` + window},
		"a window without a time":     {"database: {maintenanceWindow: tue}\n", `:1: database.maintenanceWindow: got "tue"` + window},
		"a window with an end":        {"database: {maintenanceWindow: tue:03:30-tue:04:00}\n", `:1: database.maintenanceWindow: got "tue:03:30-tue:04:00"` + window},
		"a backup at 24 o'clock":      {"database: {backupWindow: \"24:00\"}\n", `:1: database.backupWindow: got "24:00", want a time in UTC, such as 22:15`},
		"a backup in the maintenance": {"database: {backupWindow: \"03:59\"}\n", `:1: database.backupWindow: got "03:59", want 03:00 or earlier, or 04:00 or later: the maintenance is at 03:30`},
		"a backup across midnight": {
			"database: {backupWindow: \"23:45\", maintenanceWindow: mon:00:10}\n",
			`:1: database.backupWindow: got "23:45", want 23:40 or earlier, or 00:40 or later: the maintenance is at 00:10`,
		},
		"a window at 24 o'clock":      {"database: {maintenanceWindow: tue:24:00}\n", `:1: database.maintenanceWindow: got "tue:24:00"` + window},
		"a version without a minor":   {"database: {engineVersion: \"16\"}\n", `:1: database.engineVersion: got "16"` + version},
		"a version of three numbers":  {"database: {engineVersion: \"16.8.1\"}\n", `:1: database.engineVersion: got "16.8.1"` + version},
		"major version 12":            {"database: {engineVersion: \"12.9\"}\n", `:1: database.engineVersion: got "12.9"` + version},
		"minor version 99":            {"database: {engineVersion: \"17.99\"}\n", `:1: database.engineVersion: got "17.99"` + version},
		"minor version 08":            {"database: {engineVersion: \"16.08\"}\n", `:1: database.engineVersion: got "16.08"` + version},
		"major version 19":            {"database: {engineVersion: \"19.1\"}\n", `:1: database.engineVersion: got "19.1"` + version},
		"a version without quotes":    {"database: {engineVersion: 16.10}\n", `:1: database.engineVersion: got 16.10` + version},
		"a minimum above the maximum": {"database:\n  maxCapacity: 2\n  minCapacity: 4\n", `:3: database.minCapacity: got 4, want at most maxCapacity, which is 2`},
		"a minimum above the default": {"database:\n  minCapacity: 2.5\n", `:2: database.minCapacity: got 2.5, want at most maxCapacity, which is 2`},
	}.run(t)
}

func TestRestoresAreRefused(t *testing.T) {
	const identifier = `, want the identifier of a cluster in this account and region, such as catalog-old`
	const time = `, want latest or a time in UTC, such as 2026-11-24T10:00:00Z`
	const source = "database:\n  restoreFrom:\n    cluster: catalog-api-prod\n"
	refused{
		"a cluster by its ARN":       {"database: {restoreFrom: {time: latest, cluster: \"arn:aws:rds:eu-north-1:1:cluster:x\"}}\n", `:1: database.restoreFrom.cluster: got "arn:aws:rds:eu-north-1:1:cluster:x"` + identifier},
		"two hyphens in a row":       {"database: {restoreFrom: {time: latest, cluster: a--b}}\n", `:1: database.restoreFrom.cluster: got "a--b"` + identifier},
		"64 letters":                 {"database: {restoreFrom: {time: latest, cluster: " + strings.Repeat("a", 64) + "}}\n", `:1: database.restoreFrom.cluster: got "` + strings.Repeat("a", 64) + `"` + identifier},
		"a cluster without fields":   {"database: {restoreFrom: catalog-api-prod}\n", `:1: database.restoreFrom: got "catalog-api-prod", want a mapping`},
		"a snapshot":                 {"database: {restoreFrom: {snapshot: x}}\n", `:1: database.restoreFrom.snapshot: got an unknown key, want one of cluster, time`},
		"no time":                    {source, `:3: database.restoreFrom.cluster: got "catalog-api-prod", want database.restoreFrom.time beside it, latest or a time in UTC`},
		"no cluster":                 {"database: {restoreFrom: {time: latest}}\n", `:1: database.restoreFrom.time: got "latest", want database.restoreFrom.cluster beside it, the cluster to restore`},
		"a day":                      {source + "    time: 2026-11-24\n", `:4: database.restoreFrom.time: got "2026-11-24"` + time},
		"a time of Stockholm":        {source + "    time: 2026-11-24T10:00:00+01:00\n", `:4: database.restoreFrom.time: got "2026-11-24T10:00:00+01:00"` + time},
		"a time without the zone":    {source + "    time: 2026-11-24T10:00:00\n", `:4: database.restoreFrom.time: got "2026-11-24T10:00:00"` + time},
		"an hour ago":                {source + "    time: 1h\n", `:4: database.restoreFrom.time: got "1h"` + time},
		"the 30th of February":       {source + "    time: 2026-02-30T10:00:00Z\n", `:4: database.restoreFrom.time: got "2026-02-30T10:00:00Z", want a time that exists`},
		"a time that is yet to come": {source + "    time: 2199-11-24T10:00:00Z\n", `:4: database.restoreFrom.time: got "2199-11-24T10:00:00Z", want a time in the past`},
		"the environment over itself": {
			"database:\n  restoreFrom: {cluster: " + config.Project + "-dev, time: latest}\n",
			`:2: database.restoreFrom.cluster: got "` + config.Project + `-dev", want another cluster than the environment's own, or another name for this environment`,
		},
	}.run(t)
}

func TestBackupsAreRefused(t *testing.T) {
	const fewer = `, or fewer of those, or backup.enabled false`
	const inTheEU = `, want one of eu-central-1, eu-north-1, eu-south-1, eu-south-2, eu-west-1, eu-west-3, or residency none`
	refused{
		"a backup a day for 27 hours":                  {"backup:\n  rpoHours: 27\n", `:2: backup.rpoHours: got 27, want at least 28, since a backup job starts every 24 hours and may take 4, or fewer backup.everyHours`},
		"backups too far apart":                        {"backup:\n  everyHours: 12\n  rpoHours: 15\n", `:3: backup.rpoHours: got 15, want at least 16, since a backup job starts every 12 hours and may take 4, or fewer backup.everyHours`},
		"recovery points deleted before the objective": {"database: {backupRetentionDays: 1}\nbackup:\n  retentionDays: 1\n", `:3: backup.retentionDays: got 1, want at least 2, to outlast the 28 hours of backup.rpoHours, or fewer of those`},
		"recovery points deleted within the week":      {"database: {backupRetentionDays: 1}\nbackup:\n  rpoHours: 168\n  retentionDays: 6\n", `:4: backup.retentionDays: got 6, want at least 7, to outlast the 168 hours of backup.rpoHours, or fewer of those`},
		"a second region that is none":                 {"backup: {copyToRegion: eu-central-9}\n", `:1: backup.copyToRegion: got "eu-central-9", want a region of AWS, such as eu-central-1`},
		"a second region that is a switch":             {"backup: {copyToRegion: true}\n", `:1: backup.copyToRegion: got true, want a region of AWS, such as eu-central-1`},
		"the same region a second time":                {"backup: {copyToRegion: eu-north-1}\n", `:1: backup.copyToRegion: got "eu-north-1", want another region than the environment's, or none`},
		"a copy to London":                             {"backup: {copyToRegion: eu-west-2}\n", `:1: backup.copyToRegion: got "eu-west-2"` + inTheEU},
		"a copy to Virginia":                           {"residency: eu\nbackup:\n  copyToRegion: us-east-1\n", `:3: backup.copyToRegion: got "us-east-1"` + inTheEU},
		"a copy of no recovery point":                  {"backup:\n  enabled: false\n  copyToRegion: eu-west-1\n", `:3: backup.copyToRegion: got "eu-west-1", want "", since there are no recovery points to copy with backup.enabled false, or backup.enabled true`},
		"recovery points deleted before own backups":   {"database:\n  backupRetentionDays: 14\nbackup:\n  retentionDays: 13\n", `:4: backup.retentionDays: got 13, want at least database.backupRetentionDays, which is 14` + fewer},
		"recovery points deleted before the default":   {"backup: {retentionDays: 34}\n", `:1: backup.retentionDays: got 34, want at least database.backupRetentionDays, which is 35` + fewer},
		"a backup of what is disposable":               {"lifecycle: disposable\nbackup: {enabled: true}\n", `:2: backup.enabled: got true, want false with lifecycle disposable, which keeps nothing, or lifecycle retained`},
		"the default backup of what is disposable":     {"lifecycle: disposable\n", `:1: backup.enabled: got the default true, want false with lifecycle disposable, which keeps nothing, or lifecycle retained`},
	}.run(t)
}

func TestServicesAreRefused(t *testing.T) {
	const repository = `, want up to ten private repositories, each once, such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop`
	const path = `, want a path that starts with / and has no spaces, such as /ready`
	const image = `, want an image with its tag or digest, without https://, such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1`
	refused{
		"too much memory":              {"service:\n  cpu: 256\n  memory: 4096\n", `:3: service.memory: got 4096, want one of 512, 1024, 2048, which Fargate offers with cpu 256`},
		"memory between two steps":     {"service:\n  cpu: 8192\n  memory: 17408\n", `:3: service.memory: got 17408, want 16384 to 61440 in steps of 4096, which Fargate offers with cpu 8192`},
		"memory between steps of 8192": {"service:\n  cpu: 16384\n  memory: 36864\n", `:3: service.memory: got 36864, want 32768 to 122880 in steps of 8192, which Fargate offers with cpu 16384`},
		"the default memory":           {"service:\n  cpu: 4096\n", `:2: service.memory: got the default 2048, want 8192 to 30720 in steps of 1024, which Fargate offers with cpu 4096`},
		"a repository with a tag":      {"service: {formerRepositories: [\"123456789012.dkr.ecr.eu-north-1.amazonaws.com/a:v1\"]}\n", `:1: service.formerRepositories[0]: got "123456789012.dkr.ecr.eu-north-1.amazonaws.com/a:v1"` + repository},
		"a public repository":          {"service: {formerRepositories: [public.ecr.aws/docker/library/node]}\n", `:1: service.formerRepositories[0]: got "public.ecr.aws/docker/library/node"` + repository},
		"a repository by name":         {"service: {formerRepositories: [catalog]}\n", `:1: service.formerRepositories[0]: got "catalog"` + repository},
		"a repository twice": {
			"service:\n  formerRepositories:\n    - 123456789012.dkr.ecr.eu-north-1.amazonaws.com/a\n    - 123456789012.dkr.ecr.eu-north-1.amazonaws.com/a\n",
			`:2: service.formerRepositories: got ["123456789012.dkr.ecr.eu-north-1.amazonaws.com/a", "123456789012.dkr.ecr.eu-north-1.amazonaws.com/a…` + repository,
		},
		"a relative path":              {"service: {healthCheckPath: health}\n", `:1: service.healthCheckPath: got "health"` + path},
		"a path with a space":          {"service: {healthCheckPath: /a b}\n", `:1: service.healthCheckPath: got "/a b"` + path},
		"an empty path":                {"service: {healthCheckPath: \"\"}\n", `:1: service.healthCheckPath: got ""` + path},
		"an image without a tag":       {"service: {image: nginx}\n", `:1: service.image: got "nginx"` + image},
		"an image with a scheme":       {"service: {image: \"https://x/y:1\"}\n", `:1: service.image: got "https://x/y:1"` + image},
		"an image in capitals":         {"service: {image: \"x/Y:1\"}\n", `:1: service.image: got "x/Y:1"` + image},
		"an image with an empty part":  {"service: {image: \"x//y:1\"}\n", `:1: service.image: got "x//y:1"` + image},
		"an image with a dot too many": {"service: {image: \"x/a..b:1\"}\n", `:1: service.image: got "x/a..b:1"` + image},
		"an image that ends in a dash": {"service: {image: \"x/y-:1\"}\n", `:1: service.image: got "x/y-:1"` + image},
		"an image with a port of text": {"service: {image: \"x:port/y:1\"}\n", `:1: service.image: got "x:port/y:1"` + image},
		"an image with half a digest":  {"service: {image: \"y@sha256:0123\"}\n", `:1: service.image: got "y@sha256:0123"` + image},
		"an image with a long tag":     {"service: {image: \"y:" + strings.Repeat("t", 129) + "\"}\n", `:1: service.image: got "y:` + strings.Repeat("t", 98) + `…"` + image},
		"an image with a space":        {"service: {image: \"nginx: 1\"}\n", `:1: service.image: got "nginx: 1"` + image},
		"a minimum above the maximum":  {"service:\n  minTasks: 5\n  maxTasks: 4\n", `:2: service.minTasks: got 5, want at most maxTasks, which is 4`},
		"a maximum below the default":  {"service:\n  maxTasks: 1\n", `:2: service.minTasks: got the default 2, want at most maxTasks, which is 1`},
	}.run(t)
}

func TestLogsAuditAndAlarmsAreRefused(t *testing.T) {
	const emails = `, want e-mail addresses, each once, such as oncall@example.com`
	refused{
		"an unknown plan":             {"audit: {guardDutyPlans: [S3_LOGS]}\n", `:1: audit.guardDutyPlans[0]: got "S3_LOGS", want one of S3_DATA_EVENTS, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS, EBS_MALWARE_PROTECTION, EKS_AUDIT_LOGS`},
		"a plan twice":                {"audit: {guardDutyPlans: [RDS_LOGIN_EVENTS, RDS_LOGIN_EVENTS]}\n", `:1: audit.guardDutyPlans: got ["RDS_LOGIN_EVENTS", "RDS_LOGIN_EVENTS"], want a list, each value once`},
		"an unknown standard":         {"audit: {securityHubStandards: [cis]}\n", `:1: audit.securityHubStandards[0]: got "cis", want one of foundational, cis-1.4, cis-3.0, nist-800-53, pci-dss-4.0`},
		"a standard twice":            {"audit: {securityHubStandards: [cis-3.0, cis-3.0]}\n", `:1: audit.securityHubStandards: got ["cis-3.0", "cis-3.0"], want a list, each value once`},
		"a hub without Config":        {"audit:\n  securityHub: create\n  config: off\n", `:3: audit.config: got "off", want create or existing, since Security Hub checks the records of AWS Config`},
		"the hub without Config":      {"audit:\n  config: off\n", `:2: audit.config: got "off", want create or existing, since Security Hub checks the records of AWS Config`},
		"an e-mail that is none":      {"alarms: {emails: [\"bob\"]}\n", `:1: alarms.emails[0]: got "bob"` + emails},
		"an e-mail without a domain":  {"alarms: {emails: [a@b]}\n", `:1: alarms.emails[0]: got "a@b"` + emails},
		"an e-mail with a name":       {"alarms: {emails: [\"Bob <bob@example.com>\"]}\n", `:1: alarms.emails[0]: got "Bob <bob@example.com>"` + emails},
		"an e-mail with a line break": {"alarms: {emails: [\"a\\n@example.com\"]}\n", `:1: alarms.emails[0]: got "a\n@example.com"` + emails},
		"an e-mail with two dots":     {"alarms: {emails: [a..b@example.com]}\n", `:1: alarms.emails[0]: got "a..b@example.com"` + emails},
		"an e-mail with an umlaut":    {"alarms: {emails: [ä@example.com]}\n", `:1: alarms.emails[0]: got "ä@example.com"` + emails},
		"65 characters before the @":  {"alarms:\n  emails:\n    - b@example.com\n    - " + strings.Repeat("a", 65) + "@example.com\n", `:4: alarms.emails[1]: got "` + strings.Repeat("a", 65) + `@example.com", want at most 64 characters before the @`},
		"255 characters of e-mail":    {"alarms: {emails: [" + strings.Repeat("a", 63) + "@" + strings.Repeat("b.", 94) + "com]}\n", `:1: alarms.emails[0]: got "` + strings.Repeat("a", 63) + "@" + strings.Repeat("b.", 18) + `…"` + emails},
		"an e-mail twice":             {"alarms: {emails: [a@example.com, a@example.com]}\n", `:1: alarms.emails: got ["a@example.com", "a@example.com"]` + emails},
		"a probe that is not let in":  {"edge:\n  countries: [SE, IE]\nalarms:\n  probe: true\n", `:4: alarms.probe: got true, want false, or US among edge.countries: the probe comes from there`},
		"a probe by default":          {"edge:\n  countries: [SE]\n", `:2: alarms.probe: got the default true, want false, or IE and US among edge.countries: the probe comes from there`},
		"availability of 100":         {"slo: {availabilityPercent: 100}\n", `:1: slo.availabilityPercent: got 100, want a percentage from 95 to 99.99`},
		"availability of a half":      {"slo: {availabilityPercent: 0.999}\n", `:1: slo.availabilityPercent: got 0.999, want a percentage from 95 to 99.99`},
		"availability in words":       {"slo: {availabilityPercent: three nines}\n", `:1: slo.availabilityPercent: got "three nines", want a percentage from 95 to 99.99`},
		"one failure of too few":      {"slo: {availabilityPercent: 99.99}\n", `:1: slo.minRequests: got the default 300, want at least 695 with slo.availabilityPercent 99.99: with fewer, one failed request rolls a deployment back`},
		"one failure of 69":           {"slo: {minRequests: 69}\n", `:1: slo.minRequests: got 69, want at least 70 with slo.availabilityPercent 99.9: with fewer, one failed request rolls a deployment back`},
		"a latency objective":         {"slo: {latencyMs: 300}\n", `:1: slo.latencyMs: got an unknown key, want one of availabilityPercent, minRequests`},
	}.run(t)
}

func TestResponsesAreRefused(t *testing.T) {
	const approvers = `, want up to nine ARNs of IAM roles or users, each once, such as arn:aws:iam::123456789012:role/Lead`
	refused{
		"an approver by name":          {"incidentResponse: {approvers: [anna]}\n", `:1: incidentResponse.approvers[0]: got "anna"` + approvers},
		"a group as approver":          {"incidentResponse: {approvers: ['arn:aws:iam::123456789012:group/ops']}\n", `:1: incidentResponse.approvers[0]: got "arn:aws:iam::123456789012:group/ops"` + approvers},
		"approvers that are everybody": {"incidentResponse: {approvers: ['arn:aws:iam::123456789012:role/*']}\n", `:1: incidentResponse.approvers[0]: got "arn:aws:iam::123456789012:role/*"` + approvers},
		"an approver twice":            {"incidentResponse:\n  approvers: [arn:aws:iam::123456789012:role/a, arn:aws:iam::123456789012:role/a]\n", `:2: incidentResponse.approvers: got ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"]` + approvers},
	}.run(t)
}

// The clock only moves forward, so a time that was accepted stays accepted.
func TestRestoreFromTheNearestFutureIsRefusedAndFromLongAgoIsNot(t *testing.T) {
	restore := func(at time.Time) error {
		_, _, err := files{"dev": "database: {restoreFrom: {cluster: old, time: " + at.UTC().Format(time.RFC3339) + "}}\n"}.load("dev", "")
		return err
	}
	require.ErrorContains(t, restore(time.Now().Add(time.Minute)), "want a time in the past")
	require.NoError(t, restore(time.Now()))
	require.NoError(t, restore(time.Now().AddDate(-5, 0, 0)), "it was restored then")
}
