"""What IAM asks for each call of an API: actions, on which resources. Checked
against the Service Authorization Reference that cfn-lint ships."""

import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..automation.execution import Call
from ..errors import DrillError
from .policy import Need

#: The prefix of a service's actions, where it is not boto3's name.
_PREFIXES = {"accessanalyzer": "access-analyzer", "elbv2": "elasticloadbalancing"}

#: The action of an operation, where it is not the operation's name.
_ACTIONS = {
    ("accessanalyzer", "ListFindingsV2"): "access-analyzer:ListFindings",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
}


@dataclass(frozen=True)
class Place:
    """Where the resources are: makes their ARNs, and knows what belongs
    together."""

    region: str
    account: str
    #: What a task definition hands on to its tasks.
    task_roles: Sequence[str] = ()
    #: The roles of the tasks of each family.
    roles_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Which a cluster is in, and so its instances.
    subnet_group: str = "default"
    #: The environment's own cluster.
    database: str = ""
    #: The key of each topic, cluster and secret that has one of ours. AWS's keys
    #: need no permission.
    keys: Mapping[str, str] = field(default_factory=dict)
    #: The function that rotates a secret.
    rotations: Mapping[str, str] = field(default_factory=dict)

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def named(self, service: str, name: str, prefix: str) -> str:
        """Returns the ARN of the name, which may be one already."""
        return name if name.startswith("arn:") else self.arn(service, prefix + name)

    def cluster(self, name: str) -> str:
        return self.named("ecs", name, "cluster/")

    def service(self, cluster: str, name: str) -> str:
        return self.named("ecs", name, f"service/{cluster.rsplit('/', 1)[-1]}/")

    def task(self, cluster: str, name: str) -> str:
        return self.named("ecs", name, f"task/{cluster.rsplit('/', 1)[-1]}/")

    def rds(self, kind: str, name: str) -> str:
        return self.named("rds", name, f"{kind}:")

    def ec2(self, identifier: str) -> str:
        kinds = {"sg": "security-group", "sgr": "security-group-rule", "acl": "network-acl", "subnet": "subnet"}
        return self.arn("ec2", f"{kinds[identifier.split('-')[0]]}/{identifier}")

    def alarm(self, name: str) -> str:
        return self.arn("cloudwatch", f"alarm:{name}")

    def ip_set(self, parameters: dict[str, Any]) -> str:
        scope = parameters["Scope"].lower()
        return self.arn("wafv2", f"{scope}/ipset/{parameters['Name']}/{parameters['Id']}")


Resources = Callable[[Place, dict[str, Any]], list[str]]


