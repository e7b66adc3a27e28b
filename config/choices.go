package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"catalog-infra/config/published"
)

// euRegions are AWS's regions in member states of the European Union. London and Zurich
// are not among them.
var euRegions = []string{
	"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3",
}

// regions are all regions of AWS's standard partition.
var regions = slices.Sorted(maps.Keys(published.Regions()))

// originPrefixLists are the ids of com.amazonaws.global.cloudfront.origin-facing, the
// prefix list of CloudFront's addresses, by region. AWS does not change them. No page of
// AWS lists them: they come from public repositories, and "What only a deploy can prove"
// in docs/architecture.md has the command to look one up.
var originPrefixLists = map[string]string{
	"eu-central-1": "pl-a3a144ca",
	"eu-north-1":   "pl-fab65393",
	"eu-west-1":    "pl-4fa04526",
	"eu-west-3":    "pl-75b1541c",
}

// withoutAccessLogs are the regions to whose buckets CloudFront does not deliver
// access logs: those that an account must opt in to, as CDK knows them.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
var withoutAccessLogs = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2",
	"il-central-1", "me-central-1", "me-south-1", "mx-central-1",
}

// PrefixList returns the id of the prefix list of CloudFront's addresses.
func (c Config) PrefixList() string {
	return cmp.Or(c.Edge.OriginPrefixList, originPrefixLists[c.Region])
}

// countries are the codes of ISO 3166-1 alpha-2.
var countries = strings.Fields("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS " +
	"BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE " +
	"EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM " +
	"HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC " +
	"LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
	"NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO " +
	"TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW")

// managedRules are the rules in each of AWS's groups of the web ACL, by the name
// that the group has there. AWS adds some from time to time: renew them by
// aws wafv2 describe-managed-rule-group --scope REGIONAL --vendor-name AWS --name GROUP.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html, 2026-11-27
var managedRules = map[string][]string{
	"ip-reputation": strings.Fields("AWSManagedIPReputationList AWSManagedReconnaissanceList AWSManagedIPDDoSList"),
	"common": strings.Fields("NoUserAgent_HEADER UserAgent_BadBots_HEADER SizeRestrictions_QUERYSTRING SizeRestrictions_Cookie_HEADER " +
		"SizeRestrictions_BODY SizeRestrictions_URIPATH EC2MetaDataSSRF_BODY EC2MetaDataSSRF_COOKIE EC2MetaDataSSRF_URIPATH " +
		"EC2MetaDataSSRF_QUERYARGUMENTS GenericLFI_QUERYARGUMENTS GenericLFI_URIPATH GenericLFI_BODY RestrictedExtensions_URIPATH " +
		"RestrictedExtensions_QUERYARGUMENTS GenericRFI_QUERYARGUMENTS GenericRFI_BODY GenericRFI_URIPATH CrossSiteScripting_COOKIE " +
		"CrossSiteScripting_QUERYARGUMENTS CrossSiteScripting_BODY CrossSiteScripting_URIPATH"),
	"known-bad-inputs": strings.Fields("JavaDeserializationRCE_HEADER JavaDeserializationRCE_BODY JavaDeserializationRCE_URIPATH " +
		"JavaDeserializationRCE_QUERYSTRING Host_localhost_HEADER PROPFIND_METHOD ExploitablePaths_URIPATH Log4JRCE_HEADER " +
		"Log4JRCE_QUERYSTRING Log4JRCE_BODY Log4JRCE_URIPATH ReactJSRCE_BODY"),
	"sql-injection": strings.Fields("SQLi_QUERYARGUMENTS SQLiExtendedPatterns_QUERYARGUMENTS SQLi_BODY SQLiExtendedPatterns_BODY " +
		"SQLiExtendedPatterns_HEADER SQLiExtendedPatterns_URIPATH SQLi_COOKIE SQLi_URIPATH"),
}

// ruleOf is the rule of the web ACL whose group has the rule of that name, or
// empty.
func ruleOf(name string) string {
	for rule, names := range managedRules {
		if slices.Contains(names, name) {
			return rule
		}
	}
	return ""
}

// endpoints are the services that tasks, the rotation function, sessions and runbooks
// call from inside the VPC. S3 has a gateway endpoint, which costs nothing.
var endpoints = []string{
	"ec2", "ec2messages", "ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry",
	"elasticloadbalancing", "events", "guardduty-data", "kms", "lambda", "logs", "monitoring",
	"rds", "rds-data", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "states", "sts", "xray",
}

// retentionDays are the numbers of days that CloudWatch Logs takes.
var retentionDays = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
	1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// fargateMemory is the memory in MiB that Fargate offers with each CPU.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
var fargateMemory = map[int][]int{
	256:   {512, 1024, 2048},
	512:   steps(1024, 4096, 1024),
	1024:  steps(2048, 8192, 1024),
	2048:  steps(4096, 16384, 1024),
	4096:  steps(8192, 30720, 1024),
	8192:  steps(16384, 61440, 4096),
	16384: steps(32768, 122880, 8192),
}

func steps(from, to, by int) []int {
	var numbers []int
	for n := from; n <= to; n += by {
		numbers = append(numbers, n)
	}
	return numbers
}

// reservedUsers are names of users that Aurora has itself.
var reservedUsers = []string{
	"admin", "rdsadmin", "rdsrepladmin", "rdstopmgr", "rdswriteforwarduser",
	"rds_ad", "rds_iam", "rds_password", "rds_replication", "rds_superuser",
}

var reservedDatabases = []string{"rdsadmin", "template0", "template1"}

// reservedWords cannot be names in PostgreSQL without quotes.
// https://www.postgresql.org/docs/16/sql-keywords-appendix.html
var reservedWords = []string{
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
	"binary", "both", "case", "cast", "check", "collate", "collation", "column", "concurrently",
	"constraint", "create", "cross", "current_catalog", "current_date", "current_role",
	"current_schema", "current_time", "current_timestamp", "current_user", "default", "deferrable",
	"desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "freeze",
	"from", "full", "grant", "group", "having", "ilike", "in", "initially", "inner", "intersect",
	"into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime",
	"localtimestamp", "natural", "none", "not", "notnull", "null", "offset", "on", "only", "or",
	"order", "outer", "overlaps", "placing", "primary", "public", "references", "returning", "right",
	"select", "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample",
	"then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose",
	"when", "where", "window", "with",
}
