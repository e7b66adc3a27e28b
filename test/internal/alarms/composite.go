package alarms

import (
	"fmt"
	"strings"
)

// Holds says whether the rule of a composite alarm holds while other alarms, by
// their names or ARNs, are in some states. AND binds more than OR.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func Holds(rule string, states map[string]State) (bool, error) {
	c := &composite{&parser{text: rule}, states}
	all, err := tokens(rule)
	if err != nil {
		return false, err
	}
	c.rest = all
	holds, err := c.any()
	if err == nil && len(c.rest) > 0 {
		err = c.unexpected()
	}
	return holds, err
}

type composite struct {
	*parser

	states map[string]State
}

func (c *composite) any() (bool, error) { return c.joined("OR", c.all) }
func (c *composite) all() (bool, error) { return c.joined("AND", c.one) }

func (c *composite) joined(by string, part func() (bool, error)) (bool, error) {
	holds, err := part()
	for err == nil && len(c.rest) > 0 && c.rest[0] == by {
		c.next()
		var other bool
		other, err = part()
		holds = by == "OR" && (holds || other) || by == "AND" && holds && other
	}
	return holds, err
}

func (c *composite) one() (bool, error) {
	if len(c.rest) == 0 {
		return false, fmt.Errorf("%q ends too early", c.text)
	}
	switch first := c.next(); first {
	case "NOT":
		holds, err := c.one()
		return !holds, err
	case "(":
		holds, err := c.any()
		return holds, c.expect(")", err)
	case "TRUE", "FALSE":
		return first == "TRUE", nil
	case string(InAlarm), string(OK), string(InsufficientData):
		return c.in(State(first))
	default:
		return false, fmt.Errorf("%q: %q is no function of composite alarms", c.text, first)
	}
}

func (c *composite) in(state State) (bool, error) {
	if err := c.expect("(", nil); err != nil || len(c.rest) == 0 {
		return false, fmt.Errorf("%q lacks an alarm", c.text)
	}
	name := strings.Trim(c.next(), `"`)
	is, known := c.states[name]
	if !known {
		return false, fmt.Errorf("%q names the alarm %q, which there is not", c.text, name)
	}
	return is == state, c.expect(")", nil)
}
