package audit

import (
	"fmt"
	"strings"
)

// CISEvent is what the CIS AWS Foundations Benchmark wants to be told of.
type CISEvent struct {
	// Name is that of the metric that counts it. Meaning says in one line what
	// was done, Pattern is that of the metric filter.
	Name, Meaning, Pattern string
}

// CISEvents have the benchmark's patterns word for word: Security Hub compares them
// (CloudWatch.1 to CloudWatch.14) and accepts no additions.
var CISEvents = []CISEvent{
	{"RootUse", "Somebody works as the root user", `{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`},
	{"UnauthorizedCalls", "Somebody tries what they may not do", `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`},
	{"ConsoleSignInWithoutMFA", "Somebody signed in to the console without a second factor", `{($.eventName="ConsoleLogin") && ($.additionalEventData.MFAUsed !="Yes") && ($.userIdentity.type="IAMUser") && ($.responseElements.ConsoleLogin="Success")}`},
	{"IAMChanges", "A policy, or who has it, was changed", of("iam.amazonaws.com",
		"DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy",
		"CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy",
		"AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy")},
	{"TrailChanges", "A trail was changed: actions may go unrecorded", named(
		"CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")},
	{"ConsoleSignInFailures", "Somebody fails to sign in to the console", `{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`},
	{"KeyDeletions", "A key was disabled or will be deleted, and with it all that it encrypts", of("kms.amazonaws.com",
		"DisableKey", "ScheduleKeyDeletion")},
	{"BucketPolicyChanges", "Who may read or write a bucket was changed", of("s3.amazonaws.com",
		"PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
		"DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication")},
	{"ConfigChanges", "AWS Config was changed: changes may go unrecorded", of("config.amazonaws.com",
		"StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder")},
	{"SecurityGroupChanges", "A security group was changed", named(
		"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
		"RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup")},
	{"NetworkACLChanges", "A network ACL was changed", named(
		"CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
		"ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation")},
	{"GatewayChanges", "A way out of a network was opened or closed", named(
		"CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway",
		"DeleteInternetGateway", "DetachInternetGateway")},
	{"RouteTableChanges", "A route was changed: traffic may take another way", of("ec2.amazonaws.com",
		"CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation",
		"DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable")},
	{"VPCChanges", "A VPC was made, changed, deleted or joined with another", named(
		"CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
		"DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc",
		"DisableVpcClassicLink", "EnableVpcClassicLink")},
}

// named matches the calls of these names, of a service that is the only one to
// have them.
func named(events ...string) string { return "{" + anyOf(events) + "}" }

// of matches the calls of these names to one service.
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
