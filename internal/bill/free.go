package bill

import "slices"

// free has the types for which AWS charges nothing by themselves, by the page that lists
// all that the service charges for. What they cause, such as logs, has lines of its own.
var free = map[string][]string{
	"https://aws.amazon.com/autoscaling/pricing/": {
		"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
	},
	"https://aws.amazon.com/backup/pricing/":              {"AWS::Backup::BackupSelection", "AWS::Backup::RestoreTestingSelection"},
	"https://aws.amazon.com/certificate-manager/pricing/": {"AWS::CertificateManager::Certificate"},
	"https://aws.amazon.com/cloudfront/pricing/":          {"AWS::CloudFront::ResponseHeadersPolicy", "AWS::CloudFront::VpcOrigin"},
	"https://aws.amazon.com/cloudwatch/pricing/":          {"AWS::EC2::FlowLog", "AWS::Logs::QueryDefinition"},
	"https://aws.amazon.com/config/pricing/":              {"AWS::Config::DeliveryChannel"},
	"https://aws.amazon.com/ecs/pricing/":                 {"AWS::ECS::TaskDefinition"},
	"https://aws.amazon.com/elasticloadbalancing/pricing/": {
		"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerCertificate",
		"AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::TargetGroup",
	},
	"https://aws.amazon.com/eventbridge/pricing/": {"AWS::Events::Rule"},
	"https://aws.amazon.com/fargate/pricing/":     {"Custom::TaskRun"}, // minutes of a task with each release
	"https://aws.amazon.com/iam/":                 {"AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role"},
	"https://aws.amazon.com/lambda/pricing/":      {"Custom::S3AutoDeleteObjects"}, // a call when the stack is deleted
	"https://aws.amazon.com/rds/aurora/pricing/":  {"AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBSubnetGroup"},
	"https://aws.amazon.com/route53/pricing/":     {"AWS::Route53::RecordSet"}, // of queries, those of aliases are free
	"https://aws.amazon.com/s3/pricing/":          {"AWS::S3::BucketPolicy"},
	"https://aws.amazon.com/secrets-manager/pricing/": {
		"AWS::SecretsManager::ResourcePolicy", "AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::SecretTargetAttachment",
	},
	"https://aws.amazon.com/security-hub/cspm/pricing/": {"AWS::SecurityHub::AutomationRule", "AWS::SecurityHub::Standard"},
	"https://aws.amazon.com/sns/pricing/":               {"AWS::SNS::Subscription", "AWS::SNS::TopicPolicy"},
	"https://aws.amazon.com/vpc/pricing/": {
		"AWS::EC2::InternetGateway", "AWS::EC2::Route", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup",
		"AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::Subnet",
		"AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCGatewayAttachment",
	},
	"https://aws.amazon.com/waf/pricing/": {"AWS::WAFv2::IPSet", "AWS::WAFv2::LoggingConfiguration", "AWS::WAFv2::WebACLAssociation"},
}

func isFree(name string) bool {
	for _, types := range free {
		if slices.Contains(types, name) {
			return true
		}
	}
	return false
}
