package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// cis are the actions, or another part of the pattern, by which each of the
// benchmark's filters is known.
var cis = map[string][]string{
	"RootAccountUsage":              {`$.userIdentity.type="Root"`, "NOT EXISTS"},
	"UnauthorizedAPICalls":          {`"*UnauthorizedOperation"`, `"AccessDenied*"`},
	"ConsoleSignInWithoutMFA":       {`$.additionalEventData.MFAUsed !="Yes"`},
	"IAMPolicyChanges":              {"PutRolePolicy", "AttachUserPolicy", "CreatePolicyVersion"},
	"TrailChanges":                  {"StopLogging", "DeleteTrail"},
	"ConsoleAuthenticationFailures": {`"Failed authentication"`},
	"KMSKeyDeletions":               {"DisableKey", "ScheduleKeyDeletion"},
	"S3BucketPolicyChanges":         {"PutBucketPolicy", "DeleteBucketPolicy"},
	"AWSConfigChanges":              {"StopConfigurationRecorder", "DeleteDeliveryChannel"},
	"SecurityGroupChanges":          {"AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress"},
	"NetworkACLChanges":             {"ReplaceNetworkAclEntry"},
	"NetworkGatewayChanges":         {"AttachInternetGateway"},
	"RouteTableChanges":             {"ReplaceRoute"},
	"VPCChanges":                    {"AcceptVpcPeeringConnection"},
}

func TestEveryEventOfTheCISBenchmarkIsFoundInTheTrail(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		found := map[string]string{}
		for id, filter := range audit.ofType(metricFilter) {
			require.Equal(t, ref(audit.id(logGroup)), filter.Properties["LogGroupName"], id)
			metric := at(t, filter.Properties, "MetricTransformations", 0).(props)
			require.Equal(t, env.Name()+"/CIS", metric["MetricNamespace"], id)
			require.Equal(t, "1", metric["MetricValue"], id)
			require.Equal(t, 0.0, metric["DefaultValue"], id)
			found[textOf(t, id, metric, "MetricName")] = textOf(t, id, filter.Properties, "FilterPattern")
		}
		require.Len(t, found, len(cis))
		for name, parts := range cis {
			for _, part := range parts {
				require.Contains(t, found[name], part, name)
			}
		}
	})
}
