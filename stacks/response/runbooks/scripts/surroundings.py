"""Saves the service, its tasks and what surrounds them."""

import hashlib
import json
from datetime import datetime, timezone

import boto3


def save_surroundings(events, context):
    found = tasks_of(events["Cluster"], events["Service"])
    found.update(network_of(events["LoadBalancer"], events["Database"], found))
    folder = "incidents/%s/preserve-evidence/%s/" % (events["Incident"], events["Execution"])
    manifest = {
        "incident": events["Incident"], "runbook": "preserve-evidence", "execution": events["Execution"],
        "time": datetime.now(timezone.utc).isoformat(), "sha256": {},
    }
    s3 = boto3.client("s3")
    for name, value in sorted(found.items()):
        body = json.dumps(value, default=str, indent=1, sort_keys=True).encode()
        s3.put_object(Bucket=events["Bucket"], Key=folder + name + ".json", Body=body, ChecksumAlgorithm="SHA256")
        manifest["sha256"][name + ".json"] = hashlib.sha256(body).hexdigest()
    s3.put_object(
        Bucket=events["Bucket"], Key=folder + "manifest.json", Body=json.dumps(manifest, indent=1).encode(),
        ChecksumAlgorithm="SHA256")
    return {"Folder": folder}


def tasks_of(cluster, service):
    ecs = boto3.client("ecs")
    services = ecs.describe_services(cluster=cluster, services=[service])["services"]
    if not services or services[0]["status"] != "ACTIVE":
        raise RuntimeError("no service %s in cluster %s" % (service, cluster))
    pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName=service)
    arns, tasks = [arn for page in pages for arn in page["taskArns"]], []
    for first in range(0, len(arns), 100):
        tasks += ecs.describe_tasks(cluster=cluster, tasks=arns[first:first + 100], include=["TAGS"])["tasks"]
    used = {services[0]["taskDefinition"]} | {task["taskDefinitionArn"] for task in tasks}
    definitions = [ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"] for arn in sorted(used)]
    return {"service": services[0], "tasks": tasks, "task-definitions": definitions}


def network_of(balancer, database, found):
    ec2, elb = boto3.client("ec2"), boto3.client("elbv2")
    balancer = elb.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"][0]
    clusters = boto3.client("rds").describe_db_clusters(DBClusterIdentifier=database)["DBClusters"]
    service = found["service"]
    details = [each for task in found["tasks"] for part in task.get("attachments", []) for each in part.get("details", [])]
    interfaces = [each["value"] for each in details if each["name"] == "networkInterfaceId"]
    groups = set(balancer["SecurityGroups"])
    groups.update(service["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"])
    groups.update(each["VpcSecurityGroupId"] for each in clusters[0]["VpcSecurityGroups"])
    targets = {each["targetGroupArn"] for each in service.get("loadBalancers", [])}
    return {
        "database": clusters[0],
        "load-balancer": balancer,
        "network-interfaces": described(ec2, "network_interfaces", "NetworkInterfaces", "network-interface-id", interfaces),
        "security-group-rules": described(ec2, "security_group_rules", "SecurityGroupRules", "group-id", sorted(groups)),
        "targets": {arn: elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"] for arn in sorted(targets)},
    }


def described(ec2, operation, field, by, values):
    if not values:
        return []
    pages = ec2.get_paginator("describe_" + operation).paginate(Filters=[{"Name": by, "Values": values}])
    return [each for page in pages for each in page[field]]
