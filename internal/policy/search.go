package policy

import (
	"slices"
	"strings"
)

// budget is how many steps a comparison may still take.
type budget int

// spend reports whether there was enough left.
func (b *budget) spend(steps int) bool {
	*b -= budget(steps)
	return *b > 0
}

// search looks for the shortest text of the set. It goes through the characters that
// matter, along all patterns at a time. It is not decided if the budget ends before.
func (s set) search(left *budget) (text string, found, decided bool) {
	walk := newWalk(s)
	start := walk.start()
	type step struct{ state, text string }
	queue, seen := []step{{start, ""}}, map[string]bool{start: true}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if walk.accepts(next.state) {
			return next.text, true, true
		}
		if !left.spend(len(walk.alphabet) * len(next.state)) {
			return "", false, false
		}
		for _, character := range walk.alphabet {
			state := walk.after(next.state, character)
			if !seen[state] && !walk.dead(state) {
				seen[state] = true
				queue = append(queue, step{state, next.text + character.text})
			}
		}
	}
	return "", false, true
}

// walk goes through texts along the patterns of a set. A state has a byte for each place
// in each pattern, which is 1 where the text so far may have led.
type walk struct {
	set      set
	alphabet []symbol
}

func newWalk(s set) walk {
	characters := map[string]bool{s.fresh(): true, ":": true}
	for _, r := range s {
		for _, p := range r.patterns {
			for _, each := range p {
				if each.kind == foldable {
					characters[strings.ToUpper(each.text)] = true
				}
				if each.kind <= foldable {
					characters[each.text] = true
				}
			}
		}
	}
	all := walk{set: s}
	for character := range characters {
		all.alphabet = append(all.alphabet, symbol{text: character})
	}
	slices.SortFunc(all.alphabet, func(a, b symbol) int { return strings.Compare(a.text, b.text) })
	return all
}

func (w walk) start() string {
	var state []byte
	for _, r := range w.set {
		for _, p := range r.patterns {
			places := make([]byte, len(p)+1)
			places[0] = 1
			p.skip(places)
			state = append(state, places...)
		}
	}
	return string(state)
}

// skip adds the places that follow a * which stands for nothing.
func (p pattern) skip(places []byte) {
	for i, s := range p {
		if places[i] == 1 && s.repeats() {
			places[i+1] = 1
		}
	}
}

// after returns the state one character later.
func (w walk) after(state string, character symbol) string {
	next := make([]byte, len(state))
	offset := 0
	for _, r := range w.set {
		for _, p := range r.patterns {
			places := next[offset : offset+len(p)+1]
			for i, s := range p {
				if state[offset+i] == 0 || !s.matches(character) {
					continue
				}
				if s.repeats() {
					places[i] = 1
				} else {
					places[i+1] = 1
				}
			}
			p.skip(places)
			offset += len(p) + 1
		}
	}
	return string(next)
}

// accepts reports whether the text that led to the state is in the set.
func (w walk) accepts(state string) bool {
	return w.each(state, func(r restriction, ends, _ bool) bool { return ends != r.not })
}

// dead reports whether no longer text is in the set.
func (w walk) dead(state string) bool {
	return !w.each(state, func(r restriction, _, goesOn bool) bool { return goesOn || r.not })
}

// each reports whether a property holds for each restriction, of which a pattern has its
// end in the state, or any place.
func (w walk) each(state string, holds func(r restriction, ends, goesOn bool) bool) bool {
	offset := 0
	for _, r := range w.set {
		ends, goesOn := false, false
		for _, p := range r.patterns {
			places := state[offset : offset+len(p)+1]
			ends = ends || places[len(p)] == 1
			goesOn = goesOn || strings.IndexByte(places, 1) >= 0
			offset += len(p) + 1
		}
		if !holds(r, ends, goesOn) {
			return false
		}
	}
	return true
}
