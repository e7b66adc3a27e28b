"""Starts a rotation of the database secret, and waits for it."""

import time

import boto3
from botocore.exceptions import ClientError

from secret_versions import labels_by_version, pending_versions


def start(events, context):
    """Returns the new version. A rotation that is not complete cannot be started again, and is waited for."""
    try:
        return {"Version": boto3.client("secretsmanager").rotate_secret(SecretId=events["Secret"], RotateImmediately=True)["VersionId"]}
    except ClientError as error:
        pending = pending_versions(labels_by_version(events["Secret"]))
        if error.response["Error"]["Code"] != "InvalidRequestException" or not pending:
            raise
        return {"Version": pending[0]}


def wait(events, context):
    """Waits until the version is current and no other is pending."""
    for _ in range(54):
        versions = labels_by_version(events["Secret"])
        if "AWSCURRENT" in versions.get(events["Version"], []) and not pending_versions(versions):
            return
        time.sleep(10)
    raise RuntimeError(
        f"The rotation did not finish within 9 minutes: {versions}. Read the log of the rotation function. Then remove the label: "
        f"aws secretsmanager update-secret-version-stage --secret-id {events['Secret']} --version-stage AWSPENDING "
        f"--remove-from-version-id {events['Version']}, and start this runbook again")
