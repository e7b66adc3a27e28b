"""The ECS service of the environment and its tasks."""

import boto3


def active_service(events):
    """Returns the service, and fails without it. ECS describes a deleted service for a while."""
    found = boto3.client("ecs").describe_services(cluster=events["Cluster"], services=[events["Service"]])["services"]
    for service in found:
        if service["status"] == "ACTIVE":
            return service
    raise RuntimeError(f"there is no service {events['Service']} in the cluster {events['Cluster']}")


def task_arns(events):
    pages = boto3.client("ecs").get_paginator("list_tasks").paginate(cluster=events["Cluster"], serviceName=events["Service"])
    return [arn for page in pages for arn in page["taskArns"]]


def running_tasks(events):
    """Returns the tasks with their tags. ECS describes as many in a call as it lists in a page."""
    ecs, tasks = boto3.client("ecs"), []
    for page in ecs.get_paginator("list_tasks").paginate(cluster=events["Cluster"], serviceName=events["Service"]):
        if page["taskArns"]:
            tasks += ecs.describe_tasks(cluster=events["Cluster"], tasks=page["taskArns"], include=["TAGS"])["tasks"]
    return tasks
