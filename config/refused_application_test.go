package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestVariablesAreRefused(t *testing.T) {
	const (
		secret  = `a value that looks like a secret, want it under service.secrets, with the ARN of a secret or parameter that holds it`
		another = `another name: this one is set by the platform or by ECS`
		name    = `a name of 1 to 128 letters, digits and _, the first no digit`
	)
	environment := func(line string) string { return "service:\n  environment:\n    " + line + "\n" }
	refused{
		"a hyphen":             {environment("LOG-LEVEL: info"), `:3: service.environment.LOG-LEVEL: got "info", want ` + name},
		"a digit first":        {environment("1ST: info"), `:3: service.environment.1ST: got "info", want ` + name},
		"a number":             {environment("LIMIT: 5"), `:3: service.environment.LIMIT: got 5, want names of environment variables with text as values`},
		"the database's host":  {environment("DB_HOST: db"), `:3: service.environment.DB_HOST: got "db", want ` + another},
		"AWS credentials":      {environment(`AWS_SECRET_ACCESS_KEY: ""`), `:3: service.environment.AWS_SECRET_ACCESS_KEY: got "", want ` + another},
		"a variable of ECS":    {environment("ECS_X: a"), `:3: service.environment.ECS_X: got "a", want ` + another},
		"a long value":         {environment("A: " + strings.Repeat("a", 4097)), `:3: service.environment.A: got "` + strings.Repeat("a", 100) + `…", want at most 4096 characters`},
		"a password":           {environment("SMTP_PASSWORD: hunter2"), `:3: service.environment.SMTP_PASSWORD: got ` + secret},
		"an API key":           {environment("STRIPE_APIKEY: abc"), `:3: service.environment.STRIPE_APIKEY: got ` + secret},
		"a URL with one":       {environment("CACHE: redis://user:hunter2@cache:6379"), `:3: service.environment.CACHE: got ` + secret},
		"a key of AWS":         {environment("A: AKIAIOSFODNN7EXAMPLE"), `:3: service.environment.A: got ` + secret},
		"a private key":        {environment("A: '-----BEGIN RSA PRIVATE KEY-----'"), `:3: service.environment.A: got ` + secret},
		"a JSON web token":     {environment("A: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x"), `:3: service.environment.A: got ` + secret},
		"a token of GitHub":    {environment("A: ghp_0123456789abcdefghij"), `:3: service.environment.A: got ` + secret},
		"101 variables":        {"service:\n  environment:\n" + strings.ReplaceAll(tags(101), "tag-", "  TAG_"), `:2: service.environment: got 101 variables, want at most 100`},
		"a list":               {"service:\n  environment: [A]\n", `:2: service.environment: got ["A"], want names of environment variables with text as values`},
		"nothing for a secret": {"service:\n  secrets: {A: }\n", `:2: service.secrets.A: got nothing, want names of environment variables, each with the ARN of a secret or parameter, or the key left out`},
	}.run(t)
	with(t, "service:\n  environment: {TOKEN_URL: 'https://id.example.com', MAX_TOKEN: '4096', DB_POOL: '5', AWS_RETRY_MODE: adaptive, API_KEY: ''}\n")
}

