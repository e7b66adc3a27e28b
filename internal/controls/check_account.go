package controls

import (
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// accountChecks judge what watches an account: AWS Backup, CloudTrail, CloudWatch,
// Config, GuardDuty, IAM Access Analyzer and Inspector.
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
var accountChecks = map[string]check{
	"Backup.1": onlyIf(isBackedUp, property("StorageEncrypted", true)), // a recovery point of Aurora has the cluster's key

	"CloudTrail.1": atLeastOne(recordsManagement),
	"CloudTrail.2": set("KMSKeyId"),
	"CloudTrail.3": atLeastOne(property("IsLogging", true)),
	"CloudTrail.4": property("EnableLogFileValidation", true),
	"CloudTrail.5": set("CloudWatchLogsLogGroupArn"),
	"CloudTrail.6": ofItsBucket(func(bucket resource) bool {
		return bucket.at(publicAccess) == nil || // AWS then blocks public access
			bucket.at(publicAccess+"/IgnorePublicAcls") == true && bucket.at(publicAccess+"/RestrictPublicBuckets") == true
	}),
	"CloudTrail.7": ofItsBucket(func(bucket resource) bool { return bucket.at("LoggingConfiguration") != nil }),

	"CloudWatch.15": func(_ *environment, r resource) verdict { return holds(len(assembly.AsList(r.at("AlarmActions"))) > 0) },
	"CloudWatch.16": func(_ *environment, r resource) verdict {
		days, limited := r.at("RetentionInDays").(float64)
		return holds(!limited || days >= 365)
	},
	"CloudWatch.17": property("ActionsEnabled", nil, true),

	"Config.1": recordsAll,

	"GuardDuty.1":  property("Enable", true),
	"GuardDuty.5":  hasPlan("EKS_AUDIT_LOGS", ""),
	"GuardDuty.6":  hasPlan("LAMBDA_NETWORK_LOGS", ""),
	"GuardDuty.7":  anyOf(hasPlan("RUNTIME_MONITORING", eksAgent), hasPlan("EKS_RUNTIME_MONITORING", eksAgent)),
	"GuardDuty.8":  hasPlan("EBS_MALWARE_PROTECTION", ""),
	"GuardDuty.9":  hasPlan("RDS_LOGIN_EVENTS", ""),
	"GuardDuty.10": hasPlan("S3_DATA_EVENTS", ""),
	"GuardDuty.11": hasPlan("RUNTIME_MONITORING", ""),
	"GuardDuty.12": hasPlan("RUNTIME_MONITORING", "ECS_FARGATE_AGENT_MANAGEMENT"),
	"GuardDuty.13": hasPlan("RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT"),

	"IAM.28": atLeastOne(property("Type", "ACCOUNT")), // that of an organization does not count for a member account

	"Inspector.1": onlyIf(ownsInspector, isOff),
	"Inspector.2": property("ScanType", "ENHANCED"),
	"Inspector.3": onlyIf(ownsInspector, isOff),
	"Inspector.4": onlyIf(ownsInspector, isOff),
}

const (
	publicAccess = "PublicAccessBlockConfiguration"
	eksAgent     = "EKS_ADDON_MANAGEMENT"
)

// ownsInspector passes the setting by which an environment turns on Inspector's scans of
// images. CloudFormation has no resource that turns on others.
var ownsInspector = property("ScanType", "ENHANCED")

func isOff(*environment, resource) verdict { return fails }

// isBackedUp passes a cluster that a selection of AWS Backup names.
func isBackedUp(e *environment, cluster resource) verdict {
	name := "${" + cluster.Stack.ID + "." + cluster.ID
	return holds(slices.ContainsFunc(e.byType["AWS::Backup::BackupSelection"], func(selection resource) bool {
		return slices.ContainsFunc(assembly.AsList(selection.at("BackupSelection/Resources")), func(arn any) bool {
			return strings.Contains(e.text(selection, arn), name)
		})
	}))
}

// recordsManagement passes a trail of all regions that leaves no management event out.
func recordsManagement(_ *environment, trail resource) verdict {
	basic, advanced := assembly.AsList(trail.at("EventSelectors")), assembly.AsList(trail.at("AdvancedEventSelectors"))
	everyEvent := len(basic)+len(advanced) == 0 || // CloudTrail's default
		slices.ContainsFunc(basic, func(selector any) bool {
			return at(selector, "IncludeManagementEvents") != false && isOneOf(at(selector, "ReadWriteType"), []any{nil, "All"}) &&
				len(assembly.AsList(at(selector, "ExcludeManagementEventSources"))) == 0
		}) ||
		slices.ContainsFunc(advanced, func(selector any) bool {
			fields := assembly.AsList(at(selector, "FieldSelectors"))
			return len(fields) == 1 && isOneOf("Management", assembly.AsList(at(fields[0], "Equals")))
		})
	return holds(everyEvent && trail.at("IsMultiRegionTrail") == true && trail.at("IsLogging") == true)
}

// ofItsBucket judges a trail by its bucket. One with a bucket of others is exempt.
func ofItsBucket(complies func(resource) bool) check {
	return func(e *environment, trail resource) verdict {
		bucket, ok := e.target(trail, trail.at("S3BucketName"))
		if !ok {
			return exempt
		}
		return holds(complies(bucket))
	}
}

// recordsAll passes a recorder of all types with the service-linked role, where there is
// a channel, without which Config records nothing.
func recordsAll(e *environment, recorder resource) verdict {
	role := e.text(recorder, recorder.at("RoleARN"))
	return holds(recorder.at("RecordingGroup/AllSupported") == true && recorder.at("RecordingGroup/IncludeGlobalResourceTypes") == true &&
		strings.HasSuffix(role, "/AWSServiceRoleForConfig") && len(e.byType["AWS::Config::DeliveryChannel"]) > 0)
}

// hasPlan checks that a plan of GuardDuty is enabled, with this management of agents if
// any. Without a list of plans AWS enables all but those that need agents.
func hasPlan(name, agent string) check {
	enabled := func(list []any, name string) (any, bool) {
		i := slices.IndexFunc(list, func(one any) bool { return at(one, "Name") == name && at(one, "Status") == "ENABLED" })
		if i < 0 {
			return nil, false
		}
		return list[i], true
	}
	return func(_ *environment, detector resource) verdict {
		plans := assembly.AsList(detector.at("Features"))
		if len(plans) == 0 {
			return holds(!strings.HasSuffix(name, "RUNTIME_MONITORING"))
		}
		plan, ok := enabled(plans, name)
		if agent != "" && ok {
			_, ok = enabled(assembly.AsList(at(plan, "AdditionalConfiguration")), agent)
		}
		return holds(ok)
	}
}
