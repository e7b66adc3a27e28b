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

func TestShortLivedEnvironmentLacksWhatIsItsBasesAlone(t *testing.T) {
	edge := config.Defaults().Edge
	edge.Countries = []string{"SE"}
	for name, c := range map[string]struct {
		base string
		of   func(config.Config) any
		want any
	}{
		"the names, which lead to one distribution, and Shield Advanced, to whose price nobody has agreed": {
			"edge:\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n  hostedZoneId: Z0123456789\n  originDomain: b.example.com\n" +
				"  countries: [SE]\n  shieldAdvanced: true\nalarms: {probe: false}\n",
			func(cfg config.Config) any { return cfg.Edge }, edge,
		},
		// Each would have to confirm a subscription, and get mail for every pull request.
		"the addresses of its mail": {
			"alarms: {emails: [on-call@example.com], authFailures: 7}\n",
			func(cfg config.Config) any { return []any{len(cfg.Alarms.Emails), cfg.Alarms.AuthFailures} }, []any{0, 7},
		},
		"its data and its backup plan": {
			"backup: {copyToRegion: eu-west-1}\ndatabase: {restoreFrom: {cluster: old, time: latest}}\n",
			func(cfg config.Config) any {
				return []any{cfg.Backup.Enabled, cfg.Backup.CopyToRegion, cfg.Database.RestoreFrom}
			}, []any{false, "", config.RestoreFrom{}},
		},
		"a trail that the base does not have": {
			"audit: {trail: off}\n", func(cfg config.Config) any { return cfg.Audit.Trail }, config.OwnershipOff,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _, err := files{"prod": c.base}.load("pr-17", "prod")
			require.NoError(t, err)
			require.Equal(t, c.want, c.of(cfg))
		})
	}
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
