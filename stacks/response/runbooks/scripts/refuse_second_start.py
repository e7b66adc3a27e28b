"""Fails while a runbook is running that must not run beside this one. Of two that start at once the earlier continues."""

import time

import boto3

# A run that has just started may not be listed before.
SECONDS = 3

ENDED = {
    "Success", "Failed", "TimedOut", "Cancelled", "Rejected", "Exited",
    "CompletedWithSuccess", "CompletedWithFailure",
}


def refuse(events, context):
    time.sleep(SECONDS)
    for _, other, runbook in sorted(running(events["Runbooks"])):
        if other == events["Execution"]:
            break
        raise RuntimeError(
            f"Refused: {runbook} is running ({other}): wait until it has ended, or stop it with "
            f"aws ssm stop-automation-execution --automation-execution-id {other} --type Cancel"
        )
    return {}


def running(runbooks):
    """Returns the start time, the ID and the runbook of each run that has not ended."""
    pages = boto3.client("ssm").get_paginator("describe_automation_executions")
    for runbook in runbooks:
        for page in pages.paginate(Filters=[{"Key": "DocumentNamePrefix", "Values": [runbook]}]):
            for run in page["AutomationExecutionMetadataList"]:
                if run["DocumentName"] == runbook and run["AutomationExecutionStatus"] not in ENDED:
                    yield str(run["ExecutionStartTime"]), run["AutomationExecutionId"], runbook
