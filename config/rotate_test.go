package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// alone owns no service that another environment could own too, and tells of
// none.
const alone = "audit: {guardDuty: off, securityHub: off, config: existing, accessAnalyzer: off, inspector: existing}\n"

func TestRotationRaisesTheVersionAndChangesNothingElse(t *testing.T) {
	cases := map[string]struct{ before, after string }{
		"in its place": {
			"# ours\nedge:\n  ingress: cloudfront # not internet\n  originHeaderVersion: 4 # since May\n\nlogs: {retentionDays: 30}\n",
			"# ours\nedge:\n  ingress: cloudfront # not internet\n  originHeaderVersion: 5 # since May\n\nlogs: {retentionDays: 30}\n",
		},
		"in brackets": {
			"edge: {originHeaderVersion: 9, ingress: vpc-origin}\n",
			"edge: {originHeaderVersion: 10, ingress: vpc-origin}\n",
		},
		"with quoted keys": {
			"\"edge\":\n    \"originHeaderVersion\" : 99\n",
			"\"edge\":\n    \"originHeaderVersion\" : 100\n",
		},
		"beside other fields": {
			"edge: # what stands before the service\n    # the default\n    ingress: cloudfront\nlogs: {retentionDays: 30}\n",
			"edge: # what stands before the service\n    originHeaderVersion: 2\n    # the default\n    ingress: cloudfront\nlogs: {retentionDays: 30}\n",
		},
		"where there is no edge": {
			"lifecycle: retained\n",
			"lifecycle: retained\n\nedge:\n  originHeaderVersion: 2\n",
		},
		"where the last line has no end": {
			"lifecycle: retained",
			"lifecycle: retained\n\nedge:\n  originHeaderVersion: 2\n",
		},
		"with the line ends of Windows": {
			"edge:\r\n  ingress: cloudfront\r\n",
			"edge:\r\n  originHeaderVersion: 2\r\n  ingress: cloudfront\r\n",
		},
		"with the line ends of old": {
			"lifecycle: retained\redge:\r ingress: cloudfront\r originHeaderVersion: 4",
			"lifecycle: retained\redge:\r ingress: cloudfront\r originHeaderVersion: 5",
		},
		"after a byte order mark": {
			"\ufeffedge: {originHeaderVersion: 4}\n",
			"\ufeffedge: {originHeaderVersion: 5}\n",
		},
		"not where a comment names it": {
			"# originHeaderVersion: 7\nedge:\n  originHeaderVersion: 1\n",
			"# originHeaderVersion: 7\nedge:\n  originHeaderVersion: 2\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			unprotected := "lifecycle: retained\n"
			if strings.Contains(c.before, "lifecycle") {
				unprotected = ""
			}
			rotation, err := config.RotateOriginHeader(files{"prod": c.before + unprotected}.fs(), "prod")
			require.NoError(t, err)
			require.Equal(t, c.after+unprotected, string(rotation.Content))
			require.Equal(t, rotation.Before+1, rotation.After)
			require.Equal(t, "prod.yaml", rotation.File)
			require.Empty(t, rotation.Also)
		})
	}
}

func TestRotationStartsFromTheInheritedVersion(t *testing.T) {
	rotation, err := config.RotateOriginHeader(files{"staging": "from: prod\nlifecycle: retained\n", "prod": alone + "edge: {originHeaderVersion: 6}\n"}.fs(), "staging")
	require.NoError(t, err)
	require.Equal(t, "from: prod\nlifecycle: retained\n\nedge:\n  originHeaderVersion: 7\n", string(rotation.Content))
	require.Empty(t, rotation.Also)
}

func TestRotationNamesWhoIsRaisedWithIt(t *testing.T) {
	rotation, err := config.RotateOriginHeader(files{
		"prod":    alone + "edge: {originHeaderVersion: 6}\n",
		"staging": "from: prod\n",
		"test":    "from: staging\n",
		"own":     "from: prod\nedge: {originHeaderVersion: 2}\n",
		"dev":     alone,
		"broken":  "from: prod\nregion: mars\n",
	}.fs(), "prod")
	require.NoError(t, err)
	require.Equal(t, []string{"staging", "test"}, rotation.Also)
}

