"""The versions of a database secret, by their staging labels."""

import boto3


def labels_by_version(secret):
    return boto3.client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]


def pending_versions(versions):
    """Returns the versions of rotations that are not complete. A label may stay beside that of the current version."""
    return [version for version, labels in versions.items() if "AWSPENDING" in labels and "AWSCURRENT" not in labels]
