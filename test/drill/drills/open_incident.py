"""Drills of open-incident."""

import json
from typing import Any

from engine import Account, Execution, Fault, drill, environment_name
from helpers import INCIDENT, bucket

RECORD = f"incidents/{INCIDENT}/record.json"


OPENED = {"IncidentId": INCIDENT, "Summary": "SQL injection in the search", "Severity": "1"}
BY_EVENT = OPENED | {
    "Look": "aws guardduty get-findings --region eu-north-1 --detector-id 0a1b --finding-ids 2c3d", "StartedBy": "event"}


def _open(account: Account, parameters: dict[str, str] = OPENED, **how: Any) -> Execution:
    return account.run("open-incident", parameters, **how)


def _record(account: Account) -> dict:
    assert account.objects(bucket(account), RECORD), "no record"
    return json.loads(account.object(bucket(account), RECORD))


@drill("open-incident", "pages, opens an OpsItem and writes the record", changes=["objects/", "ops items/"])
def pages_and_records(account: Account) -> None:
    run = _open(account).succeeded()

    [page] = account.messages()
    assert INCIDENT in page["subject"] and "severity 1" in page["subject"], page
    assert "SQL injection" in page["message"] and account.full_name("preserve-evidence") in page["message"], page
    record = _record(account)
    assert record.pop("opened").startswith(account.clock.datetime().date().isoformat()), record
    assert record == {"incident": INCIDENT, "environment": environment_name(), "summary": "SQL injection in the search",
                      "severity": "1", "execution": run.id}


@drill("open-incident", "whoever gives no severity opens one of the second")
def severity_by_default(account: Account) -> None:
    account.run("open-incident", {"IncidentId": INCIDENT, "Summary": "SQL injection in the search"}).succeeded()
    [page], [item] = account.messages(), account.ops_items
    assert "severity 2" in page["subject"] and item["Severity"] == _record(account)["severity"] == "2", page


@drill("open-incident", "the OpsItem links runbooks that exist")
def links_runbooks(account: Account) -> None:
    _open(account).succeeded()
    [item] = account.ops_items
    assert (item["Category"], item["Severity"]) == ("Security", "1"), item
    # By these Operator may close it, and no other team's.
    assert {tag["Key"]: tag["Value"] for tag in item["Tags"]} == _open(account).tags, item
    assert {each["Type"] for each in item["OperationalData"].values()} == {"SearchableString"}, item
    links = json.loads(item["OperationalData"]["/aws/automations"]["Value"])
    for link in links:
        assert link["automationType"] == "AWS::SSM::Automation", link
        account.document(link["automationId"])
    names = [account.short_name(link["automationId"]) for link in links]
    assert names == ["preserve-evidence", "isolate-edge", "isolate-database", "block-addresses", "gather-evidence",
                     "set-alert-sensitivity", "rotate-secret"], names


@drill("open-incident", "a second run leaves the record and the OpsItem of the first")
def opens_once(account: Account) -> None:
    _open(account).succeeded()
    run = _open(account, OPENED | {"Summary": "what the second person saw"}, changes=[]).succeeded()
    assert _record(account)["summary"] == "SQL injection in the search"
    assert run.step("SaveRecord").outputs["Written"] == "false"
    assert len(account.messages()) == 2, "the page is sent again"


@drill("open-incident", "an event pages once while the incident is open, with the command to look with")
def pages_once(account: Account) -> None:
    _open(account, BY_EVENT).succeeded()
    [page] = account.messages()
    assert "--finding-ids 2c3d" in page["message"], page
    run = _open(account, BY_EVENT, changes=[]).succeeded()
    assert run.step("SaveRecord").outputs["Written"] == "false" and not account.messages()


@drill("open-incident", "an event pages again once the incident was closed")
def pages_after_close(account: Account) -> None:
    _open(account, BY_EVENT).succeeded()
    account.messages()
    account.ops_items.clear()  # OpsCenter does not compare with what is resolved.
    _open(account, BY_EVENT).succeeded()
    assert len(account.messages()) == len(account.ops_items) == 1


@drill("open-incident", "an event pages where OpsCenter cannot tell whether it did")
def pages_without_opscenter(account: Account) -> None:
    assert _open(account, BY_EVENT, faults=(Fault("ssm", "CreateOpsItem", "OpsItemLimitExceededException"),)).status == "Failed"
    assert len(account.messages()) == 1
    assert _record(account)["incident"] == INCIDENT


@drill("open-incident", "a record that cannot be written is a failure, and the page was sent")
def bucket_fails(account: Account) -> None:
    _open(account, faults=(Fault("s3", "PutObject", "NoSuchBucket"),), changes=["ops items/"]).failed("SaveRecord", because="NoSuchBucket")
    assert len(account.messages()) == 1
