package test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// longestSentence is how many words a sentence should have at most that is read in an
// incident.
const longestSentence = 25

// TestSentencesThatAreReadAtNightAreShort allows two of a hundred sentences to
// be longer, such as an enumeration.
func TestSentencesThatAreReadAtNightAreShort(t *testing.T) {
	for _, name := range []string{"README.md", "docs/alarms.md", "docs/incident-response.md", "docs/operations.md"} {
		var words int
		var long []string
		sentences := sentencesOf(read(t, "../"+name))
		require.Greater(t, len(sentences), 50, name)
		for _, sentence := range sentences {
			count := len(strings.Fields(sentence))
			words += count
			if count > longestSentence {
				long = append(long, sentence)
			}
		}
		t.Logf("%s: %.1f words a sentence, %d of %d over %d", name, float64(words)/float64(len(sentences)), len(long), len(sentences),
			longestSentence)
		require.LessOrEqual(t, len(long)*50, len(sentences), "%s: split some of these:\n%s", name, strings.Join(long, "\n"))
	}
}

var (
	notProse  = regexp.MustCompile("(?s)```.*?```")
	inProse   = regexp.MustCompile("`[^`]*`|\\]\\([^)]*\\)") // code, and where a link leads
	paragraph = regexp.MustCompile(`\n\s*\n|\n\s*(?:[-*]|\d+\.) |\||\n#`)
	stop      = regexp.MustCompile(`[.!?][*")]*\s`)
)

// sentencesOf returns the sentences of a Markdown document, and of its lists
// and tables, without code. A fragment of two words is none.
func sentencesOf(document string) (sentences []string) {
	prose := inProse.ReplaceAllString(notProse.ReplaceAllString(document, "\n\n"), "x")
	for _, text := range paragraph.Split(prose, -1) {
		for _, sentence := range stop.Split(text, -1) {
			if words := strings.Fields(sentence); len(words) > 2 {
				sentences = append(sentences, strings.Join(words, " "))
			}
		}
	}
	return sentences
}
