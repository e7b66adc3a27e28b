package invariants

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Name is a name that AWS does not make up, and of what it is one.
type Name struct{ Of, Value string }

// longest are the longest names that AWS takes, by what the name is of.
var longest = map[string]int{
	"AWS::Backup::BackupPlan BackupPlanName":                        50,
	"AWS::Backup::BackupVault BackupVaultName":                      50,
	"AWS::Backup::RestoreTestingPlan RestoreTestingPlanName":        50,
	"AWS::CloudFront::Function Name":                                64,
	"AWS::CloudFront::ResponseHeadersPolicy Name":                   128,
	"AWS::CloudFront::VpcOrigin Name":                               64,
	"AWS::CloudTrail::Trail TrailName":                              128,
	"AWS::CloudWatch::Dashboard DashboardName":                      255,
	"AWS::ECR::Repository RepositoryName":                           256,
	"AWS::ECS::TaskDefinition Family":                               255,
	"AWS::KMS::Alias AliasName":                                     256,
	"AWS::Logs::LogGroup LogGroupName":                              512,
	"AWS::Logs::QueryDefinition Name":                               255,
	"AWS::RDS::DBCluster DBClusterIdentifier":                       63,
	"AWS::RDS::DBClusterParameterGroup DBClusterParameterGroupName": 255,
	"AWS::SNS::Topic TopicName":                                     256,
	"AWS::SSM::Document Name":                                       128,
	"AWS::Serverless::Application functionName":                     64,
	"AWS::Shield::Protection Name":                                  128,
	"AWS::WAFv2::IPSet Name":                                        128,
	"stack":                                                         128,
	"export":                                                        255,
}

var ofNames = []Invariant{
	{"a name is as long as AWS takes it", "The limits are in longest of test/invariants/names.go, each from AWS's reference of the resource", func(env *Environment) (broken []string) {
		for _, name := range slices.Concat(PhysicalNames(env), StackAndExportNames(env)) {
			_, of, _ := strings.Cut(name.Of, " ")
			if of == "" {
				of = name.Of
			}
			if len(name.Value) > longest[of] {
				broken = append(broken, fmt.Sprintf("%s %s is longer than %d, or its limit is not known", name.Of, name.Value, longest[of]))
			}
		}
		return broken
	}},
	{"a name is the environment's own, and taken once", "Begin the name with env.name, or leave it to CloudFormation", func(env *Environment) []string { return Taken([]*Environment{env}) }},
}

// Taken says which names of the environments, which may be in one account, are
// not the environment's own, or are taken twice.
func Taken(environments []*Environment) (broken []string) {
	taken := map[Name]string{}
	for _, env := range environments {
		for _, name := range slices.Concat(PhysicalNames(env), StackAndExportNames(env)) {
			if !strings.Contains(strings.ReplaceAll(name.Value, "-", ""), strings.ReplaceAll(env.Environment, "-", "")) {
				broken = append(broken, fmt.Sprintf("%s: the %s %s", env.Environment, name.Of, name.Value))
			}
			if other, twice := taken[name]; twice {
				broken = append(broken, fmt.Sprintf("%s: the %s %s is taken by %s", env.Environment, name.Of, name.Value, other))
			}
			taken[name] = env.Environment
		}
	}
	return broken
}

// scopedNames are names inside a resource that has another name.
var scopedNames = []string{
	"AWS::ApplicationAutoScaling::ScalingPolicy PolicyName",
	"AWS::Backup::BackupSelection SelectionName",
	"AWS::Backup::RestoreTestingSelection RestoreTestingSelectionName",
	"AWS::CertificateManager::Certificate DomainName", // the file's, and no other file's
	"AWS::CloudWatch::Alarm MetricName",
	"AWS::Config::ConfigRule SourceIdentifier",
	"AWS::EC2::VPCEndpoint ServiceName",         // AWS's
	"AWS::SecurityHub::AutomationRule RuleName", // it must have one, and may change
	"AWS::WAFv2::WebACL MetricName",
	"AWS::RDS::DBCluster DatabaseName",
	"AWS::RDS::DBCluster SourceDBClusterIdentifier",
	"AWS::RDS::DBClusterParameterGroup Family",
	"AWS::Route53::HealthCheck FullyQualifiedDomainName",
	"AWS::Route53::RecordSet Name", // the file's, and no other file's
	"AWS::SNS::Topic DisplayName",
}

// PhysicalNames returns the names of resources, each with its stack, type and
// property.
func PhysicalNames(env *Environment) (found []Name) {
	for _, r := range env.Resources() {
		names := namesIn(r.Properties)
		for _, property := range slices.Sorted(maps.Keys(names)) {
			if !slices.Contains(scopedNames, r.Type+" "+property) {
				found = append(found, Name{r.Stack + " " + r.Type + " " + property, names[property]})
			}
		}
	}
	return found
}

var nameProperty = regexp.MustCompile(`(^n|N)ame$|Identifier$|^Family$`)

// namesIn returns the names in the properties, those of list elements left out:
// they are names within the resource.
func namesIn(properties Object) map[string]string {
	found := map[string]string{}
	for key, value := range properties {
		switch value := value.(type) {
		case string:
			if nameProperty.MatchString(key) {
				found[key] = value
			}
		case Object:
			maps.Copy(found, namesIn(value))
		}
	}
	return found
}

// StackAndExportNames returns the names that CloudFormation allows once in a region.
func StackAndExportNames(env *Environment) (found []Name) {
	for _, stack := range env.Stacks {
		found = append(found, Name{"stack", stack.Name})
		for _, id := range slices.Sorted(maps.Keys(stack.Template.Outputs)) {
			if export, ok := stack.Template.Outputs[id].Export.Name.(string); ok {
				found = append(found, Name{"export", export})
			}
		}
	}
	return found
}
