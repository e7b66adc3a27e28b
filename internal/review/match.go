package review

import (
	"regexp"
	"slices"
	"strings"
)

// pair is a resource before and after a change; one of both is nil where it is added or
// removed.
type pair struct {
	before, after *resource
}

// either returns the resource as it is after the change, or as it was.
func (p pair) either() *resource {
	if p.after != nil {
		return p.after
	}
	return p.before
}

// match pairs the resources of two environments, and resolves both so that a reference to
// a resource that was renamed or moved is none to another one.
func match(base, head *environment) []pair {
	m := &matching{base: base, head: head, partner: map[string]string{}, taken: map[string]bool{}}
	for _, key := range head.keys {
		if old, ok := base.resources[key]; ok && old.Type == head.resources[key].Type {
			m.join(key, key)
		}
	}
	m.joinNamed(withoutStack)
	for range mostRounds {
		if !m.joinEqual() {
			break
		}
	}
	m.joinNamed(withoutHash)
	base.resolveAll()
	head.resolveAll()
	return m.pairs()
}

// mostRounds is how long a chain of renamed resources may be, each of which refers to the
// one before, so that all are recognised by their properties.
const mostRounds = 8

type matching struct {
	base, head *environment

	// partner is the key in base by the key in head; taken are keys in base.
	partner map[string]string
	taken   map[string]bool
}

func (m *matching) join(old, young string) {
	m.partner[young] = old
	m.taken[old] = true
	if old != young {
		m.head.names[young] = old
	}
}

func (m *matching) left() (old, young []string) {
	for _, key := range m.base.keys {
		if !m.taken[key] {
			old = append(old, key)
		}
	}
	for _, key := range m.head.keys {
		if _, has := m.partner[key]; !has {
			young = append(young, key)
		}
	}
	return old, young
}

// joinEqual joins resources of a type that have the same properties, and reports whether
// it found any.
func (m *matching) joinEqual() bool {
	old, young := m.left()
	byMeaning := map[string][]string{}
	for _, key := range old {
		meaning := m.base.meaning(key)
		byMeaning[meaning] = append(byMeaning[meaning], key)
	}
	found := false
	for _, key := range young {
		meaning := m.head.meaning(key)
		if same := byMeaning[meaning]; len(same) > 0 {
			m.join(same[0], key)
			byMeaning[meaning] = same[1:]
			found = true
		}
	}
	return found
}

func (e *environment) meaning(key string) string {
	found := e.resources[key]
	return found.Type + " " + text(e.properties(found))
}

// generated matches the hash that CDK puts at the end of a logical id, of the construct's
// path or, for what is versioned, of its content.
var generated = regexp.MustCompile(`([0-9A-F]{8}|[0-9a-f]{32})$`)

func withoutStack(found *resource) string { return found.ID + " " + found.Type }

func withoutHash(found *resource) string {
	return generated.ReplaceAllString(found.key, "") + " " + found.Type
}

// joinNamed joins the resources that have the same name, where one of each has it.
func (m *matching) joinNamed(name func(*resource) string) {
	old, young := m.left()
	byName := map[string][]string{}
	for _, key := range old {
		named := name(m.base.resources[key])
		byName[named] = append(byName[named], key)
	}
	seen := map[string]int{}
	for _, key := range young {
		seen[name(m.head.resources[key])]++
	}
	for _, key := range young {
		named := name(m.head.resources[key])
		if same := byName[named]; len(same) == 1 && seen[named] == 1 {
			m.join(same[0], key)
		}
	}
}

// pairs returns all pairs by the stack and id of what they are after the change.
func (m *matching) pairs() []pair {
	var all []pair
	for _, key := range m.head.keys {
		after := m.head.resources[key]
		if old, ok := m.partner[key]; ok {
			all = append(all, pair{m.base.resources[old], after})
		} else {
			all = append(all, pair{nil, after})
		}
	}
	for _, key := range m.base.keys {
		if !m.taken[key] {
			all = append(all, pair{m.base.resources[key], nil})
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return strings.Compare(a.either().key, b.either().key) })
	return all
}
