"""Saves the events of CloudTrail."""

import json
import time
from datetime import datetime

import boto3

SECONDS = 500
PAUSE = 0.6


def look_up_events(events, context):
    start, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (events["From"], events["To"]))
    s3, began, count, oldest = boto3.client("s3"), time.monotonic(), 0, ""
    pages = boto3.client("cloudtrail", region_name=events["Region"]).get_paginator("lookup_events").paginate(
        StartTime=start, EndTime=end)
    for number, page in enumerate(pages):
        lines = "".join(json.dumps(each, default=str) + "\n" for each in page["Events"])
        key = "%sevents-%05d.jsonl" % (events["Folder"], number)
        s3.put_object(Bucket=events["Bucket"], Key=key, Body=lines.encode(), ChecksumAlgorithm="SHA256")
        count += len(page["Events"])
        oldest = str(page["Events"][-1]["EventTime"]) if page["Events"] else oldest
        if page.get("NextToken") and time.monotonic() - began > SECONDS:
            raise RuntimeError("%d events saved, none before %s: run again with To at that time" % (count, oldest))
        time.sleep(PAUSE)
    body = json.dumps({"events": count}).encode()
    s3.put_object(
        Bucket=events["Bucket"], Key=events["Folder"] + "complete.json", Body=body, ChecksumAlgorithm="SHA256")
    return {"Events": count}
