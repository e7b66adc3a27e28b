package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/environments"
)

func TestInheritedTextCanBeUnset(t *testing.T) {
	cfg, _, err := files{
		"base": "account: \"123456789012\"\nservice: {image: \"nginx:1\"}\n",
		"dev":  "from: base\naccount: \"\"\nservice: {image: \"\"}\n",
	}.load("dev", "")
	require.NoError(t, err)
	require.Empty(t, cfg.Account)
	require.Empty(t, cfg.Service.Image)
}

func TestShortLivedEnvironmentIsItsBaseButDisposable(t *testing.T) {
	base, _, err := config.Load(environments.Files, "staging", "")
	require.NoError(t, err)
	cfg, warnings, err := config.Load(environments.Files, "pr-17", "staging")
	require.NoError(t, err)
	require.Empty(t, warnings)

	want := base
	want.Environment = "pr-17"
	want.From = "staging"
	want.ShortLived = true
	want.Lifecycle = config.LifecycleDisposable
	want.Backup.Enabled = false
	want.Audit.Trail = config.OwnershipExisting
	want.Alarms.Probe = false
	require.Equal(t, want, cfg)
}

// A name leads to one distribution, and nobody has agreed to the price.
func TestShortLivedEnvironmentHasNeitherNamesNorShieldAdvanced(t *testing.T) {
	cfg, _, err := files{"prod": "edge:\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + `
  hostedZoneId: Z0123456789
  originDomain: b.example.com
  countries: [SE]
  shieldAdvanced: true
alarms: {probe: false}
`}.load("pr-17", "prod")
	require.NoError(t, err)

	want := config.Defaults().Edge
	want.Countries = []string{"SE"}
	require.Equal(t, want, cfg.Edge)
}

func TestShieldAdvancedIsNotInherited(t *testing.T) {
	const shield = "\nedge: {shieldAdvanced: true}\n"
	const want = `: edge.shieldAdvanced: got true (config/environments/prod.yaml:2), want true in this file too, since it costs a subscription for a year, or false`
	for name, c := range map[string]struct {
		files      files
		name, from string
		want       string
	}{
		"of the base environment":   {files{"dev": "region: eu-north-1\nfrom: prod\n", "prod": shield}, "dev", "", `config/environments/dev.yaml:2` + want},
		"of that one's base":        {files{"dev": "from: staging\n", "staging": "from: prod\n", "prod": shield}, "dev", "", `config/environments/dev.yaml:1` + want},
		"beside other fields":       {files{"dev": "from: prod\nedge: {accessLogs: false}\n", "prod": shield}, "dev", "", `config/environments/dev.yaml:1` + want},
		"of a short-lived one's":    {files{"dev": "from: prod\n", "prod": shield}, "pr-17", "dev", `config/environments/dev.yaml:1` + want},
		"but for a file of its own": {files{"dev": "from: prod\n" + shield, "prod": shield}, "dev", "", ""},
		"but for a refusal":         {files{"dev": "from: staging\n", "staging": "from: prod\nedge: {shieldAdvanced: false}\n", "prod": shield}, "dev", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := c.files.load(c.name, c.from)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			requireRefused(t, err, c.want)
		})
	}
}

// Each address would have to confirm a subscription, and get mail for every pull request.
func TestShortLivedEnvironmentSendsNoMailForItsBase(t *testing.T) {
	cfg, _, err := files{"prod": "alarms: {emails: [on-call@example.com], authFailures: 7}\n"}.load("pr-17", "prod")
	require.NoError(t, err)

	require.Empty(t, cfg.Alarms.Emails)
	require.Equal(t, 7, cfg.Alarms.AuthFailures)
}

func TestShortLivedEnvironmentStartsEmptyAndHasNoBackupPlan(t *testing.T) {
	cfg, _, err := files{"prod": "backup: {copyToRegion: eu-west-1}\ndatabase: {restoreFrom: {cluster: old, time: latest}}\n"}.load("pr-17", "prod")
	require.NoError(t, err)

	require.False(t, cfg.Backup.Enabled)
	require.Empty(t, cfg.Backup.CopyToRegion)
	require.Empty(t, cfg.Database.RestoreFrom)
}

func TestNoEnvironmentInheritsTheDataOfAnother(t *testing.T) {
	restored := files{
		"prod":    "database:\n  restoreFrom: {cluster: catalog-api-old, time: 2024-11-24T10:00:00Z}\n",
		"staging": "from: prod\n",
		"trial":   "from: prod\ndatabase: {restoreFrom: {cluster: catalog-api-prod, time: latest}}\n",
	}
	for name, want := range map[string]config.RestoreFrom{
		"prod":    {Cluster: "catalog-api-old", Time: "2024-11-24T10:00:00Z"},
		"staging": {},
		"trial":   {Cluster: "catalog-api-prod", Time: "latest"},
	} {
		cfg, _, err := restored.load(name, "")
		require.NoError(t, err)
		require.Equal(t, want, cfg.Database.RestoreFrom, name)
	}
}

func TestHalfARestoreIsNotCompletedByAnotherFile(t *testing.T) {
	_, _, err := files{
		"prod":  "database: {restoreFrom: {cluster: old, time: latest}}\n",
		"trial": "from: prod\ndatabase: {restoreFrom: {cluster: catalog-api-prod}}\n",
	}.load("trial", "")

	requireRefused(t, err, `config/environments/trial.yaml:2: database.restoreFrom.cluster: got "catalog-api-prod", want database.restoreFrom.time beside it, latest or a time in UTC`)
}

func TestShortLivedEnvironmentOwnsNothing(t *testing.T) {
	base, _, err := config.Load(environments.Files, "prod", "")
	require.NoError(t, err)
	cfg, _, err := config.Load(environments.Files, "pr-17", "prod")
	require.NoError(t, err)

	require.True(t, base.Audit.Owns())
	require.False(t, cfg.Audit.Owns())
	require.False(t, cfg.Audit.NotifyFindings)
	require.Equal(t, config.OwnershipExisting, cfg.Audit.Trail)
	for field, ownership := range cfg.Audit.Services() {
		require.Equal(t, config.OwnershipExisting, ownership, field)
	}
	require.Equal(t, base.Audit.GuardDutyPlans, cfg.Audit.GuardDutyPlans)
}

func TestShortLivedEnvironmentHasNoTrailIfItsBaseHasNone(t *testing.T) {
	cfg, _, err := files{"dev": "audit: {trail: off}\n"}.load("pr-17", "dev")
	require.NoError(t, err)
	require.Equal(t, config.OwnershipOff, cfg.Audit.Trail)
}
