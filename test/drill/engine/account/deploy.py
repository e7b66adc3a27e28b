"""Deploys the resources of a synthesized environment into the emulated account.

Every type of resource is in DEPLOYERS, which create it by API calls; or in
IDENTITIES, if only its ids are needed; or in ABSENT, with the reason. A type in
none of them is an error.

moto has a CloudFormation of its own. It does not know alarms, clusters of
databases, secrets and web ACLs, and makes services without a network and a load
balancer."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from ..automation import model
from ..errors import DrillError
from .emulator import Session
from .resolve import ACCOUNT, Physical, Resolver, Stack, without_dynamic_references


@dataclass
class Resource:
    """A resource that is being made."""

    stack: Stack
    logical_id: str
    type: str
    properties: dict[str, Any]
    session: Session
    resolver: Resolver
    stacks: list[Stack]

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def name(self, given: str = "", longest: int = 128) -> str:
        """The name that is given, or one as CloudFormation makes it."""
        if self.properties.get(given):
            return self.properties[given]
        suffix = "-" + hashlib.sha256(f"{self.stack.name}/{self.logical_id}".encode()).hexdigest()[:12].upper()
        return f"{self.stack.name}-{self.logical_id}"[:longest - len(suffix)] + suffix

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.stack.region}:{ACCOUNT}:{rest}"

    def pick(self, *names: str) -> dict[str, Any]:
        """The properties of those names, as far as there are any."""
        return {name: self.properties[name] for name in names if name in self.properties}


Deployer = Callable[[Resource], Physical]
DEPLOYERS: dict[str, Deployer] = {}


def deploys(kind: str) -> Callable[[Deployer], Deployer]:
    def register(function: Deployer) -> Deployer:
        DEPLOYERS[kind] = function
        return function
    return register


def create(resource: Resource, service: str, operation: str, made: str, ref: str, *, name: str = "", parameter: str = "",
           longest: int = 128, given: Callable[[Resource], dict[str, Any]] = lambda _: {},
           attributes: Callable[[dict[str, Any]], dict[str, str]] = lambda _: {}) -> Physical:
    """Calls the operation with all properties that it has parameters for, but tags,
    and with what is given. name is the property with the name, parameter where
    the operation calls it otherwise. made selects the resource in the response:
    all that it has there are its attributes, too."""
    shape = model.operation(service, operation).input_shape
    parameters = resource.pick(*(each for each in (shape.members if shape else ()) if each != "Tags"))
    if name:
        chosen = resource.name(name, longest)
        parameters[parameter or name] = chosen.lower() if service == "rds" else chosen
    response = getattr(resource.client(service), xform_name(operation))(**parameters | given(resource))
    found = model.select(made, response)
    return Physical(ref.format_map(resource.properties | found), found | attributes(found))


def created(kind: str, *how: str, **more: Any) -> None:
    """Registers a type that one call of create makes."""
    DEPLOYERS[kind] = lambda resource: create(resource, *how, **more)


#: What no runbook looks at, by the beginning of its type.
ABSENT = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": "there is no load here",
    "AWS::Athena::": "queries are a person's",
    "AWS::Backup::": "copies are restored by AWS Backup",
    "AWS::Budgets::": "no runbook spends by it",
    "AWS::CDK::": "says what synthesized the template",
    "AWS::CloudFront::": "runbooks act on the load balancer behind it",
    "AWS::CloudTrail::": "its events are account.trail_events",
    "AWS::CloudWatch::CompositeAlarm": "no runbook changes it",
    "AWS::CloudWatch::Dashboard": "for people",
    "AWS::Config::": "records; no runbook asks it",
    "AWS::EC2::EIP": "packets do not flow here",
    "AWS::EC2::FlowLog": "packets do not flow here",
    "AWS::EC2::InternetGateway": "packets do not flow here",
    "AWS::EC2::NatGateway": "packets do not flow here",
    "AWS::EC2::Route": "packets do not flow here",
    "AWS::EC2::SubnetRouteTableAssociation": "packets do not flow here",
    "AWS::EC2::VPCEndpoint": "packets do not flow here",
    "AWS::EC2::VPCGatewayAttachment": "packets do not flow here",
    "AWS::ECR::RegistryScanningConfiguration": "findings are the scenario's",
    "AWS::Events::": "the drill starts the runbooks itself",
    "AWS::Glue::": "queries are a person's",
    "AWS::Lambda::": "functions do not run here",
    "AWS::Logs::MetricFilter": "metrics are not computed here",
    "AWS::Logs::QueryDefinition": "queries are a person's",
    "AWS::Logs::ResourcePolicy": "policies are compared with the calls, not enforced",
    "AWS::RDS::EventSubscription": "the drill starts the runbooks itself",
    "AWS::Route53::": "runbooks act on the load balancer behind it",
    "AWS::S3::BucketPolicy": "policies are compared with the calls, not enforced",
    "AWS::SNS::Subscription": "every topic has a probe instead",
    "AWS::SNS::TopicPolicy": "policies are compared with the calls, not enforced",
    "AWS::SQS::QueuePolicy": "policies are compared with the calls, not enforced",
    "AWS::Scheduler::": "the drill starts the runbooks itself",
    "AWS::SecretsManager::ResourcePolicy": "policies are compared with the calls, not enforced",
    "AWS::SecretsManager::RotationSchedule": "the drill rotates",
    "AWS::SecurityHub::": "findings are the scenario's",
    "AWS::WAFv2::LoggingConfiguration": "requests do not flow here",
    "Custom::": "acts on deployment alone",
}


def is_absent(kind: str) -> bool:
    return any(kind.startswith(prefix) for prefix in ABSENT)


def make(resource: Resource) -> Physical:
    """Makes the resource, or only its ids."""
    deployer = DEPLOYERS.get(resource.type) or IDENTITIES.get(resource.type)
    if deployer is None:
        raise DrillError(
            f"{resource.stack.name} {resource.logical_id}: the drills do not know {resource.type}: "
            "add it to DEPLOYERS in deploy.py, or to ABSENT if no runbook can see it"
        )
    physical = deployer(resource)
    physical.type, physical.logical_id, physical.properties = resource.type, resource.logical_id, resource.properties
    return physical


def lower_first(value: Any, opaque: tuple[str, ...] = ("Options", "DockerLabels")) -> Any:
    """The properties as ECS's API spells them. opaque are maps of names that
    are somebody else's."""
    if isinstance(value, list):
        return [lower_first(item, opaque) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key[0].lower() + key[1:]: item if key in opaque else lower_first(item, opaque)
        for key, item in value.items()
    }


