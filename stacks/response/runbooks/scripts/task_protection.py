"""Protects the tasks from scaling and deployments, and removes the protection."""

import boto3

from ecs_service import task_arns

# ECS's limit for a call.
AT_ONCE = 10

# 48 hours, the longest that ECS allows.
MINUTES = 48 * 60


def protect(events, context):
    tasks, protected, refused = task_arns(events), 0, []
    for first in range(0, len(tasks), AT_ONCE):
        answer = boto3.client("ecs").update_task_protection(
            cluster=events["Cluster"], tasks=tasks[first:first + AT_ONCE], protectionEnabled=True, expiresInMinutes=MINUTES)
        protected += len(answer["protectedTasks"])
        refused += [f"{each.get('arn')}: {each.get('reason')}" for each in answer["failures"]]
    if refused:
        raise RuntimeError(f"{protected} tasks are protected, but not {'; '.join(refused)}")
    return {"Protected": protected}


def unprotect(events, context):
    """Removes the protection from all tasks and returns them."""
    tasks = task_arns(events)
    for first in range(0, len(tasks), AT_ONCE):
        answer = boto3.client("ecs").update_task_protection(
            cluster=events["Cluster"], tasks=tasks[first:first + AT_ONCE], protectionEnabled=False)
        # A task that has stopped meanwhile is not a failure.
        refused = [each for each in answer["failures"] if each.get("reason") not in ("MISSING", "TASK_NOT_VALID")]
        if refused:
            raise RuntimeError(f"These tasks are still protected: {refused}")
    # How SSM passes an empty list on is not documented.
    return {"Old": tasks or ["none"]}
