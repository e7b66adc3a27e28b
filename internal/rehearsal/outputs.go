package rehearsal

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// outputRead is an Fn::GetStackOutput: unlike an import it keeps nobody from changing
// what it reads, and it has the value that it had when the reader was deployed last.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
type outputRead struct{ stack, region, output string }

// outputReads returns the outputs of other stacks that a stack reads, as far as their
// names are in the template.
func outputReads(stack assembly.Stack) []outputRead {
	found := map[outputRead]bool{}
	each(stack.Template, func(function string, argument any) {
		named, _ := argument.(map[string]any)
		name, _ := named["StackName"].(string)
		output, _ := named["OutputName"].(string)
		region, ok := named["Region"].(string)
		if !ok {
			region = stack.Region
		}
		if function == "Fn::GetStackOutput" && name != "" && output != "" {
			found[outputRead{name, region, output}] = true
		}
	})
	return slices.SortedFunc(maps.Keys(found), func(a, b outputRead) int { return strings.Compare(a.String(), b.String()) })
}

func (o outputRead) String() string { return o.output + " of stack " + o.stack }

func (o outputRead) isOf(stack assembly.Stack) bool {
	return o.stack == stack.Name && o.region == stack.Region
}

// missingOutputs refuses reads of outputs that are not there when the stack is deployed.
// A stack of another app may have them.
func missingOutputs(d deployment) []Step {
	var steps []Step
	for _, read := range outputReads(d.after) {
		if at := slices.IndexFunc(d.account.stacks, read.isOf); at >= 0 {
			if _, there := d.account.stacks[at].Template.Outputs[read.output]; !there {
				steps = append(steps, d.refuse("it reads the output %s, which does not have it", read))
			}
		} else if slices.ContainsFunc(d.head, read.isOf) {
			steps = append(steps, d.refuse("it reads the output %s, which is not deployed yet", read))
		}
	}
	return steps
}

// staleOutputs finds stacks that keep the former value of an output, although what it
// named is deleted.
func staleOutputs(d deployment) []Step {
	var steps []Step
	for _, reader := range d.account.stacks {
		for _, read := range outputReads(reader) {
			if read.isOf(d.after) && !same(reader, d.after) && d.changesOutput(read.output) {
				step := Step{Stack: d.after.ID, Action: Check, Verdict: ServiceCut}
				step.Why = "from here, until it is deployed again, " + reader.ID + " uses the former value of the output " + read.output
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// changesOutput reports whether an output that is deployed has another value afterwards,
// or names something that is deleted.
func (d deployment) changesOutput(name string) bool {
	old, there := d.before.Template.Outputs[name]
	young, stays := d.after.Template.Outputs[name]
	return there && (stays && !reflect.DeepEqual(old.Value, young.Value) || namesAny(old.Value, d.gone()))
}

// gone returns the logical ids of the resources that are deleted at the end of the
// deployment: those that are replaced, too.
func (d deployment) gone() map[string]bool {
	gone := map[string]bool{}
	for _, found := range d.changes {
		gone[found.id] = found.isReplaced() || found.after == nil
	}
	return gone
}
