"""Starts an export of a log group."""

import boto3

from repeated_call import until_accepted


def start_export(events, context):
    """Starts the export. An account has one export at a time: another one is waited for."""
    task = until_accepted("LimitExceededException", lambda: boto3.client("logs").create_export_task(
        taskName=events["TaskName"], logGroupName=events["LogGroup"], to=int(events["To"]),
        destination=events["Bucket"], destinationPrefix=events["Folder"], **{"from": int(events["From"])}))
    return {"TaskId": task["taskId"]}
