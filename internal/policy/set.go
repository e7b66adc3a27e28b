package policy

import (
	"slices"
	"strings"
)

// set is the texts that meet all of its restrictions.
type set []restriction

// restriction is met by a text that one of the patterns matches, or none with not.
type restriction struct {
	id       string // the same for the same restriction, within a comparison
	patterns []pattern
	not      bool
}

func (r restriction) inverse() restriction {
	r.not = !r.not
	r.id += "!"
	return r
}

func (r restriction) admits(text pattern) bool {
	matched := slices.ContainsFunc(r.patterns, func(p pattern) bool { return p.covers(text) })
	return matched != r.not
}

func (s set) admits(text pattern) bool {
	return !slices.ContainsFunc(s, func(r restriction) bool { return !r.admits(text) })
}

func (s set) with(r restriction) set { return append(slices.Clip(s), r) }

// positive returns the restrictions without not.
func (s set) positive() (all []restriction) {
	for _, r := range s {
		if !r.not {
			all = append(all, r)
		}
	}
	return all
}

func (s set) key() string {
	ids := make([]string, len(s))
	for i, r := range s {
		ids[i] = r.id
	}
	return strings.Join(ids, " ")
}

// answer is a text of a set. It is unsure if there may be one, depending on what only a
// deployment knows, or on more work than the comparison is worth.
type answer struct {
	text          string
	found, unsure bool
}

// sample returns a text of the set.
func (s set) sample(left *budget) answer {
	positive := s.positive()
	if text, found, decided := s.simple(positive); decided {
		if found || !mayMeet(positive) {
			return answer{text: text, found: found}
		}
	} else if text, found, decided := s.search(left); found || !decided {
		return answer{text: text, found: true, unsure: !decided}
	}
	if !mayMeet(positive) {
		return answer{}
	}
	text, found, decided := s.whateverIsDeployed().search(left)
	return answer{text: text, found: found || !decided, unsure: true}
}

// mayMeet reports whether what only a deployment knows can make patterns of two
// restrictions match the same text.
func mayMeet(positive []restriction) bool {
	return len(positive) > 1 && slices.ContainsFunc(positive, func(r restriction) bool {
		return slices.ContainsFunc(r.patterns, pattern.unknowns)
	})
}

// whateverIsDeployed returns the set in which what only a deployment knows is any text.
func (s set) whateverIsDeployed() set {
	var loose set
	for _, r := range s {
		var patterns []pattern
		for _, p := range r.patterns {
			switch {
			case !p.unknowns():
				patterns = append(patterns, p)
			case !r.not:
				patterns = append(patterns, p.loose())
			}
		}
		loose = append(loose, restriction{patterns: patterns, not: r.not})
	}
	return loose
}

func (p pattern) loose() pattern {
	loose := slices.Clone(p)
	for i, s := range loose {
		if s.unknown() {
			loose[i] = symbol{kind: star}
		}
	}
	return loose.ordered()
}

// simple decides the frequent cases without a search: texts that are listed, patterns
// that are covered whole, and patterns of which the plainest text is in the set.
func (s set) simple(positive []restriction) (text string, found, decided bool) {
	for _, r := range positive {
		if slices.ContainsFunc(r.patterns, func(p pattern) bool { return !p.literals() }) {
			continue
		}
		for _, p := range r.patterns {
			if s.admits(p.plainest("")) {
				return p.String(), true, true
			}
		}
		if !slices.ContainsFunc(r.patterns, pattern.folds) {
			return "", false, true
		}
	}
	if s.coveredWhole(positive) {
		return "", false, true
	}
	for _, guess := range s.guesses(positive) {
		if s.admits(guess) {
			return guess.String(), true, true
		}
	}
	return "", false, false
}

func (p pattern) folds() bool { return p.has(func(s symbol) bool { return s.kind == foldable }) }

// coveredWhole reports whether a restriction with not covers each pattern of another one.
func (s set) coveredWhole(positive []restriction) bool {
	for _, r := range positive {
		for _, other := range s {
			if other.not && !slices.ContainsFunc(r.patterns, func(p pattern) bool {
				return !slices.ContainsFunc(other.patterns, func(o pattern) bool { return o.covers(p) })
			}) {
				return true
			}
		}
	}
	return false
}

// guesses returns texts of the patterns, with nothing or one character for each *.
func (s set) guesses(positive []restriction) []pattern {
	if len(positive) == 0 {
		positive = []restriction{{patterns: []pattern{{symbol{kind: star}}}}}
	}
	fresh := s.fresh()
	var guesses []pattern
	for _, p := range positive[0].patterns {
		guesses = append(guesses, p.plainest(fresh), p.plainest(""))
	}
	return guesses
}

// plainest returns the pattern with the text for each *.
func (p pattern) plainest(forStar string) pattern {
	var text pattern
	for _, s := range p {
		switch {
		case s.kind <= foldable:
			text = append(text, symbol{text: s.text})
		case !s.repeats():
			text = append(text, symbol{text: "x"})
		case forStar != "":
			text = append(text, symbol{text: forStar})
		}
	}
	return text
}

// fresh returns a character that is in no pattern of the set.
func (s set) fresh() string {
	used := map[string]bool{}
	for _, r := range s {
		for _, p := range r.patterns {
			for _, each := range p {
				used[strings.ToLower(each.text)] = true
			}
		}
	}
	for next := 'x'; ; next++ {
		if !used[strings.ToLower(string(next))] {
			return string(next)
		}
	}
}
