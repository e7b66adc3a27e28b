"""Saves the configuration of the service and the permissions of its roles."""

import boto3

from evidence_bucket import save_json


def save_configuration(events, context):
    ecs = boto3.client("ecs")
    service = ecs.describe_services(cluster=events["Cluster"], services=[events["Service"]])["services"][0]
    pages = boto3.client("ec2").get_paginator("describe_security_group_rules").paginate(
        Filters=[{"Name": "group-id", "Values": events["SecurityGroups"]}])
    found = {
        "service": service,
        "task-definition": ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"],
        "security-group-rules": [each for page in pages for each in page["SecurityGroupRules"]],
        "roles": [role_of(name) for name in events["Roles"]],
    }
    for name, value in found.items():
        save_json(events, f"{events['Folder']}configuration/{name}.json", value)
    return {"Saved": len(found)}


def role_of(name):
    iam = boto3.client("iam")
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    attached = [each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]]
    pages = iam.get_paginator("list_role_policies").paginate(RoleName=name)
    inline = [each for page in pages for each in page["PolicyNames"]]
    return {
        "role": iam.get_role(RoleName=name)["Role"],
        "attached": {arn: policy_of(iam, arn) for arn in attached},
        "inline": {each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in inline},
    }


def policy_of(iam, arn):
    if arn.split(":")[4] == "aws":
        return "written by AWS"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
