package published

import (
	"slices"
	"time"
)

// Support is until when AWS supports something, and where it says so.
type Support struct {
	// End is the last day; the zero time where none is announced.
	End time.Time

	// Source is AWS's page.
	Source string
}

// Lost reports whether the support has ended by then.
func (s Support) Lost(now time.Time) bool {
	return !s.End.IsZero() && !now.Before(s.End.AddDate(0, 0, 1))
}

// The pages, read on 2026-11-27.
const (
	auroraCalendar  = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html"
	lambdaRuntimes  = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"
	edgeRuntimes    = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-features.html"
	viewerPolicies  = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html"
	balancePolicies = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"
	scriptRuntimes  = "https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html"
)

// auroraEnds are the ends of standard support of Aurora PostgreSQL's minor
// versions: after that AWS upgrades them, or bills Extended Support where the
// whole major version has ended. Of what had ended when the page was read
// nothing is here.
var auroraEnds = map[string]string{
	"14.6": "2027-02-28", "14.17": "2026-11-30", "14.18": "2026-12-31", "14.19": "2027-02-28",
	"14.20": "2027-02-28", "14.22": "2027-02-28", "14.23": "2027-02-28",
	"15.10": "2028-02-29", "15.12": "2026-11-30", "15.13": "2026-12-31", "15.14": "2027-04-30",
	"15.15": "2027-05-31", "15.17": "2027-09-30", "15.18": "2027-12-31",
	"16.8": "2029-02-28", "16.9": "2026-12-31", "16.10": "2027-04-30", "16.11": "2027-05-31",
	"16.13": "2027-09-30", "16.14": "2027-12-31",
	"17.4": "2026-11-30", "17.5": "2026-12-31", "17.6": "2027-04-30", "17.7": "2030-02-28",
	"17.9": "2027-09-30", "17.10": "2027-12-31",
	"18.3": "2027-11-30", "18.4": "2027-12-31",
}

// unannounced are supported, and their pages name no end.
var unannounced = map[string]string{
	"cloudfront-js-2.0": edgeRuntimes,
	"TLSv1.2_2021":      viewerPolicies,
	"ELBSecurityPolicy-TLS13-1-2-Res-2021-06": balancePolicies,
	"automation python3.11":                   scriptRuntimes,
}

// rotations are the runtimes of the application that rotates the password, by
// its version: https://github.com/aws/aws-cdk/pull/37660.
var rotations = map[string]string{"1.1.671": "python3.12"}

// SupportOf returns the support of what a template pins: a version of Aurora
// PostgreSQL or of the application that rotates its password, a runtime, or a
// TLS policy; "automation" stands before a runtime of Systems Manager's.
// Whether it is known comes second.
func SupportOf(pinned string) (Support, bool) {
	if runtime, is := rotations[pinned]; is {
		pinned = runtime
	}
	if source, is := unannounced[pinned]; is {
		return Support{Source: source}, true
	}
	if end, is := parsed().LambdaRuntimesEnd[pinned]; is {
		return Support{day(end).AddDate(0, 0, -1), lambdaRuntimes}, true // the day of the deprecation itself is none any more
	}
	if end, is := auroraEnds[pinned]; is {
		return Support{day(end), auroraCalendar}, true
	}
	return Support{}, false
}

// AuroraVersions returns the versions of Aurora PostgreSQL that can be created
// and had standard support when the calendar was read, in order.
func AuroraVersions() []string {
	return slices.DeleteFunc(slices.Clone(parsed().AuroraVersions), func(version string) bool { return auroraEnds[version] == "" })
}

func day(text string) time.Time {
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // only if the table is wrong, which its test sees first
	}
	return parsed
}
