"""Writes the address of another cluster into the secrets, and takes that back."""

import json

import boto3

from secret_versions import labels_by_version


def switch_secret(events, context):
    secrets = boto3.client("secretsmanager")
    for secret, old in zip(events["Secrets"], events["OldVersions"]):
        for version, labels in labels_by_version(secret).items():
            if version != old and ("AWSCURRENT" in labels or "AWSPENDING" in labels):
                raise RuntimeError("the secret was rotated meanwhile: start again")
    for secret, old in zip(events["Secrets"], events["OldVersions"]):
        value = json.loads(secrets.get_secret_value(SecretId=secret, VersionId=old)["SecretString"])
        value.update(host=events["Endpoint"], dbClusterIdentifier=events["Target"])
        secrets.put_secret_value(SecretId=secret, ClientRequestToken=events["NewVersion"], SecretString=json.dumps(value))


def put_secret_back(events, context):
    secrets, stays = boto3.client("secretsmanager"), []
    for secret, old in zip(events["Secrets"], events["OldVersions"]):
        current = next(version for version, labels in labels_by_version(secret).items() if "AWSCURRENT" in labels)
        if current == events["NewVersion"]:
            secrets.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=old, RemoveFromVersionId=current)
        elif current != old:
            stays.append(f"version {current} became current meanwhile and stays current")
    if stays:
        raise RuntimeError("; ".join(stays))
