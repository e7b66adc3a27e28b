"""Checks what a cluster is restored from, and creates the instances of the new one."""

from datetime import datetime

import boto3


def check_source(events, context):
    rds = boto3.client("rds")
    refuse_taken(rds, events["Target"])
    source = rds.describe_db_clusters(DBClusterIdentifier=events["Source"])["DBClusters"][0]
    earliest, latest = source["EarliestRestorableTime"], source["LatestRestorableTime"]
    if events["RestoreTo"] != "latest":
        time = datetime.fromisoformat(events["RestoreTo"].replace("Z", "+00:00"))
        if not earliest <= time < latest:
            raise RuntimeError(f"Refused: {events['RestoreTo']} is outside what the backups hold: {earliest} to {latest}")
    return {"Key": source["KmsKeyId"], "Version": source["EngineVersion"], "Latest": latest.isoformat()}


def refuse_taken(rds, target):
    try:
        rds.describe_db_clusters(DBClusterIdentifier=target)
    except rds.exceptions.DBClusterNotFoundFault:
        return
    raise RuntimeError(f"Refused: {target} exists already: use another incident ID, such as one that ends in -2")


def create_instances(events, context):
    rds = boto3.client("rds")
    for tier in range(events["Instances"]):
        rds.create_db_instance(
            DBInstanceIdentifier=f"{events['Cluster']}-{tier + 1}", DBClusterIdentifier=events["Cluster"],
            PromotionTier=tier, Tags=events["Tags"], **events["Settings"])
