package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/exceptions"
)

// failing are the controls of severity high or critical that are about what the
// templates define, and whether an environment fails them. Those about people,
// such as the root user's, and about settings of the account that no template
// has are in docs/alarms.md.
//
// Severities and resource types are AWS's: the user guide's sources at
// https://github.com/awsdocs/aws-security-hub-user-guide (46e180a, 2023-06), and
// for what is newer, which are Config.1, EC2.53, EC2.54, GuardDuty.5 to 11,
// IAM.28 and Inspector, its pages such as
// https://docs.aws.amazon.com/securityhub/latest/userguide/guardduty-controls.html
// in copies of 2026. Controls of CloudFront are checked in us-east-1 alone.
var failing = map[string]func(*testing.T, *environment) bool{
	"CloudTrail.1": lacks(trail, props{"IsMultiRegionTrail": true, "IsLogging": true}),
	"CloudTrail.3": lacks(trail, props{"IsLogging": true}),
	"CloudTrail.6": some("AWS::S3::Bucket", public),
	"S3.2":         some("AWS::S3::Bucket", public),
	"S3.3":         some("AWS::S3::Bucket", public),
	"S3.8":         some("AWS::S3::Bucket", public),
	"S3.6":         letsOthersChangeBuckets,

	"CloudWatch.15": some(alarmKind, func(alarm props) bool { return alarm["AlarmActions"] == nil }),
	"CloudWatch.17": some(alarmKind, func(alarm props) bool { return alarm["ActionsEnabled"] == false }),

	"Config.1":     lacks(recorder, props{"RecordingGroup": props{"AllSupported": true, "IncludeGlobalResourceTypes": true}}),
	"GuardDuty.1":  lacks(detector, props{"Enable": true}),
	"GuardDuty.5":  lacksPlan("EKS_AUDIT_LOGS"),
	"GuardDuty.6":  lacksPlan("LAMBDA_NETWORK_LOGS"),
	"GuardDuty.7":  lacksPlan("EKS_RUNTIME_MONITORING"),
	"GuardDuty.8":  lacksPlan("EBS_MALWARE_PROTECTION"),
	"GuardDuty.9":  lacksPlan("RDS_LOGIN_EVENTS"),
	"GuardDuty.10": lacksPlan("S3_DATA_EVENTS"),
	"GuardDuty.11": lacksPlan("RUNTIME_MONITORING"),
	"IAM.28":       lacks(analyzer, props{"Type": "ACCOUNT"}),
	"Inspector.1":  ownsInspector, // CloudFormation has no resource that turns these on
	"Inspector.2":  lacks(inspector, props{"ScanType": "ENHANCED"}),
	"Inspector.3":  ownsInspector,
	"Inspector.4":  ownsInspector,

	"EC2.2": func(t *testing.T, env *environment) bool {
		return !slices.ContainsFunc(resourcesOf(t, env, eventRule), func(r placed) bool { return readableID(r.id) == "DefaultGroupDailyRule" })
	},
	"EC2.13": openTo(22),
	"EC2.14": openTo(3389),
	"EC2.18": openTo(0),
	"EC2.19": openTo(0),
	"EC2.53": openTo(22),
	"EC2.54": openTo(22),

	"ECR.1": some("AWS::ECR::Repository", func(r props) bool { return !covers(r, props{"ImageScanningConfiguration": props{"ScanOnPush": true}}) }),
	"ECS.1": someContainer(func(c props) bool { return c["User"] != "1000:1000" }),
	"ECS.2": some("AWS::ECS::Service", func(s props) bool {
		return !covers(s, props{"NetworkConfiguration": props{"AwsvpcConfiguration": props{"AssignPublicIp": "DISABLED"}}})
	}),
	"ECS.3": some("AWS::ECS::TaskDefinition", func(d props) bool { return d["PidMode"] == "host" }),
	"ECS.4": someContainer(func(c props) bool { return c["Privileged"] == true }),
	"ECS.5": someContainer(func(c props) bool { return c["ReadonlyRootFilesystem"] != true }),
	"ECS.8": someContainer(func(c props) bool {
		for _, variable := range asList(c["Environment"]) {
			if slices.Contains([]any{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA"}, variable.(props)["Name"]) {
				return true
			}
		}
		return false
	}),

	"IAM.1": func(t *testing.T, env *environment) bool {
		return slices.ContainsFunc(allowed(t, env), func(s policyStatement) bool { return slices.Contains(s.Actions, "*") })
	},
	"Lambda.1": some("AWS::Lambda::Permission", func(p props) bool { return p["Principal"] == "*" }),
	"RDS.1":    some("AWS::RDS::DBSnapshot", func(props) bool { return true }),
	"RDS.2":    some("AWS::RDS::DBInstance", func(i props) bool { return i["PubliclyAccessible"] != false }),
	"RDS.13":   some("AWS::RDS::DBInstance", func(i props) bool { return i["AutoMinorVersionUpgrade"] != true }),
	"RDS.18":   some("AWS::RDS::DBCluster", func(c props) bool { return c["DBSubnetGroupName"] == nil }),
}

// some reports whether a resource of the type fails.
func some(kind string, fails func(props) bool) func(*testing.T, *environment) bool {
	return func(t *testing.T, env *environment) bool {
		return slices.ContainsFunc(resourcesOf(t, env, kind), func(r placed) bool { return fails(r.Properties) })
	}
}

// lacks reports whether no resource of the type has at least the properties, where
// the environment has one: else it is another's to decide.
func lacks(kind string, want props) func(*testing.T, *environment) bool {
	return func(t *testing.T, env *environment) bool {
		found := resourcesOf(t, env, kind)
		return len(found) > 0 && !slices.ContainsFunc(found, func(r placed) bool { return covers(r.Properties, want) })
	}
}

func lacksPlan(plan string) func(*testing.T, *environment) bool {
	return some(detector, func(d props) bool {
		return !slices.ContainsFunc(asList(d["Features"]), func(feature any) bool { return equal(feature, props{"Name": plan, "Status": "ENABLED"}) })
	})
}

func ownsInspector(t *testing.T, env *environment) bool {
	t.Helper()
	return len(resourcesOf(t, env, inspector)) > 0
}

// openTo reports whether the world reaches the port; with 0, one beside those of the
// web, which are what the controls allow by default.
func openTo(port float64) func(*testing.T, *environment) bool {
	web := []float64{80, 443}
	return some("AWS::EC2::SecurityGroupIngress", func(rule props) bool {
		if rule["CidrIp"] != "0.0.0.0/0" && rule["CidrIpv6"] != "::/0" {
			return false
		}
		from, to := rule["FromPort"].(float64), rule["ToPort"].(float64)
		if port == 0 {
			return from != to || !slices.Contains(web, from)
		}
		return from <= port && port <= to
	})
}

func someContainer(fails func(props) bool) func(*testing.T, *environment) bool {
	return some("AWS::ECS::TaskDefinition", func(d props) bool {
		return slices.ContainsFunc(asList(d["ContainerDefinitions"]), func(c any) bool { return fails(c.(props)) })
	})
}

func public(bucket props) bool {
	return !equal(bucket["PublicAccessBlockConfiguration"], props{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	})
}

// letsOthersChangeBuckets goes by the actions that S3.6 names.
func letsOthersChangeBuckets(t *testing.T, env *environment) bool {
	t.Helper()
	forbidden := []string{"s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl"}
	return slices.ContainsFunc(allowed(t, env), func(s policyStatement) bool {
		others := slices.ContainsFunc(s.Principals, func(p string) bool {
			return strings.HasPrefix(p, "AWS arn:") && !strings.Contains(p, "ACCOUNT")
		})
		return others && slices.ContainsFunc(s.Actions, func(action string) bool { return slices.Contains(forbidden, action) })
	})
}

// failedBy returns the controls that an environment fails.
func failedBy(t *testing.T, env *environment) []string {
	t.Helper()
	var failed []string
	for _, control := range slices.Sorted(maps.Keys(failing)) {
		if failing[control](t, env) {
			failed = append(failed, control)
		}
	}
	return failed
}

// suppressedBy returns the controls whose findings an environment suppresses.
func suppressedBy(t *testing.T, env *environment) []string {
	t.Helper()
	var controls []string
	for _, r := range resourcesOf(t, env, suppressor) {
		for _, filter := range at(t, r.Properties, "Criteria", "ComplianceSecurityControlId").([]any) {
			controls = append(controls, at(t, filter, "Value").(string))
		}
	}
	slices.Sort(controls)
	return controls
}

// A false page a day is how an alarm gets muted.
func TestEveryControlThatTheTemplatesFailIsSuppressed(t *testing.T) {
	prod := suppressedBy(t, reference(t, "prod"))
	require.Contains(t, prod, "RDS.13")
	for name, env := range map[string]*environment{
		"prod": reference(t, "prod"), "other plans": tunedProd(t), "all standards": unusualProd(t),
	} {
		failed := failedBy(t, env)
		for _, control := range failed {
			require.Contains(t, suppressedBy(t, env), control, "%s: no entry of internal/exceptions/exceptions.yaml says why it is meant to be so", name)
		}
	}
	for _, suffix := range []string{"staging", "dev"} {
		require.Empty(t, resourcesOf(t, reference(t, suffix), suppressor), "it is prod's Security Hub")
		require.Subset(t, prod, failedBy(t, reference(t, suffix)), suffix)
	}
}

func TestNoSuppressedControlPasses(t *testing.T) {
	for name, env := range map[string]*environment{"prod": reference(t, "prod"), "other plans": tunedProd(t)} {
		failed := append(failedBy(t, env), "CloudWatch.15", "CloudWatch.17") // those of environments with stricter alarms
		for _, control := range suppressedBy(t, env) {
			require.Contains(t, failed, control, "%s: take it out of internal/exceptions/exceptions.yaml", name)
		}
	}
}

// An account may hold what is not ours: its findings are news.
func TestSuppressedFindingsAreOursAndHaveAReason(t *testing.T) {
	env := reference(t, "prod")
	reasons := map[string]exceptions.Exception{}
	for _, each := range exceptions.All() {
		reasons[each.ID] = each
	}
	for _, r := range resourcesOf(t, env, suppressor) {
		each, ok := reasons[strings.TrimPrefix(readableID(r.id), "SecurityHub")]
		require.True(t, ok, r)
		require.Equal(t, "ENABLED", r.Properties["RuleStatus"])
		require.Equal(t, props{
			"Workflow": props{"Status": "SUPPRESSED"},
			"Note":     props{"Text": each.Reason, "UpdatedBy": env.Name()},
		}, at(t, r.Properties, "Actions", 0, "FindingFieldsUpdate"))
		of, limited := at(t, r.Properties, "Criteria").(props)["ResourceId"]
		require.Equal(t, each.SecurityHub.Of != "", limited, "%s: of the account, or of resources of ours", r)
		if limited {
			require.Equal(t, "PREFIX", at(t, of, 0, "Comparison"))
			service, kind, _ := strings.Cut(each.SecurityHub.Of, " ")
			require.Equal(t, "arn:aws:"+service+":eu-north-1:ACCOUNT:"+kind+":"+config.Project+"-", readable(t, env, at(t, of, 0, "Value")))
		}
	}
}
