import boto3

# ECS's limit of a call.
AT_ONCE = 10


def unprotect(events, context):
    """Lets every task be stopped, and says which ones there are."""
    ecs, tasks = boto3.client("ecs"), []
    for page in ecs.get_paginator("list_tasks").paginate(cluster=events["Cluster"], serviceName=events["Service"]):
        tasks += page["taskArns"]
    for start in range(0, len(tasks), AT_ONCE):
        answer = ecs.update_task_protection(
            cluster=events["Cluster"], tasks=tasks[start:start + AT_ONCE], protectionEnabled=False)
        # A task that has stopped meanwhile is no failure.
        refused = [f for f in answer["failures"] if f.get("reason") not in ("MISSING", "TASK_NOT_VALID")]
        if refused:
            raise RuntimeError("still protected: %s" % refused)
    # How SSM hands on an empty list is not documented.
    return {"Old": tasks or ["none"]}
