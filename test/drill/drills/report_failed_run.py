"""Drills of report-failed-run, which an event starts with the id of a run."""

from engine import APPROVE, REJECT, TIMEOUT, Account, Execution, Fault, drill
from helpers import answers, told

ISOLATE = {"IncidentId": "inc-20260101-report", "DryRun": "false"}


def _reported(account: Account, run: Execution) -> dict[str, str]:
    """The mail about the run."""
    account.messages()
    account.run("report-failed-run", {"ExecutionId": run.id}).succeeded()
    return told(account)


@drill("report-failed-run", "says which runbook failed, in which run, at which step and why, and how to look")
def failure(account: Account) -> None:
    account.deployments.outcome = "fail"
    run = account.run("replace-tasks").failed("WaitForReplacement")
    before = account.snapshot()
    mail = _reported(account, run)
    assert mail["subject"] == f"{run.document} FAILED", mail
    assert mail["message"].startswith("CRITICAL: a runbook failed"), mail
    for part in (f"{run.document}, run {run.id}, Failed, started by arn:", "Step: WaitForReplacement, Failed: ", "taken back",
                 f"get-automation-execution --automation-execution-id {run.id}", "docs/alarms.md#runbook-failed"):
        assert part in mail["message"], mail
    account.unchanged(before)


@drill("report-failed-run", "names the step that counts, not one whose failure does not")
def step_that_counts(account: Account) -> None:
    publish = Fault("sns", "Publish", times=2)
    run = account.run("open-incident", {"IncidentId": "inc-20260101-report", "Summary": "A test"}, faults=publish).failed("Notify")
    assert "Step: Notify, Failed: " in _reported(account, run)["message"]
    account.databases.busy(account.one("AWS::RDS::DBCluster").ref, 36000)
    restore = {"IncidentId": "inc-20260101-report", "RestoreTo": "latest"}
    run = account.run("restore-database", restore, approve=APPROVE).failed("RestoreLatest")
    assert run.step("WaitForSource").status == "TimedOut"
    assert f"Step: RestoreLatest, Failed: {run.step('RestoreLatest').message}" in _reported(account, run)["message"]
    # SSM need not say that a step counts.
    answers(account, "ssm", "GetAutomationExecution", lambda parsed: [
        step.pop("IsCritical") for step in parsed["AutomationExecution"]["StepExecutions"] if step["IsCritical"]])
    assert "Step: RestoreLatest, Failed: " in _reported(account, run)["message"]


@drill("report-failed-run", "names the first of several steps, one that does not count where there is no other, and says that there is none")
def which_step(account: Account) -> None:
    faults = [Fault("ecs", "UpdateTaskProtection"), Fault("ecr", "PutImage", "LimitExceededException")]
    run = account.run("preserve-evidence", {"IncidentId": "inc-20260101-report"}, faults=faults).failed()
    assert "Step: ProtectTasks, Failed: " in _reported(account, run)["message"]
    run = account.run("replace-tasks", faults=Fault("sns", "Publish")).succeeded()
    assert "Step: Notify, Failed: " in _reported(account, run)["message"]
    assert "Step: none, unknown: there is no message" in _reported(account, account.pretend_running("replace-tasks"))["message"]


@drill("report-failed-run", "tells the end of a long message, and what the run says where the step says nothing")
def messages_of_steps(account: Account) -> None:
    fault = Fault("ecs", "UpdateService", message="x" * 3000 + "the end")
    run = account.run("replace-tasks", faults=fault).failed("StartDeployment")
    message = _reported(account, run)["message"]
    assert "the end" in message and 1900 < message.count("x") < 2100, message
    answers(account, "ssm", "GetAutomationExecution", lambda parsed: [
        step.pop("FailureMessage", None) for step in parsed["AutomationExecution"]["StepExecutions"]])
    assert "Step: StartDeployment, Failed: x" in _reported(account, run)["message"]


@drill("report-failed-run", "shortens a name for which a subject has no room")
def long_name(account: Account) -> None:
    run = account.pretend_running("replace-tasks")
    run.document += "x" * 100
    mail = _reported(account, run)
    assert len(mail["subject"]) == 100 and run.document in mail["message"], mail


@drill("report-failed-run", "a run that timed out is a failure")
def timed_out(account: Account) -> None:
    account.deployments.outcome = "hang"
    run = account.run("replace-tasks").failed("WaitForTasks")
    mail = _reported(account, run)
    assert "FAILED" in mail["subject"] and "Step: WaitForTasks, TimedOut" in mail["message"] and "CRITICAL" in mail["message"], mail


@drill("report-failed-run", "a refusal is no page")
def refusals(account: Account) -> None:
    running = account.pretend_running("isolate-edge")
    refused = {
        "is running (": account.run("isolate-edge", ISOLATE),
        "saved nothing under": account.run("release-database", {**ISOLATE, "IncidentId": "inc-typo"}),
        "is nearly everybody" if account.all("AWS::WAFv2::IPSet") else "none of the active": (
            account.run("block-addresses", {**ISOLATE, "Addresses": ["192.0.0.0/4"]}) if account.all("AWS::WAFv2::IPSet")
            else account.run("roll-back-service", {"Revision": "99"})),
    }
    for reason, run in refused.items():
        mail = _reported(account, run.failed())
        assert mail["subject"] == f"{run.document} refused", mail
        assert mail["message"].startswith("INFO: a runbook refused to begin") and reason in mail["message"], mail
        assert "CRITICAL" not in mail["message"], mail
    assert running.id in refused["is running ("].steps[-1].message


@drill("report-failed-run", "neither a rejection nor an approval that nobody gave is a page")
def not_approved(account: Account) -> None:
    account.run("isolate-edge", ISOLATE).succeeded()
    for answer, reason in ((REJECT, "INFO: it was rejected"), (TIMEOUT, "INFO: nobody approved in time")):
        mail = _reported(account, account.run("release-edge", ISOLATE, approve=answer).failed("Approve"))
        assert mail["subject"].endswith(" refused") and mail["message"].startswith(reason), mail


@drill("report-failed-run", "says which run a part belongs to")
def part_of_a_run(account: Account) -> None:
    account.deployments.outcome = "fail"
    run = account.run("rotate-secret").failed("ReplaceTasks")
    [child] = run.children
    lines = _reported(account, child)["message"].splitlines()
    assert lines[1].startswith("Runbook: ") and lines[2] == f"Part of run {run.id}" and lines[3].startswith("Step: "), lines
    assert "Part of" not in _reported(account, run)["message"]


@drill("report-failed-run", "fails where it can tell nobody, or there is no such run, so that its own failure is told")
def cannot_tell(account: Account) -> None:
    account.deployments.outcome = "fail"
    run = account.run("replace-tasks").failed()
    account.run("report-failed-run", {"ExecutionId": run.id}, faults=Fault("sns", "Publish")).failed("Notify")
    unknown = "00000000-0000-4000-8000-000000000000"
    account.run("report-failed-run", {"ExecutionId": unknown}).failed("FindFailedStep", because="AutomationExecutionNotFound")
