package source

import (
	"encoding/json"
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

// Document is an environment file as plain values, with the line and the text of
// each.
type Document struct {
	// File is the path of the file, for messages.
	File string

	// Errors are the mistakes that were found in it so far.
	Errors Errors

	values  map[string]any   // nil if the file cannot be read
	fields  map[string]Field // by field path
	refused map[string]bool  // the paths of the values that Check took out
}

// Field is where and how a value is written.
type Field struct {
	Line int
	Text string
}

// Parse reads the content of a file. The document has the mistakes in Errors.
func Parse(file string, content []byte) *Document {
	doc := &Document{File: file, fields: map[string]Field{}, refused: map[string]bool{}}
	text := strings.TrimPrefix(string(content), byteOrderMark)
	switch {
	case len(content) > maxFileSize:
		doc.Refuse("", 0, fmt.Sprintf("%d bytes", len(content)), "at most 64 KiB")
		return doc
	case !utf8.Valid(content):
		doc.Refuse("", 0, "bytes that are not text", "UTF-8")
		return doc
	}
	if line, r := invisible(text); line > 0 {
		doc.Refuse("", line, fmt.Sprintf("the character %U, which cannot be seen", r), `it left out, or as "\uXXXX" in double quotes`)
		return doc
	}
	roots, wrong := readYAML(text)
	if wrong != nil {
		doc.Refuse("", wrong.line, wrong.got, wrong.want)
		return doc
	}
	doc.readRoot(roots)
	return doc
}

func (d *Document) readRoot(roots []*yaml.Node) {
	switch {
	case len(roots) == 0 || empty(roots[0]):
		d.Refuse("", 1, "an empty file", "a mapping of fields")
	case len(roots) > 1:
		d.Refuse("", lineOf(roots[1]), "a second document", "one document")
	case tooDeep(roots[0], maxNesting) > 0:
		d.Refuse("", tooDeep(roots[0], maxNesting), deeplyNested, fewerLevels)
	default:
		value := d.read("", roots[0], lineOf(roots[0]))
		values, ok := value.(map[string]any)
		if !ok && len(d.Errors) == 0 {
			d.Refuse("", lineOf(roots[0]), d.fields[""].Text, "a mapping of fields")
		}
		d.values = values
	}
}

// empty reports whether a document has no values, only comments.
func empty(root *yaml.Node) bool {
	return root.Kind == yaml.ScalarNode && root.Style == 0 && root.Value == "" && root.Anchor == ""
}

// tooDeep returns the first line with a deeper nesting than the levels, or zero.
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

// read returns a node as the JSON value that the schema checks. The line is that of
// the key, where a person looks.
func (d *Document) read(path string, node *yaml.Node, line int) any {
	value, text := d.value(path, node, line)
	d.fields[path] = Field{line, text}
	return value
}

func (d *Document) value(path string, node *yaml.Node, line int) (value any, text string) {
	if !plain(node) {
		d.Refuse(path, line, anchorOrTag, writtenOut)
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

// leftOpen is the text of a key without a value.
const leftOpen = "nothing"

// decimal is how JSON writes a number.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$`)

// scalar returns null, which no field accepts, for a number that JSON cannot write:
// versions of YAML disagree about the value of 0777 and 1_000.
func scalar(node *yaml.Node) (value any, text string) {
	if node.Style != 0 {
		return node.Value, Quote(node.Value)
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
	return node.Value, Quote(node.Value)
}

func (d *Document) mapping(path string, node *yaml.Node) map[string]any {
	values := map[string]any{}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode || !plain(key) || key.ShortTag() == "!!merge" {
			d.Refuse(path, lineOf(key), "a key that is not plain text", "plain keys, written out")
			continue
		}
		field := Join(path, key.Value)
		if _, twice := values[key.Value]; twice {
			d.Refuse(field, lineOf(key), "the key a second time", fmt.Sprintf("it once (line %d)", d.fields[field].Line))
			continue
		}
		values[key.Value] = d.read(field, value, lineOf(key))
	}
	return values
}

func (d *Document) list(path string, node *yaml.Node) ([]any, string) {
	values := make([]any, len(node.Content))
	texts := make([]string, len(node.Content))
	for i, element := range node.Content {
		field := fmt.Sprintf("%s[%d]", path, i)
		values[i] = d.read(field, element, lineOf(element))
		texts[i] = d.fields[field].Text
	}
	return values, shorten("[" + strings.Join(texts, ", ") + "]")
}

// Refuse adds a mistake.
func (d *Document) Refuse(field string, line int, got, want string) {
	d.Errors = append(d.Errors, Error{d.File, line, field, got, want})
}

// RefuseField adds a mistake in a field of the document, and makes Chain.Refused
// report it.
func (d *Document) RefuseField(field, want string) {
	d.Refuse(field, d.fields[field].Line, d.fields[field].Text, want)
	d.refused[field] = true
}

// Readable reports whether the document has values.
func (d *Document) Readable() bool { return d.values != nil }

// Text returns the text in a field at the top level, or "" if it has none.
func (d *Document) Text(field string) string {
	text, _ := d.values[field].(string)
	return text
}

// Field returns where and how a field is written.
func (d *Document) Field(path string) (field Field, written bool) {
	field, written = d.fields[path]
	return field, written
}

// Decode writes the values over the fields of a struct, by its JSON names. Fields
// that the document does not have stay, keys are added to maps, and lists are
// replaced.
func (d *Document) Decode(into any) {
	content, err := json.Marshal(d.values)
	if err == nil {
		err = json.Unmarshal(content, into)
	}
	if err != nil {
		d.Refuse("", 0, Quote(err.Error()), "values that fit the schema")
	}
}
