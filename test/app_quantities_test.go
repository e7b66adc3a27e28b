package test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// quantityRead is a phrase of a document with numbers in it, and what prod's templates,
// runbooks or schemas have in their place.
type quantityRead struct {
	file, phrase string
	is           func(t *testing.T, prod *environment) []float64
}

// The numbers of docs/alarms.md are in monitoring_alarm_numbers_test.go.
var quantitiesRead = []quantityRead{
	{"docs/incident-response.md", `rotation every (90) days`, rotationDays},
	{"docs/guide.md", `Rotation every (\d+) days`, rotationDays},
	{"docs/guide.md", `generated, (\d+) characters`, setting("data", "AWS::SecretsManager::Secret", "GenerateSecretString.PasswordLength")},
	{"docs/guide.md", "`delete-old-logs`, (\\d+) days", logDays},
	{"docs/guide.md", `a bucket of their own, (\d+) days`, logDays},
	{"docs/guide.md", `(1024) CPU units, (\d+) MiB`, setting("compute", "AWS::ECS::TaskDefinition", "Cpu", "Memory")},
	{"docs/operations.md", `within (\d+) seconds, every (\d+) seconds`, setting("compute", "AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckTimeoutSeconds", "HealthCheckIntervalSeconds")},
	{"docs/operations.md", `(\d+) MiB at`, setting("compute", "AWS::ECS::TaskDefinition", "ContainerDefinitions.LinuxParameters.Tmpfs.Size")},
	{"docs/operations.md", `ends within (\d+) seconds of SIGTERM`, setting("compute", "AWS::ECS::TaskDefinition", "ContainerDefinitions.StopTimeout")},
	{"docs/operations.md", `requests fail for (five) minutes`, rollBackMinutes},
	{"docs/operations.md", `in these (five) minutes`, rollBackMinutes},
	{"docs/incident-response.md", `Waits (four) hours, for an image (eight), for`, approvals(time.Hour, "release-edge", "quarantine-image")},
	{"docs/incident-response.md", `, for an access review (two) weeks`, approvals(7*24*time.Hour, "review-access")},
	{"docs/incident-response.md", `for up to (eight)\s+hours`, approvals(time.Hour, "quarantine-image")},
	{"docs/incident-response.md", `waits (four) hours for a second person`, approvals(time.Hour, "release-rules")},
	{"docs/incident-response.md", `deployments for (48) hours`, protectionHours},
	{"docs/incident-response.md", `sets the (48) hours`, protectionHours},
	{"docs/incident-response.md", `start it again every (two) days`, protectionDays},
	{"docs/incident-response.md", `for the rest of its (48) hours`, protectionHours},
	{"docs/decisions/0011-cloudfront-caches-nothing.md", `Errors are kept for (0) seconds`, func(t *testing.T, prod *environment) []float64 {
		distribution := prod.stack(t, "compute").one("AWS::CloudFront::Distribution").Properties
		return []float64{at(t, distribution, "DistributionConfig", "CustomErrorResponses", 0, "ErrorCachingMinTTL").(float64)}
	}},
	{"docs/decisions/0032-evidence.md", `deployments wait for up to (two) days`, protectionDays},
	{"docs/incident-response.md", `\((?:a grace period of )?(68)\s+years\)`, pinnedYears},
	{"docs/decisions/0030-containment.md", `grace period, (68) years`, pinnedYears},
	{"docs/log-contract.md", `at most (2048) characters`, longestText("path")},
	{"docs/log-contract.md", `at most (2000) characters`, longestText("message")},
}

// notPromised are the quantities that nothing here decides, by document: what AWS
// does or asks for, what people do and when, the names of chapters, and measurements.
var notPromised = map[string][]string{
	"README.md":     {"two minutes"},
	"docs/guide.md": {"15 minutes", "2 hours", "8 hours"},
	"docs/operations.md": {
		"11 characters", "15 minutes", "8 KiB",
		"730 hours",                // AWS's month
		"60 seconds", "30 seconds", // compute_service_test.go reads those of the image's contract
	},
	"docs/incident-response.md": {
		"15 minutes", "2 hours", "8 hours", // chapters
		"12 hours", "90 days", // CloudWatch's exports, CloudTrail's event history
		"half an hour", "ten minutes",
	},
	"docs/architecture.md": {
		"30 days", "two weeks", "ten minutes", "three hours", "three days", "3 months",
	},
	"docs/decisions": {
		"90 days", // how early a warning comes
		"three days", "fifteen minutes", "38 characters", "28 hours",
	},
	"docs/access-review.md": {"half an hour", "90 days", "3 months", "two weeks"},
}

