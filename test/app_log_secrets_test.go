package test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// keeper checks that a resource has what its row in the table of
// docs/architecture.md says keeps secrets out.
type keeper func(t *testing.T, env *environment, r placed)

// keepers are by the resource types in the table's first column.
var keepers = map[string]keeper{
	// A statement may have a password in it: ALTER USER, at every rotation. What a
	// real PostgreSQL logs under these parameters is tested in constructs/postgresql.
	"AWS::RDS::DBClusterParameterGroup": func(t *testing.T, _ *environment, r placed) {
		require.Subset(t, at(t, r.Properties, "Parameters"), props{
			"log_statement": "none", "log_min_duration_statement": "-1", "log_min_error_statement": "panic",
			"log_error_verbosity": "terse", "pgaudit.log": "ddl,role",
		})
		for name, value := range at(t, r.Properties, "Parameters").(props) {
			require.NotRegexp(t, `^(log_parameter|debug_|auto_explain|pgaudit[.]log_parameter)`, name, value)
		}
	},
	"AWS::RDS::DBCluster": func(t *testing.T, _ *environment, r placed) {
		require.Equal(t, []any{"postgresql"}, r.Properties["EnableCloudwatchLogsExports"])
		requireReferences(t, r.Properties["MasterUserPassword"])
	},
	"AWS::RDS::DBInstance":         nobodyReadsStatements,
	"AWS::Serverless::Application": rotationIsToldNoSecret,
	"AWS::Lambda::Function":        emptiesABucketOrRunsATask,
	"AWS::ECS::TaskDefinition":     tasksGetSecretsByReference,
	"AWS::ECS::Service": func(t *testing.T, _ *environment, r placed) {
		require.Equal(t, false, r.Properties["EnableExecuteCommand"])
	},
	"AWS::ECS::Cluster": requireNo("Configuration"),
	"AWS::WAFv2::LoggingConfiguration": func(t *testing.T, _ *environment, r placed) {
		require.Equal(t, []any{
			props{"SingleHeader": props{"Name": "authorization"}}, props{"SingleHeader": props{"Name": "cookie"}},
			props{"SingleHeader": props{"Name": "x-origin-verify"}}, props{"QueryString": props{}},
		}, r.Properties["RedactedFields"])
	},
	"AWS::WAFv2::WebACL": func(t *testing.T, _ *environment, r placed) {
		text := string(must(json.Marshal(r.Properties)))
		require.Equal(t, strings.Count(text, `"SampledRequestsEnabled"`), strings.Count(text, `"SampledRequestsEnabled":false`))
		for _, search := range regexp.MustCompile(`"SearchString(?:Base64)?":("[^"]*")`).FindAllStringSubmatch(text, -1) {
			require.Contains(t, search[1], "{{resolve:", "the value that a rule compares with")
		}
	},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": func(t *testing.T, _ *environment, r placed) {
		require.NotContains(t, string(must(json.Marshal(r.Properties))), "connection_logs", "they have their row to be written")
	},
	"AWS::ElasticLoadBalancingV2::ListenerRule": func(t *testing.T, _ *environment, r placed) {
		for _, condition := range asList(r.Properties["Conditions"]) {
			requireReferences(t, asList(at(t, condition, "HttpHeaderConfig", "Values"))...)
		}
	},
	"AWS::CloudFront::Distribution": func(t *testing.T, _ *environment, r placed) {
		distribution := at(t, r.Properties, "DistributionConfig").(props)
		if logging, ok := distribution["Logging"]; ok {
			require.Equal(t, false, at(t, logging, "IncludeCookies"))
		}
		for _, origin := range asList(distribution["Origins"]) {
			for _, header := range asList(origin.(props)["OriginCustomHeaders"]) {
				requireReferences(t, at(t, header, "HeaderValue"))
			}
		}
	},
	"AWS::CloudFront::Function": func(t *testing.T, _ *environment, r placed) {
		require.NotContains(t, r.Properties["FunctionCode"], "console.")
	},
	"AWS::CloudTrail::Trail":             trailsHaveNoBodies,
	"AWS::Config::ConfigurationRecorder": nothingToSet,
	"AWS::Config::DeliveryChannel":       nothingToSet,
	"AWS::EC2::FlowLog":                  requireNo("LogFormat"),
	"AWS::SSM::Document":                 scriptsTellNoSecret,
	"AWS::Events::Rule":                  rulesChooseFields,
	"AWS::SNS::Topic":                    nothingToSet,
	"AWS::SecretsManager::Secret": func(t *testing.T, _ *environment, r placed) {
		require.NotContains(t, r.Properties, "SecretString")
		require.Contains(t, r.Properties, "GenerateSecretString")
		require.NotContains(t, string(must(json.Marshal(r.Properties))), `\"password\"`, "in the template of the secret")
	},
	"AWS::Logs::LogGroup": nothingToSet, "AWS::Logs::QueryDefinition": nothingToSet, "AWS::Logs::MetricFilter": nothingToSet,
	"AWS::CloudWatch::Dashboard": nothingToSet, "AWS::S3::Bucket": nothingToSet,
	"AWS::GuardDuty::Detector": nothingToSet, "AWS::SecurityHub::Hub": nothingToSet, "AWS::AccessAnalyzer::Analyzer": nothingToSet,
}

