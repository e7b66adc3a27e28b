package test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/test/internal/eventbridge"
)

const removeRules = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"

// One of ours is drilled; AWS's are not.
func TestTheOnlyRunbookOfAWSIsThatOfTheDefaultGroup(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var started []string
		for _, r := range resourcesOf(t, env, eventRule) {
			for _, target := range asList(r.Properties["Targets"]) {
				if _, definition, ok := strings.Cut(readable(t, env, at(t, target, "Arn")), "::automation-definition/"); ok {
					started = append(started, definition)
				}
			}
		}
		require.Equal(t, []string{removeRules + ":$DEFAULT"}, started, env.Environment)
	}
}

// scheduled returns the rules that start the access review by the clock.
func scheduled(t *testing.T, env *environment) (found []props) {
	t.Helper()
	for _, r := range resourcesOf(t, env, eventRule) {
		if r.Properties["ScheduleExpression"] == nil {
			continue
		}
		if name, ok := startedRunbook(t, env, at(t, r.Properties, "Targets", 0)); ok && name == "review-access" {
			found = append(found, r.Properties)
		}
	}
	return found
}

func TestAccessReviewIsDueOnceAQuarterOnAWorkday(t *testing.T) {
	found := scheduled(t, reference(t, "prod"))
	require.Len(t, found, 1)
	require.NotContains(t, found[0], "State")
	schedule := eventbridge.ParseCron(t, found[0]["ScheduleExpression"])
	for year := 2026; year < 2031; year++ {
		due := schedule.Starts(year, 365)
		require.Len(t, due, 4, year)
		for i, day := range due {
			require.Equal(t, i, (int(day.Month())-1)/3, "%s: one in each quarter", day)
			require.Equal(t, time.Monday, day.Weekday())
			require.LessOrEqual(t, day.Day(), 7, "early, while the quarter before is fresh")
		}
	}
}

// The page is the request for approval: its reader must find the procedure.
func TestTheReviewNamesItsProcedure(t *testing.T) {
	env := reference(t, "prod")
	text := readable(t, env, at(t, stepOf(t, env, "review-access", "Approve"), "inputs", "Message"))
	require.Contains(t, text, "PROJECT-SUFFIX")
	procedure := regexp.MustCompile(`docs/\S+?\.md`).FindString(text)
	_, err := os.Stat("../" + procedure)
	require.NoError(t, err)
}

// The review is of the account, of which production is the part that counts.
func TestOnlyProtectedEnvironmentsStartTheReview(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), reference(t, "staging"), shortLived(t, "prod")} {
		require.Empty(t, scheduled(t, env), env.Environment)
	}
}

// If the operator's default region is another one, a start says
// InvalidDocument, and a look finds nothing.
func TestEveryDocumentWithCommandsOfAWSSaysTheirRegion(t *testing.T) {
	const where = "access-review.md#using-the-role-operator"
	for _, file := range documents(t) {
		text := read(t, file)
		if regexp.MustCompile(`(?m)^ *aws `).MatchString(text) {
			require.True(t, strings.Contains(text, "AWS_REGION") || strings.Contains(text, where),
				"%s: commands of aws, and no region for them", file)
		}
	}
	require.Contains(t, sections(t, "../docs/access-review.md")["using-the-role-operator"], "```sh\nexport AWS_REGION="+reference(t, "prod").Region+"\n")
}
