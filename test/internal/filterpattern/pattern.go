// Package filterpattern evaluates filter patterns of CloudWatch Logs, so that
// a pattern can be tried on lines of a log without an account.
//
// It knows what the platform uses: JSON patterns of comparisons, NOT EXISTS,
// && and ||, and terms, some of which may be optional (?) or excluded (-).
// Anything else is an error, not a guess. In particular there are no regular
// expressions, of which CloudWatch allows two a pattern and five a log group.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
package filterpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// limit is how many characters a pattern may have.
const limit = 1024

// Pattern says whether it matches a line.
type Pattern func(line string) bool

// Parse reads a pattern as CloudWatch would, or says why that refuses it.
func Parse(text string) (Pattern, error) {
	if len(text) > limit {
		return nil, fmt.Errorf("%d characters, at most %d are allowed", len(text), limit)
	}
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		return parseJSON(text)
	}
	return parseTerms(text)
}

// parseTerms reads a pattern of words and quoted texts, which a line has or
// has not, in upper and lower case as written.
func parseTerms(text string) (Pattern, error) {
	var required, optional, excluded []string
	for text != "" {
		kind := &required
		switch text[0] {
		case '?':
			kind, text = &optional, text[1:]
		case '-':
			kind, text = &excluded, text[1:]
		}
		term, rest, err := cutTerm(text)
		if err != nil {
			return nil, err
		}
		*kind = append(*kind, term)
		text = strings.TrimSpace(rest)
	}
	if len(optional) > 0 && len(required)+len(excluded) > 0 {
		return nil, errors.New("CloudWatch ignores optional terms beside others")
	}
	return func(line string) bool {
		return count(line, required) == len(required) && count(line, excluded) == 0 &&
			(len(optional) == 0 || count(line, optional) > 0)
	}, nil
}

// cutTerm takes one term off the text.
func cutTerm(text string) (term, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		term, rest, closed := strings.Cut(text[1:], `"`)
		if !closed {
			return "", "", errors.New("a quote is not closed")
		}
		return term, rest, nil
	}
	term, rest, _ = strings.Cut(text, " ")
	if term == "" || strings.ContainsAny(term, `"%[]{}`) {
		return "", "", fmt.Errorf("cannot read the term %q", term)
	}
	return term, rest, nil
}

func count(line string, terms []string) (found int) {
	for _, term := range terms {
		if strings.Contains(line, term) {
			found++
		}
	}
	return found
}

func parseJSON(text string) (Pattern, error) {
	body, closed := strings.CutSuffix(text[1:], "}")
	if !closed {
		return nil, errors.New("a brace is not closed")
	}
	tokens, err := tokenize(body)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens}
	matches, err := p.either()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, fmt.Errorf("%q is left over", p.tokens[0])
	}
	return func(line string) bool {
		var object map[string]any
		return json.Unmarshal([]byte(line), &object) == nil && matches(object)
	}, nil
}
