"""Reads the account's credential report and the findings of Access Analyzer, and writes the report of the access review."""

import csv
import io
import json
from datetime import datetime, timedelta, timezone

import boto3

DAYS = 90


def write_report(events, context):
    iam, s3 = boto3.client("iam"), boto3.client("s3")
    content = iam.get_credential_report()["Content"]
    users = list(csv.DictReader(io.StringIO(content.decode())))
    now = datetime.now(timezone.utc)
    folder = "access-reviews/%s/%s/" % (now.strftime("%Y-%m-%d"), events["Execution"])
    summary = iam.get_account_summary()["SummaryMap"]
    findings = {
        "root": root_findings(summary),
        "without second factor": [u["user"] for u in users if u["password_enabled"] == "true" and u["mfa_active"] != "true"],
        "old keys": [name for u in users for name in old_keys(u)],
        "unused": [name for u in users for name in unused(u)],
        "access analyzer": analyzer_findings(),
    }
    report = {"environment": events["Environment"], "time": now.isoformat(),
              "users": len(users), "findings": findings}
    for name, body in (("credentials.csv", content), ("report.json", json.dumps(report, indent=1).encode())):
        s3.put_object(Bucket=events["Bucket"], Key=folder + name, Body=body, ChecksumAlgorithm="SHA256")
    counts = ", ".join("%s: %d" % (kind, len(found)) for kind, found in findings.items())
    return {"Folder": folder, "Counts": counts}


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
    active = [n for n in "12" if user["access_key_%s_active" % n] == "true"]
    return [("%s key %s" % (user["user"], n), user["access_key_%s_last_rotated" % n],
             user["access_key_%s_last_used_date" % n]) for n in active]


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
    except KeyError:  # of before 26 November 2023, which knows of access from outside alone
        findings, old_boto3 = client.get_paginator("list_findings"), True
    pages = client.get_paginator("list_analyzers").paginate()
    for each in [each for page in pages for each in page["analyzers"]]:
        if old_boto3 and each["type"].endswith("_UNUSED_ACCESS"):
            found.append("not read, look in IAM: %s" % each["arn"])
            continue
        pages = findings.paginate(analyzerArn=each["arn"], filter={"status": {"eq": ["ACTIVE"]}})
        found += ["%s %s" % (f.get("findingType", "ExternalAccess"), f.get("resource")) for page in pages for f in page["findings"]]
    return found
