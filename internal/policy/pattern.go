package policy

import "strings"

// syntax says what a text of a policy means.
type syntax int

const (
	wildcards syntax = iota // with * and ?
	exactly                 // * is an asterisk
	anyCase                 // as exactly, but A is a
	arns                    // with * and ?, which end at a colon in the first five parts
)

// symbol is a character, what only a deployment knows, or a wildcard.
type symbol struct {
	text string // of a character or of ${…}
	kind symbolKind
}

type symbolKind int

const (
	literal   symbolKind = iota
	foldable             // a letter in either case
	one                  // ?
	star                 // *
	oneInPart            // ? and * that match no colon
	starInPart
)

type pattern []symbol

func compile(text string, as syntax) pattern {
	var compiled pattern
	colons := 0
	for text != "" {
		next, rest := cut(text)
		text = rest
		if next == ":" {
			colons++
		}
		compiled = append(compiled, newSymbol(next, as, colons))
	}
	return compiled.ordered()
}

// cut takes the first symbol off a text.
func cut(text string) (first, rest string) {
	if strings.HasPrefix(text, "${") {
		if end := strings.IndexByte(text, '}'); end > 0 {
			return text[:end+1], text[end+1:]
		}
	}
	for i := range text {
		if i > 0 {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

func newSymbol(text string, as syntax, colons int) symbol {
	inPart := as == arns && colons < 5
	wild := as == wildcards || as == arns
	switch {
	case wild && text == "*" && inPart:
		return symbol{kind: starInPart}
	case wild && text == "*":
		return symbol{kind: star}
	case wild && text == "?" && inPart:
		return symbol{kind: oneInPart}
	case wild && text == "?":
		return symbol{kind: one}
	case text == "${*}", text == "${?}", text == "${$}": // how IAM writes these characters
		return symbol{text: text[2:3]}
	case as == anyCase && len(text) == 1:
		return symbol{text: strings.ToLower(text), kind: foldable}
	}
	return symbol{text: text}
}

// ordered puts ? before a * beside it, and one * for several: so the same is written the
// same way.
func (p pattern) ordered() pattern {
	var out pattern
	for _, next := range p {
		last := len(out) - 1
		switch {
		case last >= 0 && out[last].kind == star && next.kind == star,
			last >= 0 && out[last].kind == starInPart && next.kind == starInPart:
		case last >= 0 && out[last].kind == star && next.kind == one,
			last >= 0 && out[last].kind == starInPart && next.kind == oneInPart:
			out = append(out[:last], next, out[last])
		default:
			out = append(out, next)
		}
	}
	return out
}

func (s symbol) wild() bool      { return s.kind >= one }
func (s symbol) repeats() bool   { return s.kind == star || s.kind == starInPart }
func (s symbol) unknown() bool   { return len(s.text) > 2 && strings.HasPrefix(s.text, "${") }
func (s symbol) oneOfAWS() bool  { return strings.HasPrefix(s.text, "${AWS::") }
func (p pattern) literals() bool { return !p.has(symbol.wild) }
func (p pattern) unknowns() bool { return p.has(symbol.unknown) }

func (p pattern) has(property func(symbol) bool) bool {
	for _, s := range p {
		if property(s) {
			return true
		}
	}
	return false
}

// matches reports whether the symbol stands for the other one, which may be a wildcard
// itself. What only a deployment knows may be any text: it is itself and *. AWS's own
// pseudo parameters have no colon.
func (s symbol) matches(other symbol) bool {
	switch s.kind {
	case star:
		return true
	case starInPart:
		return other.text != ":" && other.kind != star && other.kind != one && (!other.unknown() || other.oneOfAWS())
	case one:
		return !other.unknown() && !other.repeats()
	case oneInPart:
		return other.text != ":" && !other.unknown() && !other.repeats() && other.kind != one
	case foldable:
		return other.kind <= foldable && strings.ToLower(other.text) == s.text
	}
	return other.kind == literal && other.text == s.text
}

// covers reports whether everything that the other pattern matches is matched, by going
// along both: true is certain.
func (p pattern) covers(other pattern) bool {
	at, back, from := 0, -1, 0
	for i := 0; i < len(other); {
		switch {
		case at < len(p) && p[at].repeats() && p[at].matches(other[i]):
			back, from = at, i
			at++
		case at < len(p) && !p[at].repeats() && p[at].matches(other[i]):
			at++
			i++
		case back >= 0 && p[back].matches(other[from]):
			from++
			at, i = back+1, from
		case at < len(p) && p[at].repeats():
			at++
		default:
			return false
		}
	}
	for at < len(p) && p[at].repeats() {
		at++
	}
	return at == len(p)
}

func (p pattern) String() string {
	var text strings.Builder
	for _, s := range p {
		text.WriteString(s.text)
		text.WriteString(map[symbolKind]string{one: "?", oneInPart: "?", star: "*", starInPart: "*"}[s.kind])
	}
	return text.String()
}
