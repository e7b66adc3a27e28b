"""Lists what a run of gather-evidence saved, and what is missing."""

from datetime import datetime, timedelta, timezone

import boto3

from evidence_bucket import save_json

# CloudWatch Logs exports a log event after up to 12 hours, as its documentation says.
SETTLED = timedelta(hours=12)


def save_manifest(events, context):
    folder = events["Folder"]
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=events["Bucket"], Prefix=folder)
    saved = {each["Key"][len(folder):]: each for page in pages for each in page.get("Contents", [])}
    exports = exports_below(folder + "logs/")
    missing = [f"logs/{name} ({exports.get(name, 'not started')})" for name in events["Logs"] if exports.get(name) != "COMPLETED"]
    needed = [*(f"cloudtrail/{region}/complete.json" for region in events["Regions"]), "configuration/roles.json"]
    missing += [name for name in needed if name not in saved]
    # The log had no line of that time, or the export was of another time.
    empty = [name for name in events["Logs"] if exports.get(name) == "COMPLETED"
             and not any(key.startswith(f"logs/{name}/") for key in saved)]
    now, settled = datetime.now(timezone.utc), datetime.fromisoformat(events["To"].replace("Z", "+00:00")) + SETTLED
    save_json(events, folder + "manifest.json", {
        "incident": events["Incident"], "runbook": "gather-evidence", "execution": events["Execution"],
        "time": now.isoformat(), "from": events["From"], "to": events["To"],
        "final": settled <= now, "exports": exports, "missing": missing, "empty": empty,
        "objects": {name: {"bytes": each["Size"], "etag": each["ETag"]} for name, each in saved.items()},
    })
    again = f"CloudWatch Logs exports a line up to 12 hours late: some may be missing. Run this again after {settled:%Y-%m-%dT%H:%M:%SZ}."
    return {
        "Missing": ", ".join(missing) or "nothing",
        "Empty": ", ".join(empty) or "none",
        "Again": "" if settled <= now else again,
    }


def exports_below(folder):
    """Returns the status of each export into the folder."""
    pages = boto3.client("logs").get_paginator("describe_export_tasks").paginate()
    tasks = [each for page in pages for each in page["exportTasks"]]
    return {each["destinationPrefix"][len(folder):]: each["status"]["code"]
            for each in tasks if each.get("destinationPrefix", "").startswith(folder)}


def check_manifest(events, context):
    if events["Missing"] != "nothing":
        raise RuntimeError("missing: " + events["Missing"])
