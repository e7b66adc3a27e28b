package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The limits are far above what an environment needs, and low enough for no
// file to keep the parser busy.
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
	switch {
	case len(content) > maxFileSize:
		doc.refuse("", 0, fmt.Sprintf("%d bytes", len(content)), "at most 64 KiB")
		return doc
	case !utf8.Valid(content):
		doc.refuse("", 0, "bytes that are not text", "UTF-8")
		return doc
	}
	tokens := lexer.Tokenize(string(content))
	if line := tooDeep(tokens); line > 0 {
		doc.refuse("", line, "deeply nested brackets", fmt.Sprintf("at most %d levels", maxNesting))
		return doc
	}
	root, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, message := syntaxError(err)
		doc.refuse("", line, "text that is not YAML ("+message+")", "YAML")
		return doc
	}
	doc.readRoot(root)
	return doc
}

// tooDeep returns the line where brackets are nested too deeply, or zero.
func tooDeep(tokens token.Tokens) (line int) {
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		}
		if depth > maxNesting {
			return t.Position.Line
		}
	}
	return 0
}

func syntaxError(err error) (line int, message string) {
	message = err.Error()
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		message = syntax.GetMessage()
		if token := syntax.GetToken(); token != nil {
			line = token.Position.Line
		}
	}
	return line, strings.Join(strings.Fields(message), " ")
}

func (d *document) readRoot(root *ast.File) {
	var bodies []ast.Node
	for _, part := range root.Docs {
		switch part.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.DirectiveNode:
		default:
			bodies = append(bodies, part.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		d.refuse("", 1, "an empty file", "a mapping of fields")
	case len(bodies) > 1:
		d.refuse("", line(bodies[1]), "a second document", "one document")
	default:
		value := d.read("", bodies[0], line(bodies[0]))
		values, ok := value.(map[string]any)
		if !ok && len(d.errors) == 0 {
			d.refuse("", line(bodies[0]), d.sources[""].text, "a mapping of fields")
		}
		d.values = values
	}
}

// read returns a node as the JSON value that the schema is written for. The
// line is that of the key, which is where a person looks.
func (d *document) read(path string, node ast.Node, line int) any {
	value, text := d.value(path, node, line)
	d.sources[path] = source{line, text}
	return value
}

func (d *document) value(path string, node ast.Node, line int) (value any, text string) {
	switch node := node.(type) {
	case *ast.MappingNode:
		return d.mapping(path, node.Values), "a mapping"
	case *ast.MappingValueNode:
		return d.mapping(path, []*ast.MappingValueNode{node}), "a mapping"
	case *ast.SequenceNode:
		return d.list(path, node)
	case *ast.StringNode:
		return node.Value, quote(node.Value)
	case *ast.LiteralNode:
		return node.Value.Value, quote(node.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.(ast.ScalarNode).GetValue(), node.GetToken().Value
	case *ast.InfinityNode, *ast.NanNode:
		// JSON has no such number; as text it fits no field that is one.
		return node.GetToken().Value, node.GetToken().Value
	case *ast.NullNode, nil:
		return nil, "nothing"
	}
	d.refuse(path, line, "an anchor, alias or tag", "plain values, written out")
	return nil, "…"
}

func (d *document) mapping(path string, pairs []*ast.MappingValueNode) map[string]any {
	values := map[string]any{}
	for _, pair := range pairs {
		key, ok := key(pair.Key)
		if !ok {
			d.refuse(path, line(pair.Key), "a key that is not plain text", "plain keys, written out")
			continue
		}
		field := join(path, key)
		if _, twice := values[key]; twice {
			d.refuse(field, line(pair.Key), "the key a second time", fmt.Sprintf("it once (line %d)", d.sources[field].line))
			continue
		}
		values[key] = d.read(field, pair.Value, line(pair.Key))
	}
	return values
}

func key(node ast.MapKeyNode) (string, bool) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	}
	return "", false
}

func (d *document) list(path string, node *ast.SequenceNode) ([]any, string) {
	values := make([]any, len(node.Values))
	texts := make([]string, len(node.Values))
	for i, element := range node.Values {
		field := fmt.Sprintf("%s[%d]", path, i)
		values[i] = d.read(field, element, line(element))
		texts[i] = d.sources[field].text
	}
	return values, shorten("[" + strings.Join(texts, ", ") + "]")
}

func (d *document) refuse(field string, line int, got, want string) {
	d.errors = append(d.errors, Error{d.file, line, field, got, want})
}

func line(node ast.Node) int {
	if node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
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
