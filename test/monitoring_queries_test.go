package test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// savedQueries returns the texts of the saved queries by name.
func savedQueries(t *testing.T, env *environment) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, query := range resourcesOf(t, env, queryDefinition) {
		found[textOf(t, query, query.Properties, "Name")] = textOf(t, query, query.Properties, "QueryString")
	}
	return found
}

func TestTheFourInsightsQueriesAreSaved(t *testing.T) {
	for _, env := range allEnvironments(t) {
		queries := savedQueries(t, env)
		want := []string{"request-patterns", "attack-strings", "ddos"}
		if len(env.stack(t, "compute").ofType(webACL)) > 0 {
			want = append(want, "geography", "attack-vectors") // by the web ACL's log
		}
		for _, name := range want {
			require.Contains(t, queries, env.Name()+"/insights/"+name)
		}
	}
}

func TestAnOperatorMayRunEverySavedQuery(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		names, queried := groupNames(t, env), granted(t, env, "Operator", "logs:StartQuery")
		for _, query := range resourcesOf(t, env, queryDefinition) {
			for _, group := range listOf(t, query, query.Properties, "LogGroupNames") {
				require.Contains(t, queried, "arn:aws:logs:eu-north-1:ACCOUNT:log-group:"+names[readable(t, env, group)]+":*", query)
			}
		}
	})
}

// fieldsOf returns the fields of each log that a query may use, beside what
// CloudWatch adds to every line.
func fieldsOf(t *testing.T, source string) []string {
	t.Helper()
	always := []string{"@timestamp", "@message"}
	switch source {
	case "application":
		var schema struct{ Properties map[string]any }
		require.NoError(t, json.Unmarshal([]byte(read(t, "../docs/log-contract.schema.json")), &schema))
		return slices.AppendSeq(always, maps.Keys(schema.Properties))
	case "web ACL":
		// https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
		return append(always, "action", "terminatingRuleId", "httpRequest.clientIp", "httpRequest.httpMethod", "httpRequest.uri")
	case "cloudtrail":
		// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
		return append(always, "eventTime", "eventSource", "eventCategory", "eventName", "errorCode", "userIdentity.arn", "sourceIPAddress",
			"requestParameters.groupId", "requestParameters.secretId", "requestParameters.bucketName", "requestParameters.key")
	}
	return always
}

// queryWords are the commands, functions and operators of Logs Insights that
// are used.
var queryWords = strings.Fields("fields filter stats sort limit parse by as and or like desc asc in not " +
	"count count_distinct pct earliest latest ispresent bin m")

func TestSavedQueriesUseFieldsThatTheirLogHas(t *testing.T) {
	for _, env := range allEnvironments(t) {
		found := resourcesOf(t, env, queryDefinition)
		require.NotEmpty(t, found)
		for _, query := range found {
			text := textOf(t, query, query.Properties, "QueryString")
			groups := listOf(t, query, query.Properties, "LogGroupNames")
			require.Len(t, groups, 1, query)
			known := slices.Concat(queryWords, fieldsOf(t, sourceOf(t, env, query.stack, groups[0])), madeBy(text))
			for _, word := range wordsOf(text) {
				require.Contains(t, known, word, query)
			}
		}
	}
}

var (
	inQuotes   = regexp.MustCompile(`"[^"]*"`)
	inSlashes  = regexp.MustCompile(`/(?:[^/\\\n]|\\.)+/`)
	identifier = regexp.MustCompile(`[@a-zA-Z_][a-zA-Z0-9_.]*`)
	named      = regexp.MustCompile(`\(\?<([a-z]+)>`)
	aliased    = regexp.MustCompile(` as ([a-z_]+)`)
)

// madeBy returns the fields that a query makes itself.
func madeBy(text string) (fields []string) {
	for _, name := range slices.Concat(named.FindAllStringSubmatch(text, -1), aliased.FindAllStringSubmatch(text, -1)) {
		fields = append(fields, name[1])
	}
	return fields
}

// wordsOf returns the words of a query outside of texts and regular expressions.
func wordsOf(text string) []string {
	return identifier.FindAllString(inQuotes.ReplaceAllString(inSlashes.ReplaceAllString(text, " "), " "), -1)
}

func TestSavedQueriesAreWellFormed(t *testing.T) {
	commands := regexp.MustCompile(`^(fields|filter|stats|sort|limit|parse) `)
	for _, env := range allEnvironments(t) {
		for name, text := range savedQueries(t, env) {
			for _, line := range strings.Split(text, "\n") {
				require.Regexp(t, commands, strings.TrimPrefix(line, "| "), name)
			}
			require.False(t, strings.HasPrefix(text, "|"), name)
			outside := inSlashes.ReplaceAllString(text, " ")
			require.Zero(t, strings.Count(outside, `"`)%2, name)
			require.Equal(t, strings.Count(outside, "("), strings.Count(outside, ")"), name)
			require.LessOrEqual(t, len(text), 10000, name)
			require.Regexp(t, `\| limit \d+$`, text, name)
		}
	}
}

