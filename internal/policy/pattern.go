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
	end // after the last symbol
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

// inPart are the wildcards that match no colon, by those that do.
var inPart = map[symbolKind]symbolKind{one: oneInPart, star: starInPart}

func newSymbol(text string, as syntax, colons int) symbol {
	kind := literal
	if as == wildcards || as == arns {
		kind = wildcard(text)
	}
	switch {
	case kind != literal && as == arns && colons < 5:
		return symbol{kind: inPart[kind]}
	case kind != literal:
		return symbol{kind: kind}
	case text == "${*}", text == "${?}", text == "${$}": // how IAM writes these characters
		return symbol{text: text[2:3]}
	case as == anyCase && len(text) == 1:
		return symbol{text: strings.ToLower(text), kind: foldable}
	}
	return symbol{text: text}
}

func wildcard(text string) symbolKind {
	switch text {
	case "*":
		return star
	case "?":
		return one
	}
	return literal
}

// ordered puts ? before a * beside it, and one * for several: so the same is written the
// same way.
func (p pattern) ordered() pattern {
	var out pattern
	for _, next := range p {
		last := len(out) - 1
		repeats := last >= 0 && out[last].repeats()
		switch {
		case repeats && next.kind == out[last].kind:
		case repeats && next.repeated() == out[last].kind:
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

// repeated returns the kind that stands for any number of what a ? stands for.
func (s symbol) repeated() symbolKind {
	switch s.kind {
	case one:
		return star
	case oneInPart:
		return starInPart
	}
	return literal
}

// single reports whether it stands for one character.
func (s symbol) single() bool { return !s.repeats() && !s.unknown() }

func (s symbol) mayBeColon() bool { return s.text == ":" || s.kind == one || s.kind == star }

// matches reports whether the symbol stands for the other one, which may be a wildcard
// itself. What only a deployment knows may be any text: it is itself and *. AWS's own
// pseudo parameters have no colon.
func (s symbol) matches(other symbol) bool {
	switch s.kind {
	case star:
		return true
	case starInPart:
		return other.withinPart()
	case one:
		return other.single()
	case oneInPart:
		return other.single() && !other.mayBeColon()
	case foldable:
		return other.kind <= foldable && strings.ToLower(other.text) == s.text
	case end:
		return false
	}
	return other.kind == literal && other.text == s.text
}

// withinPart reports whether it stands for no text with a colon.
func (s symbol) withinPart() bool { return !s.mayBeColon() && (!s.unknown() || s.oneOfAWS()) }

// at returns a symbol, or one that matches nothing after the last.
func (p pattern) at(i int) symbol {
	if i < len(p) {
		return p[i]
	}
	return symbol{kind: end}
}

// covers reports whether everything that the other pattern matches is matched, by going
// along both: true is certain.
func (p pattern) covers(other pattern) bool {
	at, back, from := 0, -1, 0
	for i := 0; i < len(other); {
		switch next := p.at(at); {
		case next.repeats() && next.matches(other[i]):
			back, from = at, i
			at++
		case !next.repeats() && next.matches(other[i]):
			at++
			i++
		case back >= 0 && p[back].matches(other[from]):
			from++
			at, i = back+1, from
		case next.repeats():
			at++
		default:
			return false
		}
	}
	for p.at(at).repeats() {
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
