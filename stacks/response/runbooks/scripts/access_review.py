"""Records how the access review ended."""

import json
from datetime import datetime, timezone

import boto3


def record(events, context):
    outcome = {
        "execution": events["Execution"], "result": events["Result"], "decisions": events["Decisions"],
        "time": datetime.now(timezone.utc).isoformat(),
    }
    boto3.client("s3").put_object(
        Bucket=events["Bucket"], Key=events["Folder"] + "result.json",
        Body=json.dumps(outcome, indent=1).encode(), ChecksumAlgorithm="SHA256")
