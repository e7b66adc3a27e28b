"""Compares the calls of the drills with the synthesized roles: everything that
a runbook calls is allowed on that resource, and nothing else is."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .account import Account
from .errors import DrillError
from .execution import Call
from .needs import Place, needs_of, resource_types
from .policy import Need, Statement, as_list, is_allowed
from .resolve import Physical, Stack

#: What roles may allow although no recorded call asks for it.
UNSEEN = {
    "kms:CreateGrant": "RDS asks for it when it copies or restores what the key encrypts",
    "kms:Decrypt": "S3 and SNS ask for it when they use the key of the bucket or topic",
    "kms:DescribeKey": "RDS asks for it when it copies or restores what the key encrypts",
    "kms:GenerateDataKey": "S3 and SNS ask for it when they use the key of the bucket or topic",
    "kms:GenerateDataKey*": "S3 and SNS ask for it when they use the key of the bucket or topic",
    "lambda:InvokeFunction": "RotateSecret asks for it on the rotation function",
}

#: What roles may allow on every resource although the action has some.
UNNARROWED = {
    "ecs:ListTasks": "its only resource is a container instance; the condition ecs:cluster narrows it",
    "ssm:CreateOpsItem": "the item does not exist before",
}

_POLICIES = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")


def problems(account: Account, calls: list[Call]) -> list[str]:
    """One line for each thing that a role allows too little or too much."""
    by_role: dict[str, set[str]] = defaultdict(set)
    for runbook, document in account.documents.items():
        by_role[document["assumeRole"]].add(runbook)
    found: list[str] = []
    for arn, runbooks in sorted(by_role.items()):
        own = [call for call in calls if call.runbook in runbooks]
        found += _problems_of_role(account, arn, sorted(runbooks), own)
    return found


def _problems_of_role(account: Account, arn: str, runbooks: list[str], calls: list[Call]) -> Iterator[str]:
    role = _role(account, arn)
    statements = list(_statements(account, role))
    roles = {each.properties[key] for each in account.all("AWS::ECS::TaskDefinition") for key in ("ExecutionRoleArn", "TaskRoleArn")}
    [subnet_group] = account.all("AWS::RDS::DBSubnetGroup")
    place = Place(account.region, account.id, sorted(roles), subnet_group.ref)
    refused: dict[str, str] = {}
    for call in calls:
        try:
            needs = needs_of(call, place)
        except DrillError as error:
            refused.setdefault(call.name, str(error))
            continue
        for need in needs:
            # A call that fails anyway may fail for want of a permission, too.
            if not is_allowed(need, statements) and not call.error:
                refused.setdefault(str(need), f"{call.runbook} {call.step}: {role.logical_id} does not allow {need}")
    yield from refused.values()
    for statement in statements:
        if statement.effect == "Allow":
            yield from _problems_of_statement(statement, f"{role.logical_id} ({', '.join(runbooks)})")


def _problems_of_statement(statement: Statement, where: str) -> Iterator[str]:
    for action in statement.actions:
        if action in UNSEEN:
            continue
        if "*" in action:
            yield f"{where}: allows {action}, want the actions by their names"
            continue
        if action not in statement.used_actions:
            yield f"{where}: allows {action}, which no drill uses on {', '.join(statement.resources)}"
        if "*" in statement.resources and resource_types(action) and action not in UNNARROWED:
            yield f"{where}: allows {action} on *, want some {', '.join(resource_types(action))}"
    if all(action in UNSEEN for action in statement.actions):
        return
    for resource in statement.resources:
        if resource not in statement.used_resources:
            yield f"{where}: allows {', '.join(statement.actions)} on {resource}, which no drill uses"


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
            if resource["Type"] in _POLICIES and _attached(account, stack, resource, role):
                document = account.resolver.resolve(stack, resource["Properties"]["PolicyDocument"])
                yield from _of_document(logical_id, document)


def _attached(account: Account, stack: Stack, resource: dict[str, Any], role: Physical) -> bool:
    roles = account.resolver.resolve(stack, resource["Properties"].get("Roles", []))
    return role.ref in roles


def _of_document(where: str, document: dict[str, Any]) -> Iterator[Statement]:
    for content in as_list(document["Statement"]):
        yield Statement(f"{where} {content.get('Sid', '')}".strip(), content)


__all__ = ["Need", "problems"]
