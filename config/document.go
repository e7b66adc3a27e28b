package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The limits are far above what an environment needs.
const (
	maxFileSize = 64 << 10
	maxNesting  = 20
)

// document is an environment file as plain values, each of which remembers
// where and how it was written.
type document struct {
	file    string
	values  map[string]any    // nil if the file cannot be read
	sources map[string]source // by field path
	refused map[string]bool   // fields whose values were taken out
	errors  Errors
}

type source struct {
	line int
	text string
}

// parse reads a file. Its mistakes are in the document.
func parse(file string, content []byte) *document {
	doc := &document{file: file, sources: map[string]source{}, refused: map[string]bool{}}
	text := strings.TrimPrefix(string(content), byteOrderMark)
	switch {
	case len(content) > maxFileSize:
		doc.refuse("", 0, fmt.Sprintf("%d bytes", len(content)), "at most 64 KiB")
		return doc
	case !utf8.Valid(content):
		doc.refuse("", 0, "bytes that are not text", "UTF-8")
		return doc
	}
	if line, r := invisible(text); line > 0 {
		doc.refuse("", line, fmt.Sprintf("the character %U, which cannot be seen", r), `it left out, or as "\uXXXX" in double quotes`)
		return doc
	}
	roots, wrong := readYAML(text)
	if wrong != nil {
		doc.refuse("", wrong.line, wrong.got, wrong.want)
		return doc
	}
	doc.readRoot(roots)
	return doc
}

func (d *document) readRoot(roots []*yaml.Node) {
	switch {
	case len(roots) == 0 || nothing(roots[0]):
		d.refuse("", 1, "an empty file", "a mapping of fields")
	case len(roots) > 1:
		d.refuse("", lineOf(roots[1]), "a second document", "one document")
	case tooDeep(roots[0], maxNesting) > 0:
		d.refuse("", tooDeep(roots[0], maxNesting), deeplyNested, fewerLevels)
	default:
		value := d.read("", roots[0], lineOf(roots[0]))
		values, ok := value.(map[string]any)
		if !ok && len(d.errors) == 0 {
			d.refuse("", lineOf(roots[0]), d.sources[""].text, "a mapping of fields")
		}
		d.values = values
	}
}

// nothing reports whether a document has no text, such as one of comments.
func nothing(root *yaml.Node) bool {
	return root.Kind == yaml.ScalarNode && root.Style == 0 && root.Value == "" && root.Anchor == ""
}

// tooDeep returns the first line that is nested more deeply than that, or zero.
func tooDeep(node *yaml.Node, levels int) (line int) {
	if levels < 0 {
		return lineOf(node)
	}
	for _, child := range node.Content {
		if line := tooDeep(child, levels-1); line > 0 {
			return line
		}
	}
	return 0
}

// read returns a node as the JSON value that the schema is written for. The
// line is that of the key, which is where a person looks.
func (d *document) read(path string, node *yaml.Node, line int) any {
	value, text := d.value(path, node, line)
	d.sources[path] = source{line, text}
	return value
}

func (d *document) value(path string, node *yaml.Node, line int) (value any, text string) {
	if !plain(node) {
		d.refuse(path, line, anchorOrTag, writtenOut)
		return nil, "…"
	}
	switch node.Kind {
	case yaml.MappingNode:
		return d.mapping(path, node), "a mapping"
	case yaml.SequenceNode:
		return d.list(path, node)
	}
	return scalar(node)
}

// plain reports whether a node has no anchor, alias or tag.
func plain(node *yaml.Node) bool {
	return node.Kind != yaml.AliasNode && node.Anchor == "" && node.Style&yaml.TaggedStyle == 0
}

// leftOpen is the text of a value that is left open.
const leftOpen = "nothing"

// decimal is how JSON writes a number.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$`)

// scalar returns null for whatever JSON has no value for, which fits no field:
// versions of YAML disagree about how much 0777 and 1_000 are.
func scalar(node *yaml.Node) (value any, text string) {
	if node.Style != 0 {
		return node.Value, quote(node.Value)
	}
	text = shorten(node.Value)
	switch tag := node.ShortTag(); {
	case decimal.MatchString(node.Value):
		number, err := strconv.ParseFloat(node.Value, 64)
		if err != nil {
			return nil, text // beyond what a float holds
		}
		return number, text
	case tag == "!!null":
		return nil, leftOpen
	case tag == "!!bool":
		return strings.EqualFold(node.Value, "true"), text
	case tag == "!!int" || tag == "!!float":
		return nil, text
	}
	return node.Value, quote(node.Value)
}

func (d *document) mapping(path string, node *yaml.Node) map[string]any {
	values := map[string]any{}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode || !plain(key) || key.ShortTag() == "!!merge" {
			d.refuse(path, lineOf(key), "a key that is not plain text", "plain keys, written out")
			continue
		}
		field := join(path, key.Value)
		if _, twice := values[key.Value]; twice {
			d.refuse(field, lineOf(key), "the key a second time", fmt.Sprintf("it once (line %d)", d.sources[field].line))
			continue
		}
		values[key.Value] = d.read(field, value, lineOf(key))
	}
	return values
}

func (d *document) list(path string, node *yaml.Node) ([]any, string) {
	values := make([]any, len(node.Content))
	texts := make([]string, len(node.Content))
	for i, element := range node.Content {
		field := fmt.Sprintf("%s[%d]", path, i)
		values[i] = d.read(field, element, lineOf(element))
		texts[i] = d.sources[field].text
	}
	return values, shorten("[" + strings.Join(texts, ", ") + "]")
}

func (d *document) refuse(field string, line int, got, want string) {
	d.errors = append(d.errors, Error{d.file, line, field, got, want})
}

// join appends a key to a path, in quotes where it would be taken for
// something else.
func join(path, key string) string {
	plain := strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`.[]"`, r) }) < 0
	if !plain || key == "" {
		key = quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func quote(text string) string {
	return strconv.Quote(shorten(text))
}

// shorten keeps a message readable when somebody pastes a certificate.
func shorten(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
