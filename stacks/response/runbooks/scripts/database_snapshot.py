"""Starts a snapshot of the database."""

import boto3

from repeated_call import until_accepted


def snapshot_database(events, context):
    """Starts the snapshot, unless an earlier run did."""
    rds = boto3.client("rds")
    tags = {"incident": events["Incident"], "hold": "true"}
    try:
        until_accepted("InvalidDBClusterStateFault", lambda: rds.create_db_cluster_snapshot(
            DBClusterIdentifier=events["Database"], DBClusterSnapshotIdentifier=events["Snapshot"],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()]))
    except rds.exceptions.DBClusterSnapshotAlreadyExistsFault:
        pass
    return {"Snapshot": events["Snapshot"]}