// textless are the types that log nothing and keep no text of what happens: names, numbers, rules.
var textless = regexp.MustCompile(`^AWS::(ApplicationAutoScaling|Backup|CertificateManager|EC2|ECR|IAM|KMS|Route53|Shield|InspectorV2)::|` +
	`^AWS::(CloudFront::(ResponseHeadersPolicy|VpcOrigin)|CloudWatch::(Alarm|AnomalyDetector|CompositeAlarm)|Config::(ConfigRule|RemediationConfiguration)|` +
	`ElasticLoadBalancingV2::(Listener|ListenerCertificate|TargetGroup)|RDS::DBSubnetGroup|S3::BucketPolicy|SecretsManager::(ResourcePolicy|RotationSchedule|SecretTargetAttachment)|` +
	`SecurityHub::(Standard|AutomationRule)|SNS::(TopicPolicy|Subscription)|WAFv2::(IPSet|WebACLAssociation))$|^Custom::(S3AutoDeleteObjects|TaskRun)$`)

// nothingToSet is for what has no setting that could let a secret in: the row says who sees to it.
func nothingToSet(*testing.T, *environment, placed) {}

func requireNo(property string) keeper {
	return func(t *testing.T, _ *environment, r placed) { require.NotContains(t, r.Properties, property) }
}

// requireReferences checks that each value is a dynamic reference, which
// CloudFormation resolves and never shows.
func requireReferences(t *testing.T, values ...any) {
	t.Helper()
	for _, value := range values {
		require.Contains(t, string(must(json.Marshal(value))), "{{resolve:secretsmanager:")
	}
}

func rotationIsToldNoSecret(t *testing.T, _ *environment, r placed) {
	t.Helper()
	allowed := []string{"endpoint", "excludeCharacters", "functionName", "kmsKeyArn", "masterSecretArn", "masterSecretKmsKeyArn",
		"vpcSecurityGroupIds", "vpcSubnetIds"}
	require.Subset(t, allowed, slices.Collect(maps.Keys(at(t, r.Properties, "Parameters").(props))))
}

func emptiesABucketOrRunsATask(t *testing.T, env *environment, r placed) {
	t.Helper()
	if variables, ok := r.Properties["Environment"].(props); ok {
		require.Equal(t, []string{"TASK"}, slices.Collect(maps.Keys(at(t, variables, "Variables").(props))))
		require.Equal(t, 1, strings.Count(at(t, r.Properties, "Code", "ZipFile").(string), "print("), "one line, without the event")
		return
	}
	require.Contains(t, r.id, "CustomS3AutoDeleteObjects", "a function of another kind has a row of its own to be written")
	require.Equal(t, "disposable", string(env.Lifecycle))
}

func tasksGetSecretsByReference(t *testing.T, _ *environment, r placed) {
	t.Helper()
	for _, container := range asList(r.Properties["ContainerDefinitions"]) {
		require.Equal(t, "awslogs", at(t, container, "LogConfiguration", "LogDriver"))
		require.NotContains(t, at(t, container, "LogConfiguration"), "SecretOptions")
		for _, variable := range asList(container.(props)["Environment"]) {
			require.Regexp(t, `^(DB_NAME|DB_PORT|PGDATABASE|PGPORT|PGREQUIREAUTH|PGSSLMODE|APPLICATION_USER)$`, at(t, variable, "Name"), "in plain text: is it no secret?")
		}
		for _, secret := range asList(container.(props)["Secrets"]) {
			require.Contains(t, secret, "ValueFrom")
		}
	}
}

