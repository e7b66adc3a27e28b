"""Checks the cluster that the application is to use."""

import json

import boto3

from secret_versions import labels_by_version, pending_versions


def check_target(events, context):
    rds, secrets = boto3.client("rds"), boto3.client("secretsmanager")
    cluster = rds.describe_db_clusters(DBClusterIdentifier=events["Target"])["DBClusters"][0]
    found = {
        "status": cluster["Status"],
        "subnet group": cluster["DBSubnetGroup"],
        "security groups": [group["VpcSecurityGroupId"] for group in cluster["VpcSecurityGroups"]],
        "parameter group": cluster["DBClusterParameterGroup"],
        "encrypted": cluster["StorageEncrypted"],
        "status of the writer": writer_status(rds, cluster),
    }
    wanted = {
        "status": "available",
        "subnet group": events["Subnets"],
        "security groups": [events["SecurityGroup"]],
        "parameter group": events["ParameterGroup"],
        "encrypted": True,
        "status of the writer": "available",
    }
    # SetPassword waits while a backup or a snapshot is made.
    if found["status"] == "backing-up":
        wanted["status"] = "backing-up"
    wrong = [f"{what}: {found[what]}, want {wanted[what]}" for what in wanted if found[what] != wanted[what]]
    if wrong:
        raise RuntimeError(f"Refused: {events['Target']}: {'; '.join(wrong)}")
    if any(pending_versions(labels_by_version(secret)) for secret in events["Secrets"]):
        raise RuntimeError("Refused: a rotation of the secret is not complete")
    current = [secrets.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT") for secret in events["Secrets"]]
    host = json.loads(current[0]["SecretString"])["host"]
    if host == cluster["Endpoint"]:
        raise RuntimeError(f"Refused: the application uses {events['Target']} already")
    return {"Endpoint": cluster["Endpoint"], "From": host.split(".")[0], "Versions": [each["VersionId"] for each in current]}


def writer_status(rds, cluster):
    for member in cluster["DBClusterMembers"]:
        if member["IsClusterWriter"]:
            name = member["DBInstanceIdentifier"]
            return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]
    return "there is none"
