"""Counts the tasks that are older than the current version of the database secret."""

import boto3

from ecs_service import active_service, running_tasks


def count_old_tasks(events, context):
    active_service(events)  # no task of a deleted service has an old password
    created = current_version_created(events["Secret"])
    # When a task read its secrets, between this time and startedAt, is not documented.
    old = [task["taskArn"] for task in running_tasks(events) if task["createdAt"] < created]
    boto3.client("cloudwatch").put_metric_data(
        Namespace=events["Namespace"],
        MetricData=[{"MetricName": events["Metric"], "Value": len(old), "Unit": "Count"}])
    return {"Old": old}


def current_version_created(secret):
    # Only versions with a label are listed: three at most.
    for version in boto3.client("secretsmanager").list_secret_version_ids(SecretId=secret)["Versions"]:
        if "AWSCURRENT" in version["VersionStages"]:
            return version["CreatedDate"]
    raise RuntimeError("no version of the secret is current")
