package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// mail is the input transformer of a rule that notifies the topic.
type mail struct {
	id    string
	paths map[string]string

	// lines are the template's, without the quotation marks.
	lines []string
}

// mailsOf returns the mails of an environment's rules. One without a transformer would
// send the whole event.
func mailsOf(t *testing.T, env *environment) (mails []mail) {
	t.Helper()
	for _, r := range resourcesOf(t, env, eventRule) {
		for _, target := range at(t, r.Properties, "Targets").([]any) {
			if isTopic(t, env, r.stack, at(t, target, "Arn")) {
				require.NotContains(t, target, "RoleArn", "a role could not use the topic's key")
				made := mailOf(t, env, readableID(r.id), at(t, target, "InputTransformer"))
				require.Equal(t, r.Properties["Description"], made.lines[0])
				mails = append(mails, made)
			}
		}
	}
	require.NotEmpty(t, mails)
	return mails
}

func mailOf(t *testing.T, env *environment, id string, transformer any) mail {
	t.Helper()
	made := mail{id: id, paths: map[string]string{}}
	for name, path := range at(t, transformer, "InputPathsMap").(props) {
		made.paths[name] = path.(string)
	}
	for _, line := range strings.Split(readable(t, env, at(t, transformer, "InputTemplate")), "\n") {
		require.NotContains(t, line, `\u003c`, "%s: EventBridge replaces <name> only as it is", id)
		var text string
		require.NoError(t, json.Unmarshal([]byte(line), &text), "%s: each line is a text in quotation marks: %s", id, line)
		made.lines = append(made.lines, text)
	}
	return made
}

// of returns what the mail says of an event. EventBridge leaves out what the event does
// not have, and puts in the rest as it is.
func (m mail) of(t *testing.T, event props) (lines []string) {
	t.Helper()
	for _, line := range m.lines {
		lines = append(lines, eventPart.ReplaceAllStringFunc(line, func(part string) string {
			path := m.paths[strings.Trim(part, "<>")]
			require.NotEmpty(t, path, "%s: %s has no path", m.id, part)
			value := valueAt(t, event, path)
			require.NotEmpty(t, value, "%s: %s is empty", m.id, part)
			require.NotContains(t, value, `"`, "%s: %s may have quotation marks, which EventBridge does not escape", m.id, part)
			return value
		}))
	}
	return lines
}

var eventPart = regexp.MustCompile(`<[a-z]+>`)

// labels are how the lines of a mail begin, behind its contract.
var labels = []string{"What: ", "Which: ", "Where: environment PROJECT-SUFFIX, account ", "aws "}

func TestEachMailSaysWhatWhichWhereAndHowToLook(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for _, m := range mailsOf(t, env) {
			require.Len(t, m.lines, 1+len(labels), m.id)
			require.NotEmpty(t, eventsFor[m.id].matching, m.id)
			for _, event := range eventsFor[m.id].matching {
				lines := m.of(t, event)
				require.Regexp(t, contracted, lines[0], m.id)
				for i, label := range labels {
					require.Greater(t, len(lines[i+1]), len(label), m.id)
					require.True(t, strings.HasPrefix(lines[i+1], label), "%s: %s", m.id, lines[i+1])
				}
				require.Contains(t, lines[4], " --region eu-north-1 ", m.id)
			}
			require.Regexp(t, eventPart, m.lines[1], "%s: what happened", m.id)
			require.Regexp(t, eventPart, m.lines[2], "%s: to what", m.id)
			for name := range m.paths {
				require.Contains(t, strings.Join(m.lines, " "), "<"+name+">", "%s: a part of the event that no line names", m.id)
			}
		}
	}
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
// and https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html,
// read in November 2026; the names of parts are narrower in CloudFormation's schema.
func TestEachTransformerIsOneThatEventBridgeTakes(t *testing.T) {
	for env, r := range resourcesIn(t, allEnvironments(t), eventRule) {
		for _, target := range at(t, r.Properties, "Targets").([]any) {
			transformer, ok := target.(props)["InputTransformer"]
			if !ok {
				continue
			}
			paths := at(t, transformer, "InputPathsMap").(props)
			require.LessOrEqual(t, len(paths), 100, r.id)
			for name, path := range paths {
				require.Regexp(t, `^[a-zA-Z0-9]+$`, name, r.id)
				require.Regexp(t, `^\$(\.[A-Za-z0-9_-]+(\[[0-9]\])?)+$`, path, r.id)
				require.LessOrEqual(t, len(path.(string)), 256, r.id)
			}
			template := strings.ReplaceAll(readable(t, env, at(t, transformer, "InputTemplate")), "PROJECT-SUFFIX", strings.Repeat("x", 24))
			require.LessOrEqual(t, len(template), 8192, r.id)
		}
	}
}

