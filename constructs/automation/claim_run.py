import boto3


def claim_run(events, context):
    ssm = boto3.client("ssm")
    run = ssm.get_automation_execution(AutomationExecutionId=events["Execution"])["AutomationExecution"]
    current = ssm.describe_document(Name=run["DocumentName"])["Document"]["DefaultVersion"]
    if run["DocumentVersion"] not in ("$DEFAULT", current):
        raise RuntimeError(
            f"this is version {run['DocumentVersion']} of {run['DocumentName']}, and {current} is the current one: "
            "start it with --document-version '$DEFAULT'")
    ssm.add_tags_to_resource(ResourceType="Automation", ResourceId=events["Execution"], Tags=events["Tags"])
