package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// clauses are conditions that must all hold.
type clauses []clause

func (c clauses) with(other clause, negated bool) clauses {
	other.negated = negated
	return append(slices.Clip(c), other)
}

// signature is the same for the same clauses.
func (c clauses) signature() string {
	var ids []string
	for _, each := range c {
		ids = append(ids, each.id+strconv.FormatBool(each.negated))
	}
	return strings.Join(ids, " ")
}

// sample returns a context in which all hold.
func (c clauses) sample(left *budget) (context map[string][]string, found, unsure bool) {
	byKey := map[string]clauses{}
	for _, each := range c {
		byKey[each.key] = append(byKey[each.key], each)
	}
	context = map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		values, found, keyUnsure := byKey[key].ofOneKey(left)
		if !found {
			return nil, false, false
		}
		unsure = unsure || keyUnsure
		if len(values) > 0 {
			context[key] = values
		}
	}
	return context, true, unsure
}

// ofOneKey returns values of the key for which all clauses hold. Operators of two
// families are weighed each by itself, which leaves it unsure.
func (c clauses) ofOneKey(left *budget) (values []string, found, unsure bool) {
	byFamily := map[family]clauses{}
	var nulls clauses
	for _, each := range c {
		if each.family == ofNull {
			nulls = append(nulls, each)
		} else {
			byFamily[each.family] = append(byFamily[each.family], each)
		}
	}
	if len(byFamily) == 0 {
		byFamily[ofText] = nil
	}
	unsure = len(byFamily) > 1
	for _, name := range slices.Sorted(maps.Keys(byFamily)) {
		var also bool
		if values, found, also = name.weigh(append(slices.Clone(byFamily[name]), nulls...), left); !found {
			return nil, false, false
		}
		unsure = unsure || also
	}
	return values, true, unsure
}

// weigh returns values for which clauses of the family all hold.
func (f family) weigh(all clauses, left *budget) (values []string, found, unsure bool) {
	switch f {
	case ofText:
		return all.text(left)
	case ofTexts:
		return all.texts(left)
	case ofOther:
		return all.unknown()
	}
	return all.value()
}

func (c clauses) holdWithoutValue() bool {
	return !slices.ContainsFunc(c, func(each clause) bool { return !each.withoutValue() })
}

// text weighs clauses about a text.
func (c clauses) text(left *budget) (values []string, found, unsure bool) {
	var wanted set
	possible := true
	for _, each := range c {
		if each.family == ofNull {
			possible = possible && each.withValue("")
		} else {
			wanted = wanted.with(each.restriction())
		}
	}
	absent := c.holdWithoutValue()
	if absent || !possible {
		return nil, absent, false
	}
	answer := wanted.sample(left)
	return []string{answer.text}, answer.found, answer.unsure
}

// value weighs clauses about numbers, addresses or booleans: at their limits, between
// these and beyond.
func (c clauses) value() (values []string, found, unsure bool) {
	if c.holdWithoutValue() {
		return nil, true, false
	}
	var candidates []string
	for _, each := range c {
		candidates = append(candidates, each.candidates...)
	}
	for _, candidate := range between(candidates) {
		if !slices.ContainsFunc(c, func(each clause) bool { return !each.withValue(candidate) }) {
			return []string{candidate}, true, false
		}
	}
	return nil, false, false
}

// between adds the numbers between, below and above those in a list.
func between(candidates []string) []string {
	var numbers []float64
	for _, candidate := range candidates {
		if n, ok := number(candidate); ok {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return candidates
	}
	slices.Sort(numbers)
	all := slices.Concat(candidates, []string{format(numbers[0] - 1), format(numbers[len(numbers)-1] + 1)})
	for i, n := range numbers[1:] {
		all = append(all, format(numbers[i]+(n-numbers[i])/2))
	}
	return all
}

// quantified is what clauses ask of a key with several values: of each value, of some, and
// whether there is none or one at all.
type quantified struct {
	each          set
	some          []restriction
	empty, filled bool
}

func (c clauses) quantified() (asked quantified) {
	for _, one := range c {
		switch r := one.restriction(); {
		case one.family == ofNull:
			asked.empty = asked.empty || !one.withValue("")
			asked.filled = asked.filled || !one.withoutValue()
		case one.any != one.negated:
			asked.some = append(asked.some, r)
		default:
			asked.each = asked.each.with(r)
		}
	}
	if asked.filled && len(asked.some) == 0 {
		asked.some = []restriction{{id: "any", not: true}}
	}
	return asked
}

// texts weighs clauses about a key with several values.
func (c clauses) texts(left *budget) (values []string, found, unsure bool) {
	asked := c.quantified()
	if asked.empty && len(asked.some) > 0 {
		return nil, false, false
	}
	for _, r := range asked.some {
		answer := asked.each.with(r).sample(left)
		if !answer.found {
			return nil, false, false
		}
		unsure = unsure || answer.unsure
		values = append(values, answer.text)
	}
	return values, true, unsure
}

// unknown compares clauses with each other only: one cannot hold and not hold.
func (c clauses) unknown() (values []string, found, unsure bool) {
	for _, each := range c {
		for _, other := range c {
			if each.id == other.id && each.negated != other.negated {
				return nil, false, false
			}
		}
	}
	return nil, true, true
}
