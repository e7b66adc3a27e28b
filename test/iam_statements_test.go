package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// The file has every statement of every policy: who may do what, or by the
// policy of which resource. In it PROJECT-SUFFIX is the environment's name,
// and 897822967062 is AWS's account for load balancers in eu-north-1.
func TestOnlyTheListedStatementsExist(t *testing.T) {
	found := newListing()
	for _, env := range everyEnvironment(t) {
		for _, line := range linesOf(statementsOf(t, env)) {
			found.add(line, env.Suffix, "")
		}
	}

	statementsGolden.check(t, found)
}

func TestTheApplicationMayOnlyReadItsSecret(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		want := []string{
			"iam TaskRolePolicy for TaskRole allows secretsmanager:DescribeSecret, secretsmanager:GetSecretValue on DatabaseSecretAttachment",
		}
		if env.Encryption == config.EncryptionCustomerManaged {
			want = append(want, "iam TaskRolePolicy for TaskRole allows kms:Decrypt on Key.Arn if "+
				"StringEquals kms:EncryptionContext:SecretARN DatabaseSecretAttachment, "+
				"StringEquals kms:ViaService secretsmanager.eu-north-1.amazonaws.com")
		}
		requireSame(t, want, linesOf(identityStatements(t, env, "TaskRole")),
			"Something that the application newly may in %s: if it needs that, add it to this list in test/iam_statements_test.go",
			"Something that the application no longer may in %s: if it needs it no more, take it off this list in test/iam_statements_test.go", env.Suffix)
	}
}

// Nothing is added when something new needs a permission to start the tasks:
// the compute stack is given roles that it cannot change.
func TestStartingTheTasksNeedsNoMoreThanTheListedActions(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		var actions []string
		for _, s := range identityStatements(t, env, "ExecutionRole") {
			actions = append(actions, s.Actions...)
		}
		want := []string{
			"ecr:GetAuthorizationToken",
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
			"logs:CreateLogStream", "logs:PutLogEvents",
			"secretsmanager:GetSecretValue",
		}
		if env.Encryption == config.EncryptionCustomerManaged {
			want = append(want, "kms:Decrypt") // of the secret, by way of Secrets Manager
		}
		requireSame(t, want, actions,
			"Something that whoever starts the tasks newly may in %s: if that needs it, add it to this list in test/iam_statements_test.go",
			"Something that whoever starts the tasks no longer may in %s: a task may not start; else take it off this list in test/iam_statements_test.go", env.Suffix)
	}
}

// Else neither a rollback nor a task that is replaced before a deployment is
// through could pull the image before.
func TestImagesOfEveryRepositoryThatRanCanBePulled(t *testing.T) {
	assert.Equal(t, []string{
		"iam ExecutionRolePolicy for ExecutionRole allows ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer " +
			"on arn:aws:ecr:eu-north-1:999999999999:repository/before, arn:aws:ecr:eu-north-1:ACCOUNT:repository/PROJECT-SUFFIX, " +
			"arn:aws:ecr:eu-west-1:111122223333:repository/shared/catalog",
	}, slices.DeleteFunc(linesOf(identityStatements(t, ownImage(t), "ExecutionRole")), func(line string) bool {
		return !strings.Contains(line, "ecr:BatchGetImage")
	}))
}

// wildcardActions are the only actions with a wildcard that are allowed, and
// why.
var wildcardActions = map[string]string{
	"kms:*":                "key policies leave a key to the account's own policies: without it nobody could administer the key",
	"kms:GenerateDataKey*": "what the pages of CloudWatch, CloudWatch Logs and CloudTrail ask for",
	"kms:ReEncrypt*":       "what the page of CloudWatch Logs asks for",
	"s3:DeleteObject*":     "empties the log bucket of a disposable environment, versions too",
	"s3:GetBucket*":        "as above",
	"s3:List*":             "as above",
}

func TestNoActionIsAllowedByWildcard(t *testing.T) {
	broken := breaches{}
	for _, env := range everyEnvironment(t) {
		for _, s := range allowed(t, env) {
			for _, action := range s.Actions {
				if strings.Contains(action, "*") && wildcardActions[action] == "" {
					broken.add(env, fmt.Sprintf("%s (%s)", action, s.line))
				}
			}
		}
	}
	broken.fail(t, "no action is allowed by a wildcard. Name the actions one by one; "+
		"if it must be a wildcard, say why in wildcardActions of test/iam_statements_test.go")
}