func trailsHaveNoBodies(t *testing.T, _ *environment, r placed) {
	t.Helper()
	selectors := string(must(json.Marshal([]any{r.Properties["EventSelectors"], r.Properties["AdvancedEventSelectors"]})))
	for _, kind := range regexp.MustCompile(`AWS::\w+::\w+`).FindAllString(selectors, -1) {
		require.Equal(t, "AWS::S3::Object", kind, "its data events may have what is sent")
	}
}

// readsSecrets are the runbooks whose scripts read a secret.
var readsSecrets = []string{"cut-over-database"}

func scriptsTellNoSecret(t *testing.T, env *environment, r placed) {
	t.Helper()
	name := strings.TrimPrefix(textOf(t, r, r.Properties, "Name"), env.Name()+"-")
	for _, step := range at(t, r.Properties, "Content", "mainSteps").([]any) {
		inputs, _ := step.(props)["inputs"].(props)
		script, _ := inputs["Script"].(string)
		require.NotRegexp(t, `\bprint\(|\blogging\b|sys\.std`, script, "%s %s", name, step.(props)["name"])
		require.NotEqual(t, "GetSecretValue", inputs["Api"], "the answer is an output of the step")
		if strings.Contains(script, "get_secret_value") {
			require.Contains(t, readsSecrets, name)
		}
	}
}

func rulesChooseFields(t *testing.T, _ *environment, r placed) {
	t.Helper()
	for _, target := range asList(r.Properties["Targets"]) {
		if _, ok := target.(props)["Input"]; ok {
			continue // a constant
		}
		paths := at(t, target, "InputTransformer", "InputPathsMap").(props)
		for name, path := range paths {
			require.NotRegexp(t, `^\$$|^\$\.detail$|(?i)requestParameters|responseElements|secret(String|Binary|Value)|password|environment$`, path, name)
		}
		require.NotContains(t, at(t, target, "InputTransformer", "InputTemplate"), "<aws.events.event", "the whole event")
	}
}

// rowsOfSecrets returns the resource types of each row of the table.
func rowsOfSecrets(t *testing.T) []string {
	t.Helper()
	section := sections(t, "../docs/architecture.md")["what-is-logged-and-what-keeps-secrets-out"]
	var kinds []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`AWS::.*?) \\| .+ \\| .+ \\|$").FindAllStringSubmatch(section, -1) {
		for _, kind := range strings.Split(row[1], ", ") {
			kinds = append(kinds, strings.Trim(kind, "`"))
		}
	}
	return kinds
}

func TestEveryResourceThatKeepsTextKeepsSecretsOut(t *testing.T) {
	requireSame(t, slices.Collect(maps.Keys(keepers)), rowsOfSecrets(t),
		"A row of docs/architecture.md, what is logged, that no check of test/app_log_secrets_test.go holds, or that is there twice",
		"A kind of resource with a check in test/app_log_secrets_test.go and no row in docs/architecture.md, what is logged")
	seen := map[string]bool{}
	environments := append(allEnvironments(t), unusualProd(t), vpcOriginProd(t))
	for env, r := range resourcesIn(t, environments) {
		check, logs := keepers[r.Type]
		seen[r.Type] = true
		if !logs {
			require.Regexp(t, textless, r.Type, "%s: could a log, an output or a file of it carry a secret? Say what keeps it out "+
				"in docs/architecture.md, what is logged, and hold it in test/app_log_secrets_test.go, or add it to textless there", r)
			continue
		}
		t.Run(env.Environment+" "+r.stack+" "+r.id, func(t *testing.T) { check(t, env, r) })
	}
	require.Empty(t, surplus(slices.Collect(maps.Keys(keepers)), slices.Collect(maps.Keys(seen))), "no environment has one")
}

func TestTemplatesHaveNoParameterAndNoOutputWithASecret(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for id, written := range env.templates {
			text := must(json.Marshal(written.Template.Outputs))
			require.NotContains(t, string(text), "{{resolve:", "%s %s", env.Environment, id)
			require.Subset(t, []string{"BootstrapVersion"}, slices.Collect(maps.Keys(written.Template.Parameters)), "%s %s", env.Environment, id)
		}
	}
}

// Performance Insights is pi, and RDS's own interface to SQL is rds-data.
func nobodyReadsStatements(t *testing.T, env *environment, r placed) {
	t.Helper()
	require.NotContains(t, r.Properties, "MasterUserPassword")
	for _, s := range statementsOf(t, env) {
		for _, action := range s.Actions {
			require.NotRegexp(t, `^(pi|rds-data):|^rds:DownloadD`, action, s.line)
		}
	}
}
