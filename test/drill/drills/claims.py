"""Drills of the first step of every runbook, which is in none of their files."""

from typing import Any

from engine import REJECT, Account, Fault, drill, environment_name

#: A value for each parameter without a default, whatever the runbook.
GIVEN: dict[str, Any] = {
    "FindingId": "arn:aws:securityhub:eu-north-1:123456789012:finding/1",
    "ProductArn": "arn:aws:securityhub:eu-north-1::product/aws/securityhub",
    "ExecutionId": "00000000-0000-4000-8000-000000000000",
    "Addresses": ["203.0.113.9"], "From": "2026-01-14T08:00:00Z", "ImageDigest": "sha256:" + "0" * 64,
    "IncidentId": "inc-20260114-sqli", "Level": "heightened", "RestoreTo": "latest", "Severity": "1",
    "Summary": "SQL injection in the product search", "Target": environment_name(), "To": "2026-01-14T10:00:00Z",
}

_OLD = "an old version of any runbook does nothing"
_TAGGED = "the run of every runbook is tagged as the environment's, whatever becomes of it"


def _parameters(account: Account, name: str) -> dict[str, Any]:
    declared = account.document(name).get("parameters", {})
    return {key: GIVEN[key] for key, each in declared.items() if "default" not in each}


@drill("replace-tasks", _OLD)
def old_version(account: Account) -> None:
    for name in sorted(account.documents):
        run = account.run(name, _parameters(account, name), version="1", changes=[]).failed("ClaimRun", because="2 is the current one")
        assert not run.changes() and len(run.steps) == 1, run.history()
        assert not run.tags, "who may see this environment's runs sees it"


@drill("replace-tasks", _TAGGED)
def tags(account: Account) -> None:
    project, _, suffix = environment_name().rpartition("-")
    account.hub_findings = {GIVEN["FindingId"]: "NEW"}
    told_of = account.pretend_running("mark-finding-notified")
    for name in sorted(account.documents):
        given = {"ExecutionId": told_of.id} if name == "report-failed-run" else _parameters(account, name)
        run = account.run(name, given, approve=REJECT)
        assert run.tags == {"environment": suffix, "project": project}, f"{name}: {run.tags}"


@drill("replace-tasks", "a run that cannot be claimed goes on: an incident does not wait for tags")
def cannot_claim(account: Account) -> None:
    for operation in ("GetAutomationExecution", "DescribeDocument", "AddTagsToResource"):
        run = account.run("replace-tasks", faults=Fault("ssm", operation)).succeeded()
        assert not run.tags, run.tags
        assert "only administrators can follow" in run.step("ClaimRun").payload["NotClaimed"], run.history()
