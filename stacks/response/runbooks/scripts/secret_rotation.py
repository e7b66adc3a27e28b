"""Starts a rotation of the database secret, and waits for it."""

import time

import boto3
from botocore.exceptions import ClientError


def start(events, context):
    secrets = boto3.client("secretsmanager")
    try:
        return {"Version": secrets.rotate_secret(SecretId=events["Secret"], RotateImmediately=True)["VersionId"]}
    except ClientError as error:
        stages = secrets.describe_secret(SecretId=events["Secret"])["VersionIdsToStages"]
        pending = [v for v, s in stages.items() if "AWSPENDING" in s and "AWSCURRENT" not in s]
        if error.response["Error"]["Code"] != "InvalidRequestException" or not pending:
            raise
        return {"Version": pending[0]}


def wait(events, context):
    secrets = boto3.client("secretsmanager")
    for _ in range(54):
        stages = secrets.describe_secret(SecretId=events["Secret"])["VersionIdsToStages"]
        pending = [v for v, s in stages.items() if "AWSPENDING" in s and "AWSCURRENT" not in s]
        if "AWSCURRENT" in stages.get(events["Version"], []) and not pending:
            return
        time.sleep(10)
    raise RuntimeError(
        "the rotation did not finish within 9 minutes: %s. The log of the rotation function says why. Then: "
        "aws secretsmanager update-secret-version-stage --secret-id %s --version-stage AWSPENDING "
        "--remove-from-version-id %s, and start this again" % (stages, events["Secret"], events["Version"]))
