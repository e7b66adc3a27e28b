package config

import (
	"fmt"
	"maps"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/config/source"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

// ownVariables are the environment variables that the stacks set, and those from
// which an AWS SDK takes other credentials than the task role's.
var ownVariables = strings.Fields(`DB_HOST DB_PORT DB_NAME DB_USERNAME DB_PASSWORD
	AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`)

// ofECS are the prefixes of the environment variables that ECS sets.
var ofECS = []string{"ECS_", "AWS_CONTAINER_"}

func checkEnvironment(c Config) []problem {
	const most = 4096
	problems := checkVariables("service.environment", c.Service.Environment)
	for _, name := range slices.Sorted(maps.Keys(c.Service.Environment)) {
		field, value := source.Join("service.environment", name), c.Service.Environment[name]
		problems = append(problems, unless(len(value) <= most, field, "at most %d characters", most)...)
		if looksSecret(name, value) {
			problems = append(problems, problem{field, "a value that looks like a secret",
				"it under service.secrets, with the ARN of a secret or parameter that holds it"})
		}
	}
	return problems
}

func checkMigration(c Config) []problem {
	migration := c.Service.Migration
	return append(c.checkWords("service.migration.command", migration.Command),
		unless(len(migration.Command) > 0 || migration.TimeoutMinutes == 0, "service.migration.timeoutMinutes",
			"service.migration.command beside it, the command of the image that changes the schema")...)
}

// checkWords refuses a command for the stand-in, which does not have it.
func (c Config) checkWords(field string, words []string) []problem {
	return unless(len(words) == 0 || c.Service.Image != "", field, "none without service.image")
}

// systemDirectories matches the directories that the container runtime or the platform
// mounts, and what is below them.
var systemDirectories = regexp.MustCompile(`^/(tmp|proc|sys|dev|etc|run/secrets)?(/|$)`)

// checkTmpfs leaves at least half of the memory to the application.
func checkTmpfs(c Config) []problem {
	var problems []problem
	total := 0
	for _, directory := range slices.Sorted(maps.Keys(c.Service.Tmpfs)) {
		field, size := source.Join("service.tmpfs", directory), c.Service.Tmpfs[directory]
		total += size
		problems = append(problems, slices.Concat(
			unless(path.IsAbs(directory) && path.Clean(directory) == directory && !systemDirectories.MatchString(directory), field,
				"an absolute path outside of /tmp, which is writable already, and of the system's directories"),
			unless(size >= 1, field, "a size of at least 1 MiB"),
		)...)
	}
	return append(problems, unless(total <= c.Service.Memory/2, "service.tmpfs",
		"at most %d MiB in all, half of service.memory", c.Service.Memory/2)...)
}

// checkVariables checks the names of environment variables.
func checkVariables(field string, variables map[string]string) []problem {
	const most = 100
	var problems []problem
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		own := slices.Contains(ownVariables, name) ||
			slices.ContainsFunc(ofECS, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		at := source.Join(field, name)
		problems = append(problems, slices.Concat(
			unless(variableName.MatchString(name), at, "a name of 1 to 128 letters, digits and _, the first no digit"),
			unless(!own, at, "another name: this one is set by the platform or by ECS"),
		)...)
	}
	if len(variables) > most {
		problems = append(problems, problem{field, fmt.Sprintf("%d variables", len(variables)), fmt.Sprintf("at most %d", most)})
	}
	return problems
}

var (
	// secretName matches the names of variables that hold a secret, not those that say
	// where one is, such as TOKEN_URL.
	secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|secret|token|credentials?|api_?key|access_?key|private_?key)$`)

	// harmless matches values that are no secret, whatever the variable's name is.
	harmless = regexp.MustCompile(`^(|[0-9]{1,6}|true|false|yes|no|on|off|none)$`)

	// secretValue matches what is a secret in any variable: keys of AWS, private keys, a
	// password in a URL, JSON web tokens, tokens of GitHub, GitLab, Slack, Stripe, npm and
	// SendGrid.
	secretValue = regexp.MustCompile(strings.Join([]string{
		`\b(AKIA|ASIA)[A-Z0-9]{16}\b`, `-----BEGIN [A-Z ]*PRIVATE KEY-----`, `://[^/\s:@]*:[^/\s@]+@`,
		`\beyJ[\w-]{10,}[.][\w-]{10,}[.]`, `\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[sr]k_live_|npm_|SG[.])[\w-]{16,}`,
	}, "|"))
)

// looksSecret reports whether a variable seems to hold a secret.
func looksSecret(name, value string) bool {
	return secretValue.MatchString(value) || secretName.MatchString(name) && !harmless.MatchString(value)
}

var (
	secretARN = regexp.MustCompile(
		`^arn:aws:secretsmanager:([a-z0-9-]+):([0-9]{12}):secret:([A-Za-z0-9/_+=.@-]+)-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?$`)
	parameterARN = regexp.MustCompile(`^arn:aws:ssm:([a-z0-9-]+):([0-9]{12}):parameter/([A-Za-z0-9_./-]+)$`)
)

func checkSecrets(c Config) []problem {
	problems := checkVariables("service.secrets", c.Service.Secrets)
	for _, name := range slices.Sorted(maps.Keys(c.Service.Secrets)) {
		field, valueFrom := source.Join("service.secrets", name), c.Service.Secrets[name]
		_, twice := c.Service.Environment[name]
		problems = append(problems, unless(!twice, field, "another name, since service.environment has this one")...)
		match := secretARN.FindStringSubmatch(valueFrom)
		if match == nil {
			match = parameterARN.FindStringSubmatch(valueFrom)
		}
		if match == nil {
			problems = append(problems, problem{field: field, want: "the whole ARN of a secret, with its six last characters, or of a parameter"})
			continue
		}
		reference := secretReference(valueFrom)
		problems = append(problems, slices.Concat(
			c.checkPlace(field, match[1], match[2]),
			unless(!ofPlatform(match[3], false), field, "a secret of the application's: this is the platform's"),
			unless(reference.VersionStage == "" || reference.VersionID == "", field, "either a version stage or a version ID"),
		)...)
	}
	return problems
}

// checkPlace refuses a region other than the environment's and, if the account is
// known, another account.
func (c Config) checkPlace(field, region, account string) []problem {
	return slices.Concat(
		unless(region == c.Region, field, "one in %s, the environment's region", c.Region),
		unless(c.Account == "" || account == c.Account, field, "one in %s, the environment's account", c.Account),
	)
}

func checkSecretKeys(c Config) []problem {
	var problems []problem
	for i, key := range c.Service.SecretKeys {
		field, parts := fmt.Sprintf("service.secretKeys[%d]", i), strings.Split(key, ":")
		problems = append(problems, c.checkPlace(field, parts[3], parts[4])...)
	}
	return append(problems, unless(len(c.Service.SecretKeys) == 0 || len(c.Service.Secrets) > 0,
		"service.secretKeys", "none, since service.secrets has none")...)
}

func checkEgress(c Config) []problem {
	var problems []problem
	for i, egress := range c.Service.Egress {
		field := fmt.Sprintf("service.egress[%d].to", i)
		if !strings.Contains(egress.To, "/") {
			continue
		}
		prefix, err := netip.ParsePrefix(egress.To)
		if err != nil || prefix != prefix.Masked() {
			problems = append(problems, problem{field: field, want: "an IPv4 range from its first address, such as 192.0.2.0/24"})
			continue
		}
		problems = append(problems, unless(prefix.Bits() > 0, field, "a part of the addresses, not all")...)
	}
	return problems
}
