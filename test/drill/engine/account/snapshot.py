"""The state of an account that runbooks may change, to compare before and
after. Never the value of a secret, only which version is the current one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import Account

#: Area, then name, then what is there.
Snapshot = dict[str, dict[str, Any]]


@dataclass
class Change:
    """What was there and what is: None if there was or is nothing."""

    was: Any
    now: Any

    def __str__(self) -> str:
        if isinstance(self.was, dict) and isinstance(self.now, dict):
            keys = [key for key in {**self.was, **self.now} if self.was.get(key) != self.now.get(key)]
            return ", ".join(f"{key}: {self.was.get(key)!r} -> {self.now.get(key)!r}" for key in keys)
        return f"{self.was!r} -> {self.now!r}"


def changes(before: Snapshot, after: Snapshot) -> dict[str, Change]:
    """The differences, by "area/name"."""
    found = {}
    for area in AREAS:
        for name in sorted({**before[area], **after[area]}):
            was, now = before[area].get(name), after[area].get(name)
            if was != now:
                found[f"{area}/{name}"] = Change(was, now)
    return found


def take(account: "Account") -> Snapshot:
    """The account as it is now. Looking is most of what a drill costs: what
    nothing can have changed since the last look is not read again."""
    return {area: account.remembered(area, _SERVICES[area], partial(look, account)) if _SERVICES[area] else look(account)
            for area, look in AREAS.items()}


AREAS: dict[str, Callable[["Account"], dict[str, Any]]] = {}

#: The services whose calls change an area. Without any it shows what the drill
#: itself keeps, and is always read.
_SERVICES: dict[str, tuple[str, ...]] = {}


def _area(name: str, *services: str):
    def register(function: Callable[["Account"], dict[str, Any]]):
        AREAS[name], _SERVICES[name] = function, services
        return function
    return register


def _some(described: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: described[name] for name in names if name in described}


@_area("rules", "ec2")
def _rules(account: "Account") -> dict[str, Any]:
    """The rules of each security group. Their ids change when one is taken
    away and put back, and are no part of what a rule allows."""
    ec2, found = account.client("ec2"), {}
    for rule in ec2.describe_security_group_rules()["SecurityGroupRules"]:
        content = {key: value for key, value in rule.items()
                   if key not in ("SecurityGroupRuleId", "SecurityGroupRuleArn", "GroupId", "GroupOwnerId", "Tags")}
        found.setdefault(rule["GroupId"], []).append(content)
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        found.setdefault(group["GroupId"], [])
    return {group: sorted(rules, key=repr) for group, rules in found.items()}


@_area("groups", "ec2")
def _groups(account: "Account") -> dict[str, Any]:
    groups = account.client("ec2").describe_security_groups()["SecurityGroups"]
    return {group["GroupId"]: {"tags": group.get("Tags", []), **_some(group, "GroupName", "VpcId")} for group in groups}


@_area("balancers", "elbv2")
def _balancers(account: "Account") -> dict[str, Any]:
    found = account.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return {each["LoadBalancerName"]: {**_some(each, "Scheme"), "SecurityGroups": sorted(each["SecurityGroups"])}
            for each in found}


@_area("services", "ecs")
def _services(account: "Account") -> dict[str, Any]:
    found = {}
    for service in account.all("AWS::ECS::Service"):
        described = account.client("ecs").describe_services(
            cluster=service.properties["Cluster"], services=[service.ref])["services"][0]
        found[described["serviceName"]] = {
            **_some(described, "taskDefinition", "desiredCount", "healthCheckGracePeriodSeconds", "networkConfiguration"),
            "deployment": described["deployments"][0]["id"],
        }
    return found


@_area("scaling", "application-autoscaling")
def _scaling(account: "Account") -> dict[str, Any]:
    found = account.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return {each["ResourceId"].rsplit("/", 1)[1]: {
        **_some(each, "MinCapacity", "MaxCapacity"),
        "suspended": sorted(name for name, value in each.get("SuspendedState", {}).items() if value),
    } for each in found}


@_area("tasks")
def _tasks(account: "Account") -> dict[str, Any]:
    """The protection of a task ends without anything that happens."""
    running = account.remembered("running", ("ecs",), lambda: _running(account))
    return {arn.rsplit("/", 1)[1]: {
        "taskDefinition": definition, "protected": account.deployments.protected_for(arn) > 0,
    } for arn, definition in running.items()}


def _running(account: "Account") -> dict[str, str]:
    """The definitions of the tasks, by their ARNs."""
    found = {}
    for cluster in account.all("AWS::ECS::Cluster"):
        arns = account.client("ecs").list_tasks(cluster=cluster.ref)["taskArns"]
        for task in account.client("ecs").describe_tasks(cluster=cluster.ref, tasks=arns)["tasks"] if arns else []:
            found[task["taskArn"]] = task["taskDefinitionArn"]
    return found


@_area("definitions", "ecs")
def _definitions(account: "Account") -> dict[str, Any]:
    arns = account.client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    return {arn.rsplit("/", 1)[1]: "ACTIVE" for arn in arns}


@_area("clusters", "rds")
def _clusters(account: "Account") -> dict[str, Any]:
    names = ("Status", "DBClusterParameterGroup", "DBSubnetGroup", "DeletionProtection", "Engine", "EngineVersion",
             "StorageEncrypted", "KmsKeyId", "EnabledCloudwatchLogsExports", "CopyTagsToSnapshot", "BackupRetentionPeriod",
             "IAMDatabaseAuthenticationEnabled", "ServerlessV2ScalingConfiguration", "Endpoint", "TagList")
    return {each["DBClusterIdentifier"]: {
        **_some(each, *names),
        "groups": sorted(group["VpcSecurityGroupId"] for group in each["VpcSecurityGroups"]),
        "members": sorted(member["DBInstanceIdentifier"] for member in each["DBClusterMembers"]),
    } for each in account.client("rds").describe_db_clusters()["DBClusters"]}


@_area("secrets", "secretsmanager", "rds")
def _secrets(account: "Account") -> dict[str, Any]:
    found = account.client("secretsmanager").list_secrets()["SecretList"]
    return {each["Name"]: {version: sorted(stages) for version, stages in each["SecretVersionsToStages"].items()}
            for each in found}


def _described(area: str, service: str, method: str, items: str, key: str, *names: str) -> None:
    """Registers an area of some fields of the items that one call describes."""
    _area(area, service)(lambda account: {
        each[key]: _some(each, *names) for each in getattr(account.client(service), method)()[items]})


_described("instances", "rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier",
           "DBInstanceStatus", "DBInstanceClass", "DBClusterIdentifier", "PubliclyAccessible", "PromotionTier")
_described("snapshots", "rds", "describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshotIdentifier",
           "DBClusterIdentifier", "Status", "TagList")
_described("alarms", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName",
           "ActionsEnabled", "StateValue", "Threshold", "AlarmActions")


@_area("addresses", "wafv2")
def _addresses(account: "Account") -> dict[str, Any]:
    found = {}
    for ip_set in account.all("AWS::WAFv2::IPSet"):
        name, identifier, scope = ip_set.ref.split("|")
        found[name] = account.client("wafv2").get_ip_set(Name=name, Id=identifier, Scope=scope)["IPSet"]["Addresses"]
    return found


@_area("objects", "s3", "logs")
def _objects(account: "Account") -> dict[str, Any]:
    found, s3 = {}, account.client("s3")
    there = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    for bucket in [each for each in account.all("AWS::S3::Bucket") if each.ref in there]:
        versions = s3.list_object_versions(Bucket=bucket.ref)
        for each in versions.get("Versions", []):
            found.setdefault(f"{bucket.ref}/{each['Key']}", []).append(each["VersionId"])
        for each in versions.get("DeleteMarkers", []):
            found.setdefault(f"{bucket.ref}/{each['Key']}", []).append(f"deleted {each['VersionId']}")
    return {key: sorted(versions) for key, versions in found.items()}


@_area("images", "ecr")
def _images(account: "Account") -> dict[str, Any]:
    found = {}
    for repository in account.all("AWS::ECR::Repository"):
        images = account.client("ecr").describe_images(repositoryName=repository.ref, filter={"imageStatus": "ANY"})
        for image in images["imageDetails"]:
            found[f"{repository.ref}@{image['imageDigest']}"] = {
                "tags": sorted(image.get("imageTags", [])), "status": account.images.status(repository.ref, image["imageDigest"]),
            }
    return found


_area("hub findings")(lambda account: dict(account.hub_findings))
_area("ops items")(lambda account: {str(number): item["Title"] for number, item in enumerate(account.ops_items)})