# Network.

@deploys("AWS::EC2::VPC")
def vpc(resource: Resource) -> Physical:
    ec2 = resource.client("ec2")
    made = ec2.create_vpc(CidrBlock=resource.properties["CidrBlock"])["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True})
    own = [{"Name": "vpc-id", "Values": [made]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=own)["SecurityGroups"][0]["GroupId"]
    return Physical(made, {"VpcId": made, "CidrBlock": resource.properties["CidrBlock"], "DefaultSecurityGroup": group})


created("AWS::EC2::Subnet", "ec2", "CreateSubnet", "$.Subnet", "{SubnetId}")


@deploys("AWS::EC2::SecurityGroup")
def security_group(resource: Resource) -> Physical:
    ec2, properties = resource.client("ec2"), resource.properties
    made = ec2.create_security_group(
        GroupName=resource.name("GroupName"), Description=properties["GroupDescription"], VpcId=properties["VpcId"],
    )["GroupId"]
    if properties.get("SecurityGroupEgress") or _has_own_egress(resource):
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=made, IpPermissions=everything)
    for direction in ("Ingress", "Egress"):
        for rule in properties.get(f"SecurityGroup{direction}", []):
            _authorize(resource, made, direction, rule)
    return Physical(made, {"GroupId": made, "Id": made, "VpcId": properties["VpcId"]})


def _has_own_egress(resource: Resource) -> bool:
    """Reports whether the template has egress rules for the group."""
    return any(
        other["Type"] == "AWS::EC2::SecurityGroupEgress" and resource.logical_id in json.dumps(other["Properties"]["GroupId"])
        for other in resource.stack.resources.values()
    )


@deploys("AWS::EC2::SecurityGroupIngress")
@deploys("AWS::EC2::SecurityGroupEgress")
def rule(resource: Resource) -> Physical:
    direction = resource.type.removeprefix("AWS::EC2::SecurityGroup")
    identifier = _authorize(resource, resource.properties["GroupId"], direction, resource.properties)
    return Physical(identifier, {"Id": identifier})


def _authorize(resource: Resource, group: str, direction: str, rule: dict[str, Any]) -> str:
    """Adds the rule, and returns its ID."""
    permission = {key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in rule}
    described = {"Description": rule["Description"]} if rule.get("Description") else {}
    other = "Source" if direction == "Ingress" else "Destination"
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **described}]
    elif "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **described}]
    elif f"{other}PrefixListId" in rule:
        permission["PrefixListIds"] = [{"PrefixListId": rule[f"{other}PrefixListId"], **described}]
    elif f"{other}SecurityGroupId" in rule:
        permission["UserIdGroupPairs"] = [{"GroupId": rule[f"{other}SecurityGroupId"], **described}]
    else:
        raise DrillError(f"{resource.logical_id}: the drills do not know the peer of {rule}")
    authorize = getattr(resource.client("ec2"), f"authorize_security_group_{direction.lower()}")
    return authorize(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"][0]["SecurityGroupRuleId"]


# Load balancer and web ACL.

@deploys("AWS::ElasticLoadBalancingV2::LoadBalancer")
def load_balancer(resource: Resource) -> Physical:
    made = create(
        resource, "elbv2", "CreateLoadBalancer", "$.LoadBalancers[0]", "{LoadBalancerArn}", name="Name", longest=32,
        attributes=lambda it: {"LoadBalancerFullName": it["LoadBalancerArn"].split("loadbalancer/", 1)[1],
                               "CanonicalHostedZoneID": it["CanonicalHostedZoneId"]})
    # moto wants the bucket of access logs to admit them by its policy.
    attributes = [each for each in resource.properties.get("LoadBalancerAttributes", [])
                  if not each["Key"].startswith("access_logs.")]
    if attributes:
        resource.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=made.ref, Attributes=attributes)
    return made