// anyResource are the only actions that are allowed on everything, and why.
var anyResource = map[string]string{
	"ecr:GetAuthorizationToken": "the action knows no resource: the token is the registry's",
	"kms:*":                     "in the policy of a key, * is that key",
	"kms:Decrypt":               "as above",
	"kms:DescribeKey":           "as above",
	"kms:Encrypt":               "as above",
	"kms:GenerateDataKey*":      "as above",
	"kms:ReEncrypt*":            "as above",

	"iam:GetAccountPasswordPolicy": "the action knows no resource: the rules are the account's",
	"iam:ListVirtualMFADevices":    "listing knows no single device",

	"ecs:ListServices": "on the clusters of a condition",
	"ecs:ListTasks":    "as above",

	"cloudwatch:DescribeAlarms":      "without names, which nobody knows by heart, it asks for all",
	"cloudwatch:GetMetricData":       "metrics are no resources",
	"cloudwatch:GetMetricStatistics": "as above",
	"cloudwatch:ListMetrics":         "as above",
	"ecs:DescribeTaskDefinition":     "the action knows no resource; passwords are not in a definition",
	"logs:DescribeLogGroups":         "listing knows no single group",
	"logs:DescribeQueryDefinitions":  "a saved query is no resource",
	"logs:GetQueryResults":           "a query is no resource; starting one is limited to log groups",

	"cloudformation:BatchDescribeTypeConfigurations":   "describing knows no resource",
	"cloudformation:DescribeStackDriftDetectionStatus": "a detection is no resource; starting one is limited to a stack",

	"backup:DescribeBackupJob":  "the action knows no resource",
	"backup:DescribeCopyJob":    "as above",
	"backup:DescribeRestoreJob": "as above",
	"guardduty:GetFindings":     "as above",
	"inspector2:ListFindings":   "as above",

	"cloudtrail:LookupEvents":          "the action knows no resource",
	"ec2:DescribeNetworkInterfaces":    "describing knows no resource",
	"ec2:DescribeSecurityGroupRules":   "as above",
	"ec2:DescribeSecurityGroups":       "as above",
	"logs:DescribeExportTasks":         "as above",
	"ssm:DescribeAutomationExecutions": "as above",
	"ssm:CreateOpsItem":                "an item does not exist before it is opened",
	"ssm:DescribeOpsItems":             "listing knows no single item",
	"ssm:ListDocuments":                "listing knows no single document",
	"access-analyzer:ListAnalyzers":    "listing knows no single analyzer",
	"iam:GenerateCredentialReport":     "the report is the account's",
	"iam:GetAccountSummary":            "as above",
	"iam:GetCredentialReport":          "as above",
	"cloudwatch:PutMetricData":         "in the namespace of a condition",
	"ecs:ListTaskDefinitions":          "the action knows no resource",

	"elasticloadbalancing:DescribeLoadBalancers": "describing knows no resource",
	"elasticloadbalancing:DescribeTargetGroups":  "as above",
	"elasticloadbalancing:DescribeTargetHealth":  "as above",
}

func TestNothingIsAllowedOnEverything(t *testing.T) {
	broken := breaches{}
	for _, env := range everyEnvironment(t) {
		for _, s := range allowed(t, env) {
			if !slices.Contains(s.Resources, "*") {
				continue
			}
			for _, action := range s.Actions {
				if anyResource[action] == "" {
					broken.add(env, fmt.Sprintf("%s (%s)", action, s.line))
				}
			}
		}
	}
	broken.fail(t, "nothing is allowed on everything. Name the resource; if the action knows none, say so in anyResource of test/iam_statements_test.go")
}

// Without the condition a service could be talked into using the role on
// behalf of another account.
func TestRolesAreAssumedByServicesForThisAccountOnly(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, s := range statementsOf(t, env) {
			if !slices.Contains(s.Actions, "sts:AssumeRole") || s.owner == emptyingRole {
				continue
			}
			if slices.Contains([]string{"Operator", "Approver", "OperatorsPolicy", "ApproversPolicy"}, s.owner) {
				continue // of people: TestWhoeverTakesARoleHasShownASecondFactorWithinTheHour
			}
			assert.Regexp(t, `^Service [a-z-]+(\.rds)?\.amazonaws\.com$`, strings.Join(s.Principals, ", "), "%s: %s", env.Suffix, s.line)
			assert.Contains(t, s.Conditions, "StringEquals aws:SourceAccount ACCOUNT", "%s: %s", env.Suffix, s.line)
		}
	}
}

