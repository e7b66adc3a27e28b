"""Writes published.json: what AWS has in which region, and until when.

Everything in it is data that AWS publishes, as two pinned Python packages carry
it: cfn-lint has CloudFormation's own schemas of each region, the versions of
Aurora and the life of Lambda's runtimes; botocore has the regions and the
endpoints of services. After a newer pin, `make published` renews the file.
With --check nothing is written, and a file that is not theirs is an error.
"""
import datetime
import importlib
import json
import pathlib
import sys
from importlib import metadata, resources

FILE = pathlib.Path(__file__).with_name("published.json")

# Every type of resource that a template may have. TestEveryResourceTypeIsInThePublishedRegions
# names the one that is missing here.
TYPES = """
AccessAnalyzer::Analyzer ApplicationAutoScaling::ScalableTarget ApplicationAutoScaling::ScalingPolicy
Backup::BackupPlan Backup::BackupSelection Backup::BackupVault Backup::RestoreTestingPlan Backup::RestoreTestingSelection
CertificateManager::Certificate CloudFront::Distribution CloudFront::Function CloudFront::ResponseHeadersPolicy CloudFront::VpcOrigin
CloudTrail::Trail CloudWatch::Alarm CloudWatch::AnomalyDetector CloudWatch::CompositeAlarm CloudWatch::Dashboard
Config::ConfigRule Config::ConfigurationRecorder Config::DeliveryChannel
EC2::EIP EC2::FlowLog EC2::InternetGateway EC2::NatGateway EC2::Route EC2::RouteTable EC2::SecurityGroup
EC2::SecurityGroupEgress EC2::SecurityGroupIngress EC2::Subnet EC2::SubnetRouteTableAssociation EC2::VPC
EC2::VPCEndpoint EC2::VPCGatewayAttachment ECR::RegistryScanningConfiguration ECR::Repository
ECS::Cluster ECS::Service ECS::TaskDefinition ElasticLoadBalancingV2::Listener ElasticLoadBalancingV2::ListenerCertificate
ElasticLoadBalancingV2::ListenerRule ElasticLoadBalancingV2::LoadBalancer ElasticLoadBalancingV2::TargetGroup
Events::Rule GuardDuty::Detector IAM::Group IAM::ManagedPolicy IAM::Role KMS::Alias KMS::Key Lambda::Function
Logs::LogGroup Logs::MetricFilter Logs::QueryDefinition Logs::ResourcePolicy
RDS::DBCluster RDS::DBClusterParameterGroup RDS::DBInstance RDS::DBSubnetGroup Route53::HealthCheck Route53::RecordSet
S3::Bucket S3::BucketPolicy SNS::Subscription SNS::Topic SNS::TopicPolicy SQS::Queue SQS::QueuePolicy SSM::Document
SecretsManager::ResourcePolicy SecretsManager::RotationSchedule SecretsManager::Secret SecretsManager::SecretTargetAttachment
SecurityHub::AutomationRule SecurityHub::Hub SecurityHub::Standard Serverless::Application Shield::Protection
WAFv2::IPSet WAFv2::LoggingConfiguration WAFv2::WebACL WAFv2::WebACLAssociation
""".split()

# Types that are no resources of CloudFormation's but of a transform, which
# needs the endpoint of this service in the region.
TRANSFORMED = {"AWS::Serverless::Application": "serverlessrepo"}

ENGINE = "aurora-postgresql"


def data(package, path):
    return json.loads((resources.files(package) / path).read_text())


def partition():
    return next(p for p in data("botocore", "data/endpoints.json")["partitions"] if p["partition"] == "aws")


def has(region):
    """What a region has: CloudFormation's types, and those of transforms."""
    types = set(importlib.import_module("cfnlint.data.schemas.providers." + region.replace("-", "_")).types)
    return types | {name for name, service in TRANSFORMED.items() if region in partition()["services"][service]["endpoints"]}


def missing(regions):
    """The regions without a type, by type; all types that there are, those that every region has too."""
    held = {region: has(region) for region in regions}
    return {name: [region for region in regions if name not in held[region]] for name in sorted("AWS::" + name for name in TYPES)}


def versions(file):
    """The versions of the engine that one of cfn-lint's rules lists, in order, without other editions."""
    for rule in data("cfnlint", f"data/schemas/extensions/aws_rds_dbcluster/{file}.json")["allOf"]:
        about = rule.get("if", {}).get("properties", {})
        if about.get("Engine", {}).get("const") == ENGINE:
            listed = rule["then"]["properties"] if rule["then"] else about
            plain = [v for v in listed["EngineVersion"]["enum"] if v.replace(".", "").isdigit() and v.count(".") == 1]
            return sorted(plain, key=lambda v: [int(part) for part in v.split(".")])
    raise LookupError(f"{file} says nothing of {ENGINE}")


def runtimes():
    life = data("cfnlint", "data/AdditionalSpecs/LmbdRuntimeLifecycle.json")
    return {name: dates["deprecated"] for name, dates in sorted(life.items())}


def published():
    regions = {name: about["description"] for name, about in sorted(partition()["regions"].items())}
    retired = versions("engine_version_deprecated")
    return {
        "sources": {package: metadata.version(package) for package in ("botocore", "cfn-lint")},
        "regions": regions,
        "missing": missing(list(regions)),
        "auroraVersions": [version for version in versions("engine_version") if version not in retired],
        "lambdaRuntimesEnd": runtimes(),
    }


def main():
    old = json.loads(FILE.read_text()) if FILE.exists() else {}
    read = old.pop("read", None)
    new = published()
    if old == new:
        return 0
    if "--check" in sys.argv:
        print(f"config/published/{FILE.name} of {read} is not what {new['sources']} have: run make published", file=sys.stderr)
        return 1
    FILE.write_text(json.dumps({"read": datetime.date.today().isoformat(), **new}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