created("AWS::ElasticLoadBalancingV2::TargetGroup", "elbv2", "CreateTargetGroup", "$.TargetGroups[0]", "{TargetGroupArn}",
        name="Name", longest=32, attributes=lambda it: {"TargetGroupFullName": it["TargetGroupArn"].rsplit(":", 1)[1]})
created("AWS::ElasticLoadBalancingV2::Listener", "elbv2", "CreateListener", "$.Listeners[0]", "{ListenerArn}")
created("AWS::ElasticLoadBalancingV2::ListenerRule", "elbv2", "CreateRule", "$.Rules[0]", "{RuleArn}", given=lambda it: {
    "Priority": int(it.properties["Priority"]),
    "Conditions": json.loads(without_dynamic_references(json.dumps(it.properties["Conditions"]), "origin-secret"))})


def _as_the_api_has_it(value: Any) -> Any:
    """Rules refer to IP sets by an Arn in CloudFormation, by an ARN in the API."""
    if isinstance(value, list):
        return [_as_the_api_has_it(item) for item in value]
    if isinstance(value, dict):
        return {"ARN" if key == "Arn" else key: _as_the_api_has_it(item) for key, item in value.items()}
    return value


created("AWS::WAFv2::IPSet", "wafv2", "CreateIPSet", "$.Summary", "{Name}|{Id}|{Scope}", name="Name",
        attributes=lambda it: {"Arn": it["ARN"]})
created("AWS::WAFv2::WebACL", "wafv2", "CreateWebACL", "$.Summary", "{Name}|{Id}|{Scope}", name="Name",
        given=lambda it: {"Rules": _as_the_api_has_it(it.properties["Rules"])}, attributes=lambda it: {"Arn": it["ARN"]})


created("AWS::WAFv2::WebACLAssociation", "wafv2", "AssociateWebACL", "$", "{WebACLArn}|{ResourceArn}")


# Containers.

@deploys("AWS::ECR::Repository")
def repository(resource: Resource) -> Physical:
    properties, ecr = resource.properties, resource.client("ecr")
    made = ecr.create_repository(
        repositoryName=resource.name("RepositoryName").lower(),
        imageTagMutability=properties.get("ImageTagMutability", "MUTABLE"),
    )["repository"]
    for release in RELEASES:
        manifest = _manifest(release)
        ecr.put_image(
            repositoryName=made["repositoryName"], imageTag=release, imageManifest=manifest,
            imageDigest="sha256:" + hashlib.sha256(manifest.encode()).hexdigest(),
        )
    return Physical(made["repositoryName"], {"Arn": made["repositoryArn"], "RepositoryUri": made["repositoryUri"]})


#: The releases that were deployed before the drill begins, the last one runs.
RELEASES = ("v1", "v2", "v3")


def _manifest(release: str) -> str:
    digest = "sha256:" + hashlib.sha256(release.encode()).hexdigest()
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    return json.dumps({
        "schemaVersion": 2, "mediaType": kind, "layers": [],
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": digest},
    })


created("AWS::ECS::Cluster", "ecs", "CreateCluster", "$.cluster", "{clusterName}", name="ClusterName", parameter="clusterName",
        attributes=lambda it: {"Arn": it["clusterArn"]})


