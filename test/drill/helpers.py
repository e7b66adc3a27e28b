"""Helpers that the drills of several runbooks share."""

import datetime
import json
from collections.abc import Callable, MutableMapping
from typing import Any

from botocore import xform_name
from moto.ecs.models import Service
from moto.elbv2.models import elbv2_backends
from moto.rds.models import rds_backends

from engine import APPROVE, Account, Execution, environment_name

INCIDENT = "inc-20260101-sqli"

#: Parameters of a dry run, of a real one, and of one for another incident.
DRY = {"IncidentId": INCIDENT}
REAL = {"IncidentId": INCIDENT, "DryRun": "false"}
OTHER = {"IncidentId": "inc-20260102-other", "DryRun": "false"}

#: The grace period of pinned tasks, the longest of ECS.
PINNED = 2147483647

#: A value for each parameter without a default, whatever the runbook.
GIVEN: dict[str, Any] = {
    "Addresses": ["203.0.113.9"], "ExecutionId": "00000000-0000-4000-8000-000000000000",
    "FindingId": "arn:aws:securityhub:eu-north-1:123456789012:finding/1", "From": "2026-01-01T00:00:00Z",
    "ImageDigest": "sha256:" + "0" * 64, "IncidentId": INCIDENT, "Level": "heightened",
    "ProductArn": "arn:aws:securityhub:eu-north-1::product/aws/securityhub", "RestoreTo": "latest", "Severity": "1",
    "Summary": "SQL injection in the product search", "Target": environment_name(), "To": "2026-01-02T00:00:00Z",
}


def given(account: Account, runbook: str) -> dict[str, Any]:
    """Returns a value for each parameter of the runbook that has no default."""
    declared = account.document(runbook).get("parameters", {})
    return {name: GIVEN[name] for name, each in declared.items() if "default" not in each}


def bucket(account: Account) -> str:
    """The bucket of the evidence."""
    return account.one("AWS::S3::Bucket", "Evidence").ref


def delete_bucket(account: Account) -> None:
    account.client("s3").delete_bucket(Bucket=bucket(account))


def evidence(account: Account, run: Execution, name: str) -> Any:
    """Returns what the run wrote under the name: the value of a JSON file, the bytes of another."""
    keys = [key for key in account.objects(bucket(account)) if key.endswith(f"/{run.id}/{name}")]
    assert len(keys) == 1, f"{name}: {keys}\n{run.history()}"
    found = account.object(bucket(account), keys[0])
    return json.loads(found) if name.endswith(".json") else found


def saved(account: Account, runbook: str) -> dict[str, Any]:
    """Returns the state that the incident saved before any change."""
    key = f"incidents/{INCIDENT}/{runbook}/state.json"
    assert account.objects(bucket(account), key), "nothing was saved"
    return json.loads(account.object(bucket(account), key))


def save(account: Account, incident: str, runbook: str, state: dict[str, Any]) -> None:
    """Writes over what the incident saved."""
    key = f"incidents/{incident}/{runbook}/state.json"
    account.client("s3").put_object(Bucket=bucket(account), Key=key, Body=json.dumps(state))


def ecs_service(account: Account) -> dict[str, Any]:
    """The service, as ECS describes it."""
    service = account.one("AWS::ECS::Service")
    return account.client("ecs").describe_services(cluster=service.properties["Cluster"], services=[service.ref])["services"][0]


def moto_service(account: Account) -> Service:
    """The service, as the emulator has it."""
    service = account.one("AWS::ECS::Service")
    return account.deployments.service(service.properties["Cluster"], service.attributes["Name"])


def register(account: Account, *images: str) -> str:
    """Registers a revision with a container for each image, or for that of the last release. Returns its ARN."""
    ecs, last = account.client("ecs"), account.one("AWS::ECS::Service").properties["TaskDefinition"]
    found = ecs.describe_task_definition(taskDefinition=last)["taskDefinition"]
    names = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    own = found["containerDefinitions"][0]
    containers = [{**own, "name": f"{own['name']}{number or ''}", "image": image}
                  for number, image in enumerate(images or [own["image"]])]
    made = ecs.register_task_definition(containerDefinitions=containers, **{name: found[name] for name in names if name in found})
    return made["taskDefinition"]["taskDefinitionArn"]


def update_service(account: Account, **what: object) -> None:
    service = account.one("AWS::ECS::Service")
    account.client("ecs").update_service(cluster=service.properties["Cluster"], service=service.attributes["Name"], **what)


def archive(account: Account, image: dict[str, str]) -> None:
    """Archives an image, by its tag or digest, to the end."""
    account.client("ecr").update_image_storage_class(
        repositoryName=account.one("AWS::ECR::Repository").ref, imageId=image, targetStorageClass="ARCHIVE")
    account.clock.sleep(60)


