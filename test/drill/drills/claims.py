"""Drills of the first step of every runbook, which is in none of their files."""

from engine import REJECT, Account, Fault, drill, environment_name
from helpers import GIVEN, given

_OLD = "an old version of any runbook does nothing"
_TAGGED = "the run of every runbook is tagged as the environment's, whatever becomes of it"


@drill("replace-tasks", _OLD)
def old_version(account: Account) -> None:
    for name in sorted(account.documents):
        run = account.run(name, given(account, name), version="1", changes=[]).failed("ClaimRun", because="2 is the current one")
        assert not run.changes() and len(run.steps) == 1, run.history()
        assert not run.tags, "who may see this environment's runs sees it"


@drill("replace-tasks", _TAGGED)
def tags(account: Account) -> None:
    project, _, suffix = environment_name().rpartition("-")
    account.hub_findings = {GIVEN["FindingId"]: "NEW"}
    told_of = account.pretend_running("mark-finding-notified")
    for name in sorted(account.documents):
        parameters = {"ExecutionId": told_of.id} if name == "report-failed-run" else given(account, name)
        run = account.run(name, parameters, approve=REJECT)
        assert run.tags == {"environment": suffix, "project": project}, f"{name}: {run.tags}"


@drill("replace-tasks", "a run that cannot be claimed goes on: an incident does not wait for tags")
def cannot_claim(account: Account) -> None:
    for operation in ("GetAutomationExecution", "DescribeDocument", "AddTagsToResource"):
        run = account.run("replace-tasks", faults=Fault("ssm", operation)).succeeded()
        assert not run.tags, run.tags
        assert "only administrators can follow" in run.step("ClaimRun").payload["NotClaimed"], run.history()
