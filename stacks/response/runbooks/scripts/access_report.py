"""Saves the report of the access review, from the credential report and the findings of Access Analyzer."""

import csv
import io
from datetime import datetime, timedelta, timezone

import boto3

from evidence_bucket import save_json, save_object

DAYS = 90


def save_report(events, context):
    iam = boto3.client("iam")
    content = iam.get_credential_report()["Content"]
    users = list(csv.DictReader(io.StringIO(content.decode())))
    now = datetime.now(timezone.utc)
    folder = f"access-reviews/{now:%Y-%m-%d}/{events['Execution']}/"
    summary = iam.get_account_summary()["SummaryMap"]
    findings = {
        "root": root_findings(summary),
        "without second factor": [u["user"] for u in users if u["password_enabled"] == "true" and u["mfa_active"] != "true"],
        "old keys": [name for u in users for name in old_keys(u)],
        "unused": [name for u in users for name in unused(u)],
        "access analyzer": analyzer_findings(),
    }
    save_object(events, folder + "credentials.csv", content)
    save_json(events, folder + "report.json", {
        "environment": events["Environment"], "time": now.isoformat(), "users": len(users), "findings": findings})
    return {"Folder": folder, "Counts": ", ".join(f"{kind}: {len(found)}" for kind, found in findings.items())}


def root_findings(summary):
    findings = [] if summary.get("AccountMFAEnabled") else ["no second factor"]
    return findings + (["access keys"] if summary.get("AccountAccessKeysPresent") else [])


def old(text):
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return when < datetime.now(timezone.utc) - timedelta(days=DAYS)


def keys(user):
    active = [n for n in "12" if user[f"access_key_{n}_active"] == "true"]
    return [(f"{user['user']} key {n}", user[f"access_key_{n}_last_rotated"], user[f"access_key_{n}_last_used_date"]) for n in active]


def old_keys(user):
    return [name for name, rotated, _ in keys(user) if old(rotated)]


def unused(user):
    never = ("N/A", "no_information")
    found = [name for name, rotated, used in keys(user) if old(rotated if used in never else used)]
    if user["password_enabled"] == "true":
        used = user["password_last_used"]
        if old(user["password_last_changed"] if used in never else used):
            found.append(user["user"] + " password")
    return found


def analyzer_findings():
    client, found = boto3.client("accessanalyzer"), []
    try:
        findings, old_boto3 = client.get_paginator("list_findings_v2"), False
    except KeyError:  # a boto3 from before 26 November 2023, which lists external access only
        findings, old_boto3 = client.get_paginator("list_findings"), True
    pages = client.get_paginator("list_analyzers").paginate()
    for analyzer in [each for page in pages for each in page["analyzers"]]:
        if old_boto3 and analyzer["type"].endswith("_UNUSED_ACCESS"):
            found.append(f"not read, look in IAM: {analyzer['arn']}")
            continue
        pages = findings.paginate(analyzerArn=analyzer["arn"], filter={"status": {"eq": ["ACTIVE"]}})
        found += [f"{each.get('findingType', 'ExternalAccess')} {each.get('resource')}" for page in pages for each in page["findings"]]
    return found