def grace_period(account: Account) -> int:
    """How long ECS ignores the health checks of the service."""
    return ecs_service(account)["healthCheckGracePeriodSeconds"]


def delete_service(account: Account) -> None:
    """ECS describes it for a while, as INACTIVE."""
    service = account.one("AWS::ECS::Service")
    account.client("ecs").delete_service(cluster=service.properties["Cluster"], service=service.ref, force=True)


def start_tasks(account: Account, count: int) -> None:
    """Starts more tasks of the service."""
    account.deployments.start_tasks(moto_service(account), moto_service(account).task_definition, count)


def protect_tasks(account: Account) -> list[str]:
    """As preserve-evidence does it. Returns the tasks."""
    service = account.one("AWS::ECS::Service")
    ecs, cluster = account.client("ecs"), service.properties["Cluster"]
    tasks = ecs.list_tasks(cluster=cluster, serviceName=service.attributes["Name"])["taskArns"]
    for start in range(0, len(tasks), 10):
        ecs.update_task_protection(cluster=cluster, tasks=tasks[start:start + 10], protectionEnabled=True, expiresInMinutes=2880)
    return tasks


def others_first(account: Account) -> None:
    """Somebody else has a load balancer and a database, which AWS lists first."""
    subnets = [each.ref for each in account.all("AWS::EC2::Subnet")][:2]
    account.client("elbv2").create_load_balancer(Name="others", Subnets=subnets)
    account.client("rds").create_db_cluster(
        DBClusterIdentifier="others", Engine="aurora-postgresql", MasterUsername="someone", MasterUserPassword="a-long-password")
    lists: list[MutableMapping[str, Any]] = [
        elbv2_backends[account.id][account.region].load_balancers, rds_backends[account.id][account.region].clusters]
    for listed in lists:
        for key in list(listed)[:-1]:
            listed[key] = listed.pop(key)


def last_day(account: Account) -> dict[str, str]:
    """The period that gather-evidence exports, from yesterday: at midnight, today is none."""
    now = account.clock.datetime()
    return {name: time.strftime("%Y-%m-%dT%H:%M:%SZ") for name, time in
            (("From", now - datetime.timedelta(days=1)), ("To", now))}


def told(account: Account) -> dict[str, str]:
    """The only message since the last look."""
    messages = account.messages()
    assert len(messages) == 1, messages
    return messages[0]


def dry_run(account: Account, runbook: str, parameters: dict[str, Any]) -> str:
    """Runs it where everybody would approve: nobody is asked, nothing changes.
    Returns what the topic is told, and nothing else is called."""
    account.messages()
    run = account.run(runbook, parameters, approve=APPROVE, changes=[]).succeeded()
    assert not run.approvals
    assert [call.name for call in run.changes()] == ["sns:Publish"], run.changes()
    message = told(account)
    assert "Dry run" in message["subject"] and "Nothing was changed" in message["message"], message
    return message["message"]


def secret_id(account: Account) -> str:
    """The secret that the tasks are given."""
    return account.one("AWS::SecretsManager::SecretTargetAttachment").ref


def user_secret_id(account: Account) -> str:
    """The secret of the application's own database user."""
    return account.one("AWS::SecretsManager::SecretTargetAttachment", "DatabaseUser").ref


def master_secret_id(account: Account) -> str:
    """The secret of the master user beside that user's."""
    return account.one("AWS::SecretsManager::SecretTargetAttachment", "DatabaseSecret").ref


def answers(account: Account, service: str, operation: str, change: Callable[[dict[str, Any]], object]) -> None:
    """From now on, change is applied to each response that a runbook gets from the operation."""
    account.recorded.client(service).meta.events.register_last(
        f"after-call.{service}.{operation}", lambda parsed, **_: change(parsed) and None)


def paged(account: Account, service: str, operation: str) -> None:
    """From now on a runbook gets the operation's result in pages of one item."""
    client = account.recorded.client(service)
    paginator = client.get_paginator(xform_name(operation))
    given, taken = paginator._input_token[0], paginator._output_token[0].expression
    items, more = paginator.result_keys[0].expression, paginator._more_results

    def ask(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["drill_page"] = int(params.pop(given, 0))

    def answer(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        all_items, number = parsed.get(items, []), context["drill_page"]
        parsed[items] = all_items[number:number + 1]
        if number + 1 < len(all_items):
            parsed[taken] = str(number + 1)
        if more:
            parsed[more.expression] = number + 1 < len(all_items)

    client.meta.events.register_first(f"before-parameter-build.{service}.{operation}", ask)
    client.meta.events.register_last(f"after-call.{service}.{operation}", answer)
