"""Opens the OpsItem of an incident and saves its record."""

import json
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

from evidence_bucket import save_json


def open_ops_item(events, context):
    """Opens the OpsItem, unless the one of the incident is open."""
    title = f"{events['Incident']} {events['Environment']}"
    links = [{"automationId": name, "automationType": "AWS::SSM::Automation"} for name in events["Runbooks"]]
    data = {"/aws/automations": json.dumps(links), "/aws/dedup": json.dumps({"dedupString": title})}
    try:
        item = boto3.client("ssm").create_ops_item(
            Title=title, Description=events["Summary"], Source=events["Environment"],
            Category="Security", Severity=events["Severity"], Tags=events["Tags"],
            OperationalData={key: {"Type": "SearchableString", "Value": value} for key, value in data.items()})
        return {"OpsItem": item["OpsItemId"]}
    except ClientError as error:
        if error.response["Error"]["Code"] != "OpsItemAlreadyExistsException":
            raise
        return {"OpsItem": "open already"}


def save_record(events, context):
    """Saves the record, unless an earlier run did."""
    key = f"incidents/{events['Incident']}/record.json"
    found = boto3.client("s3").list_objects_v2(Bucket=events["Bucket"], Prefix=key).get("Contents", [])
    if any(each["Key"] == key for each in found):
        return {"Key": key, "Written": "false"}
    save_json(events, key, {
        "incident": events["Incident"], "environment": events["Environment"], "summary": events["Summary"],
        "severity": events["Severity"], "execution": events["Execution"], "opened": datetime.now(timezone.utc).isoformat(),
    })
    return {"Key": key, "Written": "true"}