// lookOf is the command by which a rule's reader looks, as the documents write it:
// parts of the event in capitals.
func lookOf(t *testing.T, env *environment, rule placed) (look string, ok bool) {
	t.Helper()
	target := at(t, rule.Properties, "Targets", 0)
	if isTopic(t, env, rule.stack, at(t, target, "Arn")) {
		look = mailOf(t, env, rule.id, at(t, target, "InputTransformer")).lines[len(labels)]
	} else if name, starts := startedRunbook(t, env, target); starts && name == "open-incident" {
		var input map[string][]string
		require.NoError(t, json.Unmarshal([]byte(at(t, target, "InputTransformer", "InputTemplate").(string)), &input))
		look = input["Look"][0]
	}
	look = strings.ReplaceAll(look, "ApiCluster", "CLUSTER") // its name is made by CloudFormation
	look = strings.ReplaceAll(look, "PROJECT-SUFFIX", config.Project+"-prod")
	return eventPart.ReplaceAllStringFunc(look, func(part string) string { return strings.ToUpper(strings.Trim(part, "<>")) }), look != ""
}

// The commands of the documents are compared with AWS's interface, so these are.
func TestTheCommandOfEachMailIsInItsSection(t *testing.T) {
	env, looked := reference(t, "prod"), 0
	for _, r := range resourcesOf(t, env, eventRule) {
		look, ok := lookOf(t, env, r)
		if !ok {
			continue
		}
		looked++
		section := contracted.FindStringSubmatch(textOf(t, r, r.Properties, "Description"))[3]
		require.Contains(t, asDeployed(sections(t, "../docs/alarms.md")[section]), "\n"+look+"\n",
			"docs/alarms.md#%s lacks a line with the command of the mail: %s", section, look)
	}
	require.Greater(t, looked, 8)
}

func TestTheMailInTheAlarmsIsWhatAnEventSends(t *testing.T) {
	for _, m := range mailsOf(t, reference(t, "prod")) {
		if m.id != "SecurityHubFinding" {
			continue
		}
		var text strings.Builder
		for _, line := range m.of(t, eventLike("hub")) {
			fmt.Fprintf(&text, "%q\n", line)
		}
		want := strings.ReplaceAll(text.String(), "PROJECT-SUFFIX", config.Project+"-prod")
		require.Contains(t, asDeployed(read(t, "../docs/alarms.md")), "```text\n"+want+"```", "docs/alarms.md has another mail")
		return
	}
	t.Fatal("no such mail")
}

// lookedAt is by the service's name in the CLI: the prefix of its actions, and the
// resource that the command of a mail reads.
var lookedAt = map[string][2]string{
	"accessanalyzer": {"access-analyzer", "arn:aws:access-analyzer:eu-north-1:ACCOUNT:analyzer/*"},
	"backup":         {"backup", "*"},
	"ecs":            {"ecs", "ApiService"},
	"guardduty":      {"guardduty", "*"},
	"inspector2":     {"inspector2", "*"},
	"logs":           {"logs", "arn:aws:logs:eu-north-1:ACCOUNT:log-group:/aws/lambda/PROJECT-SUFFIX-rotation:*"},
	"securityhub":    {"securityhub", "arn:aws:securityhub:eu-north-1:ACCOUNT:hub/default"},
	"ssm":            {"ssm", ourRuns},
}

// At night a command that is refused is worse than none.
func TestAnOperatorMayTypeTheCommandOfEachMail(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for _, r := range resourcesOf(t, env, eventRule) {
			look, ok := lookOf(t, env, r)
			if !ok {
				continue
			}
			words := strings.Fields(look)
			read, known := lookedAt[words[1]]
			require.True(t, known, "say in lookedAt what %q reads", look)
			operation := ""
			for _, part := range strings.Split(strings.TrimSuffix(words[2], "-v2"), "-") { // IAM has one action for both
				operation += strings.ToUpper(part[:1]) + part[1:]
			}
			require.Contains(t, granted(t, env, "Operator", read[0]+":"+operation), read[1], look)
		}
	})
}
