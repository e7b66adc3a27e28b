package review

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
)

// worsening compares values of a property. An absent one is nil, or what AWS takes in its
// place.
type worsening func(before, after any) bool

// leaves is for a property that is safe with one of the values only.
func leaves(values ...string) worsening {
	return func(before, after any) bool {
		return slices.Contains(values, text(before)) && !slices.Contains(values, text(after))
	}
}

// becomes is for a property that is unsafe with one of the values only.
func becomes(values ...string) worsening {
	return func(before, after any) bool {
		return slices.Contains(values, text(after)) && !slices.Contains(values, text(before))
	}
}

// sinks is for a number or one of an ordered list of words of which the lower is worse. A
// number that is not there is no limit.
func sinks(ordered ...string) worsening {
	return func(before, after any) bool { return level(after, ordered) < level(before, ordered) }
}

// rises is the opposite of sinks, except for numbers that are not there.
func rises(before, after any) bool {
	return after != nil && before != nil && level(after, nil) > level(before, nil) || before != nil && after == nil
}

// level returns the rank of a value; unlimited where there is no value, and where the
// value is known on deploy only.
func level(value any, ordered []string) int {
	const unlimited = 1 << 30
	if ordered == nil {
		return numberOr(value, unlimited)
	}
	if at := slices.Index(ordered, text(value)); at >= 0 {
		return at
	}
	return unlimited
}

// vanishes is for what protects by being there.
func vanishes(before, after any) bool { return !isEmpty(before) && isEmpty(after) }

// appears is for what opens by being there.
func appears(before, after any) bool { return isEmpty(before) && !isEmpty(after) }

func isEmpty(value any) bool {
	list, isList := value.([]any)
	object, isObject := value.(map[string]any)
	return value == nil || value == "" || isList && len(list) == 0 || isObject && len(object) == 0
}

func isNumber(value any) bool {
	_, err := strconv.ParseFloat(text(value), 64)
	return err == nil || value == "true" || value == "false"
}

// shrinks is for a list each element of which protects.
func shrinks(before, after any) bool {
	left := assembly.AsList(after)
	return slices.ContainsFunc(assembly.AsList(before), func(one any) bool {
		return !slices.ContainsFunc(left, func(other any) bool { return text(one) == text(other) })
	})
}

// grows is for a list each element of which opens.
func grows(before, after any) bool { return shrinks(after, before) }

// either is for a property that is worse in one of two ways.
func either(one, other worsening) worsening {
	return func(before, after any) bool { return one(before, after) || other(before, after) }
}

// differs is for what only a person can judge.
func differs(before, after any) bool { return before != nil && text(before) != text(after) }

// shortens is for a number of days in an element of a list: an element that is new adds
// to the others.
func shortens(before, after any) bool { return before != nil && sinks()(before, after) }

// isFewer is for a list that protects by how many elements it has.
func isFewer(before, after any) bool {
	return len(assembly.AsList(after)) < len(assembly.AsList(before))
}

// wordsLost is for a text with words between commas, of which each protects, and all
// stands for every one.
func wordsLost(before, after any) bool {
	left := split(text(after), ",")
	return !slices.Contains(left, any("all")) && shrinks(split(text(before), ","), append(left, "none"))
}

// namesLost is for a list of objects with names, such as the secrets of a container.
func namesLost(before, after any) bool { return shrinks(namesIn(before), namesIn(after)) }

func namesIn(value any) []any {
	var names []any
	for _, object := range objectsOf(value) {
		names = append(names, object["Name"])
	}
	return names
}

// becomesRoot is for the user of a container, which may have a group after a colon.
func becomesRoot(before, after any) bool { return !isRoot(before) && isRoot(after) }

func isRoot(value any) bool {
	user, _, _ := strings.Cut(text(value), ":")
	return user == "root" || user == "0"
}

// takesOlderTLS is for a list of versions of TLS.
func takesOlderTLS(before, after any) bool {
	return slices.ContainsFunc(assembly.AsList(after), func(version any) bool {
		return version != "TLSv1.2" && version != "TLSv1.3" && !slices.Contains(assembly.AsList(before), version)
	})
}

var oldestTLS = regexp.MustCompile(`-1-([0-3])-`)

// weakerTLS compares security policies of Elastic Load Balancing by the oldest TLS that
// they take, and then by their ciphers: a policy whose name has Res takes the fewest, Ext1
// and those of the first years take some without forward secrecy, Ext2 the most.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
func weakerTLS(before, after any) bool {
	return text(before) != text(after) && strengthOf(text(after)) < strengthOf(text(before))
}

func strengthOf(policy string) int {
	strength := 0
	if match := oldestTLS.FindStringSubmatch(policy); match != nil {
		strength = 10 * numberOr(match[1], 0)
	}
	switch {
	case strings.Contains(policy, "-Res-"), strings.Contains(policy, "-1-3-"):
		return strength + 3
	case strings.Contains(policy, "-Ext2-"), strings.Contains(policy, "-Ext-"):
		return strength
	case strings.Contains(policy, "-FS-"), strings.Contains(policy, "-TLS13-") && !strings.Contains(policy, "-Ext1-"):
		return strength + 2
	}
	return strength + 1
}

var rate = regexp.MustCompile(`^rate\((\d+) (hour|day)s?\)$`)

// lessOften is for a schedule: a rate of fewer hours or days is more often. Two schedules
// of which one is no rate are not compared.
func lessOften(before, after any) bool {
	old, young := hours(before), hours(after)
	return old > 0 && (young > old || after == nil)
}

func hours(schedule any) int {
	match := rate.FindStringSubmatch(text(schedule))
	if match == nil {
		return 0
	}
	count := numberOr(match[1], 0)
	if match[2] == "day" {
		count *= 24
	}
	return count
}
