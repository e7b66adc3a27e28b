package rehearsal

import (
	"maps"

	"catalog-infra/internal/assembly"
)

// Present returns an assembly as CloudFormation reads it: without the resources and
// outputs whose condition is false, and with the branch of each Fn::If that is taken.
// Conditions about parameters without a known value stay as they are.
func Present(all *assembly.Assembly) *assembly.Assembly {
	if all == nil {
		return nil
	}
	var read assembly.Assembly
	for _, stack := range all.Stacks {
		if len(stack.Template.Conditions) > 0 {
			stack.Template = conditions{stack, map[string]bool{}}.apply()
		}
		read.Stacks = append(read.Stacks, stack)
	}
	return &read
}

// conditions decides the conditions of a stack.
type conditions struct {
	stack assembly.Stack

	// deciding are those that are being decided: a condition that names itself is
	// never decided.
	deciding map[string]bool
}

func (c conditions) apply() assembly.Template {
	template := c.stack.Template
	template.Resources, template.Outputs = maps.Clone(template.Resources), maps.Clone(template.Outputs)
	for id, resource := range template.Resources {
		holds, decided := c.condition(resource.Condition)
		if decided && !holds {
			delete(template.Resources, id)
			continue
		}
		if decided {
			resource.Condition = ""
		}
		resource.Properties, _ = c.choose(map[string]any(resource.Properties)).(map[string]any)
		template.Resources[id] = resource
	}
	for id, output := range template.Outputs {
		if holds, decided := c.condition(output.Condition); decided && !holds {
			delete(template.Outputs, id)
			continue
		}
		output.Value = c.choose(output.Value)
		template.Outputs[id] = output
	}
	return template
}

// noValue is what Fn::If returns in place of a property that is left out.
const noValue = "AWS::NoValue"

// choose returns a value with the branch of each Fn::If in it that is taken.
func (c conditions) choose(value any) any {
	switch value := value.(type) {
	case []any:
		chosen := []any{}
		for _, element := range value {
			if element = c.choose(element); !isNoValue(element) {
				chosen = append(chosen, element)
			}
		}
		return chosen
	case map[string]any:
		if branch, decided := c.branch(value); decided {
			return c.choose(branch)
		}
		chosen := make(map[string]any, len(value))
		for key, inner := range value {
			if inner = c.choose(inner); !isNoValue(inner) {
				chosen[key] = inner
			}
		}
		return chosen
	}
	return value
}

// branch returns the branch of an Fn::If that is taken.
func (c conditions) branch(function map[string]any) (branch any, decided bool) {
	branches, ok := function["Fn::If"].([]any)
	if !ok || len(branches) != 3 {
		return nil, false
	}
	holds, decided := c.condition(text(branches[0]))
	if holds {
		return branches[1], decided
	}
	return branches[2], decided
}

func isNoValue(value any) bool {
	reference, ok := value.(map[string]any)
	return ok && reference["Ref"] == noValue
}

// condition reports whether a condition holds, and whether that is known. No condition
// always holds.
func (c conditions) condition(name string) (holds, decided bool) {
	if name == "" {
		return true, true
	}
	if c.deciding[name] {
		return false, false
	}
	c.deciding[name] = true
	defer delete(c.deciding, name)
	return c.expression(c.stack.Template.Conditions[name])
}

func (c conditions) expression(value any) (holds, decided bool) {
	function, _ := value.(map[string]any)
	for name, argument := range function {
		operands, _ := argument.([]any)
		switch name {
		case "Condition":
			return c.condition(text(argument))
		case "Fn::Not":
			if len(operands) == 1 {
				holds, decided = c.expression(operands[0])
				return !holds, decided
			}
		case "Fn::And":
			return c.all(operands, true)
		case "Fn::Or":
			return c.all(operands, false)
		case "Fn::Equals":
			return c.equal(operands)
		}
	}
	return false, false
}

// all returns what all operands have in common: one that has another value decides.
func (c conditions) all(operands []any, common bool) (holds, decided bool) {
	decided = len(operands) > 0
	for _, operand := range operands {
		one, known := c.expression(operand)
		if known && one != common {
			return !common, true
		}
		decided = decided && known
	}
	return common, decided
}

func (c conditions) equal(operands []any) (holds, decided bool) {
	if len(operands) != 2 {
		return false, false
	}
	one, known := constant(c.stack, operands[0])
	other, otherKnown := constant(c.stack, operands[1])
	return one == other, known && otherKnown
}