func TestWhatAContainerCannotHaveIsRefused(t *testing.T) {
	const outside = "an absolute path outside of /tmp, which is writable already, and of the system's directories"
	tmpfs := func(entry string) string { return "service:\n  tmpfs: {" + entry + "}\n" }
	refused{
		"a command of the stand-in":        {"service: {command: [/shop]}\n", `:1: service.command: got ["/shop"], want none without service.image`},
		"a health command of the stand-in": {"service: {healthCommand: [/shop]}\n", `:1: service.healthCommand: got ["/shop"], want none without service.image`},
		"a migration of the stand-in":      {"service: {migration: {command: [/shop]}}\n", `:1: service.migration.command: got ["/shop"], want none without service.image`},
		"a migration without command":      {"service: {image: 'shop:1', migration: {timeoutMinutes: 10}}\n", `:1: service.migration.timeoutMinutes: got 10, want service.migration.command beside it, the command of the image that changes the schema`},
		"a migration of a quarter hour":    {"service: {migration: {timeoutMinutes: 15}}\n", `:1: service.migration.timeoutMinutes: got 15, want a whole number from 1 to 14`},
		"an empty word":                    {"service: {command: ['']}\n", `:1: service.command[0]: got "", want up to 50 words of a command, such as /catalog`},
		"a relative directory":             {tmpfs("cache: 1"), `:2: service.tmpfs.cache: got 1, want ` + outside},
		"a directory of the system":        {tmpfs("/proc/x: 1"), `:2: service.tmpfs./proc/x: got 1, want ` + outside},
		"all directories":                  {tmpfs("/: 1"), `:2: service.tmpfs./: got 1, want ` + outside},
		"below /tmp":                       {tmpfs("/tmp/a: 1"), `:2: service.tmpfs./tmp/a: got 1, want ` + outside},
		"no size":                          {tmpfs("/a: 0"), `:2: service.tmpfs./a: got 0, want a size of at least 1 MiB`},
		"most of the memory":               {tmpfs("/a: 1000, /b: 25"), `:2: service.tmpfs: got a mapping, want at most 1024 MiB in all, half of service.memory`},
		"a size in words":                  {tmpfs("/a: 64M"), `:2: service.tmpfs./a: got "64M", want directories, each with its size in MiB`},
	}.run(t)
}

func TestAMigrationHasTenMinutes(t *testing.T) {
	require.Zero(t, with(t, "service: {image: 'shop:1'}\n").Service.Migration.TimeoutMinutes)
	require.Equal(t, 10, with(t, "service: {image: 'shop:1', migration: {command: [/shop, migrate]}}\n").Service.Migration.TimeoutMinutes)
}

func TestSecretsAreRefused(t *testing.T) {
	const (
		arn   = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:"
		key   = "arn:aws:kms:eu-north-1:123456789012:"
		whole = `the whole ARN of a secret, with its six last characters, or of a parameter`
		own   = `a secret of the application's: this is the platform's`
	)
	secret := func(value string) string {
		return "account: \"123456789012\"\nservice:\n  secrets:\n    TOKEN: '" + value + "'\n"
	}
	of := func(value, want string) struct{ content, want string } {
		return struct{ content, want string }{secret(value), `:4: service.secrets.TOKEN: got "` + value + `", want ` + want}
	}
	refused{
		"a name":                 of("shop/api", whole),
		"without six characters": of(arn+"shop", whole),
		"a key only":             of(arn+"shop-AbCdEf:token", whole),
		"another region":         of("arn:aws:ssm:us-east-1:123456789012:parameter/shop", "one in eu-north-1, the environment's region"),
		"another account":        of("arn:aws:ssm:eu-north-1:210987654321:parameter/shop", "one in 123456789012, the environment's account"),
		"the platform's":         of(arn+config.Project+"-dev/api-AbCdEf", own),
		"the database's":         of(arn+"DatabaseSecret3B817195-XyZ-AbCdEf", own),
		"a stage and a version":  of(arn+"shop-AbCdEf::AWSCURRENT:1", "either a version stage or a version ID"),
		"a variable of its name": {
			secret(arn+"shop-AbCdEf") + "  environment: {TOKEN: ''}\n",
			`:4: service.secrets.TOKEN: got "` + arn + `shop-AbCdEf", want another name, since service.environment has this one`,
		},
		"a key without a secret": {
			"service:\n  secretKeys: ['" + key + "key/a']\n",
			`:2: service.secretKeys: got ["` + key + `key/a"], want none, since service.secrets has none`,
		},
		"a key of another region": {
			secret(arn+"shop-AbCdEf") + "  secretKeys: ['arn:aws:kms:us-east-1:123456789012:key/a']\n",
			`:5: service.secretKeys[0]: got "arn:aws:kms:us-east-1:123456789012:key/a", want one in eu-north-1, the environment's region`,
		},
		"the alias of a key": {
			"service:\n  secretKeys: ['" + key + "alias/a']\n",
			`:2: service.secretKeys[0]: got "` + key + `alias/a", want up to ten ARNs of keys, each once, such as ` +
				key + `key/12345678-1234-1234-1234-123456789012`,
		},
	}.run(t)
}

