"""What was there before a runbook touched anything, kept once an incident."""

import datetime
import json

import boto3


def state_key(events):
    return f"incidents/{events['Incident']}/{events['SavedBy']}/state.json"


def first_version(events):
    """The version that the incident saved, None if it saved nothing: whoever
    wrote or deleted anything later changed nothing of it, as it is locked."""
    key = state_key(events)
    found = boto3.client("s3").list_object_versions(Bucket=events["Bucket"], Prefix=key).get("Versions", [])
    versions = [each for each in found if each["Key"] == key]
    return versions[-1]["VersionId"] if versions else None


def load_state(events):
    """What the incident saved, None if nothing."""
    s3, bucket, key, version = boto3.client("s3"), events["Bucket"], state_key(events), first_version(events)
    if version is None:
        return None
    saved = json.loads(s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read())
    for field, want in (("incident", events["Incident"]), ("runbook", events["SavedBy"])):
        if saved.get(field) != want:
            raise RuntimeError(f"Refused: s3://{bucket}/{key} is of the {field} {saved.get(field)}, want {want}")
    return saved


def load_existing_state(events):
    saved = load_state(events)
    if saved is None:
        raise RuntimeError(
            f"Refused: {events['Incident']} saved nothing by {events['SavedBy']}: the incident id is wrong, or that never ran. "
            f"What incidents saved is in s3://{events['Bucket']}/incidents/"
        )
    return saved


def save_state(events, state):
    """Saves what is there, unless an earlier run did: that found it as it was."""
    s3, bucket, key = boto3.client("s3"), events["Bucket"], state_key(events)
    if first_version(events):
        return {"Text": f"What was there is in s3://{bucket}/{key}, from an earlier run."}
    body = {
        "incident": events["Incident"],
        "runbook": events["SavedBy"],
        "execution": events["Execution"],
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        **state,
    }
    # The bucket's object lock demands a checksum.
    s3.put_object(
        Bucket=bucket, Key=key, Body=json.dumps(body, indent=2).encode(),
        ContentType="application/json", ChecksumAlgorithm="SHA256",
    )
    return {"Text": f"What was there is in s3://{bucket}/{key}."}
