"""Writes the address of another cluster into the secret, and takes that back."""

import json

import boto3

from secret_versions import labels_by_version


def switch_secret(events, context):
    secrets = boto3.client("secretsmanager")
    for version, labels in labels_by_version(events).items():
        if version != events["OldVersion"] and ("AWSCURRENT" in labels or "AWSPENDING" in labels):
            raise RuntimeError("the secret was rotated meanwhile: start again")
    current = secrets.get_secret_value(SecretId=events["Secret"], VersionId=events["OldVersion"])
    value = json.loads(current["SecretString"])
    value.update(host=events["Endpoint"], dbClusterIdentifier=events["Target"])
    secrets.put_secret_value(
        SecretId=events["Secret"], ClientRequestToken=events["NewVersion"], SecretString=json.dumps(value))


def put_secret_back(events, context):
    secrets = boto3.client("secretsmanager")
    current = next(version for version, labels in labels_by_version(events).items() if "AWSCURRENT" in labels)
    if current == events["NewVersion"]:
        secrets.update_secret_version_stage(
            SecretId=events["Secret"], VersionStage="AWSCURRENT",
            MoveToVersionId=events["OldVersion"], RemoveFromVersionId=events["NewVersion"])
    elif current != events["OldVersion"]:
        raise RuntimeError(f"version {current} became current meanwhile and stays current")