func TestReferencesToSecretsAreRead(t *testing.T) {
	const secret = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop-AbCdEf"
	const parameter = "arn:aws:ssm:eu-north-1:123456789012:parameter/shop/token"
	service := with(t, "service:\n  secrets: {A: '"+secret+"', B: '"+secret+":token::', C: '"+secret+"::AWSPREVIOUS:', D: '"+
		parameter+"'}\n").Service
	require.Equal(t, map[string]config.SecretReference{
		"A": {ARN: secret},
		"B": {ARN: secret, Key: "token"},
		"C": {ARN: secret, VersionStage: "AWSPREVIOUS"},
		"D": {ARN: parameter, Parameter: true},
	}, service.SecretReferences())
	require.Equal(t, []string{secret}, service.SecretARNs(false))
	require.Equal(t, []string{parameter}, service.SecretARNs(true))
}

func TestPermissionsAreRefused(t *testing.T) {
	const (
		beginning = "a name, or at least its beginning before the wildcard"
		platform  = "a resource of the application's: this may be one of the platform's"
		queue     = "arn:aws:sqs:eu-north-1:123456789012:shop"
		actions   = "up to 50 actions without their service, each once, such as GetObject"
		arns      = "up to 50 ARNs, each once, with a wildcard at most at the end, such as arn:aws:s3:::pictures/*"
	)
	statement := func(service, action, resource string) string {
		return "account: \"123456789012\"\nservice:\n  permissions:\n  - service: " + service +
			"\n    actions: ['" + action + "']\n    resources: ['" + resource + "']\n"
	}
	type refusal = struct{ content, want string }
	action := func(service, action, arn, want string) refusal {
		return refusal{statement(service, action, arn), `:5: service.permissions[0].actions[0]: got "` + action + `", want ` + want}
	}
	resourceOf := func(service, action, arn, want string) refusal {
		return refusal{statement(service, action, arn), `:6: service.permissions[0].resources[0]: got "` + arn + `", want ` + want}
	}
	resource := func(service, arn, want string) refusal { return resourceOf(service, "Get*", arn, want) }
	refused{
		"every action":            action("s3", "*", "arn:aws:s3:::shop", actions),
		"an action with a prefix": action("s3", "s3:GetObject", "arn:aws:s3:::shop", actions),
		"a service that grants": {statement("iam", "PassRole", "arn:aws:iam::123456789012:role/shop"),
			`:4: service.permissions[0].service: got "iam", want a service that gives no permissions to others`},
		"no actions":             {"service:\n  permissions:\n  - service: s3\n    resources: ['arn:aws:s3:::shop']\n", `:3: service.permissions[0]: got a mapping, want up to 20 statements, each once, with service, actions and resources`},
		"every resource":         resourceOf("s3", "GetObject", "*", arns),
		"a wildcard inside":      resourceOf("s3", "GetObject", "arn:aws:s3:::*/a", arns),
		"another service":        resource("s3", queue, "an ARN of s3, the service of this statement"),
		"another region":         resource("sqs", "arn:aws:sqs:us-east-1:123456789012:shop", "one in eu-north-1, the environment's region"),
		"another account":        resource("sqs", "arn:aws:sqs:eu-north-1:210987654321:shop", "one in 123456789012, the environment's account"),
		"every bucket":           resource("s3", "arn:aws:s3:::*", beginning),
		"every queue":            resource("sqs", "arn:aws:sqs:eu-north-1:123456789012:*", beginning),
		"every table":            resource("dynamodb", "arn:aws:dynamodb:eu-north-1:123456789012:table/*", beginning),
		"every log group":        resource("logs", "arn:aws:logs:eu-north-1:123456789012:log-group:/*", beginning),
		"a bucket of the stacks": resource("s3", "arn:aws:s3:::"+config.Project+"-dev-logs", platform),
		"buckets like those":     resource("s3", "arn:aws:s3:::"+config.Project[:2]+"*", platform),
		"secrets like those":     resource("secretsmanager", "arn:aws:secretsmanager:eu-north-1:123456789012:secret:"+config.Project[:2]+"*", platform),
		"load balancers": resource("elasticloadbalancing", "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/*",
			"an ARN without a wildcard: elasticloadbalancing makes up names"),
		"the origin header": resource("secretsmanager", "arn:aws:secretsmanager:eu-north-1:123456789012:secret:OriginSecretVersion1-*", platform),
		"an unknown service": {statement("sqss", "SendMessage", "arn:aws:sqss:eu-north-1:123456789012:shop"),
			`:4: service.permissions[0].service: got "sqss", want the prefix of a service in AWS's Service Authorization Reference`},
		"an unknown action": action("sqs", "SendMessages", queue, "an action of sqs in AWS's Service Authorization Reference"),
		"no resource level": action("sqs", "ListQueues", queue, "an action that can be limited to a resource, as AWS cannot limit this one"),
		"a bucket, not objects": resourceOf("s3", "PutObjectTagging", "arn:aws:s3:::shop",
			"the ARN of a resource on which the actions act, arn:aws:s3:::BUCKETNAME/OBJECTNAME or "+
				"arn:aws:s3:REGION:ACCOUNT:accesspoint/ACCESSPOINTNAME/object/OBJECTNAME"),
		"an action without any": {strings.Replace(statement("s3", "GetObject", "arn:aws:s3:::shop/*"), "']", "', GetBucketTagging]", 1),
			`:5: service.permissions[0].actions[1]: got "GetBucketTagging", want an action on one of the resources: ` +
				`this one acts on arn:aws:s3:::BUCKETNAME`},
		"log groups like those": resource("logs", "arn:aws:logs:eu-north-1:123456789012:log-group:/aws/e*", platform),
	}.run(t)
	for service, arn := range map[string]string{
		"s3": "arn:aws:s3:::shop/*", "logs": "arn:aws:logs:eu-north-1:123456789012:log-group:/shop/*", "sqs": "arn:aws:sqs:eu-north-1:123456789012:cart-*",
		"dynamodb": "arn:aws:dynamodb:eu-north-1:123456789012:table/shop/index/*", "secretsmanager": "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/*",
	} {
		permission := with(t, statement(service, "Get*", arn)).Service.Permissions[0]
		require.Equal(t, []string{service + ":Get*"}, permission.IAMActions())
	}
}

