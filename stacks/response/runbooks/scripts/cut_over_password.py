"""Gives the master user its current password in the cluster that the application is to use."""

import json
import time

import boto3


def set_password(events, context):
    rds = boto3.client("rds")
    current = boto3.client("secretsmanager").get_secret_value(
        SecretId=events["Secrets"][0], VersionId=events["Versions"][0])
    deadline = time.monotonic() + 540
    while not modified(rds, events["Target"], json.loads(current["SecretString"])["password"]):
        if time.monotonic() > deadline:
            raise RuntimeError(f"RDS is still at work on {events['Target']}")
        time.sleep(15)
    while time.monotonic() < deadline:
        # The change shows only after a while.
        time.sleep(30)
        cluster = rds.describe_db_clusters(DBClusterIdentifier=events["Target"])["DBClusters"][0]
        if cluster["Status"] == "available" and "MasterUserPassword" not in cluster.get("PendingModifiedValues", {}):
            return
    raise RuntimeError(f"{events['Target']} did not take the password within 9 minutes")


def modified(rds, target, password):
    try:
        rds.modify_db_cluster(DBClusterIdentifier=target, ApplyImmediately=True, MasterUserPassword=password)
        return True
    except rds.exceptions.InvalidDBClusterStateFault:
        return False
