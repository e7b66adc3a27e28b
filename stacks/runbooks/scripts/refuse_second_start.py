"""Fails while a runbook runs that must not run beside this one."""

import boto3

ENDED = {
    "Success", "Failed", "TimedOut", "Cancelled", "Rejected", "Exited",
    "CompletedWithSuccess", "CompletedWithFailure",
}


def refuse(events, context):
    pages = boto3.client("ssm").get_paginator("describe_automation_executions")
    for runbook in events["Runbooks"]:
        for page in pages.paginate(Filters=[{"Key": "DocumentNamePrefix", "Values": [runbook]}]):
            for run in page["AutomationExecutionMetadataList"]:
                other = run["AutomationExecutionId"]
                if run["DocumentName"] != runbook or other == events["Execution"]:
                    continue
                if run["AutomationExecutionStatus"] not in ENDED:
                    raise RuntimeError(
                        f"{runbook} is running ({other}): wait until it has ended, or stop it with "
                        f"aws ssm stop-automation-execution --automation-execution-id {other} --type Cancel"
                    )
    return {}
