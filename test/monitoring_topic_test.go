package test

import (
	"testing"
)

func TestEveryConfiguredAddressIsSubscribed(t *testing.T) {
	const subscription = "AWS::SNS::Subscription"
	monitoring := unusualDev(t).stack(t, "monitoring")

	monitoring.count(subscription, 2)
	for _, address := range []string{"first@example.com", "second@example.com"} {
		monitoring.has(subscription, props{
			"Protocol": "email",
			"Endpoint": address,
			"TopicArn": ref(monitoring.id(topicKind)),
		})
	}
	reference(t, "dev").stack(t, "monitoring").count(subscription, 0)
}