func TestRotationsAreRefused(t *testing.T) {
	const byHand = `, written by hand: the file is laid out in another way than this knows`
	cases := map[string]struct {
		files  files
		suffix string
		want   []string
	}{
		"of an environment that does not exist": {
			files{"prod": "{}"}, "prdo",
			[]string{`environmentSuffix: got "prdo", want one of prod, or for a short-lived one what it starts from: make ... FROM=prod, or -c environmentFrom=prod`},
		},
		"of none":   {files{"prod": "{}"}, "", []string{`environmentSuffix: got "", want 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`}},
		"of a path": {files{"prod": "{}"}, "../prod", []string{`environmentSuffix: got "../prod", want 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`}},
		"where everybody is let in": {
			files{"prod": "edge:\n  ingress: internet\n  waf: {mode: off}\n"}, "prod",
			[]string{`config/environments/prod.yaml:2: edge.ingress: got "internet", want cloudfront or vpc-origin: there is no header to rotate`},
		},
		"where the model lets everybody in": {
			files{"dev": "from: prod\n", "prod": alone + "edge:\n  ingress: internet\n  waf: {mode: off}\n"}, "dev",
			[]string{`config/environments/prod.yaml:3: edge.ingress: got "internet", want cloudfront or vpc-origin: there is no header to rotate`},
		},
		"of the last version": {
			files{"prod": "edge:\n  originHeaderVersion: 10000\n"}, "prod",
			[]string{`config/environments/prod.yaml:2: edge.originHeaderVersion: got 10000, want less than 10000, the last that config/config.go allows`},
		},
		"of a file with mistakes": {
			files{"prod": "region: mars\nservice: {port: 80}\n"}, "prod",
			[]string{
				`config/environments/prod.yaml:1: region: got "mars", want a region of AWS, such as eu-north-1`,
				`config/environments/prod.yaml:2: service.port: got 80, want a whole number from 1024 to 65535`,
			},
		},
		"of a file in brackets":     {files{"prod": "{lifecycle: retained}\n"}, "prod", []string{`config/environments/prod.yaml: edge.originHeaderVersion: got the default 1, want 2` + byHand}},
		"of an edge in brackets":    {files{"prod": "edge: {ingress: cloudfront}\n"}, "prod", []string{`config/environments/prod.yaml: edge.originHeaderVersion: got the default 1, want 2` + byHand}},
		"of a number on a new line": {files{"prod": "edge:\n  originHeaderVersion:\n    4\n"}, "prod", []string{`config/environments/prod.yaml:2: edge.originHeaderVersion: got 4, want 5` + byHand}},
		"of a number that is not decimal": {
			files{"prod": "edge: {originHeaderVersion: 1e1}\n"}, "prod",
			[]string{`config/environments/prod.yaml:1: edge.originHeaderVersion: got 1e1, want 11` + byHand},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rotation, err := config.RotateOriginHeader(c.files.fs(), c.suffix)
			requireRefused(t, err, c.want...)
			require.Empty(t, rotation)
		})
	}
}

// Whatever the layout, the outcome is one version more or a refusal.
func FuzzRotateOriginHeader(f *testing.F) {
	f.Add("edge:\n  originHeaderVersion: 4\n")
	f.Add("edge:\n  ingress: cloudfront\n")
	f.Add("lifecycle: retained")
	f.Add("lifecycle: retained\redge:\r ingress: cloudfront\r originHeaderVersion: 4")
	f.Add("\r\r\redge:\r originHeaderVersion: 4")
	f.Fuzz(func(t *testing.T, content string) {
		rotation, err := config.RotateOriginHeader(files{"prod": content}.fs(), "prod")
		if err != nil {
			require.IsType(t, config.Errors{}, err)
			return
		}
		before, _, err := files{"prod": content}.load("prod", "")
		require.NoError(t, err)
		after, _, err := files{"prod": string(rotation.Content)}.load("prod", "")
		require.NoError(t, err)
		before.Edge.OriginHeaderVersion++
		require.Equal(t, before, after)
	})
}
