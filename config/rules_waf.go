package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"catalog-infra/config/source"
)

func checkCountOnly(c Config) []problem {
	var problems []problem
	for _, rule := range slices.Sorted(maps.Keys(c.Edge.WAF.CountOnly.Reasons())) {
		problems = append(problems, c.Edge.WAF.onlyIfBlocking(source.Join("edge.waf.countOnly", rule))...)
	}
	return problems
}

// onlyIfBlocking refuses an exception if no rule blocks.
func (w WAF) onlyIfBlocking(field string) []problem {
	return unless(w.Mode == WAFBlock, field, "none, since edge.waf.mode %s blocks nothing, or edge.waf.mode block", w.Mode)
}

func checkCountGroupRules(c Config) []problem {
	var problems []problem
	known := slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(managedRules))...)))
	if given := len(c.Edge.WAF.CountGroupRules); given > len(known) {
		return []problem{{"edge.waf.countGroupRules", fmt.Sprintf("%d names", given), fmt.Sprintf("at most the %d that there are", len(known))}}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Edge.WAF.CountGroupRules)) {
		field := source.Join("edge.waf.countGroupRules", name)
		if ruleOf(name) == "" {
			problems = append(problems, unless(false, field, "%s", source.Nearest(name, known))...)
			continue
		}
		problems = append(problems, slices.Concat(c.Edge.WAF.onlyIfBlocking(field), checkReason(field, c.Edge.WAF.CountGroupRules[name]))...)
	}
	return problems
}

func checkReason(field, reason string) []problem {
	holds := strings.TrimSpace(reason) != "" && utf8.RuneCountInString(reason) <= 200
	return unless(holds, field, "the reason, in up to 200 characters")
}

// maxExemptPaths keeps the web ACL far below the 1500 capacity units from which AWS
// charges more: each path takes 3.
const maxExemptPaths = 20

var exemptPath = regexp.MustCompile(`^(/[A-Za-z0-9_~-]+([.][A-Za-z0-9_~-]+)*)+$`)

func checkExemptPaths(c Config) []problem {
	var problems []problem
	count := 0
	reasons := c.Edge.WAF.ExemptPaths.reasons()
	for _, rule := range slices.Sorted(maps.Keys(reasons)) {
		for _, path := range slices.Sorted(maps.Keys(reasons[rule])) {
			field := source.Join(source.Join("edge.waf.exemptPaths", rule), path)
			count++
			problems = append(problems, slices.Concat(
				c.Edge.WAF.onlyIfBlocking(field),
				unless(exemptPath.MatchString(path) && len(path) <= 200, field,
					"a path below /, without a slash at its end, of letters, digits and . _ ~ -, up to 200 characters"),
				checkReason(field, reasons[rule][path]),
			)...)
		}
	}
	if count > maxExemptPaths {
		problems = append(problems, problem{"edge.waf.exemptPaths", fmt.Sprintf("%d paths", count), fmt.Sprintf("at most %d", maxExemptPaths)})
	}
	return problems
}