// emptyingRole is the role of CDK's function that empties the log bucket of a
// disposable environment. CDK writes it and leaves no choice in it.
const emptyingRole = "CustomS3AutoDeleteObjectsCustomResourceProviderRole"

func TestNoPolicyIsWrittenByAWSOrInsideARole(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, role := range resourcesOf(t, env, "AWS::IAM::Role") {
			assert.Empty(t, role.Properties["Policies"], "%s %s", env.Suffix, role)
			assert.Empty(t, role.Properties["ManagedPolicyArns"], "%s %s", env.Suffix, role)
		}
		for _, r := range resourcesOf(t, env) {
			assert.NotContains(t, []string{"AWS::IAM::User", "AWS::IAM::UserToGroupAddition", "AWS::IAM::AccessKey"}, r.Type, "%s %s", env.Suffix, r)
			assert.NotEqual(t, "AWS::IAM::Policy", r.Type, "%s %s: CDK writes one for a grant; write the statement where the role %s is defined instead",
				env.Suffix, r, strings.TrimSuffix(readableID(r.id), "DefaultPolicy"))
		}
	}
}

// policyStatement is one statement of a policy, in words that are the same in
// every environment.
type policyStatement struct {
	stack, owner, line string

	// roles, or groups, have the statement. It is nil in the policy of a resource and where
	// it says who may assume a role.
	roles []string

	Effect                                     string
	Principals, Actions, Resources, Conditions []string
	NotActions                                 []string
}

func linesOf(statements []policyStatement) []string {
	var lines []string
	for _, s := range statements {
		lines = append(lines, s.line)
	}
	slices.Sort(lines)
	return lines
}

func allowed(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	return slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return s.Effect != "Allow" })
}

func identityStatements(t *testing.T, env *environment, role string) []policyStatement {
	t.Helper()
	found := slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return !slices.Contains(s.roles, role) })
	require.NotEmpty(t, found, role)
	return found
}

// statementsOf are the statements in the properties of all resources: of
// whatever type the resource, no policy goes unseen.
func statementsOf(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	if statements[env] == nil {
		statements[env] = readStatements(t, env)
	}
	return slices.Clone(statements[env])
}

var statements = map[*environment][]policyStatement{}

func readStatements(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	var found []policyStatement
	for _, r := range resourcesOf(t, env) {
		if r.Type == webACL {
			continue // the statements of its rules are not about permissions
		}
		before := len(found)
		for _, document := range policyDocuments(r.Properties) {
			for _, s := range asList(document["Statement"]) {
				found = append(found, newPolicyStatement(t, env, r, s))
			}
		}
		if strings.HasSuffix(r.Type, "Policy") && r.Type != "AWS::ApplicationAutoScaling::ScalingPolicy" && r.Type != "AWS::CloudFront::ResponseHeadersPolicy" {
			require.Greater(t, len(found), before, "no statement found in %s: if its type is no policy of permissions, except it in readStatements of test/iam_statements_test.go", r)
		}
		require.NotEqual(t, "AWS::Lambda::Permission", r.Type, "%s: a permission that statements.golden would not list; have readStatements of test/iam_statements_test.go read it", r)
	}
	return found
}

func policyDocuments(value any) []map[string]any {
	var found []map[string]any
	switch value := value.(type) {
	case map[string]any:
		if value["Statement"] != nil {
			return []map[string]any{value}
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, policyDocuments(value[key])...)
		}
	case []any:
		for _, element := range value {
			found = append(found, policyDocuments(element)...)
		}
	}
	return found
}

func newPolicyStatement(t *testing.T, env *environment, r placed, document any) policyStatement {
	t.Helper()
	var raw struct {
		Sid, Effect                 string
		Principal, Action, Resource any
		NotAction                   any
		Condition                   map[string]map[string]any
	}
	decoder := json.NewDecoder(bytes.NewReader(must(json.Marshal(document))))
	decoder.DisallowUnknownFields() // NotResource and the like would be left out
	require.NoError(t, decoder.Decode(&raw), "%s", r)
	s := policyStatement{
		stack: r.stack, owner: readableID(r.id),
		roles:  append(readableList(t, env, r.Properties["Roles"]), readableList(t, env, r.Properties["Groups"])...),
		Effect: raw.Effect, Actions: readableList(t, env, raw.Action), Resources: readableList(t, env, raw.Resource),
		NotActions: readableList(t, env, raw.NotAction),
		Principals: principalsOf(t, env, raw.Principal), Conditions: conditionsOf(t, env, raw.Condition),
	}
	s.line = s.in(env)
	return s
}

