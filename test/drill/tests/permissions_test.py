"""Tests of the policy evaluator, and of the comparison of calls with roles."""

import unittest
from collections.abc import Iterable
from typing import Any

from engine.automation.execution import Call
from engine.permissions import required_permissions, roles
from engine.permissions.policy import Need, Statement, is_allowed
from engine.permissions.required_permissions import Place, needs_of

from .fixture import ACCOUNT, BUCKET, OTHER, ROTATION_ARN, TOPIC, refused


PLACE = Place("eu-north-1", "123456789012")


def statement(effect: str = "Allow", action: Any = "s3:PutObject", resource: Any = "arn:aws:s3:::b/*", **more: Any) -> Statement:
    return Statement("test", {"Effect": effect, "Action": action, "Resource": resource, **more})


def put(key: str = "k") -> Need:
    return needs_of(Call("it", "One", "s3", "PutObject", {"Bucket": "b", "Key": key}), PLACE)[0]


SECRET_ARN, CLUSTER, KEY_ARN = (
    ACCOUNT.one("AWS::SecretsManager::Secret").ref, ACCOUNT.one("AWS::RDS::DBCluster").ref, ACCOUNT.one("AWS::KMS::Key").arn)
RDS = f"arn:aws:rds:eu-north-1:{ACCOUNT.id}"
PASSED, TAGGED = f"arn:aws:iam::{ACCOUNT.id}:role/passed", f"arn:aws:ec2:eu-north-1:{ACCOUNT.id}:security-group/sg-1"

#: What a runbook calls.
CALLS = [Call("it", "One", service, operation, parameters) for service, operation, parameters in [
    ("s3", "PutObject", {"Bucket": BUCKET, "Key": "a/k"}),
    ("s3", "ListObjectsV2", {"Bucket": BUCKET, "Prefix": "a/b"}),
    ("sns", "Publish", {"TopicArn": TOPIC}),
    ("rds", "RestoreDBClusterToPointInTime", {"DBClusterIdentifier": f"{CLUSTER}-inc-1", "SourceDBClusterIdentifier": CLUSTER}),
    ("secretsmanager", "GetSecretValue", {"SecretId": SECRET_ARN}),
    ("secretsmanager", "PutSecretValue", {"SecretId": SECRET_ARN}),
    ("secretsmanager", "RotateSecret", {"SecretId": SECRET_ARN}),
    ("ecs", "ListTasks", {"cluster": "c"}),
    ("cloudwatch", "PutMetricData", {"Namespace": "ours"}),
    ("application-autoscaling", "RegisterScalableTarget", {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}),
    ("iam", "PassRole", {"RoleArn": PASSED}),
    ("ec2", "CreateTags", {"Resources": ["sg-1"], "Tags": [{"Key": "isolated"}]}),
]]


