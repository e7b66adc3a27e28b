"""Runs the task that gives the application's user its current password."""

import time

import boto3

from ecs_service import active_service


def run(events, context):
    ecs, service = boto3.client("ecs"), active_service(events)
    started = ecs.run_task(
        cluster=events["Cluster"], taskDefinition=events["TaskDefinition"], launchType="FARGATE", startedBy=events["Execution"],
        networkConfiguration=service["networkConfiguration"])
    if not started["tasks"]:
        raise RuntimeError(f"ECS did not start the task: {started['failures']}")
    arn = started["tasks"][0]["taskArn"]
    for _ in range(54):
        time.sleep(10)
        [task] = ecs.describe_tasks(cluster=events["Cluster"], tasks=[arn])["tasks"]
        if task["lastStatus"] == "STOPPED":
            break
    else:
        raise RuntimeError(f"The task {arn} did not end within 9 minutes")
    if task["containers"][0].get("exitCode") != 0:
        raise RuntimeError(f"The task {arn} failed: {task['stoppedReason']}. Its log is in that of the application")
