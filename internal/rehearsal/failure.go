package rehearsal

import (
	"slices"

	"catalog-infra/internal/assembly"
)

// singletons are types of which an account has one in a region. None of them has a
// name by which CloudFormation could take it over.
//   - https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
//   - https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html
//   - https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html
//   - https://docs.aws.amazon.com/config/latest/APIReference/API_PutDeliveryChannel.html
var singletons = []string{
	"AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub", "AWS::Config::ConfigurationRecorder", "AWS::Config::DeliveryChannel",
}

// afterFailure returns what a failure later in the stack leaves behind, and whether
// the same deployment can be tried again. CloudFormation deletes what it created,
// except resources with the deletion policy Retain:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func afterFailure(stack assembly.Stack, all []change) []Step {
	last := slices.IndexFunc(all, func(found change) bool { return found.after == nil })
	if last < 0 {
		last = len(all)
	}
	var steps []Step
	for i, found := range all[:last] {
		if found.before != nil || found.after.DeletionPolicy != "Retain" || i == last-1 {
			continue
		}
		step := Step{Stack: stack.ID, Resource: found.id, Type: found.after.Type, Action: Retain, Verdict: Left,
			Why: "a failure later in the stack leaves it without one; the next deployment makes another"}
		switch {
		case nameOf(*found.after) != "":
			step.Verdict, step.Why = Fine, "a failure later in the stack leaves it, and the next deployment takes it over"
		case slices.Contains(singletons, found.after.Type):
			step.refuse("a failure later in the stack leaves it without one, and an account takes no second")
		}
		steps = append(steps, step)
	}
	return steps
}
