package monitoring

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/stacks/internal/environment"
)

// query is a saved query of Logs Insights. Its folder is "insights" for guide
// 7.10 to guide 7.13, or "incident".
type query struct{ id, folder, name, text string }

// ofApplication are the queries of the application's log. docs/log-contract.md has
// its fields.
var ofApplication = []query{
	{"RequestPatterns", "insights", "request-patterns", `filter event = "request"
| stats count(*) as requests, pct(duration_ms, 99) as slowest_ms by method, path, status
| sort requests desc
| limit 50`},
	{"DDoS", "insights", "ddos", `filter event = "request"
| stats count(*) as requests, count_distinct(path) as paths by src_ip, bin(1m)
| sort requests desc
| limit 50`},
	{"AttackStrings", "insights", "attack-strings", `filter event = "sqli_suspected" or path like /` + attackString + `/
| stats count(*) as requests, earliest(@timestamp) as first, latest(@timestamp) as last by src_ip, path, status
| sort requests desc
| limit 50`},
	{"FailedAuthenticationsByUser", "incident", "failed-authentications", `filter event = "auth_failed"
| stats count(*) as failures, count_distinct(src_ip) as addresses, latest(@timestamp) as last by user
| sort failures desc
| limit 50`},
	{"Scanners", "incident", "scanners", `filter status >= 400 and status < 500
| stats count(*) as refused, count_distinct(path) as paths by src_ip
| sort paths desc
| limit 50`},
	{"Failures", "incident", "failures", `filter level = "error" or status >= 500
| fields @timestamp, event, status, path, message, request_id
| sort @timestamp desc
| limit 100`},
}

// attackString matches attacks in a path: SQL injection, path traversal,
// cross-site scripting and JNDI lookups.
const attackString = `(?i)(union([+]|%20|\s)+(all([+]|%20|\s)+)?select|(or|and)([+]|%20|\s)+'?1'?=|information_schema|` +
	`pg_sleep|'--|\.\.(%2f|\/)|(<|%3c)script|\$(%7b|\{)jndi)`

// ofWebACL are the queries of the web ACL's log. Behind CloudFront its client is
// CloudFront: the viewer's address is in a header that our distribution adds, and
// the country in a label. Requests without the origin header are filtered out,
// since their header may contain any address. If a rule only counts, another rule
// terminates: the counting rule is in nonTerminatingMatchingRules, and the rule
// within AWS's group in terminatingRule.
var ofWebACL = []query{
	{"Geography", "insights", "geography", `parse @message /"awswaf:(?:clientip|forwardedip):geo:country:(?<country>[A-Z]{2})"/
| stats count(*) as requests by country, action
| sort requests desc
| limit 50`},
	{"AttackVectors", "insights", "attack-vectors", `
filter terminatingRuleId != "origin" and (action = "BLOCK" or @message like /"action":"COUNT"/)
| parse @message /(?i)"name":"true-client-ip","value":"(?<viewer>[^"]+)"/
| parse @message /"nonTerminatingMatchingRules":\[\{"ruleId":"(?<counted>[^"]+)"/
| parse @message /"terminatingRule":\{"ruleId":"(?<part>[^"]+)"/
| stats count(*) as requests, count_distinct(viewer) as viewers by terminatingRuleId, counted, part, httpRequest.httpMethod, httpRequest.uri
| sort requests desc
| limit 50`},
	{"BlockedViewers", "incident", "blocked-viewers", `filter action = "BLOCK" and terminatingRuleId != "origin"
| parse @message /(?i)"name":"true-client-ip","value":"(?<viewer>[^"]+)"/
| stats count(*) as requests, latest(@timestamp) as last by viewer, httpRequest.clientIp, terminatingRuleId
| sort requests desc
| limit 50`},
}

// ofDatabase are the queries of PostgreSQL's log. Its lines start with time, client,
// user, database and process.
var ofDatabase = []query{
	{"DatabaseErrors", "incident", "database-errors", `
parse @message /:(?<client>[^:(]*)\(\d+\):(?<login>[^@:]*)@(?<base>[^:]*):\[\d+\]:(?<level>ERROR|FATAL|PANIC): +(?<error>.*)/
| filter ispresent(level)
| stats count(*) as times, latest(@timestamp) as last by level, error, login, client
| sort times desc
| limit 50`},
}

// ofTrail are the queries of the CloudTrail log.
var ofTrail = []query{
	{"SecurityGroupChangesByWhom", "incident", "security-group-changes", `
filter eventName like /^(Authorize|Revoke|Modify|Create|Delete)SecurityGroup/
| fields eventTime, eventName, userIdentity.arn, sourceIPAddress, requestParameters.groupId, errorCode
| sort eventTime desc
| limit 100`},
	{"SecretReads", "incident", "secret-reads", `filter eventSource = "secretsmanager.amazonaws.com" and eventName = "GetSecretValue"
| stats count(*) as reads, latest(eventTime) as last by userIdentity.arn, sourceIPAddress, requestParameters.secretId, errorCode
| sort reads desc
| limit 100`},
	{"RecordReads", "incident", "record-reads", `filter eventCategory = "Data" and eventSource = "s3.amazonaws.com"
| fields eventTime, eventName, userIdentity.arn, sourceIPAddress, requestParameters.bucketName, requestParameters.key, errorCode
| sort eventTime desc
| limit 100`},
	{"RefusedCalls", "incident", "refused-calls", `filter errorCode like /AccessDenied|UnauthorizedOperation/
| stats count(*) as calls by userIdentity.arn, sourceIPAddress, eventSource, eventName
| sort calls desc
| limit 100`},
}

func newQueries(stack awscdk.Stack, env environment.Environment, props Props) {
	save(stack, env, props.ApplicationLogs, ofApplication)
	save(stack, env, props.DatabaseLogs, ofDatabase)
	if props.WebACLLogs != nil {
		save(stack, env, props.WebACLLogs, ofWebACL)
	}
}

// NewTrailQueries defines the saved queries of the trail's log group.
func NewTrailQueries(stack awscdk.Stack, env environment.Environment, trail awslogs.ILogGroup) {
	save(stack, env, trail, ofTrail)
}

func save(stack awscdk.Stack, env environment.Environment, logs awslogs.ILogGroup, queries []query) {
	for _, q := range queries {
		awslogs.NewCfnQueryDefinition(stack, jsii.String(q.id+"Query"), &awslogs.CfnQueryDefinitionProps{
			Name:          jsii.Sprintf("%s/%s/%s", env.Name, q.folder, q.name),
			LogGroupNames: &[]any{logs},
			QueryString:   jsii.String(strings.TrimSpace(q.text)),
		})
	}
}
