package policy

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// family is a group of operators whose conditions on the same key can be weighed against
// each other.
type family string

const (
	ofText    family = "text"
	ofTexts   family = "texts" // of a key with several values
	ofNumber  family = "number"
	ofAddress family = "address"
	ofBool    family = "bool"
	ofNull    family = "null" // whether there is a value, which all families have in common
	ofOther   family = "other"
)

// clause is a condition as it is evaluated.
type clause struct {
	Condition

	id, key string
	family  family

	// not is the operator's own, negated that of a comparison.
	not, negated bool

	// orAbsent is the suffix IfExists.
	orAbsent bool

	// any is ForAnyValue.
	any bool

	// patterns are of a text, values of other families.
	patterns []pattern
	values   []func(string) bool

	// candidates are values that are the limits of others.
	candidates []string
}

// textOperators are the operators that compare texts, and how.
var textOperators = map[string]syntax{
	"stringequals": exactly, "stringlike": wildcards, "stringequalsignorecase": anyCase,
	"arnequals": arns, "arnlike": arns, "binaryequals": exactly,
}

// newClause returns the condition as it is evaluated. An operator or a value that is not
// known makes it one that is only compared with itself.
func newClause(c Condition) clause {
	made := clause{Condition: c, id: c.same(), key: strings.ToLower(c.Key)}
	operator := strings.ToLower(c.Operator)
	operator, forAll := strings.CutPrefix(operator, "forallvalues:")
	operator, made.any = strings.CutPrefix(operator, "foranyvalue:")
	operator, made.orAbsent = strings.CutSuffix(operator, "ifexists")
	made.not = strings.Contains(operator, "not")
	operator = strings.Replace(operator, "not", "", 1)
	if as, ok := textOperators[operator]; ok {
		made.family = ofText
		for _, value := range c.Values {
			made.patterns = append(made.patterns, compile(value, as))
		}
	} else {
		made.compare(operator)
	}
	switch {
	case !forAll && !made.any:
	case made.family != ofText || made.any && made.orAbsent:
		made.family = ofOther
	default:
		made.family = ofTexts
	}
	return made
}

// compare sets the family of an operator that compares no texts.
func (c *clause) compare(operator string) {
	c.family = familyOf(operator)
	if c.not && (c.family == ofNull || c.family == ofBool) {
		c.family = ofOther
	}
	for _, value := range c.Values {
		if !c.add(operator, value) {
			c.family = ofOther
		}
	}
}

func familyOf(operator string) family {
	switch {
	case operator == "null":
		return ofNull
	case operator == "bool":
		return ofBool
	case operator == "ipaddress":
		return ofAddress
	case strings.HasPrefix(operator, "numeric"), strings.HasPrefix(operator, "date"):
		return ofNumber
	}
	return ofOther
}

// add adds a value, and reports whether it is one of the family.
func (c *clause) add(operator, value string) bool {
	switch c.family {
	case ofBool:
		c.candidates = append(c.candidates, "true", "false")
		c.values = append(c.values, func(other string) bool { return strings.EqualFold(value, other) })
		return true
	case ofAddress:
		return c.addPrefix(value)
	case ofNumber:
		return c.addNumber(operator, value)
	}
	return true
}

func (c *clause) addPrefix(value string) bool {
	prefix, err := parsePrefix(value)
	c.values = append(c.values, func(other string) bool {
		address, err := netip.ParseAddr(other)
		return err == nil && prefix.Contains(address)
	})
	c.candidates = append(append(c.candidates, "0.0.0.0", "::"), around(prefix)...)
	return err == nil
}

func (c *clause) addNumber(operator, value string) bool {
	bound, isNumber := number(value)
	_, relation, _ := strings.Cut(strings.Replace(operator, "date", "numeric", 1), "numeric")
	holds := map[string]func(float64) bool{
		"equals":            func(n float64) bool { return n == bound },
		"lessthan":          func(n float64) bool { return n < bound },
		"lessthanequals":    func(n float64) bool { return n <= bound },
		"greaterthan":       func(n float64) bool { return n > bound },
		"greaterthanequals": func(n float64) bool { return n >= bound },
	}[relation]
	c.values = append(c.values, func(other string) bool { n, ok := number(other); return ok && holds(n) })
	c.candidates = append(c.candidates, format(bound))
	return isNumber && holds != nil
}

// number reads a number, or a time as seconds since 1970.
func number(text string) (float64, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n-n == 0 {
		return n, true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if moment, err := time.Parse(layout, text); err == nil {
			return float64(moment.Unix()), true
		}
	}
	return 0, false
}

func format(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func parsePrefix(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.Prefix(address.BitLen())
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err
}

// around returns the first address of a range and those before and after it: with these
// of several ranges, each combination of them has one.
func around(prefix netip.Prefix) []string {
	first := prefix.Addr()
	last := first.AsSlice()
	for bit := max(prefix.Bits(), 0); bit < len(last)*8; bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	after, _ := netip.AddrFromSlice(last)
	var all []string
	for _, address := range []netip.Addr{first, first.Prev(), after.Next()} {
		if address.IsValid() {
			all = append(all, address.String())
		}
	}
	return all
}

// withoutValue reports whether the clause holds if the key has no value.
func (c clause) withoutValue() bool {
	if c.family == ofNull {
		return slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, "true") }) != c.negated
	}
	return (c.not || c.orAbsent) != c.negated
}

// withValue reports whether the clause holds for a value that is no text.
func (c clause) withValue(value string) bool {
	if c.family == ofNull {
		return slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, "false") }) != c.negated
	}
	matched := slices.ContainsFunc(c.values, func(matches func(string) bool) bool { return matches(value) })
	return matched != (c.not != c.negated)
}

// restriction returns what the clause asks of a text.
func (c clause) restriction() restriction {
	r := restriction{id: c.id, patterns: c.patterns}
	if c.not != c.negated {
		return r.inverse()
	}
	return r
}
