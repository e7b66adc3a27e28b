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

// byteOrderMark is skipped at the start of a file.
const byteOrderMark = "\ufeff"

// invisible returns the first character that makes a text look like another one: a
// control character, a line break that not every editor shows, or one that changes the
// direction of writing. The line is zero if there is none.
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

// syntaxError is a mistake in the YAML. The rest of the file is not read.
type syntaxError struct {
	line       int
	got, want  string
	inBrackets bool // so that the text has the same mistake wherever it is cut off
}

// lineText matches a line with its end, of which YAML has three.
var lineText = regexp.MustCompile(`[^\r\n]*(\r\n|\r|\n)?`)

// lineOf returns the line where a node starts. See before.
func lineOf(node *yaml.Node) int { return node.Line - 1 }

// readYAML returns the root node of each YAML document of a text.
func readYAML(text string) ([]*yaml.Node, *syntaxError) {
	roots, wrong := decodeYAML(text)
	if wrong == nil {
		return roots, nil
	}
	// The parser reads a line ahead: the mistake may be in the lines before.
	lines := strings.Join(lineText.FindAllString(text, wrong.line-1), "")
	head := nothingMore.ReplaceAllString(lines, "")
	if _, earlier := decodeYAML(head); earlier != nil && earlier.got == wrong.got && !wrong.inBrackets {
		return nil, earlier
	}
	return nil, wrong
}

// nothingMore matches blank lines and comments at the end of a text.
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

// lineReader hands the parser one line at a time. The last line that it handed over is
// where the parser stopped. The line in the parser's message is often where the mapping
// around the mistake starts.
type lineReader struct {
	rest string
	line int
	last byte // that was handed over
}

// before is put before every text: the parser counts lines from zero and leaves the
// first one out of its messages.
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

// deeplyNested and fewerLevels are the message about nesting by brackets, dashes or
// indentation.
const deeplyNested = "deeply nested values"

var fewerLevels = "at most " + strconv.Itoa(maxNesting) + " levels"

// anchorOrTag and writtenOut are the message about values that another place decides.
const (
	anchorOrTag = "an anchor, alias or tag"
	writtenOut  = "plain values, written out"
)

// parserText matches a message of the parser.
var parserText = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// explain returns the place of a mistake, and a message for operators.
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

// opened returns the line of the open bracket or quote, and for other mistakes the line
// where the parser stopped. The parser counts lines from zero if a token is missing, and
// from one if a character is missing; before adds one.
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

// lastLine returns the last line that contains the part, up to the line where the parser
// stopped.
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

// wayOut returns what to write instead, by the parser's message.
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
