package config

// Alarms is when an alarm goes off, and who gets mail.
type Alarms struct {
	// Emails are subscribed to the alarm topic. Each must confirm the mail that AWS
	// sends. An address has at most 64 characters before the @ and 254 in all, as
	// in SMTP. A short-lived environment has none, since nobody is on call for it.
	// Default: none.
	Emails []string `json:"emails" jsonschema:"uniqueItems=true" format:"emails"`

	// ErrorRatePercent is the percentage of requests answered with 5xx from which the
	// alarm goes off, more than 0 and at most 100. Default: 5.
	ErrorRatePercent float64 `json:"errorRatePercent" jsonschema:"exclusiveMinimum=0,maximum=100"`

	// RequestsPerMinute is the traffic from which the alarm on unusual traffic goes
	// off, 1 to 10000000.
	// Default: 10000.
	RequestsPerMinute int `json:"requestsPerMinute" jsonschema:"minimum=1,maximum=10000000"`

	// DatabaseFailures is how many failed database connections in five minutes are too
	// many, 1 to 10000. Those that the database refuses and those that the application
	// reports are counted apart. Default: 5.
	DatabaseFailures int `json:"databaseFailures" jsonschema:"minimum=1,maximum=10000"`

	// AuthFailures is how many failed sign-ins to the application in five minutes are
	// too many, 1 to 100000. People mistype: an alarm that they set off without an
	// attack is soon ignored. Default: 20.
	AuthFailures int `json:"authFailures" jsonschema:"minimum=1,maximum=100000"`

	// SQLInjections is how many signs of SQL injection in five minutes are too many, 1
	// to 100000. Requests that the web ACL matches, input that the application
	// reports, and malformed statements at the database are counted apart. Scanners of
	// the whole internet cause some at any time. Default: 10.
	SQLInjections int `json:"sqlInjections" jsonschema:"minimum=1,maximum=100000"`

	// ResponseSeconds is the 95th percentile of the tasks' response times from which
	// the alarm goes off, more than 0 and at most 60. It is one of the extended alarms.
	// Default: 2.
	ResponseSeconds float64 `json:"responseSeconds" jsonschema:"exclusiveMinimum=0,maximum=60"`

	// Probe has Route 53 request service.healthCheckPath as viewers do, some times a
	// minute. An alarm goes off when no request arrives at the load balancer any more,
	// which no other metric of this region shows. The requests come from Ireland and
	// the United States, so edge.countries must have both. They count as answered
	// requests. AWS bills each health check by the month. A short-lived environment has
	// none. Default: true.
	Probe bool `json:"probe"`

	// Extended adds the alarms on the error budget of the SLO, on unusual
	// traffic, on slow answers, on saturation and on undelivered notifications, and
	// a stricter alarm for each security alarm. Its actions are disabled until an
	// incident, and a short-lived environment has none. AWS lists 0.10 USD a month for
	// each metric that an alarm watches and 0.50 for a composite alarm, about 7 USD
	// together.
	// Default: true.
	Extended bool `json:"extended"`
}

// SLO is the service level objective: the percentage of requests of the last 30 days
// that are not answered with 5xx. The rest is the error budget.
type SLO struct {
	// AvailabilityPercent is the objective, 95 to 99.99. At 99.9 an outage of 43 minutes
	// spends the month's error budget. A deployment that spends it 14.4 times too fast
	// for five minutes is rolled back.
	// Default: 99.9.
	AvailabilityPercent float64 `json:"availabilityPercent" jsonschema:"minimum=95,maximum=99.99" format:"availability"`

	// MinRequests is how many requests a burn-rate alarm needs in its window, the
	// shortest of which is 5 minutes, 1 to 1000000. With fewer it does not go off: at
	// night one failure of two requests would be an outage. With 300 at 99.9 % five
	// failures are the fewest that count. One failure must not roll a deployment back,
	// so an objective closer to 100 % needs more requests. Default: 300.
	MinRequests int `json:"minRequests" jsonschema:"minimum=1,maximum=1000000"`
}

// IncidentResponse configures the runbooks for incidents.
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
