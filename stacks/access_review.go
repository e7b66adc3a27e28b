package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
)

// everyQuarter is the first Monday of January, April, July and October, 08:00.
const everyQuarter = "cron(0 8 ? 1,4,7,10 2#1 *)"

// remindOfAccessReview asks for the review where the data is production's. The
// review is of the whole account and names the other environments.
func remindOfAccessReview(stack awscdk.Stack, env environment, topic awssns.ITopic) {
	if !env.lifecycle.protected {
		return
	}
	alerting.NewReminder(stack, "AccessReview", alerting.ReminderProps{
		Schedule: everyQuarter,
		Text:     "The quarterly access review of " + env.name + " is due: docs/access-review.md in its repository",
		Topic:    topic,
	})
}
