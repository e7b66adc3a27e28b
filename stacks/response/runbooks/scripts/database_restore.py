"""Checks what a cluster is restored from, and creates the instances of the new one."""

import datetime

import boto3


def check(events, context):
    rds = boto3.client("rds")
    refuse_taken(rds, events["Target"])
    source = rds.describe_db_clusters(DBClusterIdentifier=events["Source"])["DBClusters"][0]
    earliest, latest = source["EarliestRestorableTime"], source["LatestRestorableTime"]
    if events["RestoreTo"] != "latest":
        time = datetime.datetime.fromisoformat(events["RestoreTo"].replace("Z", "+00:00"))
        if not earliest <= time < latest:
            raise RuntimeError("Refused: %s is outside what the backups hold: %s to %s" % (events["RestoreTo"], earliest, latest))
    return {"Key": source["KmsKeyId"], "Version": source["EngineVersion"], "Latest": latest.isoformat()}


def refuse_taken(rds, target):
    try:
        rds.describe_db_clusters(DBClusterIdentifier=target)
    except rds.exceptions.DBClusterNotFoundFault:
        return
    raise RuntimeError("Refused: %s exists already: take another incident id, such as one that ends in -2" % target)


def create(events, context):
    rds = boto3.client("rds")
    for tier in range(events["Instances"]):
        rds.create_db_instance(
            DBInstanceIdentifier="%s-%d" % (events["Cluster"], tier + 1), DBClusterIdentifier=events["Cluster"],
            PromotionTier=tier, Tags=events["Tags"], **events["Settings"])
