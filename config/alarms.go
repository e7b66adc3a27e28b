package config

// Alarms says when somebody is told, and who.
type Alarms struct {
	// Emails are subscribed to the alarm topic; each must confirm the mail that
	// AWS sends. An address has at most 64 characters before the @ and 254 in
	// all, as in SMTP. A short-lived environment has none: whoever is on call for
	// its model is not for it. Default: none.
	Emails []string `json:"emails" jsonschema:"uniqueItems=true" format:"emails"`

	// ErrorRatePercent is the share of requests answered with 5xx that is too
	// high, more than 0 and at most 100. Default: 5.
	ErrorRatePercent float64 `json:"errorRatePercent" jsonschema:"exclusiveMinimum=0,maximum=100"`

	// RequestsPerMinute is the traffic that is unusual, 1 to 10000000.
	// Default: 10000.
	RequestsPerMinute int `json:"requestsPerMinute" jsonschema:"minimum=1,maximum=10000000"`

	// DatabaseFailures is how many failed database connections in five minutes
	// are too many, 1 to 10000: refused by the database, or reported by the
	// application, each on its own. Default: 5.
	DatabaseFailures int `json:"databaseFailures" jsonschema:"minimum=1,maximum=10000"`

	// AuthFailures is how many failed sign-ins to the application in five
	// minutes are too many, 1 to 100000. People mistype; a number that they
	// reach by themselves is soon ignored. Default: 20.
	AuthFailures int `json:"authFailures" jsonschema:"minimum=1,maximum=100000"`

	// SQLInjections is how many signs of SQL injection in five minutes are too
	// many, 1 to 100000: requests at the web ACL, input of the application, or
	// malformed statements at the database, each on its own. Scanners of the
	// whole internet come by at any time. Default: 10.
	SQLInjections int `json:"sqlInjections" jsonschema:"minimum=1,maximum=100000"`

	// ResponseSeconds is how long the tasks may take for an answer: 95 of 100
	// requests must be faster, more than 0 and at most 60. The alarm is one of the extended.
	// Default: 2.
	ResponseSeconds float64 `json:"responseSeconds" jsonschema:"exclusiveMinimum=0,maximum=60"`

	// Probe has Route 53 ask for service.healthCheckPath as viewers do, some
	// times a minute, and wakes somebody when nothing arrives at the load
	// balancer any more, which no other metric in this region shows. It comes from
	// Ireland and the United States, so edge.countries must have them. Its
	// requests count as answered ones. AWS bills each health check by the month.
	// A short-lived environment has none. Default: true.
	Probe bool `json:"probe"`

	// Extended adds the alarms on the error budget of the SLO, on unusual
	// traffic, on slow answers, on saturation and on undelivered notifications, and
	// a stricter alarm for each security alarm. Its actions are disabled until an
	// incident, and a short-lived environment has none. AWS lists 0.10 USD a month for each metric that an alarm watches
	// and 0.50 for an alarm made of others; these are about 7 USD together.
	// Default: true.
	Extended bool `json:"extended"`
}

// SLO is the service level objective, over the last 30 days: what share of
// requests is not answered with 5xx. What it leaves for errors is the error
// budget.
type SLO struct {
	// AvailabilityPercent is the objective, 95 to 99.99: at 99.9 an outage of
	// 43 minutes uses the month's budget up. A deployment that spends the budget
	// 14.4 times too fast for five minutes is taken back by itself.
	// Default: 99.9.
	AvailabilityPercent float64 `json:"availabilityPercent" jsonschema:"minimum=95,maximum=99.99" format:"availability"`

	// MinRequests is how many requests there must be in the time that an alarm
	// on the budget looks at, 5 minutes at the least, 1 to 1000000. With fewer
	// there is no alarm: one failure of two at night would be one. With 300 and
	// 99.9 %, five failures are the fewest that count. One failure must not take
	// a deployment back: the closer the objective is to 100 %, the more requests
	// it takes. Default: 300.
	MinRequests int `json:"minRequests" jsonschema:"minimum=1,maximum=1000000"`
}

// IncidentResponse is what the runbooks for an incident need.
type IncidentResponse struct {
	// EvidenceRetentionDays is how long the evidence of runbooks is locked against
	// deletion, 1 to 3653 days. Then it expires. A disposable environment locks
	// nothing. Default: 365.
	EvidenceRetentionDays int `json:"evidenceRetentionDays" jsonschema:"minimum=1,maximum=3653"`

	// Approvers may approve the steps of runbooks that need an approval, beside the
	// role Approver: up to nine ARNs of IAM roles or users, such as the roles of
	// single sign-on. They should not be those who start runbooks. Default: none.
	Approvers []string `json:"approvers" jsonschema:"uniqueItems=true,maxItems=9" format:"approver"`
}
