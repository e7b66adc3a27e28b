package alarms

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// node is a number, a name, a text, or a call of a function or operator, whose
// name it then has. An array is a call of "[".
type node struct {
	name, text string
	number     float64
	call       bool
	arguments  []node
}

var token = regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|"[^"]*"|==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],])`)

// tokens splits a text, and returns an error that shows where it cannot.
func tokens(text string) ([]string, error) {
	var found []string
	for rest := text; strings.TrimSpace(rest) != ""; {
		match := token.FindStringSubmatch(rest)
		if match == nil {
			return nil, fmt.Errorf("%q is not understood from %q on", text, rest)
		}
		found = append(found, match[1])
		rest = rest[len(match[0]):]
	}
	return found, nil
}

type parser struct {
	rest []string
	text string
}

// parse reads an expression of metric math.
func parse(text string) (node, error) {
	all, err := tokens(text)
	if err != nil {
		return node{}, err
	}
	p := &parser{all, text}
	tree, err := p.level(0)
	if err == nil && len(p.rest) > 0 {
		err = p.unexpected()
	}
	return tree, err
}

func (p *parser) unexpected() error {
	return fmt.Errorf("%q is not understood before %q", p.text, strings.Join(p.rest, " "))
}

// levels are the operators, those that bind least first.
var levels = [][]string{
	{"OR", "||"}, {"AND", "&&"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"}, {"^"},
}

var spelled = map[string]string{"||": "OR", "&&": "AND"}

func (p *parser) level(depth int) (node, error) {
	if depth == len(levels) {
		return p.primary()
	}
	left, err := p.level(depth + 1)
	for err == nil && len(p.rest) > 0 && slices.Contains(levels[depth], p.rest[0]) {
		name := p.next()
		if other := spelled[name]; other != "" {
			name = other
		}
		var right node
		right, err = p.level(depth + 1)
		left = node{name: name, call: true, arguments: []node{left, right}}
	}
	return left, err
}

func (p *parser) next() string {
	first := p.rest[0]
	p.rest = p.rest[1:]
	return first
}

func (p *parser) primary() (node, error) {
	if len(p.rest) == 0 {
		return node{}, fmt.Errorf("%q ends too early", p.text)
	}
	switch first := p.next(); {
	case first == "-":
		of, err := p.primary()
		return node{name: "*", call: true, arguments: []node{{number: -1}, of}}, err
	case first == "(":
		inner, err := p.level(0)
		return inner, p.expect(")", err)
	case first == "[":
		all, err := p.list("]")
		return node{name: "[", call: true, arguments: all}, err
	case first[0] == '"':
		return node{name: first, text: strings.Trim(first, `"`)}, nil
	case first[0] >= '0' && first[0] <= '9':
		number, err := strconv.ParseFloat(first, 64)
		return node{number: number}, err
	case first[0] == '_' || first[0] >= 'A':
		return p.named(first)
	default:
		p.rest = slices.Insert(p.rest, 0, first)
		return node{}, p.unexpected()
	}
}

func (p *parser) named(name string) (node, error) {
	if len(p.rest) == 0 || p.rest[0] != "(" {
		return node{name: name}, nil
	}
	p.next()
	arguments, err := p.list(")")
	return node{name: name, call: true, arguments: arguments}, err
}

func (p *parser) list(end string) (all []node, err error) {
	if len(p.rest) > 0 && p.rest[0] == end {
		p.next()
		return nil, nil
	}
	for err == nil {
		var one node
		one, err = p.level(0)
		all = append(all, one)
		if err != nil || len(p.rest) == 0 || p.rest[0] != "," {
			break
		}
		p.next()
	}
	return all, p.expect(end, err)
}

func (p *parser) expect(want string, err error) error {
	if err != nil {
		return err
	}
	if len(p.rest) == 0 || p.rest[0] != want {
		return fmt.Errorf("%q lacks %s", p.text, want)
	}
	p.next()
	return nil
}
