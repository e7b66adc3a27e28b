import time

import boto3
from botocore.exceptions import ClientError

SECONDS = 540
PAUSE = 30


def start_export(events, context):
    """Starts an export. An account has one at a time: while there is another,
    it waits for its turn."""
    logs, deadline = boto3.client("logs"), time.monotonic() + SECONDS
    while True:
        try:
            task = logs.create_export_task(
                taskName=events["TaskName"], logGroupName=events["LogGroup"], to=int(events["To"]),
                destination=events["Bucket"], destinationPrefix=events["Folder"], **{"from": int(events["From"])})
            return {"TaskId": task["taskId"]}
        except ClientError as error:
            if error.response["Error"]["Code"] != "LimitExceededException" or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)
