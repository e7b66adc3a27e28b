"""Describes a run of a runbook that failed or refused to begin."""

import boto3

ENDED_BADLY = ("Failed", "TimedOut", "Rejected", "Cancelled")
MOST_CHARACTERS = 2000


def describe(events, context):
    run = boto3.client("ssm").get_automation_execution(AutomationExecutionId=events["Execution"])["AutomationExecution"]
    step = failed_step(run)
    # A stack trace ends with what the script said.
    message = step.get("FailureMessage") or run.get("FailureMessage") or "it says nothing"
    name, refusal = run["DocumentName"], refusal_of(step, message)
    how = "%s: %s" % ("INFO" if refusal else "CRITICAL", refusal or "a runbook failed: what it did not undo by itself is as it left it")
    lines = [
        how,
        "Runbook: %s, run %s, %s, started by %s" % (
            name, events["Execution"], run["AutomationExecutionStatus"], run.get("ExecutedBy", "nobody known")),
        "Step: %s, %s: %s" % (step.get("StepName", "none"), step.get("StepStatus", "unknown"), message[-MOST_CHARACTERS:]),
        "Where: environment %s" % events["Environment"],
        "Look: aws ssm get-automation-execution --automation-execution-id %s" % events["Execution"],
        "Then: docs/alarms.md#runbook-failed",
    ]
    if run.get("ParentAutomationExecutionId"):
        lines.insert(2, "Part of run %s" % run["ParentAutomationExecutionId"])
    subject = "%s %s" % (name, "refused" if refusal else "FAILED")
    return {"Subject": subject[:100], "Text": "\n".join(lines)}


def failed_step(run):
    """The step that ended the run, before one whose failure did not count."""
    bad = [step for step in run["StepExecutions"] if step["StepStatus"] in ENDED_BADLY]
    critical = [step for step in bad if step.get("IsCritical", True)]
    return (critical or bad or [{}])[0]


def refusal_of(step, message):
    """Why the run changed nothing, none if it did or may have."""
    if step.get("Action") == "aws:approve":
        return "nobody approved in time" if step["StepStatus"] == "TimedOut" else "it was rejected"
    return "a runbook refused to begin" if "Refused: " in message else None
