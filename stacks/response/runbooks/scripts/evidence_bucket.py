"""Writes evidence."""

import json

import boto3


def save_object(events, key, body):
    """Saves bytes. The bucket's object lock requires a checksum."""
    boto3.client("s3").put_object(Bucket=events["Bucket"], Key=key, Body=body, ChecksumAlgorithm="SHA256")


def save_json(events, key, value):
    """Saves the value as JSON and returns what was saved."""
    body = json.dumps(value, default=str, indent=1).encode()
    save_object(events, key, body)
    return body