// numberWords are the numbers that the documents write as words.
var numberWords = map[string]float64{
	"half": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"fifteen": 15, "twenty": 20,
}

var quantity = regexp.MustCompile(`\b([0-9][0-9.,]*|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|half an)[ \n]+` +
	`(milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|[KMG]i?B|percent|characters?|CPU units)\b`)

func number(t *testing.T, text string) float64 {
	t.Helper()
	if value, written := numberWords[text]; written {
		return value
	}
	value, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return value
}

func TestQuantitiesInTheDocumentsAreThoseOfTheTemplates(t *testing.T) {
	prod := reference(t, "prod")
	for _, p := range quantitiesRead {
		found := regexp.MustCompile(p.phrase).FindStringSubmatch(read(t, "../"+p.file))
		require.NotNil(t, found, "%s no longer says %q: change it in test/app_quantities_test.go", p.file, p.phrase)
		for i, want := range p.is(t, prod) {
			require.InDelta(t, want, number(t, found[i+1]), 0.5, "%s: %s", p.file, found[0])
		}
	}
}

// It finds a number with a unit of time, size or length. A bare count, such as
// "fifteen in a run", it cannot tell from other numbers.
func TestEveryQuantityInTheDocumentsIsReadByATestOrNotOurs(t *testing.T) {
	for _, file := range documents(t) {
		name := strings.TrimPrefix(file, "../")
		if slices.Contains([]string{"docs/alarms.md", "docs/controls.md", "docs/performance.md", "CONTRIBUTING.md"}, name) {
			continue // monitoring_alarm_numbers_test.go; clauses of docs/guide.md and what others ask for; measurements
		}
		text := read(t, file)
		var read [][]int
		for _, p := range quantitiesRead {
			if p.file == name {
				read = append(read, regexp.MustCompile(p.phrase).FindAllStringIndex(text, -1)...)
			}
		}
		for _, at := range quantity.FindAllStringIndex(text, -1) {
			said := strings.Join(strings.Fields(text[at[0]:at[1]]), " ")
			promised := slices.ContainsFunc(read, func(span []int) bool { return span[0] <= at[0] && at[0] < span[1] })
			require.True(t, promised || slices.Contains(notPromised[name], said) || slices.Contains(notPromised[filepath.Dir(name)], said),
				"%s says %q: have quantitiesRead of test/app_quantities_test.go read it from the template, or say in notPromised there that nothing here decides it", name, said)
		}
	}
}

// setting returns the values at the paths, of the one resource of the type in prod's
// stack, or of the first that has them.
func setting(stack, kind string, paths ...string) func(*testing.T, *environment) []float64 {
	return func(t *testing.T, prod *environment) []float64 {
		t.Helper()
		var values []float64
		for _, r := range prod.stack(t, stack).ofType(kind) {
			for _, path := range paths {
				for _, line := range settingsOf(t, prod, r.Properties, "") {
					if value, ok := strings.CutPrefix(line, path+" "); ok {
						values = append(values, number(t, value))
					}
				}
			}
		}
		require.Len(t, values, len(paths), "%s in %s", paths, kind)
		return values
	}
}

func rotationDays(t *testing.T, prod *environment) []float64 {
	t.Helper()
	rules := prod.stack(t, "data").one("AWS::SecretsManager::RotationSchedule").Properties["RotationRules"].(props)
	schedule := textOf(t, prod, rules, "ScheduleExpression")
	return []float64{number(t, regexp.MustCompile(`\d+`).FindString(schedule))}
}

func logDays(t *testing.T, prod *environment) []float64 {
	t.Helper()
	var days []float64
	for _, bucket := range prod.stack(t, "data").ofType("AWS::S3::Bucket") {
		days = append(days, at(t, bucket.Properties, "LifecycleConfiguration", "Rules", 0, "ExpirationInDays").(float64))
	}
	require.Len(t, slices.Compact(days), 1)
	return days[:1]
}

