"""Runs a task once for CloudFormation, which waits for the reply: the function of a custom resource."""

import json
import os
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

PAUSE = 5  # seconds between two calls
GRACE = 45  # seconds in which a task ends that was told to stop


def handle(event, context):
    """Runs the task for a new resource only: an update or a deletion, as in a rollback, runs nothing."""
    reply = {"Status": "SUCCESS", "PhysicalResourceId": event.get("PhysicalResourceId", event["LogicalResourceId"])}
    try:
        if event["RequestType"] == "Create":
            run(boto3.client("ecs"), json.loads(os.environ["TASK"]), event["RequestId"])
    except Exception as error:
        reply.update(Status="FAILED", Reason=f"{error}"[:1000])
    send(event, reply)


def run(ecs, task, request):
    deadline = time.monotonic() + 60 * task["minutes"]
    refuse_second(ecs, task, request)
    # Lambda may deliver a request twice: ECS starts one task for a token.
    answer = when_allowed(
        ecs.run_task, cluster=task["cluster"], taskDefinition=task["definition"], launchType="FARGATE",
        clientToken=request, startedBy=request, networkConfiguration={"awsvpcConfiguration": task["network"]})
    if not answer["tasks"]:
        raise RuntimeError(f"ECS started no task of {task['family']}: {answer['failures']}")
    arn = answer["tasks"][0]["taskArn"]
    log = f"aws logs tail {task['log']} --since 1d --log-stream-names {task['stream']}/{arn.split('/')[-1]}"
    ended = wait(ecs, task, arn, deadline)
    if not ended:
        ecs.stop_task(cluster=task["cluster"], task=arn, reason=f"It took more than {task['minutes']} minutes")
        wait(ecs, task, arn, time.monotonic() + GRACE)
        raise RuntimeError(f"The task of {task['family']} was stopped after {task['minutes']} minutes. Its log: {log}")
    check(task, ended, log)


def check(task, ended, log):
    """Beside the task's own container there may be an agent of GuardDuty."""
    container = next((each for each in ended["containers"] if each["name"] == task["container"]), {})
    why = f"{ended.get('stoppedReason', '')} {container.get('reason', '')}".strip()
    if "exitCode" not in container:
        raise RuntimeError(f"ECS could not start the task of {task['family']}: {why}")
    if container["exitCode"] != 0:
        raise RuntimeError(f"The task of {task['family']} ended with exit status {container['exitCode']}: {why}. Its log: {log}")


def refuse_second(ecs, task, request):
    """Refuses to run beside a task of an earlier request, also beside one that has yet to stop."""
    arns = [arn for status in ("RUNNING", "STOPPED") for arn in when_allowed(
        ecs.list_tasks, cluster=task["cluster"], family=task["family"], desiredStatus=status)["taskArns"]]
    for other in ecs.describe_tasks(cluster=task["cluster"], tasks=arns)["tasks"] if arns else []:
        if other["lastStatus"] != "STOPPED" and other.get("startedBy") != request:
            raise RuntimeError(f"{other['taskArn']} of an earlier deployment still runs: deploy again when it has ended")


def when_allowed(call, **parameters):
    """Calls for a minute: the permissions are as new as the function, and IAM may not know them yet."""
    for _ in range(60 // PAUSE):
        try:
            return call(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            time.sleep(PAUSE)
    return call(**parameters)


def wait(ecs, task, arn, deadline):
    """Returns the task once it has stopped, and None after the deadline."""
    while time.monotonic() < deadline:
        for found in ecs.describe_tasks(cluster=task["cluster"], tasks=[arn])["tasks"]:
            if found["lastStatus"] == "STOPPED":
                return found
        time.sleep(PAUSE)
    return None


def send(event, reply):
    """If no attempt succeeds, the function fails, and Lambda delivers the request again."""
    reply.update({key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")})
    print(json.dumps({  # as the log contract says, since it is the application's log
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "level": "info" if reply["Status"] == "SUCCESS" else "error",
        "event": "task_run", "message": f"{event['RequestType']} {event['LogicalResourceId']}: {reply.get('Reason', 'done')}"}))
    request = urllib.request.Request(event["ResponseURL"], json.dumps(reply).encode(), {"Content-Type": ""}, method="PUT")
    for last in (False, False, True):
        try:
            return urllib.request.urlopen(request, timeout=10).close()
        except OSError:
            if last:
                raise
            time.sleep(PAUSE)
