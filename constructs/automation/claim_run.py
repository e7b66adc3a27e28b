"""The first step of every runbook: ends the run of an old version, and tags the run of the current one."""

import boto3
from botocore.exceptions import ClientError


def claim_run(events, context):
    try:
        claim(boto3.client("ssm"), events["Execution"], events["Tags"])
    except ClientError as error:
        # In an incident the run matters more than who can follow it.
        return {"NotClaimed": f"only administrators can follow, stop or approve this run: {error}"}
    return {}


def claim(ssm, execution, tags):
    run = ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
    current = ssm.describe_document(Name=run["DocumentName"])["Document"]["DefaultVersion"]
    if run["DocumentVersion"] not in ("$DEFAULT", current):
        raise RuntimeError(
            f"Refused: this is version {run['DocumentVersion']} of {run['DocumentName']}, and {current} is the current one: "
            "start it with --document-version '$DEFAULT'")
    ssm.add_tags_to_resource(ResourceType="Automation", ResourceId=execution, Tags=tags)
