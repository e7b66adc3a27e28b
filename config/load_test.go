package config_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/environments"
)

// files are the contents of environments' files, by name.
type files map[string]string

func (f files) load(name, from string) (config.Config, []string, error) {
	return config.LoadOne(f.fs(), name, from)
}

func (f files) fs() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range f {
		fsys[name+".yaml"] = &fstest.MapFile{Data: []byte(unprotected(content))}
	}
	return fsys
}

// unprotected adds a lifecycle to the end of a file that has none. A protected
// environment would also need a certificate or edge.plainHTTP. A file that is not a
// plain mapping stays as it is.
func unprotected(content string) string {
	if strings.TrimSpace(content) == "{}" {
		return "lifecycle: retained\n"
	}
	whole := strings.Count(content, "[") == strings.Count(content, "]")
	if !whole || !mapping.MatchString(content) || strings.Contains(content, "lifecycle") || strings.Contains(content, "plainHTTP") {
		return content
	}
	return strings.TrimRight(content, "\n") + "\nlifecycle: retained\n"
}

// mapping matches a file of fields, some with lines below them.
var mapping = regexp.MustCompile(`^\x{FEFF}?((#.*)?\n)*((\w+|"[^"]*")\s*:( .*)?(\n .*)*\n*)+$`)

// alone creates no service that another environment could create, too.
const alone = "audit: {guardDuty: off, securityHub: off, config: existing, accessAnalyzer: off, inspector: existing}\n"

// with returns the configuration of an environment with the content in its file.
func with(t *testing.T, content string) config.Config {
	t.Helper()
	cfg, warnings, err := files{"dev": content}.load("dev", "")
	require.NoError(t, err)
	require.Empty(t, warnings)
	return cfg
}

// among loads an environment and compares it with the others.
func (f files) among(name, from string) (config.Config, error) {
	cfg, _, err := config.Load(f.fs(), name, from)
	return cfg, err
}

func requireRefused(t *testing.T, err error, want ...string) {
	t.Helper()
	require.EqualError(t, err, strings.Join(want, "\n"))
	var mistakes config.Errors
	require.ErrorAs(t, err, &mistakes)
	require.Len(t, mistakes, len(want), "one line each")
}

func TestReferenceEnvironmentsLoadWithoutWarnings(t *testing.T) {
	require.Equal(t, []string{"dev", "prod", "staging"}, config.EnvironmentNames(environments.Files))
	for _, name := range config.EnvironmentNames(environments.Files) {
		t.Run(name, func(t *testing.T) {
			cfg, warnings, err := config.Load(environments.Files, name, "")
			require.NoError(t, err)
			require.Empty(t, warnings)
			require.Equal(t, name, cfg.Environment)
			require.False(t, cfg.ShortLived)
		})
	}
}

// taken are files of one environment, and what a part of the configuration is then.
var taken = []struct {
	of      func(config.Config) any
	content string
	want    any
}{
	{prefixList, "{}", "pl-fab65393"},
	{prefixList, "region: eu-central-1", "pl-a3a144ca"},
	{prefixList, "region: eu-west-1", "pl-4fa04526"},
	{prefixList, "region: eu-west-3", "pl-75b1541c"},
	{prefixList, "residency: none\nregion: eu-west-2\nedge: {originPrefixList: pl-0123456789abcdef0}", "pl-0123456789abcdef0"},
	{httpsOrigin, "{}", false},
	{httpsOrigin, "edge: {originDomain: a.example.com, originCertificateArn: " + euNorth1 + "}", true},
	{httpsOrigin, "edge: {originDomain: a.example.com, hostedZoneId: Z0123456789}", true},
	// YAML 1.1 would take NO for false.
	{func(cfg config.Config) any { return cfg.Edge.Countries }, "edge: {countries: [NO, SE]}\nalarms: {probe: false}\n", []string{"NO", "SE"}},
	{func(cfg config.Config) any { return cfg.Edge.WAF.CountOnly.Reasons() },
		"edge: {waf: {countOnly: {common: uploads, rate-limit: one office}}}", map[string]string{"common": "uploads", "rate-limit": "one office"}},
	{func(cfg config.Config) any { return cfg.Network.NATGateways }, "network: {zones: [a, b, c]}", 3},
	{func(cfg config.Config) any { return cfg.IncidentResponse.Approvers }, "incidentResponse: {approvers: ['" + singleSignOn + "']}\n",
		[]string{singleSignOn}},
	{func(cfg config.Config) any { return cfg.Backup.CopyToRegion }, "residency: none\nbackup: {copyToRegion: us-east-1}", "us-east-1"},
	{func(cfg config.Config) any {
		return []int{cfg.Backup.EveryHours, cfg.Backup.RPOHours, cfg.Backup.RetentionDays}
	},
		"database: {backupRetentionDays: 1}\nbackup: {everyHours: 4, rpoHours: 8, retentionDays: 1}", []int{4, 8, 1}},
}

