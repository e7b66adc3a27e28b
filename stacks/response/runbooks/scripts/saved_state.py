"""Saves and loads the state before a runbook changed anything, once for each incident and runbook."""

import json
from datetime import datetime, timezone

import boto3

from evidence_bucket import save_json


def state_key(events):
    return f"incidents/{events['Incident']}/{events['SavedBy']}/state.json"


def first_version(events):
    """Returns the version that was saved first, None if there is none. It is locked, so that later writes and
    deletions do not change it."""
    key = state_key(events)
    found = boto3.client("s3").list_object_versions(Bucket=events["Bucket"], Prefix=key).get("Versions", [])
    versions = [each for each in found if each["Key"] == key]
    return versions[-1]["VersionId"] if versions else None


def load_state(events):
    """Returns what the incident saved, None if it saved nothing."""
    s3, bucket, key, version = boto3.client("s3"), events["Bucket"], state_key(events), first_version(events)
    if version is None:
        return None
    saved = json.loads(s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read())
    for field, want in (("incident", events["Incident"]), ("runbook", events["SavedBy"])):
        if saved.get(field) != want:
            raise RuntimeError(f"Refused: s3://{bucket}/{key} has the {field} {saved.get(field)}, want {want}")
    return saved


def load_existing_state(events):
    saved = load_state(events)
    if saved is None:
        raise RuntimeError(
            f"Refused: {events['SavedBy']} saved nothing under {events['Incident']}: the incident ID is wrong, or it never ran. "
            f"Saved states are in s3://{events['Bucket']}/incidents/"
        )
    return saved


def save_state(events, state):
    """Saves the state, unless an earlier run of the incident did: what is saved is from before any change."""
    path = f"s3://{events['Bucket']}/{state_key(events)}"
    if first_version(events):
        return {"Text": f"The state before is in {path}, from an earlier run."}
    save_json(events, state_key(events), {
        "incident": events["Incident"], "runbook": events["SavedBy"], "execution": events["Execution"],
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"), **state,
    })
    return {"Text": f"The state before is in {path}."}
