"""Protects the running tasks from being stopped."""

import boto3

AT_ONCE = 10
MINUTES = 48 * 60


def protect_tasks(events, context):
    ecs = boto3.client("ecs")
    pages = ecs.get_paginator("list_tasks").paginate(cluster=events["Cluster"], serviceName=events["Service"])
    tasks = [arn for page in pages for arn in page["taskArns"]]
    protected, refused = 0, []
    for first in range(0, len(tasks), AT_ONCE):
        answer = ecs.update_task_protection(
            cluster=events["Cluster"], tasks=tasks[first:first + AT_ONCE],
            protectionEnabled=True, expiresInMinutes=MINUTES)
        protected += len(answer["protectedTasks"])
        refused += ["%s: %s" % (each.get("arn"), each.get("reason")) for each in answer["failures"]]
    if refused:
        raise RuntimeError("%d tasks protected, but not %s" % (protected, "; ".join(refused)))
    return {"Protected": protected}
