"""Starts a snapshot of the database."""

import time

import boto3
from botocore.exceptions import ClientError

SECONDS = 540
PAUSE = 15


def snapshot_database(events, context):
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            create(events)
            break
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "DBClusterSnapshotAlreadyExistsFault":
                break
            if code != "InvalidDBClusterStateFault" or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)
    return {"Snapshot": events["Snapshot"]}


def create(events):
    tags = {"incident": events["Incident"], "hold": "true"}
    boto3.client("rds").create_db_cluster_snapshot(
        DBClusterIdentifier=events["Database"], DBClusterSnapshotIdentifier=events["Snapshot"],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
