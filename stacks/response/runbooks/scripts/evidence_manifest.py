"""Lists what a run of gather-evidence wrote, and what is missing."""

import json
from datetime import datetime, timedelta, timezone

import boto3

# CloudWatch Logs' own word on exports.
SETTLED = timedelta(hours=12)


def write_manifest(events, context):
    s3, folder = boto3.client("s3"), events["Folder"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=events["Bucket"], Prefix=folder)
    written = {each["Key"][len(folder):]: each for page in pages for each in page.get("Contents", [])}
    exports = exports_below(folder + "logs/")
    missing = ["logs/%s (%s)" % (name, exports.get(name, "not started"))
               for name in events["Logs"] if exports.get(name) != "COMPLETED"]
    needed = ["cloudtrail/%s/complete.json" % region for region in events["Regions"]]
    missing += [name for name in [*needed, "configuration/roles.json"] if name not in written]
    # A log that had nothing in that time, or an export of another time.
    empty = [name for name in events["Logs"] if exports.get(name) == "COMPLETED"
             and not any(key.startswith("logs/%s/" % name) for key in written)]
    now, settled = datetime.now(timezone.utc), datetime.fromisoformat(events["To"].replace("Z", "+00:00")) + SETTLED
    manifest = {
        "incident": events["Incident"], "runbook": "gather-evidence", "execution": events["Execution"],
        "time": now.isoformat(), "from": events["From"], "to": events["To"],
        "final": settled <= now, "exports": exports, "missing": missing, "empty": empty,
        "objects": {name: {"bytes": each["Size"], "etag": each["ETag"]} for name, each in written.items()},
    }
    s3.put_object(
        Bucket=events["Bucket"], Key=folder + "manifest.json", Body=json.dumps(manifest, indent=1).encode(),
        ChecksumAlgorithm="SHA256")
    again = "Logs take up to 12 hours until they can be exported: some may be missing. Run this again after %s."
    return {
        "Missing": ", ".join(missing) or "nothing",
        "Empty": ", ".join(empty) or "none",
        "Again": "" if settled <= now else again % settled.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def exports_below(folder):
    pages = boto3.client("logs").get_paginator("describe_export_tasks").paginate()
    tasks = [each for page in pages for each in page["exportTasks"]]
    return {each["destinationPrefix"][len(folder):]: each["status"]["code"]
            for each in tasks if each.get("destinationPrefix", "").startswith(folder)}


def refuse_gaps(events, context):
    if events["Missing"] != "nothing":
        raise RuntimeError("missing: " + events["Missing"])