func TestEgressIsRefused(t *testing.T) {
	egress := func(to string) string {
		return "service:\n  egress:\n  - {port: 6379, to: " + to + ", description: Cache}\n"
	}
	const part = `want an IPv4 range from its first address, such as 192.0.2.0/24`
	refused{
		"everything":               {egress("0.0.0.0/0"), `:3: service.egress[0].to: got "0.0.0.0/0", want a part of the addresses, not all`},
		"a range from its middle":  {egress("192.0.2.1/24"), `:3: service.egress[0].to: got "192.0.2.1/24", ` + part},
		"addresses that are none":  {egress("192.0.2.256/32"), `:3: service.egress[0].to: got "192.0.2.256/32", ` + part},
		"a name":                   {egress("cache.example.com"), `:3: service.egress[0].to: got "cache.example.com", want an IPv4 range, the ID of a prefix list or that of a security group, such as 192.0.2.0/24`},
		"a port that does not fit": {"service:\n  egress:\n  - {port: 0, to: sg-12345678, description: Cache}\n", `:3: service.egress[0].port: got 0, want a TCP port, 1 to 65535`},
		"no description":           {"service:\n  egress:\n  - {port: 1, to: sg-12345678}\n", `:3: service.egress[0]: got a mapping, want up to 20 destinations, each once, with port, to and description`},
	}.run(t)
}
