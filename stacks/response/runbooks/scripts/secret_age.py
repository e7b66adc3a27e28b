"""Counts the tasks that are older than the current version of the database secret."""

import boto3


def compare(events, context):
    refuse_without_service(events["Cluster"], events["Service"])
    made, old = version_made(events["Secret"]), []
    for task in tasks_of(events["Cluster"], events["Service"]):
        # When it got its secrets, between this and startedAt, is not told.
        if task["createdAt"] < made:
            old.append(task["taskArn"])
    boto3.client("cloudwatch").put_metric_data(
        Namespace=events["Namespace"],
        MetricData=[{"MetricName": events["Metric"], "Value": len(old), "Unit": "Count"}])
    return {"Old": old}


def refuse_without_service(cluster, service):
    """No task of a service that was deleted has an old password."""
    found = boto3.client("ecs").describe_services(cluster=cluster, services=[service])["services"]
    if not any(each["status"] == "ACTIVE" for each in found):
        raise RuntimeError("there is no service %s in the cluster %s" % (service, cluster))


def version_made(secret):
    # Only versions that have a stage are listed: three at most.
    for version in boto3.client("secretsmanager").list_secret_version_ids(SecretId=secret)["Versions"]:
        if "AWSCURRENT" in version["VersionStages"]:
            return version["CreatedDate"]
    raise RuntimeError("no version of the secret is current")


def tasks_of(cluster, service):
    ecs = boto3.client("ecs")
    for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName=service):
        if page["taskArns"]:
            yield from ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