// singleSignOn is the role of a permission set, which has a path, and in it a dot.
const singleSignOn = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-north-1/AWSReservedSSO_catalog-approver_0123456789abcdef"

func prefixList(cfg config.Config) any { return cfg.PrefixList() }

func httpsOrigin(cfg config.Config) any { return cfg.Edge.HTTPSOrigin() }

func TestValuesAreTaken(t *testing.T) {
	for _, c := range taken {
		require.Equal(t, c.want, c.of(with(t, c.content)), c.content)
	}
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, image := range []string{
		"nginx:1", "nginx" + digest, "library/nginx:1.27" + digest, "localhost:5000/a/b__c:T.1_2-3",
		"123456789012.dkr.ecr.eu-north-1.amazonaws.com/catalog-api-dev:2026-11-24", "public.ecr.aws/x/y.z--w:1", "Registry.example.com:443/a:1",
	} {
		require.Equal(t, image, with(t, "service: {image: \""+image+"\"}\n").Service.Image)
	}
	for _, email := range []string{"a@example.com", "first.last+alarms@sub.example.co", "o'hara@example.com", "a=b{c}`d`@x-y.io", strings.Repeat("a", 64) + "@example.com"} {
		require.Equal(t, []string{email}, with(t, "alarms: {emails: [\""+email+"\"]}\n").Alarms.Emails)
	}
}

func TestDefaultsStandWhereNothingIsWritten(t *testing.T) {
	want := config.Defaults()
	want.Environment = "dev"
	want.Network.NATGateways = 2
	want.Edge.PlainHTTP = true
	require.Equal(t, want, with(t, "edge: {plainHTTP: true}\n"))
}

func TestNearestFileWins(t *testing.T) {
	cfg, _, err := files{
		"one":   "region: eu-west-1\nservice: {port: 4000, minTasks: 3, maxTasks: 30}\n",
		"two":   "from: one\nservice: {port: 5000, minTasks: 4}\n",
		"three": "from: two\nservice: {port: 6000}\n",
	}.load("three", "")
	require.NoError(t, err)
	require.Equal(t, "two", cfg.From)
	require.Equal(t, "eu-west-1", cfg.Region)
	require.Equal(t, 6000, cfg.Service.Port)
	require.Equal(t, 4, cfg.Service.MinTasks)
	require.Equal(t, 30, cfg.Service.MaxTasks)
	require.Equal(t, "/health", cfg.Service.HealthCheckPath)
}

func TestListsAreReplacedAndTagsAdded(t *testing.T) {
	cfg, _, err := files{
		"base": "tags: {team: catalog, tier: gold}\nnetwork: {zones: [a, b, c]}\nalarms: {emails: [a@example.com]}\n",
		"dev":  "from: base\ntags: {tier: tin, owner: me}\nnetwork: {zones: [c, a]}\nalarms: {emails: []}\n",
	}.load("dev", "")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"team": "catalog", "tier": "tin", "owner": "me"}, cfg.Tags)
	require.Equal(t, []string{"c", "a"}, cfg.Network.Zones)
	require.Empty(t, cfg.Alarms.Emails)
}

