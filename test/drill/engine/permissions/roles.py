"""Compares the calls of the drills with the synthesized roles: everything that
a runbook calls is allowed on that resource, and nothing else is."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..account.account import Account
from ..account.resolve import Physical
from ..automation.execution import Call
from ..errors import DrillError
from .allowances import UNUSED, WILD, Allowances, AllowanceUse
from .policy import Need, Statement, as_list, is_allowed
from .required_permissions import Place, knows, needs_of, resource_types

#: What a condition has to narrow: by action, the keys that must matter. All that
#: a need says of KMS must.
CONDITIONED = {
    "application-autoscaling:RegisterScalableTarget": (
        "application-autoscaling:scalable-dimension", "application-autoscaling:service-namespace"),
    "cloudwatch:PutMetricData": ("cloudwatch:namespace",),
    "ec2:CreateTags": ("aws:TagKeys",),
    "ec2:DeleteTags": ("aws:TagKeys",),
    "ecs:ListTasks": ("ecs:cluster",),
    "ecs:RunTask": ("ecs:cluster",),
    "securityhub:BatchUpdateFindings": ("securityhub:ASFFSyntaxPath/Workflow.Status",),
    "iam:PassRole": ("iam:PassedToService",),
    "s3:ListBucket": ("s3:prefix",),
    "s3:ListBucketVersions": ("s3:prefix",),
    "ssm:AddTagsToResource": ("aws:RequestTag/environment", "aws:RequestTag/project"),
}

#: The property with the key that encrypts a resource.
_KEYS = {"AWS::RDS::DBCluster": "KmsKeyId", "AWS::SNS::Topic": "KmsMasterKeyId", "AWS::SecretsManager::Secret": "KmsKeyId"}

_POLICIES = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")


def problems(account: Account, calls: list[Call], wild: Allowances = WILD, unused: Allowances = UNUSED) -> list[str]:
    """One line for each thing that a role allows too little or too much, and
    for each allowance that nothing uses."""
    by_role: dict[str, set[str]] = defaultdict(set)
    for runbook, document in account.documents.items():
        by_role[document["assumeRole"]].add(runbook)
    place = _place(account)
    may_be_wild, may_be_unused = AllowanceUse(wild, place), AllowanceUse(unused, place)
    found: list[str] = []
    for arn, runbooks in sorted(by_role.items()):
        role = _role(account, arn)
        statements = list(_statements(account, role))
        found += _problems_of_calls(role, statements, place, [call for call in calls if call.runbook in runbooks])
        where = f"{role.logical_id} ({', '.join(sorted(runbooks))})"
        for statement in statements:
            if statement.effect == "Allow":
                found += _problems_of_statement(statement, where, may_be_wild, may_be_unused)
    return found + [f"nothing needs the allowance {each}" for each in may_be_wild.unneeded() + may_be_unused.unneeded()]


def missing(account: Account, calls: list[Call]) -> list[str]:
    """One line for each thing that a role allows too little."""
    place = _place(account)
    return [problem for runbook, document in account.documents.items() for problem in _problems_of_calls(
        _role(account, document["assumeRole"]), list(_statements(account, _role(account, document["assumeRole"]))), place,
        [call for call in calls if call.runbook == runbook])]


def _place(account: Account) -> Place:
    roles_of = {each.properties["Family"]: [each.properties[key] for key in ("ExecutionRoleArn", "TaskRoleArn")]
                for each in account.all("AWS::ECS::TaskDefinition")}
    roles = {role for roles in roles_of.values() for role in roles}
    [subnet_group], [database] = account.all("AWS::RDS::DBSubnetGroup"), account.all("AWS::RDS::DBCluster")
    keys = {each.ref: each.properties[name] for kind, name in _KEYS.items() for each in account.all(kind) if name in each.properties}
    return Place(account.region, account.id, task_roles=sorted(roles), roles_of=roles_of, subnet_group=subnet_group.ref, database=database.ref,
                 keys=keys, rotations=_rotations(account))


def _rotations(account: Account) -> dict[str, str]:
    schedules = [
        account.resolver.resolve(stack, resource["Properties"])
        for stack in account.stacks for resource in stack.resources.values()
        if resource["Type"] == "AWS::SecretsManager::RotationSchedule"
    ]
    return {schedule["SecretId"]: schedule["RotationLambdaARN"] for schedule in schedules}


def _problems_of_calls(role: Physical, statements: list[Statement], place: Place, calls: list[Call]) -> list[str]:
    """What the role does not allow, or allows whatever the call says of itself.
    Notes in the statements what is used."""
    found: dict[str, str] = {}
    for need, call in _needs(calls, place, found):
        for statement in statements:
            statement.used |= statement.pairs(need)
        if not is_allowed(need, statements):
            found.setdefault(str(need), f"{call.runbook} {call.step}: {role.logical_id} does not allow {need}")
            continue
        for name in [*CONDITIONED.get(need.action, ()), *(key for key in need.context if key.startswith("kms:"))]:
            if any(is_allowed(other, statements) for other in _with_another(need, name)):
                found.setdefault(f"{need} {name}", f"{role.logical_id}: allows {need} whatever {name} is")
    return list(found.values())


def _needs(calls: list[Call], place: Place, found: dict[str, str]) -> list[tuple[Need, Call]]:
    """The needs of the calls, each once with the first call that has it."""
    needs: dict[str, tuple[Need, Call]] = {}
    for call in calls:
        try:
            for need in needs_of(call, place):
                needs.setdefault(f"{need} {sorted(need.context.items())}", (need, call))
        except DrillError as error:
            found.setdefault(call.name, str(error))
    return list(needs.values())


def _with_another(need: Need, name: str) -> Iterator[Need]:
    """The need as it would be with another value of the key, and without one."""
    rest = {key: value for key, value in need.context.items() if key != name}
    yield replace(need, context=rest | {name: "other"})
    yield replace(need, context=rest)


def _problems_of_statement(statement: Statement, where: str, wild: AllowanceUse, unused: AllowanceUse) -> Iterator[str]:
    if not statement.actions or not statement.resources:
        yield f"{where}: allows {statement.content}, want its actions and resources by their names"
    used_actions, used_resources = ({pair[at] for pair in statement.used} for at in (0, 1))
    for action, resource in itertools.product(statement.actions, statement.resources):
        if _is_wild(action):
            yield f"{where}: allows {action} on {resource}, want the actions by their names"
            continue
        used = (action, resource) in statement.used
        idle = action not in used_actions or resource not in used_resources
        if not used and not idle and not knows(action, resource):
            continue  # the resource is for the other actions of the statement
        if not used and not unused.covers(action, resource):
            yield f"{where}: allows {action} on {resource}, which no drill uses"
        # An action that knows no resource is allowed on *.
        if _is_wild(resource) and (resource != "*" or resource_types(action)) and not wild.covers(action, resource):
            yield f"{where}: allows {action} on {resource}, want no wildcard"


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


# The statements of a role.

def _role(account: Account, arn: str) -> Physical:
    for role in account.all("AWS::IAM::Role"):
        if role.arn == arn:
            return role
    raise DrillError(f"{arn} is the role of a runbook, and no stack has it")


def _statements(account: Account, role: Physical) -> Iterator[Statement]:
    """The statements of every policy of the role, wherever it is defined."""
    for policy in role.properties.get("Policies", []):
        yield from _of_document(role.logical_id, policy["PolicyDocument"])
    attached = role.properties.get("ManagedPolicyArns", [])
    foreign = [arn for arn in attached if f"::{account.id}:policy/" not in arn]
    if foreign:
        raise DrillError(f"{role.logical_id} has {', '.join(foreign)}, which the drills do not know")
    for stack in account.stacks:
        for logical_id, resource in stack.resources.items():
            if resource["Type"] not in _POLICIES:
                continue
            if role.ref in account.resolver.resolve(stack, resource["Properties"].get("Roles", [])):
                document = account.resolver.resolve(stack, resource["Properties"]["PolicyDocument"])
                yield from _of_document(logical_id, document)


def _of_document(where: str, document: dict[str, Any]) -> Iterator[Statement]:
    for content in as_list(document["Statement"]):
        yield Statement(f"{where} {content.get('Sid', '')}".strip(), content)