@deploys("AWS::ECS::TaskDefinition")
def task_definition(resource: Resource) -> Physical:
    """One revision for each release, as a pipeline would have registered them.
    The template itself runs a public image until there is a release."""
    properties = resource.properties
    definition = lower_first({key: value for key, value in properties.items() if key != "Tags"})
    arn = ""
    for image in _released_images(resource):
        containers = [{**container, "image": image} for container in definition["containerDefinitions"]]
        arn = resource.client("ecs").register_task_definition(**{**definition, "containerDefinitions": containers})[
            "taskDefinition"]["taskDefinitionArn"]
    return Physical(arn, {"TaskDefinitionArn": arn})


def _released_images(resource: Resource) -> list[str]:
    for name, other in resource.stack.resources.items():
        if other["Type"] == "AWS::ECR::Repository":
            uri = resource.resolver.resolve(resource.stack, {"Fn::GetAtt": [name, "RepositoryUri"]})
            found = resource.client("ecr").describe_images(repositoryName=uri.split("/", 1)[1])["imageDetails"]
            digests = {detail["imageTags"][0]: detail["imageDigest"] for detail in found}
            return [f"{uri}@{digests[release]}" for release in RELEASES]
    return [resource.properties["ContainerDefinitions"][0]["Image"]]


@deploys("AWS::ECS::Service")
def ecs_service(resource: Resource) -> Physical:
    """The service and its running tasks: as many as scaling keeps at least."""
    ecs, properties = resource.client("ecs"), resource.properties
    count = int(properties.get("DesiredCount", _least_tasks(resource)))
    settings = lower_first(resource.pick("Cluster", "TaskDefinition", "LaunchType", "NetworkConfiguration", "LoadBalancers"))
    made = ecs.create_service(serviceName=resource.name("ServiceName"), desiredCount=count, **settings)["service"]
    if "HealthCheckGracePeriodSeconds" in properties:
        ecs.update_service(
            cluster=properties["Cluster"], service=made["serviceName"],
            healthCheckGracePeriodSeconds=properties["HealthCheckGracePeriodSeconds"],
        )
    return Physical(made["serviceArn"], {"Name": made["serviceName"], "ServiceArn": made["serviceArn"]})


def _least_tasks(resource: Resource) -> int:
    for other in resource.stack.resources.values():
        scaled = other["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget"
        if scaled and other["Properties"]["ServiceNamespace"] == "ecs":
            return other["Properties"]["MinCapacity"]
    return 1


created("AWS::ApplicationAutoScaling::ScalableTarget", "application-autoscaling", "RegisterScalableTarget", "$",
        "{ResourceId}|{ScalableDimension}|{ServiceNamespace}")

# Database.

created("AWS::RDS::DBSubnetGroup", "rds", "CreateDBSubnetGroup", "$.DBSubnetGroup", "{DBSubnetGroupName}", name="DBSubnetGroupName")
created("AWS::RDS::DBClusterParameterGroup", "rds", "CreateDBClusterParameterGroup", "$.DBClusterParameterGroup",
        "{DBClusterParameterGroupName}", name="DBClusterParameterGroupName",
        given=lambda it: {"DBParameterGroupFamily": it.properties["Family"]})
created("AWS::RDS::DBCluster", "rds", "CreateDBCluster", "$.DBCluster", "{DBClusterIdentifier}", name="DBClusterIdentifier", longest=63,
        given=lambda it: {"MasterUserPassword": "password-at-first", "Tags": it.properties.get("Tags", []),
                          "EnableCloudwatchLogsExports": it.properties.get("EnableCloudwatchLogsExports", [])},
        attributes=lambda it: {
            "Arn": it["DBClusterArn"], "DBClusterResourceId": it["DbClusterResourceId"], "Endpoint.Address": it["Endpoint"],
            "Endpoint.Port": str(it["Port"]), "ReadEndpoint.Address": it["ReaderEndpoint"]})
created("AWS::RDS::DBInstance", "rds", "CreateDBInstance", "$.DBInstance", "{DBInstanceIdentifier}", name="DBInstanceIdentifier",
        longest=63)


# Secrets and keys.

@deploys("AWS::SecretsManager::Secret")
def secret(resource: Resource) -> Physical:
    generate = resource.properties.get("GenerateSecretString", {})
    generated = hashlib.sha256(resource.logical_id.encode()).hexdigest()
    value = generated
    if "SecretStringTemplate" in generate:
        value = json.dumps({**json.loads(generate["SecretStringTemplate"]), generate["GenerateStringKey"]: generated})
    made = resource.client("secretsmanager").create_secret(Name=resource.name("Name"), SecretString=value)
    return Physical(made["ARN"], {"Id": made["ARN"], "Arn": made["ARN"]})


@deploys("AWS::SecretsManager::SecretTargetAttachment")
def secret_attachment(resource: Resource) -> Physical:
    """Adds to the secret where the database is, as CloudFormation does."""
    client, identifier = resource.client("secretsmanager"), resource.properties["SecretId"]
    value = json.loads(client.get_secret_value(SecretId=identifier)["SecretString"])
    found = resource.client("rds").describe_db_clusters(DBClusterIdentifier=resource.properties["TargetId"])
    cluster = found["DBClusters"][0]
    value.update(
        engine="postgres", host=cluster["Endpoint"], port=cluster["Port"], dbname=cluster.get("DatabaseName", ""),
        dbClusterIdentifier=cluster["DBClusterIdentifier"],
    )
    client.put_secret_value(SecretId=identifier, SecretString=json.dumps(value))
    return Physical(identifier, {"Id": identifier})


created("AWS::KMS::Key", "kms", "CreateKey", "$.KeyMetadata", "{KeyId}")


# Storage, messages, logs, alarms.

@deploys("AWS::S3::Bucket")
def bucket(resource: Resource) -> Physical:
    s3, properties = resource.client("s3"), resource.properties
    name = resource.name("BucketName", longest=63).lower()
    s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": resource.stack.region},
        ObjectLockEnabledForBucket=properties.get("ObjectLockEnabled", False),
    )
    if "VersioningConfiguration" in properties:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
    if "ObjectLockConfiguration" in properties:
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=properties["ObjectLockConfiguration"])
    return Physical(name, {
        "Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{resource.stack.region}.amazonaws.com",
    })