// in is the statement as a line, of a statement of the environment.
func (s policyStatement) in(env *environment) string {
	words := []string{s.stack, s.owner}
	add := func(word string, list []string) {
		if len(list) > 0 {
			words = append(words, strings.TrimSpace(word+" "+strings.Join(list, ", ")))
		}
	}
	add("for", s.roles)
	words = append(words, map[string]string{"Allow": "allows", "Deny": "denies"}[s.Effect])
	add("", s.Principals)
	add("", s.Actions)
	add("all but", s.NotActions)
	add("on", s.Resources)
	add("if", inEveryEnvironment(env, s.Conditions))
	return strings.Join(words, " ")
}

func principalsOf(t *testing.T, env *environment, principal any) []string {
	t.Helper()
	kinds, ok := principal.(map[string]any)
	if !ok {
		return readableList(t, env, principal)
	}
	var found []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, who := range readableList(t, env, kinds[kind]) {
			found = append(found, kind+" "+who)
		}
	}
	return found
}

// inEveryEnvironment returns the conditions as they are the same in every
// environment where they are about its tags.
func inEveryEnvironment(env *environment, conditions []string) []string {
	var all []string
	for _, condition := range conditions {
		if tag, ours := strings.CutSuffix(condition, "Tag/project "+config.Project); ours {
			condition = tag + "Tag/project PROJECT"
		}
		if tag, ours := strings.CutSuffix(condition, "Tag/environment "+env.Suffix); ours {
			condition = tag + "Tag/environment SUFFIX"
		}
		all = append(all, condition)
	}
	return all
}

func conditionsOf(t *testing.T, env *environment, conditions map[string]map[string]any) []string {
	t.Helper()
	var found []string
	for operator, keys := range conditions {
		for key, value := range keys {
			found = append(found, fmt.Sprintf("%s %s %s", operator, key, strings.Join(readableList(t, env, value), " or ")))
		}
	}
	slices.Sort(found)
	return found
}

func readableList(t *testing.T, env *environment, value any) []string {
	t.Helper()
	var found []string
	for _, element := range asList(value) {
		found = append(found, readable(t, env, element))
	}
	slices.Sort(found)
	return found
}

// asList is a list, or a list of one: policies may leave the brackets out.
func asList(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	}
	return []any{value}
}

// readable is a value as a person would write it: references by name, also
// those to other stacks, and the same in every environment.
func readable(t *testing.T, env *environment, value any) string {
	t.Helper()
	object, ok := value.(map[string]any)
	if !ok {
		return strings.ReplaceAll(fmt.Sprint(value), env.Name(), "PROJECT-SUFFIX")
	}
	require.Len(t, object, 1, "no reference: %v", object)
	for function, argument := range object {
		switch function {
		case "Ref":
			return readableID(argument.(string))
		case "Fn::GetAtt":
			return readableID(argument.([]any)[0].(string)) + "." + argument.([]any)[1].(string)
		case "Fn::Join":
			parts := argument.([]any)
			var words []string
			for _, part := range parts[1].([]any) {
				words = append(words, readable(t, env, part))
			}
			return strings.Join(words, parts[0].(string))
		case "Fn::ImportValue":
			return readable(t, env, exportedValue(t, env, argument.(string)))
		}
	}
	return string(must(json.Marshal(object)))
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// readableID is a logical id without the hash that CDK appends.
func readableID(id string) string {
	switch id {
	case "AWS::AccountId":
		return "ACCOUNT"
	case "AWS::Region":
		return "REGION"
	}
	return hash.ReplaceAllString(id, "")
}

// exportedValue is what the stack that exports the name has for it.
func exportedValue(t *testing.T, env *environment, name string) any {
	t.Helper()
	for _, template := range env.templates {
		for _, output := range template.Outputs {
			output := output.(map[string]any)
			if export, _ := output["Export"].(map[string]any); export["Name"] == name {
				return output["Value"]
			}
		}
	}
	t.Fatalf("nothing exports %s", name)
	return nil
}
