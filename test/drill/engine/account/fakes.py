"""Operations that the emulator lacks, or has without their effects.

botocore has checked the input before a fake sees it, and what it answers is
checked against the service's model. The first line of each docstring is its
row in the README's table."""

import datetime
import functools
import json
import secrets
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.validate import ParamValidator
from moto.cloudwatch.models import cloudwatch_backends
from moto.ecs.models import Task, ecs_backends
from moto.logs.models import logs_backends

from ..automation import model
from ..automation.execution import CURRENT_VERSION, FINAL_FAILURES, Execution
from ..errors import ApiError, DrillError
from .databases import Databases
from .deployments import Deployments
from .images import Images

if TYPE_CHECKING:
    from .account import Account

Fake = Callable[["Account", dict[str, Any]], dict[str, Any]]

FAKES: dict[tuple[str, str], Fake] = {}


def fake(service: str, operation: str) -> Callable[[Fake], Fake]:
    """Registers the function as the answer to an operation."""
    model.operation(service, operation)

    def register(function: Fake) -> Fake:
        FAKES[service, operation] = function
        return function

    return register


def answer(account: "Account", service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Returns the response of the fake, checked against the service's model."""
    output = FAKES[service, operation](account, parameters)
    output.pop("ResponseMetadata", None)
    shape = model.operation(service, operation).output_shape
    if shape is not None:
        report = ParamValidator().validate(output, shape)
        unknown = set(output) - set(shape.members)
        if report.has_errors() or unknown:
            raise DrillError(f"the fake {service} {operation} answers the impossible: {unknown or report.generate_report()}")
    return output


def _delegate(service: str, operation: str, part: str, method: Callable[[Any, dict[str, Any]], dict[str, Any]]) -> None:
    """Registers a method of a part of the account as the answer."""
    @functools.wraps(method)
    def answer_of_part(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
        return method(getattr(account, part), parameters)

    fake(service, operation)(answer_of_part)


_delegate("ecs", "UpdateService", "deployments", Deployments.update)
_delegate("ecs", "DescribeServices", "deployments", Deployments.describe)
_delegate("ecr", "DescribeImages", "images", Images.describe)
_delegate("ecr", "PutImage", "images", Images.push)
_delegate("ecr", "BatchGetImage", "images", Images.get)
_delegate("rds", "RestoreDBClusterToPointInTime", "databases", Databases.restore)
_delegate("rds", "CreateDBInstance", "databases", Databases.create_instance)
_delegate("rds", "CreateDBClusterSnapshot", "databases", Databases.create_snapshot)
_delegate("rds", "ModifyDBCluster", "databases", Databases.modify)


# CloudWatch.

@fake("cloudwatch", "EnableAlarmActions")
def enable_alarm_actions(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Turns the actions of the named alarms on; moto has no such operation."""
    return _alarm_actions(account, parameters["AlarmNames"], enabled=True)


@fake("cloudwatch", "DisableAlarmActions")
def disable_alarm_actions(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Turns the actions of the named alarms off; moto has no such operation."""
    return _alarm_actions(account, parameters["AlarmNames"], enabled=False)


def _alarm_actions(account: "Account", names: list[str], enabled: bool) -> dict[str, Any]:
    # CloudWatch ignores names that it does not know.
    alarms = cloudwatch_backends[account.id][account.region].alarms
    for name in names:
        if name in alarms:
            alarms[name].actions_enabled = enabled
    return {}


# ECS.

#: Minutes that a task may be protected: two days.
_LONGEST_PROTECTION_MINUTES = 2880


@fake("ecs", "UpdateTaskProtection")
def update_task_protection(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Protects tasks until the time is over, which a deployment waits for; refuses those in account.deployments.refusals."""
    minutes = parameters.get("expiresInMinutes", 120)
    if len(parameters["tasks"]) > 10 or not 1 <= minutes <= _LONGEST_PROTECTION_MINUTES:
        raise ApiError("InvalidParameterException", "ten tasks and 2880 minutes at most")
    protected, failures = [], []
    for arn in parameters["tasks"]:
        reason = account.deployments.refusals.get(arn)
        if reason:
            failures.append({"arn": arn, "reason": reason})
            continue
        enabled = parameters["protectionEnabled"]
        account.deployments.protect(arn, minutes * 60 if enabled else 0)
        until = {"expirationDate": account.clock.datetime() + datetime.timedelta(minutes=minutes)} if enabled else {}
        protected.append({"taskArn": arn, "protectionEnabled": enabled, **until})
    return {"protectedTasks": protected, "failures": failures}


@fake("ecs", "ListServiceDeployments")
def list_service_deployments(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Lists what UpdateService started, the newest first."""
    wanted = parameters.get("status", [])
    found = account.deployments.history_of(parameters.get("cluster", "default"), parameters["service"])
    return {"serviceDeployments": [{**deployment} for deployment in found if not wanted or deployment["status"] in wanted]}


@fake("ecs", "StopServiceDeployment")
def stop_service_deployment(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Takes a deployment back within a minute that UpdateService started, with stopType ROLLBACK alone."""
    if parameters.get("stopType") != "ROLLBACK":
        raise DrillError("the fake StopServiceDeployment knows stopType ROLLBACK alone")
    account.deployments.stop(parameters["serviceDeploymentArn"])
    return {"serviceDeploymentArn": parameters["serviceDeploymentArn"]}


# ECR.

@fake("ecr", "UpdateImageStorageClass")
def update_image_storage_class(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Archives an image within a minute, or brings it back in twenty."""
    name = parameters["repositoryName"]
    digest = account.image(name, parameters["imageId"])["imageDigest"]
    return {
        "registryId": account.id,
        "repositoryName": name,
        "imageId": {"imageDigest": digest},
        "imageStatus": account.images.move(name, digest, parameters["targetStorageClass"]),
    }


# CloudWatch Logs.

#: Virtual seconds that an export takes.
EXPORT_SECONDS = 120


@fake("logs", "CreateExportTask")
def create_export_task(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Takes two minutes, one at a time in an account, and fails when the scenario says account.export = "fail"."""
    tasks = logs_backends[account.id][account.region].export_tasks
    if any(task.status["code"] == "RUNNING" for task in tasks.values()):
        raise ApiError("LimitExceededException", "one export at a time")
    task_id = account.bare.client("logs").create_export_task(**parameters)["taskId"]
    tasks[task_id].status = {"code": "RUNNING", "message": ""}
    code = "COMPLETED" if account.export == "succeed" else "FAILED"
    account.clock.after(EXPORT_SECONDS, lambda: tasks[task_id].status.update(code=code))
    return {"taskId": task_id}


# The task of the application's user.

@fake("ecs", "RunTask")
def run_task(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Ends the task of the application's user after a minute as account.user_task says, which keeps what it was given in
    account.user_tasks."""
    of_user = parameters["taskDefinition"].endswith("-database-user")
    if of_user and account.user_task == "refuse":
        return {"tasks": [], "failures": [{"reason": "RESOURCE:ENI"}]}
    [task] = account.bare.client("ecs").run_task(**parameters)["tasks"]
    if of_user:
        _set_user_password(account, task["taskArn"])
    return {"tasks": [{"taskArn": task["taskArn"]}], "failures": []}


def _set_user_password(account: "Account", task: str) -> None:
    master, user = (account.secret(each.ref) for each in (
        account.one("AWS::SecretsManager::SecretTargetAttachment", name) for name in ("DatabaseSecret", "DatabaseUser")))
    account.user_tasks.append({"host": master["host"], "master": master["password"], "user": user["username"], "password": user["password"]})
    tasks = ecs_backends[account.id][account.region].tasks
    made = next(each for cluster in tasks.values() for arn, each in cluster.items() if arn == task)
    made.last_status, made._transitions = "RUNNING", []  # moto would end it by itself
    if account.user_task != "hang":
        account.clock.after(60, lambda: _end(made, 0 if account.user_task == "succeed" else 1))


def _end(task: Task, status: int) -> None:
    """Stops the task, and has its container end with the exit status."""
    task.last_status, task.stopped_reason = "STOPPED", "Essential container in task exited"
    setattr(task.containers[0], "exitCode", status)


# Secrets Manager.

@fake("secretsmanager", "RotateSecret")
def rotate_secret(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Makes a pending version that becomes the current one, unless the schedule
    is to, or stays pending when the scenario says account.rotation = "fail"; moto
    starts no function."""
    client = account.client("secretsmanager")
    secret = client.describe_secret(SecretId=parameters["SecretId"])
    if not parameters.get("RotateImmediately", True):
        return {"ARN": secret["ARN"], "Name": secret["Name"]}
    version = str(uuid.uuid4())
    pending = [each for each, stages in secret["VersionIdsToStages"].items() if stages == ["AWSPENDING"]]
    if pending:
        raise ApiError("InvalidRequestException", "a previous rotation is not complete")
    value = json.loads(client.get_secret_value(SecretId=secret["ARN"])["SecretString"])
    value["password"] = secrets.token_hex(16)
    if "masterarn" in value:
        name = value["username"]
        value["username"] = name.removesuffix("_clone") if name.endswith("_clone") else f"{name}_clone"
    client.put_secret_value(
        SecretId=secret["ARN"], SecretString=json.dumps(value), ClientRequestToken=version, VersionStages=["AWSPENDING"],
    )
    if account.rotation == "succeed":
        account.clock.after(account.rotation_seconds, lambda: _finish_rotation(account, secret["ARN"], version))
    return {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": version}


def _finish_rotation(account: "Account", arn: str, version: str) -> None:
    client = account.client("secretsmanager")
    stages = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    current = next(each for each, names in stages.items() if "AWSCURRENT" in names)
    client.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current,
    )
    client.update_secret_version_stage(SecretId=arn, VersionStage="AWSPENDING", RemoveFromVersionId=version)


# IAM.

@fake("iam", "GetAccountSummary")
def get_account_summary(account: "Account", _: dict[str, Any]) -> dict[str, Any]:
    """Counts what moto counts, but for what the scenario puts into account.account_summary."""
    found = account.bare.client("iam").get_account_summary()["SummaryMap"]
    return {"SummaryMap": found | account.account_summary}


# Systems Manager.

@fake("ssm", "CreateOpsItem")
def create_ops_item(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Keeps the OpsItem in account.ops_items, where it stays open; refuses a
    second with the same deduplication string."""
    dedup = parameters.get("OperationalData", {}).get("/aws/dedup", {}).get("Value")
    for number, item in enumerate(account.ops_items, start=1):
        if dedup and item.get("OperationalData", {}).get("/aws/dedup", {}).get("Value") == dedup:
            raise ApiError("OpsItemAlreadyExistsException", f"oi-{number:012x}")
    account.ops_items.append(parameters)
    item_id = f"oi-{len(account.ops_items):012x}"
    return {"OpsItemId": item_id, "OpsItemArn": f"arn:aws:ssm:{account.region}:{account.id}:opsitem/{item_id}"}


@fake("ssm", "DescribeAutomationExecutions")
def describe_automation_executions(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Lists the executions of the drill after a moment, also those that run, with three of SSM's filters."""
    executions = [execution for execution in account.executions
                  if account.clock.now - execution.started >= execution.unlisted and all(
                      _matches(execution, each) for each in parameters.get("Filters", []))]
    return {"AutomationExecutionMetadataList": [{
        "AutomationExecutionId": execution.id,
        "DocumentName": execution.document,
        "AutomationExecutionStatus": execution.status,
        "ExecutionStartTime": account.clock.datetime(execution.started),
    } for execution in reversed(executions)]}


def _matches(execution: Any, condition: dict[str, Any]) -> bool:
    """Reports whether an execution passes a filter of DescribeAutomationExecutions."""
    key, values = condition["Key"], condition["Values"]
    if key == "DocumentNamePrefix":
        return any(execution.document.startswith(value) for value in values)
    if key == "ExecutionStatus":
        return execution.status in values
    if key == "ExecutionId":
        return execution.id in values
    raise DrillError(f"the fake DescribeAutomationExecutions does not know the filter {key}")


@fake("ssm", "DescribeDocument")
def describe_document(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Names the default version of a runbook, which is the same for all of them."""
    name = parameters["Name"]
    if name not in {account.full_name(each) for each in account.documents}:
        raise ApiError("InvalidDocument", name)
    return {"Document": {"Name": name, "DocumentVersion": CURRENT_VERSION, "DefaultVersion": CURRENT_VERSION}}


@fake("ssm", "AddTagsToResource")
def add_tags_to_resource(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Tags an execution of the drill; moto knows no tags of executions."""
    if parameters["ResourceType"] != "Automation":
        raise DrillError(f"the drills do not know the tags of a {parameters['ResourceType']}")
    tags = {tag["Key"]: tag["Value"] for tag in parameters["Tags"]}
    _execution(account, parameters["ResourceId"]).tags.update(tags)
    return {}


def _execution(account: "Account", identifier: str) -> Execution:
    for execution in account.executions:
        if execution.id == identifier:
            return execution
    raise ApiError("AutomationExecutionNotFoundException", identifier)


@fake("ssm", "GetAutomationExecution")
def get_automation_execution(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Describes an execution of the drill, with its steps so far."""
    execution = _execution(account, parameters["AutomationExecutionId"])
    failed = [step for step in execution.steps if step.status in FINAL_FAILURES]
    return {"AutomationExecution": {
        "AutomationExecutionId": execution.id,
        "DocumentName": execution.document,
        "DocumentVersion": execution.version,
        "AutomationExecutionStatus": execution.status,
        "ExecutedBy": f"arn:aws:sts::{account.id}:assumed-role/Operator/anna",
        "Parameters": {name: _texts(value) for name, value in execution.parameters.items()},
        "FailureMessage": failed[0].message if failed else "",
        **({"ParentAutomationExecutionId": execution.parent} if execution.parent else {}),
        "StepExecutions": [{
            "StepName": step.name, "Action": step.action, "StepStatus": step.status, "IsCritical": step.critical,
            **({"FailureMessage": step.message} if step.message else {}),
        } for step in execution.steps],
    }}


def _texts(value: Any) -> list[str]:
    """A parameter as SSM gives it: a list of texts, whatever its type."""
    return [each if isinstance(each, str) else json.dumps(each) for each in (value if isinstance(value, list) else [value])]


# CloudTrail and Access Analyzer.

#: CloudTrail's quota of a region ("The rate of lookup requests is limited to two
#: per second, per account, per region").
LOOKUPS_IN_A_SECOND = 2


@fake("cloudtrail", "LookupEvents")
def lookup_events(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Finds, by time alone, what scenarios put into account.trail_events of the region, fifty at a time and two times a second."""
    asked = account.lookups[account.calls.region]
    if sum(account.clock.now - each < 1 for each in asked) >= LOOKUPS_IN_A_SECOND:
        raise ApiError("ThrottlingException", "Rate exceeded")
    asked.append(account.clock.now)
    start, end = parameters.get("StartTime"), parameters.get("EndTime")
    if parameters.get("LookupAttributes"):
        raise DrillError("the fake LookupEvents knows no LookupAttributes")
    found = [event for event in account.trail_events[account.calls.region]
             if (not start or event["EventTime"] >= _utc(start)) and (not end or event["EventTime"] <= _utc(end))]
    first, size = int(parameters.get("NextToken", 0)), parameters.get("MaxResults", 50)
    output: dict[str, Any] = {"Events": found[first:first + size]}
    if first + size < len(found):
        output["NextToken"] = str(first + size)
    return output


def _utc(moment: Any) -> datetime.datetime:
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


@fake("accessanalyzer", "ListFindingsV2")
def list_findings(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Lists, by status alone, what scenarios put into account.access_findings;
    moto has no Access Analyzer."""
    _analyzer(account, parameters["analyzerArn"])
    wanted = parameters.get("filter", {})
    if set(wanted) - {"status"} or set(wanted.get("status", {})) - {"eq"}:
        raise DrillError("the fake ListFindingsV2 knows no filter but of a status")
    statuses = wanted.get("status", {}).get("eq")
    return {"findings": [each for each in account.access_findings if not statuses or each["status"] in statuses]}


@fake("accessanalyzer", "ListFindings")
def list_external_findings(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Lists those of access from outside alone, and refuses other analyzers."""
    if _analyzer(account, parameters["analyzerArn"])["type"] != "ACCOUNT":
        raise ApiError("ValidationException", "Operation not supported for the requested Analyzer type.")
    found = list_findings(account, parameters)["findings"]
    return {"findings": [{**{key: value for key, value in each.items() if key != "findingType"}, "condition": {}}
                         for each in found if each["findingType"] == "ExternalAccess"]}


@fake("securityhub", "BatchUpdateFindings")
def batch_update_findings(account: "Account", parameters: dict[str, Any]) -> dict[str, Any]:
    """Sets the workflow status of findings in account.hub_findings, and leaves out
    those that are not there."""
    if set(parameters) != {"FindingIdentifiers", "Workflow"}:
        raise DrillError("the fake BatchUpdateFindings knows no field but Workflow")
    answered: dict[str, Any] = {"ProcessedFindings": [], "UnprocessedFindings": []}
    for each in parameters["FindingIdentifiers"]:
        if each["Id"] in account.hub_findings:
            account.hub_findings[each["Id"]] = parameters["Workflow"]["Status"]
            answered["ProcessedFindings"].append(each)
        else:
            answered["UnprocessedFindings"].append({"FindingIdentifier": each, "ErrorCode": "FindingNotFound"})
    return answered


@fake("accessanalyzer", "ListAnalyzers")
def list_analyzers(account: "Account", _: dict[str, Any]) -> dict[str, Any]:
    """Lists the analyzers of the templates, and those in account.more_analyzers; moto has no Access Analyzer."""
    return {"analyzers": _analyzers(account)}


def _analyzers(account: "Account") -> list[dict[str, Any]]:
    kinds = {each.ref: each.properties["Type"] for each in account.all("AWS::AccessAnalyzer::Analyzer")} | account.more_analyzers
    return [{"arn": arn, "name": arn.rsplit("/", 1)[1], "type": kind, "status": "ACTIVE", "createdAt": account.clock.datetime()}
            for arn, kind in kinds.items()]


def _analyzer(account: "Account", arn: str) -> dict[str, Any]:
    for each in _analyzers(account):
        if each["arn"] == arn:
            return each
    raise ApiError("ResourceNotFoundException", arn)