created("AWS::SNS::Topic", "sns", "CreateTopic", "$", "{TopicArn}", name="TopicName", parameter="Name",
        attributes=lambda it: {"TopicName": it["TopicArn"].rsplit(":", 1)[1]})


@deploys("AWS::Logs::LogGroup")
def log_group(resource: Resource) -> Physical:
    logs, name = resource.client("logs"), resource.name("LogGroupName")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="drill")
    return Physical(name, {"Arn": resource.arn("logs", f"log-group:{name}:*")})


@deploys("AWS::CloudWatch::Alarm")
def alarm(resource: Resource) -> Physical:
    name = resource.name("AlarmName")
    settings = {key: value for key, value in resource.properties.items() if key not in ("AlarmName", "Tags")}
    resource.client("cloudwatch").put_metric_alarm(AlarmName=name, **settings)
    return Physical(name, {"Arn": resource.arn("cloudwatch", f"alarm:{name}")})


created("AWS::GuardDuty::Detector", "guardduty", "CreateDetector", "$", "{DetectorId}", attributes=lambda it: {"Id": it["DetectorId"]})

# Identities.

created("AWS::IAM::Role", "iam", "CreateRole", "$.Role", "{RoleName}", name="RoleName", longest=64,
        given=lambda it: {"AssumeRolePolicyDocument": json.dumps(it.properties["AssumeRolePolicyDocument"])})
created("AWS::IAM::Group", "iam", "CreateGroup", "$.Group", "{GroupName}", name="GroupName")


def _by_arn(arn: str, attribute: str) -> Physical:
    return Physical(arn, {attribute: arn})


def _rotation(resource: Resource) -> Physical:
    """AWS's own application with the rotation function."""
    name = resource.properties["Parameters"]["functionName"]
    return Physical(resource.name(), {"Outputs.RotationLambdaARN": resource.arn("lambda", f"function:{name}")})


def _event_rule(resource: Resource) -> Physical:
    name = resource.name("Name", longest=64)
    return Physical(name, {"Arn": resource.arn("events", f"rule/{name}")})


#: What is in the account by its ids alone.
IDENTITIES: dict[str, Deployer] = {
    "AWS::AccessAnalyzer::Analyzer": lambda it: _by_arn(it.arn("access-analyzer", f"analyzer/{it.name('AnalyzerName')}"), "Arn"),
    "AWS::Events::Rule": _event_rule,  # alarms count what it could not deliver
    "AWS::IAM::ManagedPolicy": lambda it: _by_arn(f"arn:aws:iam::{ACCOUNT}:policy/{it.name('ManagedPolicyName')}", "PolicyArn"),
    "AWS::SSM::Document": lambda it: Physical(it.properties["Name"]),
    "AWS::Serverless::Application": _rotation,
}
