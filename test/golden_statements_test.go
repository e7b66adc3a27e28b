package test

import (
	"regexp"
	"slices"
	"strings"
)

var statementsGolden = golden{
	name: "statements", test: "TestOnlyTheListedStatementsExist",
	related: func(gone, added string) bool {
		was, is := readStatementLine(gone), readStatementLine(added)
		return was.subject == is.subject && (slices.Equal(was.actions, is.actions) || slices.Equal(was.resources, is.resources))
	},
	meaning: func(d difference) []string {
		return d.sentences(func(_, _ string, before, now bool) string {
			switch {
			case !before:
				return readStatementLine(d.is.key).appears()
			case !now:
				return readStatementLine(d.was.key).vanishes()
			case d.was.key != d.is.key:
				return readStatementLine(d.was.key).becomes(readStatementLine(d.is.key))
			}
			return ""
		})
	},
}

// statementLine is the line of a policyStatement. Its subject is who
// has it, whether it allows or denies, and of a resource's policy whom.
type statementLine struct {
	subject string
	denies  bool

	actions, allBut, resources, conditions []string
}

var (
	statementParts = regexp.MustCompile(`^(.*? (allows|denies))(?: (.*?))?(?: all but (.*?))?(?: on (.*?))?(?: if (.*))?$`)
	action         = regexp.MustCompile(`(?:[a-z0-9-]+:[A-Za-z*]+|\*)(?:, .*)?$`)
)

func readStatementLine(text string) statementLine {
	part := statementParts.FindStringSubmatch(text)
	if part == nil {
		return statementLine{subject: text}
	}
	actions := action.FindString(part[3])
	return statementLine{
		subject:    part[1] + " " + strings.TrimSuffix(part[3], actions),
		denies:     part[2] == "denies",
		actions:    elements(actions),
		allBut:     elements(part[4]),
		resources:  elements(part[5]),
		conditions: elements(part[6]),
	}
}

func elements(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

func (s statementLine) appears() string {
	if s.denies {
		return "refused from the next deployment on, whatever allows it: see what does it today"
	}
	return "a permission more from the next deployment on: say in the commit what needs it"
}

func (s statementLine) vanishes() string {
	if s.denies {
		return "a protection less: what it refused is possible from the next deployment on, where anything allows it"
	}
	return "a permission less: unless another line allows it, whatever still does it fails with AccessDenied from the next deployment on"
}

func (s statementLine) becomes(is statementLine) string {
	var wider, narrower []string
	compare := func(was, is []string, more, less string) {
		if added := surplus(is, was); len(added) > 0 {
			wider = append(wider, more+" "+strings.Join(added, ", "))
		}
		if gone := surplus(was, is); len(gone) > 0 {
			narrower = append(narrower, less+" "+strings.Join(gone, ", "))
		}
	}
	compare(s.actions, is.actions, "also", "no longer")
	compare(s.resources, is.resources, "also on", "no longer on")
	compare(is.allBut, s.allBut, "no longer all but", "all but")
	compare(is.conditions, s.conditions, "no longer only if", "only if")
	changes := strings.Join(append(wider, narrower...), "; ")
	switch {
	case len(narrower) == 0:
		return s.appears() + ": " + changes
	case len(wider) == 0:
		return s.vanishes() + ": " + changes
	}
	return "other requests than before: " + changes
}
