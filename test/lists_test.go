package test

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// breaches are what breaks a rule, and the environments in which it does: a
// failure names each once.
type breaches map[string][]string

func (b breaches) add(env *environment, what string) {
	if !slices.Contains(b[what], env.Environment) {
		b[what] = append(b[what], env.Environment)
	}
}

// fail says of each breach what the rule is and what to do, or nothing where
// there is none.
func (b breaches) fail(t *testing.T, rule string) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(b)) {
		t.Errorf("%s, in %s: %s", what, strings.Join(b[what], ", "), rule)
	}
}

// requireSame checks that two lists have the same elements, and names only those
// that one lacks. The sentences say what to do about them.
func requireSame(t *testing.T, want, got []string, more, less string, arguments ...any) {
	t.Helper()
	added, gone := surplus(got, want), surplus(want, got)
	if len(added) > 0 {
		t.Errorf("new: %s. "+more, append([]any{strings.Join(added, ", ")}, arguments...)...)
	}
	if len(gone) > 0 {
		t.Errorf("missing: %s. "+less, append([]any{strings.Join(gone, ", ")}, arguments...)...)
	}
}

// surplus returns the elements of list that others has not, or not as often.
func surplus(list, others []string) []string {
	others = slices.Clone(others)
	var found []string
	for _, element := range slices.Sorted(slices.Values(list)) {
		if i := slices.Index(others, element); i >= 0 {
			others = slices.Delete(others, i, i+1)
			continue
		}
		found = append(found, element)
	}
	return found
}

// resourcesIn yields the resources of the types in each environment.
func resourcesIn(t *testing.T, environments []*environment, types ...string) iter.Seq2[*environment, placed] {
	t.Helper()
	return func(yield func(*environment, placed) bool) {
		for _, env := range environments {
			for _, r := range resourcesOf(t, env, types...) {
				if !yield(env, r) {
					return
				}
			}
		}
	}
}

func TestSurplusCountsWhatOccursTwice(t *testing.T) {
	require.Equal(t, []string{"a", "c"}, surplus([]string{"c", "a", "b", "a"}, []string{"a", "b", "d"}))
}

// count checks how many resources of the type there are.
func (tpl template) count(resource string, want int) {
	tpl.t.Helper()
	found := slices.Sorted(maps.Keys(tpl.ofType(resource)))
	if len(found) != want {
		tpl.t.Errorf("the stack %s has %d of %s, and this test wants %d: %s. If a new one is meant, raise the number",
			tpl.ID, len(found), resource, want, strings.Join(found, ", "))
	}
}

// Resource types that more than one test asks for.
const (
	analyzer         = "AWS::AccessAnalyzer::Analyzer"
	certificate      = "AWS::CertificateManager::Certificate"
	distribution     = "AWS::CloudFront::Distribution"
	vpcOrigin        = "AWS::CloudFront::VpcOrigin"
	trail            = "AWS::CloudTrail::Trail"
	alarmKind        = "AWS::CloudWatch::Alarm"
	compositeKind    = "AWS::CloudWatch::CompositeAlarm"
	rule             = "AWS::Config::ConfigRule"
	recorder         = "AWS::Config::ConfigurationRecorder"
	channel          = "AWS::Config::DeliveryChannel"
	inspector        = "AWS::ECR::RegistryScanningConfiguration"
	service          = "AWS::ECS::Service"
	taskDefinition   = "AWS::ECS::TaskDefinition"
	listener         = "AWS::ElasticLoadBalancingV2::Listener"
	listenerRule     = "AWS::ElasticLoadBalancingV2::ListenerRule"
	loadBalancer     = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	targetGroup      = "AWS::ElasticLoadBalancingV2::TargetGroup"
	eventRule        = "AWS::Events::Rule"
	detector         = "AWS::GuardDuty::Detector"
	functionKind     = "AWS::Lambda::Function"
	kmsKey           = "AWS::KMS::Key"
	logGroup         = "AWS::Logs::LogGroup"
	metricFilter     = "AWS::Logs::MetricFilter"
	queryDefinition  = "AWS::Logs::QueryDefinition"
	healthCheck      = "AWS::Route53::HealthCheck"
	record           = "AWS::Route53::RecordSet"
	topicKind        = "AWS::SNS::Topic"
	document         = "AWS::SSM::Document"
	schedule         = "AWS::SecretsManager::RotationSchedule"
	secretType       = "AWS::SecretsManager::Secret"
	secretAttachment = "AWS::SecretsManager::SecretTargetAttachment"
	suppressor       = "AWS::SecurityHub::AutomationRule"
	hub              = "AWS::SecurityHub::Hub"
	standard         = "AWS::SecurityHub::Standard"
	rotationFunction = "AWS::Serverless::Application"
	protection       = "AWS::Shield::Protection"
	webACL           = "AWS::WAFv2::WebACL"
	emptying         = "Custom::S3AutoDeleteObjects"
)
