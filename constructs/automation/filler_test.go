package automation

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const sharedParts = `
Publish:
  action: aws:executeAwsApi
  inputs: {Service: sns, Api: Publish, TopicArn: "${Topic}"}
Notify:
  uses: Publish
  onFailure: Continue
  inputs: {Subject: "from ${Runbook}"}
`

func filled(t *testing.T, document string) map[string]any {
	t.Helper()
	topic := "arn:topic"
	return newFiller(RunbookProps{
		Name: "app-prod-it",
		Files: scriptFiles(map[string]string{
			"it.yaml": document, "shared/parts.yaml": sharedParts,
			"scripts/pin.py": "from tasks import x\n\n\ndef pin(events, context):\n    return x\n", "scripts/tasks.py": "x = 1\n", "scripts/bad.py": "x = '${Topic}'\n",
		}),
		Constants: map[string]any{
			"Topic": &topic, "Names": []string{"a", "b"}, "Nothing": nil, "Steps": []any{map[string]any{"name": "${Topic}"}},
		},
	}).document("it.yaml")
}

func TestADocumentIsMergedOverThePartsThatItUses(t *testing.T) {
	require.Equal(t, map[string]any{"mainSteps": []any{
		map[string]any{
			"name": "Notify", "action": "aws:executeAwsApi", "onFailure": "Abort",
			"inputs": map[string]any{"Service": "sns", "Api": "Publish", "TopicArn": "arn:topic", "Subject": "from app-prod-it", "Message": "Done"},
		},
		map[string]any{
			"action": "aws:executeAwsApi",
			"inputs": map[string]any{"Service": "ec2", "Api": "Publish", "TopicArn": "arn:topic"},
		},
	}}, filled(t, `
mainSteps:
  - uses: Notify
    name: Notify
    onFailure: Abort
    inputs: {Message: Done}
  - uses: Publish
    inputs: {Service: ec2}
`))
}

func TestConstantsAreTextsListsAndSteps(t *testing.T) {
	require.Equal(t, map[string]any{
		"text": "at arn:topic", "list": []string{"a", "b"},
		"mainSteps": []any{map[string]any{"name": "arn:topic"}, map[string]any{"name": "Last"}},
	}, filled(t, `{text: "at ${Topic}", list: "${Names}", none: "${Nothing}", mainSteps: ["${Steps}", {name: Last}]}`))
}

func TestAScriptIsPutInPlaceOfItsFileWithTheRuntime(t *testing.T) {
	require.Equal(t, map[string]any{"inputs": map[string]any{
		"Runtime": "python3.11", "Handler": "pin", "Script": "x = 1\n\n\ndef pin(events, context):\n    return x\n",
	}}, filled(t, "inputs: {Handler: pin, Script: pin.py}"))
}

func TestADocumentThatCannotBeFilledIsRefused(t *testing.T) {
	for document, want := range map[string]string{
		"name: ${Region}":        "automation: app-prod-it: unknown constant ${Region}",
		"uses: Wait":             "automation: app-prod-it: shared/parts.yaml has no part Wait",
		"Script: bad.py":         "automation: app-prod-it: bad.py: got ${Topic} in a script, want it in InputPayload",
		"Script: import time":    "automation: app-prod-it: open import time: file does not exist",
		"name: [":                "automation: app-prod-it: yaml: line 1: did not find expected node content",
		"Script: {Handler: pin}": "automation: app-prod-it: open map[Handler:pin]: file does not exist",
	} {
		require.PanicsWithValue(t, want, func() { filled(t, document) })
	}
}