func TestAllMistakesOfAllFilesAreReportedAtOnce(t *testing.T) {
	_, _, err := files{
		"dev":  "from: prod\nregion: mars\nnetwork:\n  natGateways: 3\nservice:\n  cpu: 256\n",
		"prod": "network:\n  cidr: 8.8.0.0/16\n  cdir: x\nservice:\n  port: 0\n  memory: 8192\nregion: eu-west-1\n",
	}.load("dev", "")
	requireRefused(t, err,
		`config/environments/dev.yaml:2: region: got "mars", want a region of AWS, such as eu-north-1`,
		`config/environments/dev.yaml:4: network.natGateways: got 3, want at most 2, the number of zones`,
		`config/environments/dev.yaml:6: service.memory: got 8192 (config/environments/prod.yaml:6), want one of 512, 1024, 2048, which Fargate offers with cpu 256`,
		`config/environments/prod.yaml:2: network.cidr: got "8.8.0.0/16", want a private range (RFC 1918) from /16 to /24, such as 10.1.0.0/16`,
		`config/environments/prod.yaml:3: network.cdir: got an unknown key, want cidr`,
		`config/environments/prod.yaml:5: service.port: got 0, want a whole number from 1024 to 65535`,
	)
}

func TestMistakeIsReportedWhereItWasWritten(t *testing.T) {
	_, _, err := files{
		"dev":  "from: prod\n",
		"prod": "region: eu-west-1\n\ndatabase:\n  username: admin\n",
	}.load("dev", "")
	requireRefused(t, err,
		`config/environments/prod.yaml:4: database.username: got "admin", want a name that PostgreSQL and Aurora do not reserve`)
}

func TestMistakeIsReportedOnce(t *testing.T) {
	_, _, err := files{"dev": "network:\n  zones: [a, x]\n  natGateways: 3\n"}.load("dev", "")
	requireRefused(t, err,
		`config/environments/dev.yaml:2: network.zones[1]: got "x", want two or three different letters from a to f`)
}

func TestNoConfigComesWithAnError(t *testing.T) {
	cfg, warnings, err := files{"dev": "region: mars\ndatabase: {engineVersion: \"16.4\"}\n"}.load("dev", "")
	require.Error(t, err)
	require.Empty(t, warnings)
	require.Equal(t, config.Config{}, cfg)
}

// A certificate cannot be left out without a decision.
func TestAProtectedEnvironmentMustAcceptPlainHTTP(t *testing.T) {
	const want = `edge.plainHTTP: got %s, want true while a protected environment has no certificate for its load balancer, ` +
		`or edge.hostedZoneId and edge.originDomain, or edge.originCertificateArn and edge.originDomain`
	for content, refusal := range map[string]string{
		"{ }":                    "config/environments/dev.yaml: " + fmt.Sprintf(want, "the default false"),
		"lifecycle: protected\n": "config/environments/dev.yaml:1: " + fmt.Sprintf(want, "the default false"),
		"edge: {plainHTTP: false, ingress: vpc-origin}\n":                                    "config/environments/dev.yaml:1: " + fmt.Sprintf(want, "false"),
		"lifecycle: protected\nedge: {plainHTTP: true}\n":                                    "",
		"lifecycle: retained\n":                                                              "",
		"lifecycle: protected\nedge: {hostedZoneId: Z0, originDomain: origin.example.com}\n": "",
	} {
		_, _, err := files{"dev": content}.load("dev", "")
		if refusal == "" {
			require.NoError(t, err, content)
			continue
		}
		requireRefused(t, err, refusal)
	}
	_, _, err := files{"dev": "lifecycle: protected\nedge: {plainHTTP: true}\n"}.load("pr-17", "dev")
	require.NoError(t, err, "a short-lived one is disposable")
}
