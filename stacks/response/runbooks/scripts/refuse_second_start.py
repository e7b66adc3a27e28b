"""Fails while a runbook runs that must not run beside this one. Of two that
start at once the earlier goes on."""

import time

import boto3

# Until then a run that has just started may not be listed.
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
    """When each run started that has not ended, its id and its runbook."""
    pages = boto3.client("ssm").get_paginator("describe_automation_executions")
    for runbook in runbooks:
        for page in pages.paginate(Filters=[{"Key": "DocumentNamePrefix", "Values": [runbook]}]):
            for run in page["AutomationExecutionMetadataList"]:
                if run["DocumentName"] == runbook and run["AutomationExecutionStatus"] not in ENDED:
                    yield str(run["ExecutionStartTime"]), run["AutomationExecutionId"], runbook
