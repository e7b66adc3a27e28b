package bill_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/bill"
)

// made returns an assembly of one stack with the resources.
func made(tb testing.TB, resources string) *assembly.Assembly {
	tb.Helper()
	template, err := assembly.ParseTemplate("stack.json", []byte(`{"Resources": {`+resources+`}}`))
	require.NoError(tb, err)
	return &assembly.Assembly{Stacks: []assembly.Stack{{ID: "web", Name: "shop-web", Region: "eu-north-1", Template: template}}}
}

// assumed has another number for each assumption that a test is about.
var assumed = bill.Assumptions{
	Requests: 9e6, GBOut: 10, GBThroughNAT: 20, GBToEndpoints: 30, GBBetweenZones: 40, DatabaseGB: 50, DatabaseRequests: 60,
	BackupGB: 70, RestoreTests: 4, BucketGB: 80, BucketWrites: 90, BucketReads: 100, ImageGB: 110, ImageScans: 120, LogGB: 130,
	LogGBQueried: 140, Metrics: 150, Mails: 160, RunbookSteps: 170, FunctionCalls: 180, FunctionSeconds: 200, KeyRequests: 210,
	SecretRequests: 220, DataEvents: 230, ManagementEvents: 240, GBInspected: 250, ConfigItems: 260, RuleEvaluations: 270, SecurityChecks: 280,
}

// texts returns the lines of a bill as "CHARGE: LEAST to MOST UNIT".
func texts(lines []bill.Line) []string {
	var all []string
	for _, line := range lines {
		all = append(all, fmt.Sprintf("%s: %g to %g %s", line.Charge, line.Quantity.Least, line.Quantity.Most, line.Unit))
	}
	return all
}

const (
	service    = `"Api": {"Type": "AWS::ECS::Service", "Properties": {"LaunchType": "FARGATE", "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 2}}`
	task       = `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": "512", "Memory": "2048"}}`
	scaling    = `"Scaling": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"MinCapacity": 3, "MaxCapacity": 10, "ResourceId": {"Fn::Join": ["/", ["service", {"Ref": "Cluster"}, {"Fn::GetAtt": ["Api", "Name"]}]]}}}`
	armTask    = `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": 1024, "Memory": "1024", "EphemeralStorage": {"SizeInGiB": 30}, "RuntimePlatform": {"CpuArchitecture": "ARM64"}}}`
	cluster    = `"Db": {"Type": "AWS::RDS::DBCluster", "Properties": {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4}}}`
	instance   = `"Writer": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceClass": "db.serverless", "DBClusterIdentifier": {"Ref": "Db"}}}`
	reader     = `"Reader": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceClass": "db.serverless", "DBClusterIdentifier": {"Ref": "Db"}}}`
	balancer   = `"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internet-facing", "Subnets": ["a", "b"]}}`
	cloudFront = `"Edge": {"Type": "AWS::CloudFront::Distribution"}`
)

