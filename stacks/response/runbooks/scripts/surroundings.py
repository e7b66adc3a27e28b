"""Saves the service, its tasks and what surrounds them."""

import hashlib
from datetime import datetime, timezone

import boto3

from ecs_service import active_service, running_tasks
from evidence_bucket import save_json


def save_surroundings(events, context):
    """Saves each part, and a manifest with the hash of each."""
    found = tasks_of(events)
    found.update(network_of(events, found))
    folder = f"incidents/{events['Incident']}/preserve-evidence/{events['Execution']}/"
    manifest = {
        "incident": events["Incident"], "runbook": "preserve-evidence", "execution": events["Execution"],
        "time": datetime.now(timezone.utc).isoformat(), "sha256": {},
    }
    for name, value in sorted(found.items()):
        body = save_json(events, f"{folder}{name}.json", value)
        manifest["sha256"][f"{name}.json"] = hashlib.sha256(body).hexdigest()
    save_json(events, folder + "manifest.json", manifest)
    return {"Folder": folder}


def tasks_of(events):
    service, tasks, ecs = active_service(events), running_tasks(events), boto3.client("ecs")
    used = {service["taskDefinition"]} | {task["taskDefinitionArn"] for task in tasks}
    definitions = [ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"] for arn in sorted(used)]
    return {"service": service, "tasks": tasks, "task-definitions": definitions}


def network_of(events, found):
    ec2, elb = boto3.client("ec2"), boto3.client("elbv2")
    balancer = elb.describe_load_balancers(LoadBalancerArns=[events["LoadBalancer"]])["LoadBalancers"][0]
    clusters = boto3.client("rds").describe_db_clusters(DBClusterIdentifier=events["Database"])["DBClusters"]
    details = [each for task in found["tasks"] for part in task.get("attachments", []) for each in part.get("details", [])]
    interfaces = [each["value"] for each in details if each["name"] == "networkInterfaceId"]
    groups = set(balancer["SecurityGroups"])
    groups.update(found["service"]["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"])
    groups.update(each["VpcSecurityGroupId"] for each in clusters[0]["VpcSecurityGroups"])
    return {
        "database": clusters[0],
        "load-balancer": balancer,
        "network-interfaces": described(ec2, "network_interfaces", "NetworkInterfaces", "network-interface-id", interfaces),
        "security-group-rules": described(ec2, "security_group_rules", "SecurityGroupRules", "group-id", sorted(groups)),
        "targets": {arn: elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"] for arn in events["TargetGroups"]},
    }


def described(ec2, operation, field, by, values):
    if not values:
        return []
    pages = ec2.get_paginator("describe_" + operation).paginate(Filters=[{"Name": by, "Values": values}])
    return [each for page in pages for each in page[field]]