func rollBackMinutes(t *testing.T, prod *environment) []float64 {
	t.Helper()
	service := prod.stack(t, "compute").one("AWS::ECS::Service").Properties
	alarm := at(t, service, "DeploymentConfiguration", "Alarms", "AlarmNames", 0, "Ref").(string)
	for _, metric := range asList(prod.stack(t, "compute").ofType("AWS::CloudWatch::Alarm")[alarm].Properties["Metrics"]) {
		if stat, ok := metric.(props)["MetricStat"].(props); ok {
			return []float64{stat["Period"].(float64) / 60}
		}
	}
	t.Fatal("the alarm that rolls back has no metric")
	return nil
}

// approvals returns how long each of the runbooks waits for its first approval.
func approvals(unit time.Duration, runbooks ...string) func(*testing.T, *environment) []float64 {
	return func(t *testing.T, prod *environment) (waits []float64) {
		t.Helper()
		for _, runbook := range runbooks {
			steps := stepsOf(t, prod, runbook)
			first := slices.IndexFunc(steps, func(step props) bool { return step["action"] == "aws:approve" })
			require.GreaterOrEqual(t, first, 0, "%s asks nobody", runbook)
			waits = append(waits, steps[first]["timeoutSeconds"].(float64)/unit.Seconds())
		}
		return waits
	}
}

var (
	protectionHours = inScripts("preserve-evidence", "MINUTES", 60)
	protectionDays  = inScripts("preserve-evidence", "MINUTES", 60*24)
	pinnedYears     = inScripts("isolate-edge", "PINNED_SECONDS", 365.25*24*3600)
)

// inScripts returns the number that the scripts of a runbook give a constant, in
// a unit of which it has so many.
func inScripts(runbook, constant string, inUnit float64) func(*testing.T, *environment) []float64 {
	return func(t *testing.T, prod *environment) []float64 {
		t.Helper()
		found := regexp.MustCompile(constant + ` = ([0-9* ]+)`).FindStringSubmatch(jsonOf(t, runbookContent(t, prod, runbook)))
		require.NotNil(t, found, "%s: %s", runbook, constant)
		product := 1.0
		for _, factor := range strings.Split(found[1], "*") {
			product *= number(t, strings.TrimSpace(factor))
		}
		return []float64{product / inUnit}
	}
}

func longestText(field string) func(*testing.T, *environment) []float64 {
	return func(t *testing.T, _ *environment) []float64 {
		var schema any
		require.NoError(t, json.Unmarshal([]byte(read(t, "../docs/log-contract.schema.json")), &schema), fmt.Sprint(field))
		return []float64{at(t, schema, "properties", field, "maxLength").(float64)}
	}
}

// billed counts what the README's table says bills by the hour.
var billed = map[string]func(t *testing.T, env *environment) int{
	"NAT gateways":       ofType("AWS::EC2::NatGateway"),
	"database instances": ofType("AWS::RDS::DBInstance"),
	"load balancers":     ofType("AWS::ElasticLoadBalancingV2::LoadBalancer"),
	"web ACLs":           ofType("AWS::WAFv2::WebACL"),
	"encryption keys":    ofType("AWS::KMS::Key"),
	"public IPv4 addresses": func(t *testing.T, env *environment) int {
		balancer := env.stack(t, "compute").one("AWS::ElasticLoadBalancingV2::LoadBalancer").Properties
		addresses := len(resourcesOf(t, env, "AWS::EC2::EIP"))
		if balancer["Scheme"] == "internet-facing" {
			addresses += len(balancer["Subnets"].([]any)) // one in each zone
		}
		return addresses
	},
	"Fargate tasks, at least": func(t *testing.T, env *environment) int {
		return int(env.stack(t, "compute").one("AWS::ApplicationAutoScaling::ScalableTarget").Properties["MinCapacity"].(float64))
	},
}

func ofType(kind string) func(t *testing.T, env *environment) int {
	return func(t *testing.T, env *environment) int { return len(resourcesOf(t, env, kind)) }
}

func TestTheReadmeSaysWhatBillsByTheHour(t *testing.T) {
	readme := read(t, "../README.md")
	for name, count := range billed {
		line := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(name) + ` \| (\d+) \| (\d+) \|$`).FindStringSubmatch(readme)
		require.Len(t, line, 3, "README.md: no line of %s", name)
		for i, suffix := range []string{"dev", "prod"} {
			require.Equal(t, strconv.Itoa(count(t, reference(t, suffix))), line[i+1], "%s of %s", name, suffix)
		}
	}
}