// charges are resources, and the lines of their bill.
var charges = map[string]struct {
	resources string
	want      []string
}{
	"tasks that scale": {service + "," + task + "," + scaling,
		[]string{"Fargate vCPUs: 1095 to 3650 vCPU-hours", "GB of Fargate memory: 4380 to 14600 GB-hours"}},
	"a desired count, on ARM, with storage": {service + "," + armTask,
		[]string{"Fargate vCPUs on ARM: 1460 to 1460 vCPU-hours", "GB of Fargate memory on ARM: 1460 to 1460 GB-hours", "GB of Fargate storage above 20: 14600 to 14600 GB-hours"}},
	"two instances of a cluster": {cluster + "," + instance + "," + reader,
		[]string{"Aurora capacity units: 730 to 5840 ACU-hours", "GB of database: 50 to 50 GB", "database I/O requests: 60 to 60 requests",
			"GB of database backups: 70 to 70 GB"}},
	"a load balancer alone": {balancer,
		[]string{"load balancers: 730 to 730 hours", "LCU-hours: 10 to 100 LCU-hours", "public IPv4 addresses: 1460 to 1460 hours",
			"GB to the internet: 10 to 10 GB"}},
	"a load balancer behind CloudFront": {balancer + "," + cloudFront,
		[]string{"load balancers: 730 to 730 hours", "LCU-hours: 10 to 100 LCU-hours", "public IPv4 addresses: 1460 to 1460 hours", "HTTPS requests to CloudFront: 9e+06 to 9e+06 requests", "GB to viewers: 10 to 10 GB"}},
	"an internal load balancer": {`"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internal", "Subnets": ["a", "b"]}}`,
		[]string{"load balancers: 730 to 730 hours", "LCU-hours: 10 to 100 LCU-hours"}},
	"NAT gateways share the traffic": {`"A": {"Type": "AWS::EC2::NatGateway"}, "B": {"Type": "AWS::EC2::NatGateway"}, "C": {"Type": "AWS::EC2::EIP"}, "D": {"Type": "AWS::EC2::VPC"}`,
		[]string{"NAT gateways: 1460 to 1460 hours", "GB through NAT gateways: 20 to 20 GB", "public IPv4 addresses: 730 to 730 hours",
			"GB between zones: 80 to 80 GB"}},
	"endpoints": {`"S3": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcEndpointType": "Gateway"}}, "KMS": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b", "c"]}}`,
		[]string{"interface endpoints in a zone: 2190 to 2190 hours", "GB to interface endpoints: 30 to 30 GB"}},
	"a web ACL": {`"Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{}, {}, {}]}}`,
		[]string{"web ACLs: 1 to 1 a month", "web ACL rules: 3 to 3 a month", "requests to web ACLs: 9e+06 to 9e+06 requests"}},
	"keys and secrets": {`"A": {"Type": "AWS::KMS::Key"}, "B": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true}}, "C": {"Type": "AWS::SecretsManager::Secret"}`,
		[]string{"encryption keys: 2 to 2 a month", "former versions of keys: 0 to 2 a month", "requests to keys: 210 to 210 requests",
			"secrets: 1 to 1 a month", "requests to secrets: 220 to 220 requests"}},
	"alarms": {`"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60}},
			"B": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 10}},
			"C": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"MetricStat": {"Period": 60}}, {"MetricStat": {"Period": 300}}, {"Expression": "a/b"}]}},
			"D": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"ThresholdMetricId": "band", "Metrics": [{"MetricStat": {"Period": 300}}, {"Expression": "ANOMALY_DETECTION_BAND(a)"}]}},
			"E": {"Type": "AWS::CloudWatch::CompositeAlarm"}, "F": {"Type": "AWS::CloudWatch::Dashboard"}`,
		[]string{"alarm metrics: 6 to 6 a month", "high-resolution alarm metrics: 1 to 1 a month", "composite alarms: 1 to 1 a month", "dashboards: 1 to 1 a month"}},
	"logs": {`"A": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}, "B": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 90}},
			"F": {"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{"DefaultValue": 0}]}}, "G": {"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{}]}}, "H": {"Type": "AWS::ECS::Cluster"}`,
		[]string{"metrics of logs: 1 to 2 a month", "other metrics: 150 to 150 a month", "GB of new logs: 130 to 130 GB",
			"GB of stored logs: 130 to 390 GB", "GB of logs queried: 140 to 140 GB"}},
	"a health check": {`"A": {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": {"Type": "HTTPS", "RequestInterval": 10}}}`,
		[]string{"health checks: 1 to 1 a month", "features of health checks: 2 to 2 a month"}},
	"storage and functions": {`"A": {"Type": "AWS::S3::Bucket"}, "B": {"Type": "AWS::S3::Bucket"}, "C": {"Type": "AWS::ECR::Repository"}, "D": {"Type": "AWS::Lambda::Function"}, "E": {"Type": "AWS::Serverless::Application"}`,
		[]string{"GB of images: 110 to 110 GB", "function calls: 180 to 180 requests", "GB-seconds of functions: 50 to 50 GB-seconds",
			"GB in buckets: 80 to 80 GB", "writes to buckets: 90 to 90 requests", "reads from buckets: 100 to 100 requests"}},
	"functions, mails and runbooks": {`"A": {"Type": "AWS::CloudFront::Function"}, "B": {"Type": "AWS::SNS::Topic"}, "C": {"Type": "AWS::SSM::Document"}, "D": {"Type": "AWS::Backup::RestoreTestingPlan"}, "E": {"Type": "AWS::Backup::BackupVault"}`,
		[]string{"calls of CloudFront functions: 9e+06 to 9e+06 requests", "GB of database backups: 70 to 70 GB", "restore tests: 4 to 4 tests", "mails: 160 to 160 mails", "steps of runbooks: 170 to 170 steps"}},
	"detection": {cluster + "," + instance + `,
			"A": {"Type": "AWS::CloudTrail::Trail", "Properties": {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}},
			"B": {"Type": "AWS::GuardDuty::Detector", "Properties": {"Features": [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}, {"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]}},
			"C": {"Type": "AWS::Config::ConfigurationRecorder"}, "D": {"Type": "AWS::Config::ConfigRule"}, "E": {"Type": "AWS::SecurityHub::Hub"},
			"F": {"Type": "AWS::ECR::RegistryScanningConfiguration", "Properties": {"ScanType": "ENHANCED"}}, "G": {"Type": "AWS::AccessAnalyzer::Analyzer", "Properties": {"Type": "ACCOUNT"}}`,
		[]string{"Aurora capacity units: 365 to 2920 ACU-hours", "GB of database: 50 to 50 GB", "database I/O requests: 60 to 60 requests",
			"GB of database backups: 70 to 70 GB",
			"data events: 230 to 230 events", "management events inspected: 240 to 240 events", "GB of traffic logs inspected: 250 to 250 GB", "data events inspected: 230 to 230 events",
			"Aurora capacity units inspected: 0.5 to 4 a month", "changes recorded: 260 to 260 items", "evaluations of rules: 270 to 270 evaluations", "security checks: 280 to 280 checks", "scans of images: 120 to 120 scans"}},
	"a trail of management events": {`"A": {"Type": "AWS::CloudTrail::Trail", "Properties": {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]}}`, nil},
	"a trail of data events, the old way": {`"A": {"Type": "AWS::CloudTrail::Trail", "Properties": {"EventSelectors": [{"DataResources": [{}]}]}}`,
		[]string{"data events: 230 to 230 events"}},
	"basic scans": {`"F": {"Type": "AWS::ECR::RegistryScanningConfiguration", "Properties": {"ScanType": "BASIC"}}`, nil},
	"free":        {`"A": {"Type": "AWS::IAM::Role"}, "B": {"Type": "AWS::EC2::Subnet"}`, nil},
}

