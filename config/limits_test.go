package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/cost"
)

// A file may be as large as this.
const fileSize = 64 << 10

// worst are files of the largest size, each of one thing that parsers are slow
// or greedy with.
var worst = map[string]string{
	"dashes":                        fill("- "),
	"question marks":                fill("? "),
	"question marks on lines":       fill("?\n"),
	"brackets":                      fill("["),
	"braces":                        fill("{a: "),
	"brackets and braces":           fill("[{a: "),
	"brackets on lines":             fill("[\n"),
	"empty brackets":                "a: [" + fill("[],"),
	"indentation":                   indented(fileSize),
	"indentation, 1,000 at most":    fill(indented(1000)),
	"indented dashes":               stairs("- "),
	"anchors":                       counted("k%d: &a%[1]d x\n"),
	"aliases":                       "a: &a x\nb: [" + fill("*a,"),
	"aliases of aliases":            "a0: &a0 [x]\n" + counted("a%d: &a%[1]d [*a0,*a0,*a0]\n"),
	"double quotes":                 fill(`""`),
	"single quotes":                 fill("''"),
	"a list of quotes":              fill("- \"\"\n"),
	"a quote left open":             "a: \"" + fill("x "),
	"escapes":                       `a: "` + fill(`\u0041`),
	"a long word":                   "a: " + fill("x"),
	"a long key":                    fill("x") + ": a",
	"a long number":                 "service: {port: " + fill("9"),
	"a long line of words":          "a: " + fill("x "),
	"a long list on a line":         "network: {zones: [" + fill("a,"),
	"a long mapping on a line":      "tags: {" + counted("k%d: x,"),
	"many pairs in a list":          "a: [" + fill("b: c,"),
	"the same key":                  fill("a: 1\n"),
	"the same keys by turns":        fill("a: 1\nb: 2\n"),
	"unknown keys":                  counted("k%d: 1\n"),
	"long unknown keys":             counted("k%0500d: 1\n"),
	"unknown keys inside":           "network:\n" + counted("  k%d: 1\n"),
	"tags that are wrong":           "tags:\n" + counted("  \"!%d\": 1\n"),
	"tags that IAM would refuse":    "tags:\n" + counted("  \"!%d\": \"?\"\n"),
	"group rules that do not exist": "edge: {waf: {countGroupRules: {" + cut(counted("k%d: x,"))[:fileSize-100] + "}}}",
	"paths of a group":              "edge: {waf: {exemptPaths: {common: {" + cut(counted("/k%d: x,"))[:fileSize-100] + "}}}}",
	"the same and unknown keys":     fill("a: 1\n")[:fileSize/2] + counted("k%d: 1\n"),
	"different zones":               "network: {zones: [" + counted("a%d,"),
	"different zones, closed":       "network: {zones: [" + cut(counted("a%d,"))[:fileSize-100] + "]}",
	"different keys, closed":        "network: {" + cut(counted("a%d,"))[:fileSize-100] + "}",
	"zones that are wrong":          "network:\n  zones:\n" + fill("    - x\n"),
	"e-mails":                       "alarms:\n  emails:\n" + counted("    - a%d@example.com\n"),
	"e-mails that are wrong":        "alarms:\n  emails:\n" + counted("    - a%d\n"),
	"approvers":                     "incidentResponse:\n  approvers:\n" + counted("    - arn:aws:iam::123456789012:role/r%d\n"),
	"an image of many parts":        "service: {image: \"" + fill("a/"),
	"comments":                      fill("#\n"),
	"comments between values":       fill("a: 1\n# x\n\n# y\n"),
	"comments after dashes":         fill("- # a\n"),
	"comments in brackets":          "[" + fill("#\n"),
	"lines":                         fill("\n"),
	"spaces":                        fill(" "),
	"tabs":                          fill("\t"),
	"tabs before a value":           fill("\ta"),
	"documents":                     fill("---\n"),
	"ends of documents":             fill("...\n"),
	"tags of YAML":                  fill("!a "),
	"directives":                    counted("%%TAG !%d! x\n"),
	"text over many lines":          "a: |\n" + fill(" \n"),
	"text folded from many lines":   "a: >\n" + fill(" x\n"),
	"plain text over many lines":    "a: b\n" + fill(" c\n"),
	"colons":                        fill(":"),
	"colons with spaces":            fill("a: "),
	"bytes that are no text":        fill("\xff"),
	"null characters":               fill("\x00"),
}

// fill repeats a text up to the largest size.
func fill(text string) string {
	return strings.Repeat(text, fileSize/len(text))
}

// grown joins texts, each made of its number, up to the size.
func grown(size int, text func(i int) string) string {
	var all strings.Builder
	for i := 1; all.Len() < size; i++ {
		all.WriteString(text(i))
	}
	return all.String()
}

// counted repeats a text with a number in it, up to the largest size.
func counted(format string) string {
	return grown(fileSize, func(i int) string { return fmt.Sprintf(format, i) })
}

// indented is a mapping in a mapping, and so on, a space deeper each.
func indented(size int) string {
	return grown(size, func(i int) string { return strings.Repeat(" ", i-1) + "a:\n" })
}

// stairs has one more of a text on each line.
func stairs(step string) string {
	return grown(fileSize, func(i int) string { return strings.Repeat(step, i) + "a\n" })
}

// cut makes a file of what may be longer.
func cut(text string) string { return text[:min(len(text), fileSize)] }

func TestNoFileTakesASecondOr100MB(t *testing.T) {
	for name, content := range worst {
		t.Run(name, func(t *testing.T) {
			cost.RequireCheap(t, 100<<20, func() { _, _, _ = files{"dev": cut(content)}.load("dev", "") })
		})
	}
}

// FuzzLoad feeds an environment file and the one it may start from. Whatever
// they hold, it takes neither long nor much memory, and the outcome is mistakes of
// one line each, or a configuration that is valid: written out as a file, it loads
// as itself.
func FuzzLoad(f *testing.F) {
	f.Add("{}", "{}")
	f.Add("from: base\nservice: {cpu: 256, memory: 512}\n", "network: {zones: [a, b, c]}\ntags: {a: b}\n")
	for _, content := range worst {
		f.Add(content[:500], "{}") // with more it would mostly shorten them
	}
	f.Fuzz(func(t *testing.T, child, parent string) {
		var cfg config.Config
		var err error
		cost.RequireCheap(t, 100<<20, func() { cfg, _, err = files{"dev": child, "base": parent}.load("dev", "") })
		if err != nil {
			require.Equal(t, config.Config{}, cfg)
			var mistakes config.Errors
			require.ErrorAs(t, err, &mistakes)
			require.Len(t, strings.Split(err.Error(), "\n"), len(mistakes))
			return
		}
		again, _, err := files{"dev": writeOut(t, cfg)}.load("dev", "")
		require.NoError(t, err)
		cfg.From = ""
		require.Equal(t, cfg, again)
	})
}

func writeOut(t *testing.T, cfg config.Config) string {
	t.Helper()
	content, err := json.Marshal(cfg)
	require.NoError(t, err)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(content, &fields))
	delete(fields, "from")
	content, err = json.Marshal(fields)
	require.NoError(t, err)
	return string(content)
}
