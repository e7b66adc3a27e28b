"""Saves the events of CloudTrail in a region."""

import json
import time
from datetime import datetime

import boto3

from evidence_bucket import save_json, save_object

# A script has ten minutes, and CloudTrail answers two requests in a second.
SECONDS = 500
PAUSE = 0.6


def save_events(events, context):
    start, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (events["From"], events["To"]))
    began, count, oldest = time.monotonic(), 0, ""
    pages = boto3.client("cloudtrail", region_name=events["Region"]).get_paginator("lookup_events").paginate(
        StartTime=start, EndTime=end)
    for number, page in enumerate(pages):
        lines = "".join(json.dumps(each, default=str) + "\n" for each in page["Events"])
        save_object(events, f"{events['Folder']}events-{number:05d}.jsonl", lines.encode())
        count += len(page["Events"])
        oldest = str(page["Events"][-1]["EventTime"]) if page["Events"] else oldest
        if page.get("NextToken") and time.monotonic() - began > SECONDS:
            raise RuntimeError(f"{count} events were saved, but none before {oldest}: run again with To at that time")
        time.sleep(PAUSE)
    save_json(events, events["Folder"] + "complete.json", {"events": count})
    return {"Events": count}
