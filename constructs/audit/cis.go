package audit

import (
	"fmt"
	"strings"
)

// CISEvent is an event that the CIS AWS Foundations Benchmark requires an alarm for.
type CISEvent struct {
	// Name is the metric that counts the event. Meaning says in one line what
	// happened. Pattern is the metric filter's.
	Name, Meaning, Pattern string
}

// CISEvents have the benchmark's patterns word for word: Security Hub compares them
// (CloudWatch.1 to CloudWatch.14) and accepts no additions.
var CISEvents = []CISEvent{
	{"RootAccountUsage", "Root account usage",
		`{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`},
	{"UnauthorizedAPICalls", "Unauthorized API calls", `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`},
	{"ConsoleSignInWithoutMFA", "Console sign-in without MFA",
		`{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ` +
			`($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`},
	{"IAMPolicyChanges", "IAM policy changes", of("iam.amazonaws.com",
		"DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy",
		"CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy",
		"AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy")},
	{"TrailChanges", "CloudTrail configuration changes: API calls may go unrecorded", named(
		"CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")},
	{"ConsoleAuthenticationFailures", "Console authentication failures",
		`{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`},
	{"KMSKeyDeletions", "A KMS key was disabled or scheduled for deletion: data that it encrypts becomes unreadable", of("kms.amazonaws.com",
		"DisableKey", "ScheduleKeyDeletion")},
	{"S3BucketPolicyChanges", "S3 bucket policy changes", of("s3.amazonaws.com",
		"PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
		"DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication")},
	{"AWSConfigChanges", "AWS Config configuration changes: changes of resources may go unrecorded", of("config.amazonaws.com",
		"StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder")},
	{"SecurityGroupChanges", "Security group changes", named(
		"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
		"RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup")},
	{"NetworkACLChanges", "Network ACL changes", named(
		"CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
		"ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation")},
	{"NetworkGatewayChanges", "Network gateway changes", named(
		"CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway",
		"DeleteInternetGateway", "DetachInternetGateway")},
	{"RouteTableChanges", "Route table changes", of("ec2.amazonaws.com",
		"CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation",
		"DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable")},
	{"VPCChanges", "VPC changes: created, deleted, modified or peered", named(
		"CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
		"DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc",
		"DisableVpcClassicLink", "EnableVpcClassicLink")},
}

// named returns a pattern of these calls, whose names only one service has.
func named(events ...string) string { return "{" + anyOf(events) + "}" }

// of returns a pattern of these calls to one service.
func of(service string, events ...string) string {
	return fmt.Sprintf("{($.eventSource=%s) && (%s)}", service, anyOf(events))
}

func anyOf(events []string) string {
	terms := make([]string, len(events))
	for i, event := range events {
		terms[i] = fmt.Sprintf("($.eventName=%s)", event)
	}
	return strings.Join(terms, " || ")
}
