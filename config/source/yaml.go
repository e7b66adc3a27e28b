package source

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// byteOrderMark may stand at the start of a file, and means nothing there.
const byteOrderMark = "\ufeff"

// invisible finds the first character that makes a text look like another one:
// a control character, a line break that not every editor shows, or one that
// changes the direction of writing. The line is zero where there is none.
func invisible(text string) (line int, found rune) {
	line = 1
	for i, r := range text {
		switch {
		case r == '\n' || r == '\r' && !strings.HasPrefix(text[i:], "\r\n"):
			line++
		case r == '\t' || r == '\r':
		case unicode.IsControl(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff':
			return line, r
		}
	}
	return 0, 0
}

// syntaxError is a mistake after which a file cannot be read any further.
type syntaxError struct {
	line       int
	got, want  string
	inBrackets bool // which are open wherever the text is cut off
}

// lineText matches a line with its end, of which YAML has three.
var lineText = regexp.MustCompile(`[^\r\n]*(\r\n|\r|\n)?`)

// lineOf returns the line where a node starts in its text.
func lineOf(node *yaml.Node) int { return node.Line - 1 }

// readYAML returns what is in each document of a text.
func readYAML(text string) ([]*yaml.Node, *syntaxError) {
	roots, wrong := decodeYAML(text)
	if wrong == nil {
		return roots, nil
	}
	// The parser looks a line ahead: what is wrong may be in those before.
	lines := strings.Join(lineText.FindAllString(text, wrong.line-1), "")
	head := nothingMore.ReplaceAllString(lines, "")
	if _, earlier := decodeYAML(head); earlier != nil && earlier.got == wrong.got && !wrong.inBrackets {
		return nil, earlier
	}
	return nil, wrong
}

// nothingMore are the blank lines and comments at the end of a text.
var nothingMore = regexp.MustCompile(`(?m)(\s|^[ \t]*#[^\r\n]*)+\z`)

func decodeYAML(text string) ([]*yaml.Node, *syntaxError) {
	lines := &lineReader{rest: before + text, last: '\n'}
	decoder := yaml.NewDecoder(lines)
	var roots []*yaml.Node
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return nil, lines.explain(err, text)
		}
		roots = append(roots, document.Content[0])
	}
}

// lineReader gives out a line at a time. The line where the parser stops is the
// last that it was given, while the one it names is often where the mapping
// around the mistake starts.
type lineReader struct {
	rest string
	line int
	last byte // that was given out
}

// before stands before every text, so that the parser, which takes the first
// line for none, names the line of what is left open.
const before = "###\n"

// Read implements io.Reader.
func (r *lineReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		return 0, io.EOF
	}
	if r.last == '\n' || r.last == '\r' && r.rest[0] != '\n' {
		r.line++
	}
	n := copy(p, r.rest)
	if end := strings.IndexAny(r.rest[:n], "\r\n"); end >= 0 {
		n = end + 1
	}
	r.last, r.rest = r.rest[n-1], r.rest[n:]
	return n, nil
}

// deeplyNested and fewerLevels are for all kinds of nesting: brackets, dashes,
// indentation.
const deeplyNested = "deeply nested values"

var fewerLevels = "at most " + strconv.Itoa(maxNesting) + " levels"

// anchorOrTag and writtenOut are for what another place of the file decides.
const (
	anchorOrTag = "an anchor, alias or tag"
	writtenOut  = "plain values, written out"
)

// parserText matches what the parser says of a mistake.
var parserText = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// explain says where and what a mistake of the parser is about.
func (r *lineReader) explain(err error, text string) *syntaxError {
	line, message := r.line-1, err.Error()
	if match := parserText.FindStringSubmatch(message); match != nil {
		message = match[2]
		line = max(1, min(line, opened(match[1], message, line)))
	}
	alias, isAlias := strings.CutPrefix(message, "unknown anchor '")
	switch {
	case isAlias:
		line = lastLine(text, line, "*"+strings.TrimSuffix(alias, "' referenced"))
		return &syntaxError{line: line, got: anchorOrTag, want: writtenOut}
	case message == "found incompatible YAML document":
		return &syntaxError{line: lastLine(text, line, "%YAML"), got: "a line that names a version of YAML", want: "no such line"}
	case strings.HasPrefix(message, "exceeded max depth"):
		return &syntaxError{line: line, got: deeplyNested, want: fewerLevels}
	case tabIndented(text, line):
		return &syntaxError{line: line, got: "a tab as indentation", want: "spaces"}
	}
	return &syntaxError{line, "text that is not YAML (" + message + ")", wayOut(message), inBrackets(message)}
}

// opened is where the bracket or quote is that a mistake is in, and otherwise
// where the parser stopped. It counts lines from zero where it misses a token, and
// from one where it misses a character; one stands before the text.
func opened(named, message string, stopped int) int {
	line, _ := strconv.Atoi(named)
	switch {
	case message == "found unexpected end of stream":
		return line - 1
	case strings.HasSuffix(message, "or ']'"), strings.HasSuffix(message, "or '}'"):
		return line
	}
	return stopped
}

func inBrackets(message string) bool {
	return strings.HasSuffix(message, "or ']'") || strings.HasSuffix(message, "or '}'") || strings.HasSuffix(message, "node content")
}

// lastLine is the last line, up to the one where the parser stopped, that has a
// text.
func lastLine(text string, stopped int, part string) int {
	for i, line := range slices.Backward(lineText.FindAllString(text, stopped)) {
		if strings.Contains(line, part) {
			return i + 1
		}
	}
	return stopped
}

// tabIndented reports whether there is a tab before the first text of a line.
func tabIndented(text string, line int) bool {
	content := lineText.FindAllString(text, line)[line-1]
	indentation := content[:len(content)-len(strings.TrimLeft(content, " \t"))]
	return strings.Contains(indentation, "\t")
}

// wayOut returns what to write instead, as far as the parser's words tell.
func wayOut(message string) string {
	switch {
	case inBrackets(message):
		return "YAML: a comma between two values, brackets closed, quotes around text with a colon, comma or bracket"
	case message == "mapping values are not allowed in this context", message == "did not find expected key":
		return "YAML: the indentation of its neighbours, quotes around text with a colon, comma or bracket"
	case message == "found unexpected end of stream":
		return "YAML: each quote closed"
	case message == "found character that cannot start any token":
		return "YAML: quotes around text that starts with @, % or a backtick"
	}
	return "YAML"
}
