package config

import (
	"regexp"
	"strings"
)

// format is what a text may hold, beyond what fits into a tag of its field. Tests
// write it into the schema, for editors and for Load.
type format struct {
	// Pattern is a regular expression of both RE2 and ECMA 262. It matches "" where
	// a field may be unset.
	Pattern   string
	MaxLength int

	// Choices are the only values, if any.
	Choices []any

	// Want completes a message: "got X, want …".
	Want string

	// Examples are values that are accepted. Messages name the first one that is
	// text, editors show all.
	Examples []any
}

// The parts that patterns share.
const (
	label          = `[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?`
	repositoryName = `[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*`
	identifier     = `[a-z](-?[a-z0-9])*`
	certificateID  = `:[0-9]{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`
	mailName       = `[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~-]+`
	sha256Digest   = `@sha256:[0-9a-f]{64}`
)

const certificate = "123456789012:certificate/12345678-1234-1234-1234-123456789012"

// formats are the formats that fields name in their tags. The format of a list is
// for each of its elements.
var formats = map[string]format{
	"accounts": {Pattern: `^[0-9]{12}$`, Want: "up to ten accounts of twelve digits, in quotes, each once", Examples: []any{"210987654321"}},
	"account":  {Pattern: `^([0-9]{12})?$`, Want: "twelve digits, in quotes", Examples: []any{"123456789012"}},
	"application-user": {
		Pattern: `^([A-Za-z][A-Za-z0-9_]*)?$`, MaxLength: 57,
		Want: "a letter, then letters, digits and _, 57 at most", Examples: []any{"catalog_app"},
	},
	"approver": {
		Pattern:  `^arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+,.@_/-]{1,512}$`,
		Want:     "up to nine ARNs of IAM roles or users, each once",
		Examples: []any{"arn:aws:iam::123456789012:role/Lead"},
	},
	"arns": {
		Pattern: `^arn:aws:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:[!-)+->@-~]*[*]?$`, MaxLength: 1011,
		Want: "up to 50 ARNs, each once, with a wildcard at most at the end", Examples: []any{"arn:aws:s3:::pictures/*"},
	},
	"availability":  {Want: "a percentage from 95 to 99.99", Examples: []any{99.5}},
	"backup-window": {Pattern: `^(([01][0-9]|2[0-3]):[0-5][0-9])?$`, Want: "a time in UTC", Examples: []any{"22:15"}},
	"cidr": {
		Pattern: `^(10|172|192)[.][0-9.]+/(1[6-9]|2[0-4])$`,
		Want:    "a private range (RFC 1918) from /16 to /24", Examples: []any{"10.1.0.0/16"},
	},
	"cluster": {
		Pattern: `^(` + identifier + `)?$`, MaxLength: 63,
		Want:     "the identifier of a cluster in this account and region",
		Examples: []any{"catalog-old"},
	},
	"command":   {Want: "up to 50 words of a command", Examples: []any{"/catalog"}, MaxLength: 1024, Pattern: `.`},
	"countries": {Choices: choices(countries), Want: "ISO 3166-1 alpha-2 codes of countries, each once", Examples: []any{"SE"}},
	"destination": {
		Pattern: `^([0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}|pl-[0-9a-f]{8,17}|sg-[0-9a-f]{8,17})$`,
		Want:    "an IPv4 range, the ID of a prefix list or that of a security group", Examples: []any{"192.0.2.0/24"},
	},
	"database-parameters": {
		Want: "parameters of PostgreSQL, each with a number", Examples: []any{map[string]any{"statement_timeout": 30000}},
	},
	"domain": {
		Pattern: `^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]{2,63})?$`, MaxLength: 253,
		Want:     "a domain name in lower case",
		Examples: []any{"shop.example.com"},
	},
	"egress": {
		Want:     "up to 20 destinations, each once, with port, to and description",
		Examples: []any{map[string]any{"port": 6379, "to": "192.0.2.0/24", "description": "Cache"}},
	},
	"emails": {
		Pattern:   `^` + mailName + `([.]` + mailName + `)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z]{2,63}$`,
		MaxLength: 254, Want: "e-mail addresses, each once",
		Examples: []any{"oncall@example.com"},
	},
	"endpoints": {Choices: choices(endpoints)},
	"engine-version": {
		Pattern:  `^1[4-8][.]([0-9]|[12][0-9])$`,
		Want:     "MAJOR.MINOR in quotes, MAJOR from 14 to 18, MINOR from 0 to 29",
		Examples: []any{"16.9", "17.5"},
	},
	"environment": {
		Pattern: `^` + identifier + `$`, MaxLength: 12,
		Want: "the name of another environment", Examples: []any{"prod"},
	},
	"guardduty-plans": {Choices: choices(strings.Fields(
		"S3_DATA_EVENTS RDS_LOGIN_EVENTS LAMBDA_NETWORK_LOGS EBS_MALWARE_PROTECTION EKS_AUDIT_LOGS"))},
	"hosted-zone": {Pattern: `^(Z[A-Z0-9]{1,31})?$`, Want: "the id of a hosted zone of Route 53", Examples: []any{"Z0123456789ABCDEFGHIJ"}},
	"iam-actions": {
		Pattern: `^[A-Z][A-Za-z0-9]*[*]?$`, MaxLength: 128,
		Want: "up to 50 actions without their service, each once", Examples: []any{"GetObject"},
	},
	"iam-service": {Pattern: `^[a-z0-9][a-z0-9-]*$`, MaxLength: 64, Want: "the prefix of a service in IAM", Examples: []any{"s3"}},
	"image": {
		Pattern: `^((` + label + `([.]` + label + `)*(:[0-9]+)?/)?` + repositoryName +
			`(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(` + sha256Digest + `)?|` + sha256Digest + `))?$`,
		MaxLength: 500, Want: "an image with its tag or digest, without https://",
		Examples: []any{"123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1"},
	},
	"keys": {
		Pattern:  `^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`,
		Want:     "up to ten ARNs of keys, each once",
		Examples: []any{"arn:aws:kms:eu-north-1:123456789012:key/12345678-1234-1234-1234-123456789012"},
	},
	"maintenance-window": {
		Pattern: `^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$`,
		Want:    "a day and a time in UTC", Examples: []any{"wed:04:00"},
	},
	"origin-certificate": {
		Pattern:  `^(arn:aws:acm:[a-z0-9-]+` + certificateID + `)?$`,
		Want:     "the ARN of an ACM certificate in the environment's region",
		Examples: []any{"arn:aws:acm:eu-north-1:" + certificate},
	},
	"path": {
		Pattern: `^/[!-~]*$`, MaxLength: 1024,
		Want: "a path that starts with / and has no spaces", Examples: []any{"/ready"},
	},
	"paths": {Want: "paths, each with the reason", Examples: []any{map[string]any{"/upload": "uploads"}}},
	"permissions": {
		Want: "up to 20 statements, each once, with service, actions and resources",
		Examples: []any{map[string]any{
			"service": "s3", "actions": []any{"GetObject"}, "resources": []any{"arn:aws:s3:::pictures/*"},
		}},
	},
	"port": {Want: "a TCP port, 1 to 65535", Examples: []any{6379}},
	"postgres-name": {
		Pattern: `^[a-zA-Z][a-zA-Z0-9_]*$`, MaxLength: 63,
		Want: "1 to 63 letters, digits and _, the first a letter", Examples: []any{"shop"},
	},
	"prefix-list":   {Pattern: `^(pl-[0-9a-f]{8,17})?$`, Want: "the id of a prefix list", Examples: []any{"pl-fab65393"}},
	"reason":        {Pattern: `[^ ]`, MaxLength: 200, Want: "the reason", Examples: []any{"uploads"}},
	"region":        {Choices: choices(regions), Want: "a region of AWS", Examples: []any{"eu-north-1"}},
	"second-region": {Choices: append(choices(regions), ""), Want: "a region of AWS", Examples: []any{"eu-central-1"}},
	"repositories": {
		Pattern: `^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com/` + repositoryName + `$`,
		Want:    "up to ten private repositories, each once", Examples: []any{"123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop"},
	},
	"restore-time": {
		Pattern: `^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$`,
		Want:    "latest or a time in UTC", Examples: []any{"2026-11-24T10:00:00Z"},
	},
	"retention": {Choices: choices(retentionDays)},
	"rule-description": {
		Pattern: `^[a-zA-Z0-9 ._:/()#,@+=&;{}!$*-]{1,255}$`,
		Want:    "1 to 255 letters, digits, spaces and ._-:/()#,@+=&;{}!$*", Examples: []any{"Cache"},
	},
	"secrets": {
		Want:     "names of environment variables, each with the ARN of a secret or parameter",
		Examples: []any{map[string]any{"API_TOKEN": "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/api-AbCdEf:token::"}},
	},
	"security-hub-standards": {Choices: choices(strings.Fields("foundational cis-1.4 cis-3.0 nist-800-53 pci-dss-4.0"))},
	"tags":                   {Want: "keys with text as values", Examples: []any{map[string]any{"team": "shop"}}},
	"tmpfs":                  {Want: "directories, each with its size in MiB", Examples: []any{map[string]any{"/var/cache/app": 64}}},
	"variables": {
		Want: "names of environment variables with text as values", Examples: []any{map[string]any{"LOG_LEVEL": "info"}},
	},
	"viewer-certificate": {
		Pattern:  `^(arn:aws:acm:us-east-1` + certificateID + `)?$`,
		Want:     "the ARN of an ACM certificate in us-east-1",
		Examples: []any{"arn:aws:acm:us-east-1:" + certificate},
	},
	"waf-rules": {
		Want:     "names of rules in AWS's groups, each with the reason",
		Examples: []any{map[string]any{"SizeRestrictions_BODY": "uploads"}},
	},
	"zones": {Choices: choices(strings.Split("abcdef", "")), Want: "two or three different letters from a to f"},
}

// accepts reports whether a text has the pattern and the length.
func (f format) accepts(text string) bool {
	return len(text) <= f.MaxLength && regexp.MustCompile(f.Pattern).MatchString(text)
}

// message returns what a message asks for, with an example if it is text.
func (f format) message() string {
	for _, example := range f.Examples {
		if text, ok := example.(string); ok {
			return f.Want + ", such as " + text
		}
	}
	return f.Want
}

func choices[T any](values []T) []any {
	all := make([]any, len(values))
	for i, value := range values {
		all[i] = value
	}
	return all
}
