"""Points the secret, and so the application, at another cluster, and back."""

import json
import time

import boto3


def check(events, context):
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
    wrong = ["%s: %s, want %s" % (what, found[what], wanted[what]) for what in wanted if found[what] != wanted[what]]
    if wrong:
        raise RuntimeError("Refused: %s: %s" % (events["Target"], "; ".join(wrong)))
    refuse_pending(secrets, events["Secret"])
    current = secrets.get_secret_value(SecretId=events["Secret"], VersionStage="AWSCURRENT")
    host = json.loads(current["SecretString"])["host"]
    if host == cluster["Endpoint"]:
        raise RuntimeError("Refused: the application uses %s already" % events["Target"])
    return {"Endpoint": cluster["Endpoint"], "From": host.split(".")[0], "Version": current["VersionId"]}


def writer_status(rds, cluster):
    for member in cluster["DBClusterMembers"]:
        if member["IsClusterWriter"]:
            name = member["DBInstanceIdentifier"]
            return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]
    return "there is none"


def refuse_pending(secrets, secret):
    for stages in secrets.describe_secret(SecretId=secret)["VersionIdsToStages"].values():
        if "AWSPENDING" in stages and "AWSCURRENT" not in stages:
            raise RuntimeError("Refused: a rotation of the secret is not complete")


def set_password(events, context):
    rds = boto3.client("rds")
    current = boto3.client("secretsmanager").get_secret_value(SecretId=events["Secret"], VersionId=events["Version"])
    deadline = time.monotonic() + 540
    while not modified(rds, events["Target"], json.loads(current["SecretString"])["password"]):
        if time.monotonic() > deadline:
            raise RuntimeError("RDS is still at work on %s" % events["Target"])
        time.sleep(15)
    while time.monotonic() < deadline:
        # The change shows only after a while.
        time.sleep(30)
        cluster = rds.describe_db_clusters(DBClusterIdentifier=events["Target"])["DBClusters"][0]
        if cluster["Status"] == "available" and "MasterUserPassword" not in cluster.get("PendingModifiedValues", {}):
            return
    raise RuntimeError("%s did not take the password within 9 minutes" % events["Target"])


def modified(rds, target, password):
    try:
        rds.modify_db_cluster(DBClusterIdentifier=target, ApplyImmediately=True, MasterUserPassword=password)
        return True
    except rds.exceptions.InvalidDBClusterStateFault:
        return False


def switch(events, context):
    secrets = boto3.client("secretsmanager")
    for version, stages in secrets.describe_secret(SecretId=events["Secret"])["VersionIdsToStages"].items():
        if version != events["OldVersion"] and ("AWSCURRENT" in stages or "AWSPENDING" in stages):
            raise RuntimeError("the secret was rotated meanwhile: start again")
    current = secrets.get_secret_value(SecretId=events["Secret"], VersionId=events["OldVersion"])
    value = json.loads(current["SecretString"])
    value.update(host=events["Endpoint"], dbClusterIdentifier=events["Target"])
    secrets.put_secret_value(
        SecretId=events["Secret"], ClientRequestToken=events["NewVersion"], SecretString=json.dumps(value))


def put_back(events, context):
    secrets = boto3.client("secretsmanager")
    stages = secrets.describe_secret(SecretId=events["Secret"])["VersionIdsToStages"]
    current = next(version for version, names in stages.items() if "AWSCURRENT" in names)
    if current == events["NewVersion"]:
        secrets.update_secret_version_stage(
            SecretId=events["Secret"], VersionStage="AWSCURRENT",
            MoveToVersionId=events["OldVersion"], RemoveFromVersionId=events["NewVersion"])
    elif current != events["OldVersion"]:
        raise RuntimeError("version %s became current meanwhile and stays" % current)
