package filterpattern

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// token is the next of a JSON pattern: a bracket or operator, a selector, a
// quoted text or a word.
var token = regexp.MustCompile(`^\s*(\|\||&&|[()]|!=|=|\$(?:\.[A-Za-z0-9_-]+)+|"[^"]*"|NOT EXISTS|[A-Za-z0-9_.*-]+)\s*`)

func tokenize(text string) ([]string, error) {
	var tokens []string
	for text != "" {
		found := token.FindStringSubmatch(text)
		if found == nil {
			return nil, fmt.Errorf("cannot read %q", text)
		}
		tokens = append(tokens, found[1])
		text = text[len(found[0]):]
	}
	return tokens, nil
}

// condition says whether it holds for an event.
type condition func(event map[string]any) bool

// parser takes tokens off its front.
type parser struct{ tokens []string }

func (p *parser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	first := p.tokens[0]
	p.tokens = p.tokens[1:]
	return first
}

// accept takes the next token if it is the one.
func (p *parser) accept(want string) bool {
	if len(p.tokens) == 0 || p.tokens[0] != want {
		return false
	}
	p.next()
	return true
}

// either returns one condition or several with || between them; && binds tighter.
func (p *parser) either() (condition, error) {
	return p.joined("||", p.both, func(a, b bool) bool { return a || b })
}

func (p *parser) both() (condition, error) {
	return p.joined("&&", p.single, func(a, b bool) bool { return a && b })
}

func (p *parser) joined(operator string, part func() (condition, error), join func(a, b bool) bool) (condition, error) {
	left, err := part()
	for err == nil && p.accept(operator) {
		before := left
		var right condition
		right, err = part()
		left = func(event map[string]any) bool { return join(before(event), right(event)) }
	}
	return left, err
}

// single returns a condition in brackets or a comparison.
func (p *parser) single() (condition, error) {
	if p.accept("(") {
		inner, err := p.either()
		if err == nil && !p.accept(")") {
			err = errors.New("a bracket is not closed")
		}
		return inner, err
	}
	selector := p.next()
	if !strings.HasPrefix(selector, "$.") {
		return nil, fmt.Errorf("want a selector such as $.event, got %q", selector)
	}
	path := strings.Split(selector[2:], ".")
	switch operator := p.next(); operator {
	case "NOT EXISTS":
		return func(event map[string]any) bool { _, exists := lookUp(event, path); return !exists }, nil
	case "=", "!=":
		return p.comparison(path, operator == "=")
	default:
		return nil, fmt.Errorf("want =, != or NOT EXISTS after %s, got %q", selector, operator)
	}
}

// comparison compares with a text in which * matches anything, or nothing. A
// field that is missing is neither equal nor different.
func (p *parser) comparison(path []string, equal bool) (condition, error) {
	wanted := p.next()
	if wanted == "" || strings.ContainsAny(wanted[:1], "()|&=!$") {
		return nil, fmt.Errorf("want a value, got %q", wanted)
	}
	parts := strings.Split(strings.Trim(wanted, `"`), "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	pattern := regexp.MustCompile(`(?s)^` + strings.Join(parts, ".*") + `$`)
	return func(event map[string]any) bool {
		text, comparable := lookUpText(event, path)
		return comparable && pattern.MatchString(text) == equal
	}, nil
}

func lookUp(value any, path []string) (any, bool) {
	for _, key := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// lookUpText is a field as text; objects, lists and null cannot be compared.
func lookUpText(event map[string]any, path []string) (string, bool) {
	value, _ := lookUp(event, path)
	switch value := value.(type) {
	case string:
		return value, true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}
