"""Records how the access review ended."""

import json
from datetime import datetime, timezone

import boto3


def record(events, context):
    outcome = {
        "execution": events["execution"], "result": events["result"], "decisions": events["decisions"],
        "time": datetime.now(timezone.utc).isoformat(),
    }
    boto3.client("s3").put_object(
        Bucket=events["bucket"], Key=events["folder"] + "result.json",
        Body=json.dumps(outcome, indent=1).encode(), ChecksumAlgorithm="SHA256")