func TestCharges(t *testing.T) {
	for name, c := range charges {
		t.Run(name, func(t *testing.T) {
			got := bill.Of(made(t, c.resources), assumed, nil)
			require.Equal(t, c.want, texts(got.Sum()))
			require.Empty(t, got.NotCounted)
		})
	}
}

func TestWhatIsNotCountedIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ resources, want string }{
		"an unknown type":         {`"A": {"Type": "AWS::EC2::Instance"}, "B": {"Type": "AWS::EC2::Instance"}`, "AWS::EC2::Instance (2): the bill does not know this type"},
		"a provisioned instance":  {`"A": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceClass": "db.r6g.large"}}`, "A in shop-web: only serverless instances are counted"},
		"an instance elsewhere":   {`"A": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceClass": "db.serverless"}}`, "A in shop-web: its cluster is not in the assembly"},
		"I/O-Optimized":           {`"A": {"Type": "AWS::RDS::DBCluster", "Properties": {"StorageType": "aurora-iopt1"}}`, "A in shop-web: only Aurora Standard is counted, not I/O-Optimized"},
		"a number not yet known":  {task + `, "A": {"Type": "AWS::ECS::Service", "Properties": {"LaunchType": "FARGATE", "TaskDefinition": {"Ref": "Task"}, "DesiredCount": {"Ref": "Count"}}}`, "A in shop-web: DesiredCount is no number that is known before the deployment"},
		"instances of a service":  {task + `, "A": {"Type": "AWS::ECS::Service", "Properties": {"LaunchType": "EC2", "TaskDefinition": {"Ref": "Task"}}}`, "A in shop-web: its tasks run on instances or on a mix of capacity"},
		"a task elsewhere":        {service, "Api in shop-web: its task definition is not in the assembly"},
		"a network load balancer": {`"A": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": "network"}}`, "A in shop-web: only application load balancers are counted"},
		"rules with a subscription": {`"A": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{"Statement": {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesBotControlRuleSet"}}}]}}`,
			"A in shop-web: what AWS charges for AWSManagedRulesBotControlRuleSet besides the rule"},
		"a plan of GuardDuty": {`"A": {"Type": "AWS::GuardDuty::Detector", "Properties": {"Features": [{"Name": "EBS_MALWARE_PROTECTION", "Status": "ENABLED"}]}}`,
			"A in shop-web: the plan EBS_MALWARE_PROTECTION"},
		"copies of backups": {`"A": {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": {"BackupPlanRule": [{"CopyActions": [{}]}]}}}`,
			"A in shop-web: copies in another vault, and the traffic to another region"},
		"Performance Insights": {cluster + `, "A": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBInstanceClass": "db.serverless", "DBClusterIdentifier": {"Ref": "Db"}, "PerformanceInsightsRetentionPeriod": 31}}`,
			"A in shop-web: Performance Insights of more than seven days"},
		"enhanced observability": {`"A": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}]}}`,
			"A in shop-web: Container Insights with enhanced observability"},
		"Shield Advanced": {`"A": {"Type": "AWS::Shield::Protection"}`, "A in shop-web: Shield Advanced is a subscription of the account"},
		"unused access":   {`"A": {"Type": "AWS::AccessAnalyzer::Analyzer", "Properties": {"Type": "ACCOUNT_UNUSED_ACCESS"}}`, "A in shop-web: unused access is charged by the role and user"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{c.want}, bill.Of(made(t, c.resources), assumed, nil).NotCounted)
		})
	}
}