def _object(_: Place, parameters: dict[str, Any]) -> list[str]:
    return [f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"]


def _bucket(_: Place, parameters: dict[str, Any]) -> list[str]:
    return [f"arn:aws:s3:::{parameters['Bucket']}"]


def _restored_cluster(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [
        place.rds("cluster", parameters["SourceDBClusterIdentifier"]),
        place.rds("cluster", parameters["DBClusterIdentifier"]),
        *(place.rds("subgrp", parameters[key]) for key in ["DBSubnetGroupName"] if key in parameters),
        *(place.rds("cluster-pg", parameters[key]) for key in ["DBClusterParameterGroupName"] if key in parameters),
        place.rds("og", "default:aurora-postgresql-16"),
    ]


def _made_instance(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [
        place.rds("db", parameters["DBInstanceIdentifier"]), place.rds("cluster", parameters["DBClusterIdentifier"]),
        place.rds("subgrp", place.subnet_group), place.rds("pg", parameters.get("DBParameterGroupName", "default.aurora-postgresql16")),
        place.rds("og", "default:aurora-postgresql-16"),
    ]


def _cluster_snapshot(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [place.rds("cluster", parameters["DBClusterIdentifier"]),
            place.rds("cluster-snapshot", parameters["DBClusterSnapshotIdentifier"])]


def _alarms(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [place.alarm(name) for name in parameters.get("AlarmNames", ["*"])]


def _deployment(place: Place, parameters: dict[str, Any]) -> list[str]:
    """A deployment has its service in its name."""
    arn = parameters["serviceDeploymentArn"]
    return [arn, arn.replace(":service-deployment/", ":service/").rsplit("/", 1)[0]]


def _repository(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [place.named("ecr", parameters["repositoryName"], "repository/")]


def _secret(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [place.named("secretsmanager", parameters["SecretId"], "secret:")]


def _role(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [f"arn:aws:iam::{place.account}:role/{parameters['RoleName']}"]


def _group(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [place.ec2(parameters["GroupId"])]


def _group_and_rule(place: Place, parameters: dict[str, Any]) -> list[str]:
    """The rule that is written has an id that nobody knows before."""
    return [*_group(place, parameters), place.ec2("sgr-0123456789abcdef0")]


def _tasks(place: Place, parameters: dict[str, Any]) -> list[str]:
    return [place.task(parameters.get("cluster", "default"), task) for task in parameters["tasks"]]


#: The resources of a call, where the action has any.
RESOURCES: dict[str, Resources] = {
    "application-autoscaling:RegisterScalableTarget": lambda place, p: [
        place.arn("application-autoscaling", "scalable-target/0123456789abcdef0123456789abcdef0123")],
    "accessanalyzer:ListFindingsV2": lambda place, p: [p["analyzerArn"]],
    "accessanalyzer:ListFindings": lambda place, p: [p["analyzerArn"]],
    "cloudwatch:DescribeAlarms": _alarms,
    "cloudwatch:DisableAlarmActions": _alarms,
    "cloudwatch:EnableAlarmActions": _alarms,
    "cloudwatch:SetAlarmState": lambda place, p: [place.alarm(p["AlarmName"])],
    "ec2:AuthorizeSecurityGroupEgress": _group_and_rule,
    "ec2:AuthorizeSecurityGroupIngress": _group_and_rule,
    "ec2:CreateTags": lambda place, p: [place.ec2(each) for each in p["Resources"]],
    "ec2:DeleteTags": lambda place, p: [place.ec2(each) for each in p["Resources"]],
    "ec2:RevokeSecurityGroupEgress": _group,
    "ec2:RevokeSecurityGroupIngress": _group,
    "ecr:BatchGetImage": _repository,
    "ecr:DescribeImages": _repository,
    "ecr:PutImage": _repository,
    "ecr:UpdateImageStorageClass": _repository,
    "ecs:DescribeServices": lambda place, p: [place.service(p.get("cluster", "default"), each) for each in p["services"]],
    "ecs:DescribeTasks": _tasks,
    "ecs:ListServiceDeployments": lambda place, p: [place.service(p.get("cluster", "default"), p["service"])],
    "ecs:ListTasks": lambda place, p: ["*"],
    "ecs:RunTask": lambda place, p: [place.arn("ecs", f"task-definition/{p['taskDefinition']}:1")],
    "ecs:StopServiceDeployment": _deployment,
    "ecs:UpdateService": lambda place, p: [place.service(p.get("cluster", "default"), p["service"])],
    "ecs:UpdateTaskProtection": _tasks,
    "elbv2:SetSecurityGroups": lambda place, p: [p["LoadBalancerArn"]],
    "iam:GetPolicy": lambda place, p: [p["PolicyArn"]],
    "iam:GetPolicyVersion": lambda place, p: [p["PolicyArn"]],
    "iam:GetRole": _role,
    "iam:GetRolePolicy": _role,
    "iam:ListAttachedRolePolicies": _role,
    "iam:ListRolePolicies": _role,
    "iam:PassRole": lambda place, p: [p["RoleArn"]],
    "logs:CreateExportTask": lambda place, p: [place.named("logs", p["logGroupName"], "log-group:") + ":*"],
    "rds:CreateDBClusterSnapshot": _cluster_snapshot,
    "rds:CreateDBInstance": _made_instance,
    "rds:DescribeDBClusterSnapshots": lambda place, p: [
        place.rds("cluster-snapshot", p.get("DBClusterSnapshotIdentifier", "*"))],
    "rds:DescribeDBClusters": lambda place, p: [place.rds("cluster", p.get("DBClusterIdentifier", "*"))],
    "rds:DescribeDBInstances": lambda place, p: [place.rds("db", p.get("DBInstanceIdentifier", "*"))],
    "rds:ModifyDBCluster": lambda place, p: [place.rds("cluster", p["DBClusterIdentifier"])],
    "rds:RestoreDBClusterToPointInTime": _restored_cluster,
    "s3:GetObject": _object,
    "s3:ListObjectVersions": _bucket,
    "s3:ListObjectsV2": _bucket,
    "s3:PutObject": _object,
    "secretsmanager:DescribeSecret": _secret,
    "secretsmanager:GetSecretValue": _secret,
    "secretsmanager:ListSecretVersionIds": _secret,
    "secretsmanager:PutSecretValue": _secret,
    "secretsmanager:RotateSecret": _secret,
    "secretsmanager:UpdateSecretVersionStage": _secret,
    "securityhub:BatchUpdateFindings": lambda place, p: [place.arn("securityhub", "hub/default")],
    "sns:Publish": lambda place, p: [p["TopicArn"]],
    "ssm:CreateOpsItem": lambda place, p: [place.arn("ssm", "opsitem/*")],
    "ssm:AddTagsToResource": lambda place, p: [place.arn("ssm", f"automation-execution/{p['ResourceId']}")],
    "ssm:DescribeDocument": lambda place, p: [place.arn("ssm", f"document/{p['Name']}")],
    "ssm:GetAutomationExecution": lambda place, p: [
        place.arn("ssm", f"automation-execution/{p['AutomationExecutionId']}")],
    "ssm:StartAutomationExecution": lambda place, p: [
        place.arn("ssm", f"document/{p['DocumentName']}"),
        place.arn("ssm", f"automation-definition/{p['DocumentName']}:{p['DocumentVersion']}"),
        place.arn("ssm", "automation-execution/00000000-0000-4000-8000-000000000000")],
    "wafv2:GetIPSet": lambda place, p: [place.ip_set(p)],
    "wafv2:UpdateIPSet": lambda place, p: [place.ip_set(p)],
}


@cache
def reference() -> dict[str, Any]:
    """The Service Authorization Reference, by the prefix of the actions."""
    # Found without an import, which would take as long as that of moto.
    spec = importlib.util.find_spec("cfnlint")
    assert spec and spec.origin
    return json.loads((Path(spec.origin).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text())


def resource_types(action: str) -> list[str]:
    """The types of resources that the action can be narrowed to."""
    service, name = action.split(":")
    known = reference().get(service, {}).get("Actions", {})
    if name.lower() not in known:
        raise DrillError(f"IAM has no action {action}")
    return known[name.lower()].get("Resources", [])


def _action_of(call: Call) -> str:
    if call.name == "s3:GetObject" and "VersionId" in call.parameters:
        return "s3:GetObjectVersion"
    return _ACTIONS.get((call.service, call.operation), f"{_PREFIXES.get(call.service, call.service)}:{call.operation}")


def needs_of(call: Call, place: Place) -> list[Need]:
    """Returns the permissions that the call requires. Each resource has a format
    of the Service Authorization Reference."""
    action = _action_of(call)
    types = resource_types(action)
    if types and call.name not in RESOURCES:
        raise DrillError(f"{call}: say in RESOURCES of required_permissions.py which of {', '.join(types)} it acts on")
    resources = RESOURCES[call.name](place, call.parameters) if types else ["*"]
    context = _context(call, place)
    needs = [Need(action, resource, context) for resource in resources]
    needs += [Need(implied, resource, context | more) for implied, resource, more in _implied(call, place)]
    for need in needs:
        _check(need, call)
    return needs


def _context(call: Call, place: Place) -> dict[str, Any]:
    context: dict[str, Any] = {
        "aws:PrincipalAccount": place.account, "aws:RequestedRegion": place.region,
        "aws:ResourceAccount": place.account, "aws:SecureTransport": "true",
    }
    parameters = call.parameters
    if call.service == "ecs" and "cluster" in parameters:
        context["ecs:cluster"] = place.cluster(parameters["cluster"])
    if call.service == "application-autoscaling":
        context["application-autoscaling:scalable-dimension"] = parameters["ScalableDimension"]
        context["application-autoscaling:service-namespace"] = parameters["ServiceNamespace"]
    if call.name == "cloudwatch:PutMetricData":
        context["cloudwatch:namespace"] = parameters["Namespace"]
    if call.service == "s3" and "Prefix" in parameters:
        context["s3:prefix"] = parameters["Prefix"]
    if call.name == "securityhub:BatchUpdateFindings" and "Workflow" in parameters:
        context["securityhub:ASFFSyntaxPath/Workflow.Status"] = parameters["Workflow"]["Status"]
    if call.name == "iam:PassRole":
        context["iam:PassedToService"] = "ssm.amazonaws.com"
    tags = [tag["Key"] for tag in parameters.get("Tags", []) if isinstance(tag, dict)]
    if tags:
        context["aws:TagKeys"] = tags
    if call.name in ("ssm:AddTagsToResource", "ssm:CreateOpsItem"):
        context |= {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in parameters.get("Tags", [])}
    return context


#: An action on a resource, and what more the call says of itself then.
Implied = tuple[str, str, dict[str, str]]


def _implied(call: Call, place: Place) -> Iterator[Implied]:
    """The other actions that services ask for when a call says so."""
    if call.service == "rds" and call.parameters.get("Tags"):
        yield from _tagging(call, place)
    if call.name == "ssm:CreateOpsItem" and call.parameters.get("Tags"):
        yield "ssm:AddTagsToResource", place.arn("ssm", "opsitem/*"), {}
    if call.name in _KEY_USES:
        yield from _key_use(call, place)
    if call.name == "secretsmanager:RotateSecret" and call.parameters["SecretId"] in place.rotations:
        yield "lambda:InvokeFunction", place.rotations[call.parameters["SecretId"]], {}
    if call.name in ("ecs:RunTask", "ecs:UpdateService") and "taskDefinition" in call.parameters:
        for role in place.roles_of.get(call.parameters["taskDefinition"], place.task_roles):
            yield "iam:PassRole", role, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}


def _tagging(call: Call, place: Place) -> Iterator[Implied]:
    created = RESOURCES[call.name](place, call.parameters)
    kinds = {
        "CreateDBClusterSnapshot": ":cluster-snapshot:", "RestoreDBClusterToPointInTime": ":cluster:",
        "CreateDBInstance": ":db:",
    }
    source = call.parameters.get("SourceDBClusterIdentifier", "")
    for arn in created:
        if kinds[call.operation] in arn and not (source and arn.endswith(f":{source}")):
            yield "rds:AddTagsToResource", arn, {}


#: What a service does with the key of a resource, in the name of whoever calls:
#: the parameter that names the resource, and the actions.
_KEY_USES = {
    "rds:CreateDBClusterSnapshot": ("DBClusterIdentifier", ("kms:CreateGrant", "kms:DescribeKey")),
    "rds:RestoreDBClusterToPointInTime": ("SourceDBClusterIdentifier", ("kms:CreateGrant", "kms:DescribeKey")),
    "secretsmanager:GetSecretValue": ("SecretId", ("kms:Decrypt",)),
    "secretsmanager:PutSecretValue": ("SecretId", ("kms:GenerateDataKey",)),
    "sns:Publish": ("TopicArn", ("kms:Decrypt", "kms:GenerateDataKey")),
}


def _key_use(call: Call, place: Place) -> Iterator[Implied]:
    parameter, actions = _KEY_USES[call.name]
    name = call.parameters[parameter]
    if name not in place.keys:
        return
    said = {"kms:ViaService": f"{call.service}.{place.region}.amazonaws.com"}
    if call.service == "secretsmanager":
        said["kms:EncryptionContext:SecretARN"] = name
    for action in actions:
        grant = {"kms:GrantIsForAWSResource": "true"} if action == "kms:CreateGrant" else {}
        yield action, place.keys[name], said | grant


def _check(need: Need, call: Call) -> None:
    """A resource of another form than the action's would match no policy that
    works, or one that does not."""
    formats = _formats(need.action)
    if formats and need.resource != "*" and not knows(need.action, need.resource):
        raise DrillError(f"{call}: {need.resource} is none of {', '.join(formats)}")


def knows(action: str, resource: str) -> bool:
    """Reports whether the action can be narrowed to such a resource."""
    return any(re.fullmatch(_pattern(form), resource) for form in _formats(action))


@cache
def _formats(action: str) -> list[str]:
    known = reference()[action.split(":")[0]]["Resources"]
    return [form for kind in resource_types(action) for form in known.get(kind, {}).get("ARNFormats", [])]


@cache
def _pattern(form: str) -> str:
    # RDS's own option groups have a colon in their names.
    form = form.replace("og:${OptionGroupName}", "og:(default:)?${OptionGroupName}")
    return re.sub(r"\\?\$\\?\{[A-Za-z]+\\?\}", "[^:]*", form)