def allow(actions: Any, resources: Any, *conditions: tuple[str, str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resources}
    for operator, key, value in conditions:
        content.setdefault("Condition", {}).setdefault(operator, {})[key] = value
    return content


def equals(key: str, value: str) -> tuple[str, str, str]:
    return ("StringEquals", key, value)


def through(service: str) -> tuple[str, str, str]:
    return equals("kms:ViaService", f"{service}.eu-north-1.amazonaws.com")


LENT, OF_SECRET = ("Bool", "kms:GrantIsForAWSResource", "true"), equals("kms:EncryptionContext:SecretARN", SECRET_ARN)
OF_SERVICE = equals("application-autoscaling:service-namespace", "ecs"), equals(
    "application-autoscaling:scalable-dimension", "ecs:service:DesiredCount")
OURS, NOT_NONE = ("ForAllValues:StringEquals", "aws:TagKeys", ["isolated"]), ("Null", "aws:TagKeys", "false")
SCALING, SCALED = "application-autoscaling:RegisterScalableTarget", f"arn:aws:application-autoscaling:eu-north-1:{ACCOUNT.id}:scalable-target/*"

#: What it is allowed for that, by a name.
POLICY = {
    "save": allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/a/*"),
    "find": allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", ("StringLike", "s3:prefix", "a/*")),
    "tell": allow("sns:Publish", TOPIC),
    "encrypt what is told": allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, through("sns")),
    "restore": allow("rds:RestoreDBClusterToPointInTime", [
        f"{RDS}:cluster:{CLUSTER}", f"{RDS}:cluster:{CLUSTER}-inc-*", f"{RDS}:og:default:*"]),
    "lend key": allow("kms:CreateGrant", KEY_ARN, through("rds"), LENT),
    "see key": allow("kms:DescribeKey", KEY_ARN, through("rds")),
    "switch": allow(["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:RotateSecret"], SECRET_ARN),
    "encrypt secret": allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, through("secretsmanager"), OF_SECRET),
    "invoke": allow("lambda:InvokeFunction", ROTATION_ARN),
    "list": allow("ecs:ListTasks", "*", ("ArnEquals", "ecs:cluster", f"arn:aws:ecs:eu-north-1:{ACCOUNT.id}:cluster/c")),
    "measure": allow("cloudwatch:PutMetricData", "*", equals("cloudwatch:namespace", "ours")),
    "scale": allow(SCALING, SCALED, *OF_SERVICE),
    "pass": allow("iam:PassRole", PASSED, equals("iam:PassedToService", "ssm.amazonaws.com")),
    "mark": allow("ec2:CreateTags", TAGGED, OURS, NOT_NONE),
}

WILD = {
    "*": ("ecs:ListTasks", "for the test"), "s3:NAME/a/*": ("s3:PutObject", "for the test"),
    "rds:cluster:DATABASE-inc-*": ("rds:RestoreDBClusterToPointInTime", "for the test"),
    "rds:og:default:*": ("rds:RestoreDBClusterToPointInTime", "for the test"),
    "application-autoscaling:scalable-target/*": (SCALING, "for the test"),
}

#: Statements that are wrong instead of the one of the name, and what is said.
BROKEN: list[tuple[str, Any, str]] = [
    # Too little.
    *((name, None, "does not allow") for name in POLICY),
    ("save", allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*"), "does not allow s3:PutObject"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/b/*"), "does not allow s3:PutObject"),
    ("save", POLICY["save"] | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}, "does not allow s3:PutObject"),
    # Actions.
    ("save", {"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/a/*"}, "want its actions"),
    ("save", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "want its actions"),
    ("save", allow("s3:Put*", f"arn:aws:s3:::{BUCKET}/a/*"), "allows s3:Put*"),
    ("save", allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{BUCKET}/a/*"), "s3:GetObject"),
    ("encrypt what is told", allow(["kms:Decrypt", "kms:GenerateDataKey*"], KEY_ARN, through("sns")), "allows kms:GenerateDataKey*"),
    ("see key", allow(["kms:DescribeKey", "kms:Decrypt"], KEY_ARN, through("rds")), "allows kms:Decrypt"),
    ("invoke", allow(["lambda:InvokeFunction", "lambda:GetFunction"], ROTATION_ARN), "allows lambda:GetFunction"),
    # Resources.
    ("save", allow("s3:PutObject", "*"), "allows s3:PutObject on *, want no wildcard"),
    ("save", allow("s3:PutObject", "**"), "on **, want no wildcard"),
    ("save", allow("s3:PutObject", "arn:*"), "on arn:*, want no wildcard"),
    ("save", allow("s3:PutObject", "arn:aws:s3:::*"), "want no wildcard"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/*"), "want no wildcard"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/?/*"), "want no wildcard"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET[:-1]}*/a/*"), "want no wildcard"),
    ("restore", allow("rds:RestoreDBClusterToPointInTime", [f"{RDS}:cluster:*", f"{RDS}:og:default:*"]), "cluster:*, want no wildcard"),
    ("restore", allow("rds:RestoreDBClusterToPointInTime", [
        f"{RDS}:cluster:{CLUSTER}", f"{RDS}:cluster:{CLUSTER[:-1]}*-inc-*", f"{RDS}:og:default:*"]), "want no wildcard"),
    ("restore", allow("rds:RestoreDBClusterToPointInTime", [
        f"{RDS}:cluster:{CLUSTER}", f"{RDS.replace('eu-north-1', '*')}:cluster:{CLUSTER}-inc-*", f"{RDS}:og:default:*"]),
            "want no wildcard"),
    ("switch", allow(["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:RotateSecret"],
                     f"{SECRET_ARN.rsplit(':', 1)[0]}:*"), "secret:*, want no wildcard"),
    ("pass", allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT.id}:role/*", equals("iam:PassedToService", "ssm.amazonaws.com")),
        "role/*, want no wildcard"),
    ("see key", allow("kms:DescribeKey", "*", through("rds")), "on *, want no wildcard"),
    ("invoke", allow("lambda:InvokeFunction", f"{ROTATION_ARN}*"), "rotation*, want no wildcard"),
    ("invoke", allow("lambda:InvokeFunction", f"{ROTATION_ARN[:-1]}?"), "rotatio?, want no wildcard"),
    ("invoke", allow("lambda:InvokeFunction", [ROTATION_ARN, f"{ROTATION_ARN}-2"]), "rotation-2, which no drill uses"),
    # An action on one resource, another action on another.
    ("tell", allow(["sns:Publish", "s3:PutObject"], [TOPIC, f"arn:aws:s3:::{BUCKET}/a/*", OTHER]), f"allows sns:Publish on {OTHER}"),
    ("find", allow(["s3:ListBucket", "s3:PutObject"], [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/a/*"],
                   ("StringLikeIfExists", "s3:prefix", "a/*")), f"allows s3:PutObject on arn:aws:s3:::{BUCKET}, which no drill uses"),
    # Conditions.
    ("find", allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"), "whatever s3:prefix is"),
    ("find", allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", ("StringLike", "s3:prefix", "*")), "whatever s3:prefix is"),
    ("find", allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", ("StringLikeIfExists", "s3:prefix", "a/*")), "whatever s3:prefix is"),
    ("encrypt what is told", allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN), "whatever kms:ViaService is"),
    ("encrypt secret", allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, OF_SECRET), "whatever kms:ViaService is"),
    ("encrypt secret", allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, through("secretsmanager")),
        "whatever kms:EncryptionContext:SecretARN is"),
    ("lend key", allow("kms:CreateGrant", KEY_ARN, through("rds")), "whatever kms:GrantIsForAWSResource is"),
    ("see key", allow("kms:DescribeKey", KEY_ARN), "whatever kms:ViaService is"),
    ("list", allow("ecs:ListTasks", "*"), "whatever ecs:cluster is"),
    ("measure", allow("cloudwatch:PutMetricData", "*"), "whatever cloudwatch:namespace is"),
    ("scale", allow(SCALING, SCALED, OF_SERVICE[0]), "whatever application-autoscaling:scalable-dimension is"),
    ("scale", allow(SCALING, SCALED, OF_SERVICE[1]), "whatever application-autoscaling:service-namespace is"),
    ("pass", allow("iam:PassRole", PASSED), "whatever iam:PassedToService is"),
    ("mark", allow("ec2:CreateTags", TAGGED, NOT_NONE), "whatever aws:TagKeys is"),
    ("mark", allow("ec2:CreateTags", TAGGED, OURS), "whatever aws:TagKeys is"),
]


def problems_with(statements: Iterable[dict[str, Any]], calls: list[Call] = CALLS, wild: Any = WILD, unused: Any = {}) -> list[str]:
    """The problems of the calls with a role that has the statements."""
    ACCOUNT.stacks[0].resources["Policy"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
        "Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": list(statements)}}}
    try:
        return roles.problems(ACCOUNT, calls, wild, unused)
    finally:
        del ACCOUNT.stacks[0].resources["Policy"]


class Permissions(unittest.TestCase):
    def test_policies_allow_what_they_say(self) -> None:
        assert is_allowed(put(), [statement()])
        assert not is_allowed(put(), [])
        assert not is_allowed(put(), [statement(resource="arn:aws:s3:::c/*")])
        assert not is_allowed(put(), [statement(action="s3:GetObject")])
        assert is_allowed(put(), [statement(action=["s3:Get*", "s3:Put*"])])
        assert not is_allowed(put("a/k"), [statement(), statement("Deny", resource="arn:aws:s3:::b/a/*")])
        assert not is_allowed(put(), [statement(), Statement("test", {
            "Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"})])

    def test_policies_hold_under_their_conditions(self) -> None:
        def under(operator: str, key: str, value: Any) -> bool:
            return is_allowed(put(), [statement(Condition={operator: {key: value}})])

        assert under("StringEquals", "aws:RequestedRegion", "eu-north-1")
        assert not under("StringEquals", "aws:RequestedRegion", ["eu-west-1"])
        assert under("StringLike", "aws:RequestedRegion", "eu-*") and not under("StringNotEquals", "aws:ResourceAccount", PLACE.account)
        assert not under("StringEquals", "ecs:cluster", "x") and under("StringEqualsIfExists", "ecs:cluster", "x")
        assert under("Null", "ecs:cluster", "true") and under("ForAllValues:StringEquals", "aws:TagKeys", "a")
        assert under("Null", "ecs:cluster", True) and under("Null", "aws:RequestedRegion", False)
        assert not under("Null", "ecs:cluster", False) and not under("Null", "aws:RequestedRegion", True)
        assert under("StringNotEquals", "ecs:cluster", "x") and under("Bool", "aws:SecureTransport", True)
        refused(lambda: under("ForAnyValue:StringEquals", "aws:TagKeys", "a"), "ForAnyValue")
        refused(lambda: under("NumericLessThan", "aws:RequestedRegion", "1"), "NumericLessThan")
        refused(lambda: under("StringEquals", "aws:SourceVpce", "x"), "aws:SourceVpce")

    def test_calls_need_their_actions(self) -> None:
        def needed(_service: str, _operation: str, **parameters: Any) -> list[str]:
            return [str(need) for need in needs_of(Call("it", "One", _service, _operation, parameters), PLACE)]

        assert needed("s3", "ListObjectsV2", Bucket="b") == ["s3:ListBucket on arn:aws:s3:::b"]
        assert needed("elbv2", "DescribeLoadBalancers") == ["elasticloadbalancing:DescribeLoadBalancers on *"]
        assert needed("ecs", "UpdateService", cluster="c", service="s") == [
            "ecs:UpdateService on arn:aws:ecs:eu-north-1:123456789012:service/c/s"]
        assert needed("ecs", "StopServiceDeployment",
            serviceDeploymentArn="arn:aws:ecs:eu-north-1:123456789012:service-deployment/c/s/d") == [
            "ecs:StopServiceDeployment on arn:aws:ecs:eu-north-1:123456789012:service-deployment/c/s/d",
            "ecs:StopServiceDeployment on arn:aws:ecs:eu-north-1:123456789012:service/c/s"]
        assert needed("rds", "CreateDBClusterSnapshot", DBClusterIdentifier="c", DBClusterSnapshotIdentifier="s", Tags=[{"Key": "a"}])[
            -1] == (
            "rds:AddTagsToResource on arn:aws:rds:eu-north-1:123456789012:cluster-snapshot:s")
        refused(lambda: needed("s3", "DeleteObject", Bucket="b", Key="k"), "RESOURCES")
        refused(lambda: needed("elbv2", "SetSecurityGroups", LoadBalancerArn="my-balancer"), "is none of")

    def test_a_call_needs_what_services_do_with_a_key(self) -> None:
        def needed(_service: str, _operation: str, **parameters: Any) -> list[tuple[str, dict[str, Any]]]:
            place = Place("eu-north-1", "123456789012", keys={"t": "k", "s": "k"}, rotations={"s": "f"})
            implied = required_permissions._implied(Call("it", "One", _service, _operation, parameters), place)
            return [(action, said) for action, _, said in implied]

        via = {"kms:ViaService": "sns.eu-north-1.amazonaws.com"}
        assert needed("sns", "Publish", TopicArn="t") == [("kms:Decrypt", via), ("kms:GenerateDataKey", via)]
        assert needed("sns", "Publish", TopicArn="u") == []
        assert needed("secretsmanager", "GetSecretValue", SecretId="s") == [("kms:Decrypt", {
            "kms:ViaService": "secretsmanager.eu-north-1.amazonaws.com", "kms:EncryptionContext:SecretARN": "s"})]
        assert needed("secretsmanager", "RotateSecret", SecretId="s") == [("lambda:InvokeFunction", {})]

    def test_roles_that_allow_what_is_called_and_nothing_else_are_right(self) -> None:
        assert problems_with(POLICY.values()) == []

    def test_every_broken_role_is_reported(self) -> None:
        for name, broken, said in BROKEN:
            policy = {**POLICY, name: broken}
            found = problems_with(content for content in policy.values() if content)
            assert any(said in problem for problem in found), f"{name}: {broken} gives {found}, want {said}"

    def test_a_refusal_counts_although_the_call_fails_in_the_drill(self) -> None:
        failing = Call("it", "One", "s3", "GetObject", {"Bucket": BUCKET, "Key": "k"}, error="NoSuchKey")
        assert problems_with(POLICY.values(), [*CALLS, failing]) == [f"it One: Role does not allow s3:GetObject on arn:aws:s3:::{BUCKET}/k"]

    def test_exceptions_are_for_one_action_and_needed(self) -> None:
        nowhere = {**WILD, "iam:policy/*": ("iam:GetPolicy", "for the test")}
        assert problems_with(POLICY.values(), wild=nowhere) == ["nothing needs the allowance iam:GetPolicy on iam:policy/*"]
        more = [*POLICY.values(), allow("rds:DescribeDBClusterSnapshots", f"{RDS}:cluster:{CLUSTER}")]
        [unused] = problems_with(more)
        assert "which no drill uses" in unused
        assert problems_with(more, unused={"rds:cluster:DATABASE": ("rds:DescribeDBClusterSnapshots", "for the test")}) == []
        assert problems_with(more, unused={"rds:cluster:DATABASE": ("rds:DescribeDBClusters", "for the test")}) != []
