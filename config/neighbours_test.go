package config_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// AWS refuses a second one in an account and region.
func TestServicesOwnedTwiceAreRefused(t *testing.T) {
	const want = `, want existing or off, or another account or region: config/environments/`
	const there = ` creates it in this one`
	const off = "securityHub: off, config: off, accessAnalyzer: off, inspector: off"
	const none = "audit: {notifyFindings: false, guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: off}\n"
	cases := map[string]besides{
		"in different accounts":           {files{"dev": "account: \"123456789012\"\n", "prod": "account: \"210987654321\"\n"}, ""},
		"in an account that is not known": {files{"dev": "account: \"123456789012\"\n", "prod": "{}"}, ""},
		"in different regions":            {files{"dev": "region: eu-west-1\n", "prod": "{}"}, ""},
		"by one":                          {files{"dev": none, "prod": "{}"}, ""},
		"as far as is known":              {files{"dev": "{}", "prod": "region: mars\n"}, ""},
		"but for the trails":              {files{"dev": "from: prod\n", "prod": none, "test": "{}"}, ""},
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
	requireAmong(t, cases)
}

// besides are files, and what is said of dev among them, or nothing.
type besides struct {
	files files
	want  string
}

func requireAmong(t *testing.T, cases map[string]besides) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.files.among("dev", "")
			if c.want == "" {
				require.NoError(t, err)
				return
			}
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
	requireAmong(t, map[string]besides{
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
	})
}

func TestShortLivedEnvironmentOfAnOwnerIsAccepted(t *testing.T) {
	_, err := files{"dev": "{}", "prod": "region: eu-west-1\n"}.among("pr-17", "dev")
	require.NoError(t, err)
}

const allowedName = `: got a name that no environment can have, want NAME.yaml, NAME being 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`

// The names beside dev.yaml, and what is said of each.
var misnamed = map[string]string{
	"QA.yaml":            `: got a name that no environment can have, want qa.yaml`,
	"live.yml":           `: got a name that no environment can have, want live.yaml`,
	"test.YAML":          `: got a name that no environment can have, want test.yaml`,
	"load.yalm":          `: got a name that no environment can have, want load.yaml`,
	"dev.yml":            allowedName, // dev.yaml is there already
	"integration-1.yaml": allowedName,
	"prod (copy).yaml":   allowedName,
	"prod_2.yaml":        allowedName,
	"2nd.yaml":           allowedName,
	"dev.old.yaml":       allowedName,
}

func beside(name string) fstest.MapFS {
	return fstest.MapFS{"dev.yaml": {Data: []byte("lifecycle: retained")}, name: {Data: []byte("not: [read")}}
}

// A stray file must not keep anybody from deploying another environment.
func TestFileWithTheNameOfNoEnvironmentIsWarnedOf(t *testing.T) {
	for name, message := range misnamed {
		t.Run(name, func(t *testing.T) {
			cfg, warnings, err := config.Load(beside(name), "dev", "")
			require.NoError(t, err)
			require.Equal(t, "dev", cfg.Environment)
			require.Equal(t, []string{"config/environments/" + name + message}, warnings)
			require.Equal(t, []string{"dev"}, config.EnvironmentNames(beside(name)))
		})
	}
}

func TestFileWithTheNameOfNoEnvironmentIsNamedWhereOneIsMissing(t *testing.T) {
	const stray = `config/environments/QA.yaml: got a name that no environment can have, want qa.yaml`
	for name, c := range map[string]struct{ dev, name, from, want string }{
		"as the environment":     {"{}", "qa", "", `environmentSuffix: got "qa", want one of dev, or for a short-lived one its base environment: make ... FROM=dev, or -c environmentFrom=dev`},
		"as it is spelled":       {"{}", "QA", "", `environmentSuffix: got "QA", want 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`},
		"as what to start from":  {"{}", "pr-17", "qa", `environmentFrom: got "qa", want one of dev`},
		"as what a file is from": {"from: qa\n", "dev", "", `config/environments/dev.yaml:1: from: got "qa", want one of dev`},
	} {
		t.Run(name, func(t *testing.T) {
			files := beside("QA.yaml")
			files["dev.yaml"].Data = []byte(c.dev)
			_, _, err := config.Load(files, c.name, c.from)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, stray)
			require.Len(t, err, 2)
		})
	}
}

func TestBackupsAndOtherFilesAreNoEnvironments(t *testing.T) {
	for _, name := range []string{
		"dev.yaml~", "dev.yaml.orig", "dev.yaml.bak", "dev.yaml.swp", ".#prod.yaml", "#prod.yaml#",
		".prod.yaml.swp", "schema.json", "environments.go", "yaml",
	} {
		_, warnings, err := config.Load(beside(name), "dev", "")
		require.NoError(t, err)
		require.Empty(t, warnings, name)
	}
}

func TestWithoutAnyFileTheMessageSaysSo(t *testing.T) {
	_, _, err := config.Load(fstest.MapFS{}, "dev", "")
	requireRefused(t, err, `environmentSuffix: got "dev", want an environment with a file, of which there is none in config/environments/, or for a short-lived one its base environment: make ... FROM=dev, or -c environmentFrom=dev`)
}