// finds are lines that the regular expressions of a query find, and lines that
// they do not.
var finds = map[string]struct{ these, not []string }{
	"insights/attack-strings": {
		these: []string{
			"/products/1%20union%20select%201", "/products/1+UNION+ALL+SELECT+2", "/p/1'+or+'1'='1", "/p/1%20OR%201=1",
			"/p/information_schema.tables", "/p/pg_sleep(5)", "/p/x'--", "/../../etc/passwd", "/..%2f..%2fetc/passwd",
			"/<script>alert(1)", "/%3Cscript%3E", "/${jndi:ldap://x}", "/$%7Bjndi:ldap",
		},
		not: []string{
			"/products/42", "/products/union-jack", "/categories/reunion/selected", "/orders/1", "/products/script-fonts",
			"/search/o'brien", "/v1.0/..well", "/orders/or/1",
		},
	},
	"insights/geography": {
		these: []string{
			`{"labels":[{"name":"awswaf:forwardedip:geo:country:SE"},{"name":"awswaf:forwardedip:geo:region:SE-AB"}]}`,
			`{"labels":[{"name":"awswaf:clientip:geo:country:DE"}]}`,
		},
		not: []string{`{"labels":[{"name":"awswaf:forwardedip:geo:region:SE-AB"}]}`, `{"httpRequest":{"country":"SE"}}`},
	},
	"insights/attack-vectors": {
		these: []string{countedRequest},
		not: []string{
			`{"action":"ALLOW","ruleGroupList":[{"ruleGroupId":"AWS#AWSManagedRulesSQLiRuleSet","terminatingRule":null,"nonTerminatingMatchingRules":[]}],` +
				`"nonTerminatingMatchingRules":[],"httpRequest":{"headers":[{"name":"X-Forwarded-For","value":"198.51.100.7"}]}}`,
		},
	},
	"incident/blocked-viewers": {
		these: []string{`{"headers":[{"name":"true-client-ip","value":"2001:db8::7"}]}`},
		not:   []string{`{"headers":[{"name":"x-forwarded-for","value":"2001:db8::7"}]}`},
	},
	"incident/security-group-changes": {
		these: []string{"AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress", "ModifySecurityGroupRules", "CreateSecurityGroup"},
		not:   []string{"DescribeSecurityGroups", "SetSecurityGroups"},
	},
	"incident/refused-calls": {
		these: []string{"AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"},
		not:   []string{"ThrottlingException"},
	},
}

// countedRequest is a line of the web ACL's log about a request that a group
// would have blocked, with the parts that queries read, in AWS's order.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
const countedRequest = `{"terminatingRuleId":"Default_Action","action":"ALLOW","ruleGroupList":[` +
	`{"ruleGroupId":"AWS#AWSManagedRulesAmazonIpReputationList","terminatingRule":null,"nonTerminatingMatchingRules":[]},` +
	`{"ruleGroupId":"AWS#AWSManagedRulesCommonRuleSet","terminatingRule":{"ruleId":"SizeRestrictions_BODY","action":"BLOCK"},"nonTerminatingMatchingRules":[]}],` +
	`"nonTerminatingMatchingRules":[{"ruleId":"common","action":"COUNT","ruleMatchDetails":[]}],` +
	`"httpRequest":{"headers":[{"name":"True-Client-IP","value":"198.51.100.7"}]}}`

// In mode count the rule that ends the evaluation is always the default.
func TestAttackVectorsSayWhichRuleWouldHaveBlocked(t *testing.T) {
	text := savedQueries(t, reference(t, "prod"))[config.Project+"-prod/insights/attack-vectors"]
	found := map[string]string{}
	for _, expression := range inSlashes.FindAllString(text, -1) {
		compiled := regexp.MustCompile(strings.Trim(expression, "/"))
		values := compiled.FindStringSubmatch(countedRequest)
		for i, name := range compiled.SubexpNames() {
			if name != "" {
				found[name] = values[i]
			}
		}
	}
	require.Equal(t, map[string]string{"viewer": "198.51.100.7", "counted": "common", "part": "SizeRestrictions_BODY"}, found)
	require.Contains(t, text, "by terminatingRuleId, counted, part, ")
}

func TestRegularExpressionsInSavedQueriesFindAttacksAndNothingElse(t *testing.T) {
	for name, text := range savedQueries(t, reference(t, "prod")) {
		name = strings.TrimPrefix(name, config.Project+"-prod/")
		expressions := inSlashes.FindAllString(text, -1)
		if name == "incident/database-errors" {
			continue // by the samples, below
		}
		require.Equal(t, len(expressions) > 0, len(finds[name].these) > 0, name)
		for _, expression := range expressions {
			compiled := regexp.MustCompile(strings.Trim(expression, "/"))
			for _, line := range finds[name].these {
				require.Regexp(t, compiled, line, name)
			}
			for _, line := range finds[name].not {
				require.NotRegexp(t, compiled, line, name)
			}
		}
	}
}

func TestDatabaseErrorsAreReadFromTheLog(t *testing.T) {
	text := savedQueries(t, reference(t, "prod"))[config.Project+"-prod/incident/database-errors"]
	expression := regexp.MustCompile(strings.Trim(inSlashes.FindString(text), "/"))
	require.Equal(t, []string{"", "client", "login", "base", "level", "error"}, expression.SubexpNames())
	for _, sample := range samples(t, "postgresql") {
		found := expression.FindStringSubmatch(sample.line)
		if !strings.Contains(sample.line, "]:ERROR") && !strings.Contains(sample.line, "]:FATAL") {
			require.Nil(t, found, sample.line)
			continue
		}
		require.NotNil(t, found, sample.line)
		require.Equal(t, []string{"10.0.32.14", "catalog_admin", "catalog"}, found[1:4])
		require.True(t, strings.HasSuffix(sample.line, ":  "+found[5]), sample.line)
	}
}
