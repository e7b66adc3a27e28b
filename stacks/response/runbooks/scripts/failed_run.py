"""Describes a run of a runbook that failed or refused to begin."""

import boto3

ENDED_BADLY = ("Failed", "TimedOut", "Rejected", "Cancelled")
MOST_CHARACTERS = 2000


def find_failed_step(events, context):
    run = boto3.client("ssm").get_automation_execution(AutomationExecutionId=events["Execution"])["AutomationExecution"]
    step = failed_step(run)
    # The message of a script is at the end of its stack trace.
    message = step.get("FailureMessage") or run.get("FailureMessage") or "there is no message"
    name, refusal = run["DocumentName"], refusal_of(step, message)
    lines = [
        f"INFO: {refusal}" if refusal else "CRITICAL: a runbook failed, and what it changed stays changed unless it was taken back",
        f"Runbook: {name}, run {events['Execution']}, {run['AutomationExecutionStatus']}, started by {run.get('ExecutedBy', 'unknown')}",
        f"Step: {step.get('StepName', 'none')}, {step.get('StepStatus', 'unknown')}: {message[-MOST_CHARACTERS:]}",
        f"Where: environment {events['Environment']}",
        f"Look: aws ssm get-automation-execution --automation-execution-id {events['Execution']}",
        "Then: docs/alarms.md#runbook-failed",
    ]
    if run.get("ParentAutomationExecutionId"):
        lines.insert(2, f"Part of run {run['ParentAutomationExecutionId']}")
    subject = f"{name} {'refused' if refusal else 'FAILED'}"
    return {"Subject": subject[:100], "Text": "\n".join(lines)}


def failed_step(run):
    """Returns the step that ended the run. One whose failure does not count comes last."""
    bad = [step for step in run["StepExecutions"] if step["StepStatus"] in ENDED_BADLY]
    critical = [step for step in bad if step.get("IsCritical", True)]
    return (critical or bad or [{}])[0]


def refusal_of(step, message):
    """Returns why the run changed nothing, None if it may have changed something."""
    if step.get("Action") == "aws:approve":
        return "nobody approved in time" if step["StepStatus"] == "TimedOut" else "it was rejected"
    return "a runbook refused to begin" if "Refused: " in message else None
