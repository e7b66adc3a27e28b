package bill

const (
	vpcPage        = "https://aws.amazon.com/vpc/pricing/"
	cloudWatchPage = "https://aws.amazon.com/cloudwatch/pricing/"
	backupPage     = "https://aws.amazon.com/backup/pricing/"
	iamPage        = "https://aws.amazon.com/iam/"
	elbPage        = "https://aws.amazon.com/elasticloadbalancing/pricing/"
	auroraPage     = "https://aws.amazon.com/rds/aurora/pricing/"
	wafPage        = "https://aws.amazon.com/waf/pricing/"
	secretsPage    = "https://aws.amazon.com/secrets-manager/pricing/"
	hubPage        = "https://aws.amazon.com/security-hub/cspm/pricing/"
)

// Free has the types for which AWS charges nothing by themselves, with the page that
// lists all that the service charges for. What they cause, such as logs, has lines of
// its own.
var Free = map[string]string{
	"AWS::ApplicationAutoScaling::ScalableTarget":      "https://aws.amazon.com/autoscaling/pricing/",
	"AWS::ApplicationAutoScaling::ScalingPolicy":       "https://aws.amazon.com/autoscaling/pricing/",
	"AWS::Backup::BackupSelection":                     backupPage,
	"AWS::Backup::RestoreTestingSelection":             backupPage,
	"AWS::CertificateManager::Certificate":             "https://aws.amazon.com/certificate-manager/pricing/",
	"AWS::CloudFront::ResponseHeadersPolicy":           "https://aws.amazon.com/cloudfront/pricing/",
	"AWS::CloudFront::VpcOrigin":                       "https://aws.amazon.com/cloudfront/pricing/",
	"AWS::Config::DeliveryChannel":                     "https://aws.amazon.com/config/pricing/",
	"AWS::EC2::FlowLog":                                cloudWatchPage,
	"AWS::EC2::InternetGateway":                        vpcPage,
	"AWS::EC2::Route":                                  vpcPage,
	"AWS::EC2::RouteTable":                             vpcPage,
	"AWS::EC2::SecurityGroup":                          vpcPage,
	"AWS::EC2::SecurityGroupEgress":                    vpcPage,
	"AWS::EC2::SecurityGroupIngress":                   vpcPage,
	"AWS::EC2::Subnet":                                 vpcPage,
	"AWS::EC2::SubnetRouteTableAssociation":            vpcPage,
	"AWS::EC2::VPCGatewayAttachment":                   vpcPage,
	"AWS::ECS::TaskDefinition":                         "https://aws.amazon.com/ecs/pricing/",
	"AWS::ElasticLoadBalancingV2::Listener":            elbPage,
	"AWS::ElasticLoadBalancingV2::ListenerCertificate": elbPage,
	"AWS::ElasticLoadBalancingV2::ListenerRule":        elbPage,
	"AWS::ElasticLoadBalancingV2::TargetGroup":         elbPage,
	"AWS::Events::Rule":                                "https://aws.amazon.com/eventbridge/pricing/",
	"AWS::IAM::Group":                                  iamPage,
	"AWS::IAM::ManagedPolicy":                          iamPage,
	"AWS::IAM::Policy":                                 iamPage,
	"AWS::IAM::Role":                                   iamPage,
	"AWS::Logs::QueryDefinition":                       cloudWatchPage,
	"AWS::RDS::DBClusterParameterGroup":                auroraPage,
	"AWS::RDS::DBSubnetGroup":                          auroraPage,
	"AWS::Route53::RecordSet":                          "https://aws.amazon.com/route53/pricing/", // of queries, those of aliases are free
	"AWS::S3::BucketPolicy":                            "https://aws.amazon.com/s3/pricing/",
	"AWS::SNS::Subscription":                           "https://aws.amazon.com/sns/pricing/",
	"AWS::SNS::TopicPolicy":                            "https://aws.amazon.com/sns/pricing/",
	"AWS::SecretsManager::ResourcePolicy":              secretsPage,
	"AWS::SecretsManager::RotationSchedule":            secretsPage,
	"AWS::SecretsManager::SecretTargetAttachment":      secretsPage,
	"AWS::SecurityHub::AutomationRule":                 hubPage,
	"AWS::SecurityHub::Standard":                       hubPage,
	"AWS::WAFv2::IPSet":                                wafPage,
	"AWS::WAFv2::LoggingConfiguration":                 wafPage,
	"AWS::WAFv2::WebACLAssociation":                    wafPage,
	"Custom::TaskRun":                                  "https://aws.amazon.com/fargate/pricing/", // minutes of a task with each release
	"Custom::S3AutoDeleteObjects":                      "https://aws.amazon.com/lambda/pricing/",  // a call when the stack is deleted
}
