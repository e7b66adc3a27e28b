package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// AWS refuses a second one in an account and region.
func TestServicesOwnedTwiceAreRefused(t *testing.T) {
	const want = `, want existing or off, or another account or region: config/environments/`
	const there = ` creates it in this one`
	const off = "securityHub: off, config: off, accessAnalyzer: off, inspector: off"
	cases := map[string]struct {
		files files
		want  string
	}{
		"as written in both files": {
			files{"dev": "audit:\n  guardDuty: create\n  notifyFindings: false\n  " + strings.ReplaceAll(off, ", ", "\n  "), "prod": "\naudit: {guardDuty: create, " + off + "}\n"},
			`config/environments/dev.yaml:2: audit.guardDuty: got "create"` + want + `prod.yaml:2` + there,
		},
		"in one account": {
			files{"dev": "account: \"123456789012\"\naudit: {notifyFindings: false, " + off + "}\n",
				"prod": "account: \"123456789012\"\naudit: {guardDuty: create}\n"},
			`config/environments/dev.yaml: audit.guardDuty: got the default "create"` + want + `prod.yaml:2` + there,
		},
		"by the base environment": {
			files{"dev": "region: eu-north-1\nfrom: prod\n", "prod": "audit:\n  guardDuty: create\n  notifyFindings: false\n  " + strings.ReplaceAll(off, ", ", "\n  "), "test": "audit: {guardDuty: existing}\naccount: \"123456789012\"\n"},
			`config/environments/dev.yaml:2: audit.guardDuty: got "create" (config/environments/prod.yaml:2)` + want + `prod.yaml:2` + there,
		},
		"by another's base environment": {
			files{"prod": "audit: {" + off + "}\n", "dev": "audit: {notifyFindings: false, guardDuty: create, " + off + "}\n", "staging": "from: prod\naudit: {guardDuty: off}\n"},
			`config/environments/dev.yaml:1: audit.guardDuty: got "create"` + want + `prod.yaml` + there,
		},
		"all of them, by default": {
			files{"dev": "lifecycle: retained\n", "prod": "lifecycle: retained\n"},
			"config/environments/dev.yaml: audit.accessAnalyzer: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.config: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.guardDuty: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.inspector: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.notifyFindings: got the default true, want false, or another account or region: config/environments/prod.yaml has true for this one\n" +
				"config/environments/dev.yaml: audit.securityHub: got the default \"create\"" + want + "prod.yaml" + there,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.files.among("dev", "")
			requireRefused(t, err, strings.Split(c.want, "\n")...)
		})
	}
}

// CloudFront refuses a second distribution of the name, Route 53 a second record.
func TestNamesTakenTwiceAreRefused(t *testing.T) {
	const zone = alone + "account: \"123456789012\"\nedge:\n  hostedZoneId: Z0123456789\n  originDomain: b.example.com\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n"
	const want = `, want another name, or "" without a certificate: config/environments/prod.yaml:`
	_, err := files{"prod": zone, "dev": "account: \"210987654321\"\nfrom: prod\n"}.among("dev", "")
	requireRefused(t, err,
		`config/environments/dev.yaml:2: edge.domain: got "a.example.com" (config/environments/prod.yaml:6)`+want+`6 has this one`,
		`config/environments/dev.yaml:2: edge.originDomain: got "b.example.com" (config/environments/prod.yaml:5)`+want+`5 has this one`)

	_, err = files{"prod": zone, "dev": "from: prod\nedge: {domain: c.example.com, originDomain: d.example.com}\n"}.among("dev", "")
	require.NoError(t, err)
	_, err = files{"prod": zone}.among("pr-17", "prod")
	require.NoError(t, err)
}

func TestServicesOwnedOnceAreAccepted(t *testing.T) {
	const none = "audit: {notifyFindings: false, guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: off}\n"
	for name, f := range map[string]files{
		"in different accounts":           {"dev": "account: \"123456789012\"\n", "prod": "account: \"210987654321\"\n"},
		"in an account that is not known": {"dev": "account: \"123456789012\"\n", "prod": "{}"},
		"in different regions":            {"dev": "region: eu-west-1\n", "prod": "{}"},
		"by one":                          {"dev": none, "prod": "{}"},
		"as far as is known":              {"dev": "{}", "prod": "region: mars\n"},
		"but for the trails":              {"dev": "from: prod\n", "prod": none, "test": "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.among("dev", "")
			require.NoError(t, err)
		})
	}
}

// With two each finding arrives twice, with none it does not arrive.
func TestOneEnvironmentOfAnAccountNotifiesOfItsFindings(t *testing.T) {
	const (
		here   = "account: \"123456789012\"\n"
		there  = "account: \"210987654321\"\n"
		used   = "audit: {notifyFindings: false, guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: existing}\n"
		ofOrg  = "audit: {guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: existing}\n"
		none   = "audit: {notifyFindings: false, guardDuty: off, securityHub: off, config: off, accessAnalyzer: off}\n"
		nobody = `: audit.notifyFindings: got false, want true, since no other environment of this account and region has it for `
		twice  = `: audit.notifyFindings: got the default true, want false, or another account or region: config/environments/prod.yaml has true for this one`
		all    = `audit.accessAnalyzer, audit.guardDuty, audit.securityHub`
	)
	for name, c := range map[string]struct {
		files files
		want  string
	}{
		"one, that creates":                   {files{"dev": here + used, "prod": here}, ""},
		"one, of an organization's":           {files{"dev": here + ofOrg, "prod": here + used}, ""},
		"one, of what another creates":        {files{"dev": here + ofOrg, "prod": here + "audit: {notifyFindings: false}\n"}, ""},
		"each in its account":                 {files{"dev": here, "prod": there}, ""},
		"each in its region":                  {files{"dev": "{}", "prod": "region: eu-west-1\n"}, ""},
		"one that may be in the same account": {files{"dev": used, "prod": here}, ""},
		"none where there are no findings":    {files{"dev": here + none}, ""},
		"none as far as is known":             {files{"dev": here + used, "prod": "region: mars\n"}, ""},
		"two, by default":                     {files{"dev": here + ofOrg, "prod": here}, `config/environments/dev.yaml` + twice},
		"two, where neither creates":          {files{"dev": ofOrg, "prod": ofOrg}, `config/environments/dev.yaml` + twice},
		"none alone":                          {files{"dev": used}, `config/environments/dev.yaml:1` + nobody + all},
		"none of two":                         {files{"dev": here + used, "prod": here + used}, `config/environments/dev.yaml:2` + nobody + all},
		"none in the account":                 {files{"dev": here + used, "prod": there}, `config/environments/dev.yaml:2` + nobody + all},
		"none in the region":                  {files{"dev": used, "prod": "region: eu-west-1\n"}, `config/environments/dev.yaml:1` + nobody + all},
		"one that goes without one of them":   {files{"dev": used, "prod": "audit: {guardDuty: off}\n"}, `config/environments/dev.yaml:1` + nobody + `audit.guardDuty`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.files.among("dev", "")
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			requireRefused(t, err, c.want)
		})
	}
}

func TestShortLivedEnvironmentOfAnOwnerIsAccepted(t *testing.T) {
	_, err := files{"dev": "{}", "prod": "region: eu-west-1\n"}.among("pr-17", "dev")
	require.NoError(t, err)
}
