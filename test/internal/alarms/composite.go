package alarms

import (
	"cmp"
	"fmt"
)

// Holds reports whether the rule of a composite alarm holds while other alarms, by
// their names or ARNs, are in some states.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func Holds(rule string, states map[string]State) (bool, error) {
	tree, err := parse(rule)
	if err != nil {
		return false, err
	}
	return holds(tree, states)
}

func holds(tree node, states map[string]State) (bool, error) {
	switch tree.name {
	case "TRUE", "FALSE":
		return tree.name == "TRUE", nil
	case "NOT":
		of, err := holds(tree.arguments[0], states)
		return !of, err
	case "AND", "OR":
		left, err := holds(tree.arguments[0], states)
		if err != nil {
			return false, err
		}
		right, err := holds(tree.arguments[1], states)
		return left && right || tree.name == "OR" && (left || right), err
	}
	if len(tree.arguments) != 1 {
		return false, fmt.Errorf("%q is not a function of composite alarms", tree.name)
	}
	return isIn(State(tree.name), tree.arguments[0], states)
}

func isIn(state State, alarm node, states map[string]State) (bool, error) {
	name := cmp.Or(alarm.text, alarm.name)
	is, known := states[name]
	if !known || state != InAlarm && state != OK && state != InsufficientData {
		return false, fmt.Errorf("%s(%s): want ALARM, OK or INSUFFICIENT_DATA of an alarm that there is", state, name)
	}
	return is == state, nil
}
