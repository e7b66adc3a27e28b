"""Drills of preserve-evidence."""

import hashlib

from engine import Account, Execution, drill
from helpers import INCIDENT, answers, bucket, delete_service, evidence, others_first, start_tasks, told

MAY_CHANGE = ["snapshots/", "objects/", "tasks/", "images/"]


def _preserve(account: Account) -> Execution:
    return account.run("preserve-evidence", {"IncidentId": INCIDENT})


def _snapshot_name(account: Account) -> str:
    return account.full_name("preserve-evidence").removesuffix("preserve-evidence") + INCIDENT


def _tags(account: Account) -> list[str]:
    return [tag for image in account.snapshot()["images"].values() for tag in image["tags"] if tag.startswith("evidence-")]


@drill("preserve-evidence", "keeps the database, the tasks and the images, and changes nothing else", changes=MAY_CHANGE)
def keeps_all(account: Account) -> None:
    before = account.snapshot()
    run = _preserve(account).succeeded()

    after = account.snapshot()
    snapshot = after["snapshots"][_snapshot_name(account)]
    assert snapshot["Status"] == "available", snapshot
    assert {"Key": "hold", "Value": "true"} in snapshot["TagList"] and {"Key": "incident", "Value": INCIDENT} in snapshot["TagList"]
    assert set(before["tasks"]) == set(after["tasks"]) and all(task["protected"] for task in after["tasks"].values())
    assert all(call.parameters["expiresInMinutes"] == 2880 for call in run.called("ecs", "UpdateTaskProtection"))
    [digest] = {image["imageDigest"] for image in run.called("ecr", "BatchGetImage")[0].parameters["imageIds"]}
    assert _tags(account) == [f"evidence-{INCIDENT}-{digest[7:19]}"], _tags(account)
    assert all(call.parameters["imageManifestMediaType"] for call in run.called("ecr", "PutImage"))
    message = told(account)["message"]
    for words in (run.id, _snapshot_name(account), "manifest.json", f"evidence-{INCIDENT}-*", "48 hours"):
        assert words in message, message


@drill("preserve-evidence", "saves what surrounds the tasks, with the right hashes")
def saves_surroundings(account: Account) -> None:
    began = account.clock.datetime()
    run = _preserve(account).succeeded()
    folder = f"incidents/{INCIDENT}/preserve-evidence/{run.id}/"
    manifest = evidence(account, run, "manifest.json")
    about = [manifest["incident"], manifest["runbook"], manifest["execution"]]
    assert about == [INCIDENT, "preserve-evidence", run.id], about
    assert began.isoformat()[:19] <= manifest["time"][:19] <= account.clock.datetime().isoformat()[:19], manifest["time"]
    hashes = manifest["sha256"]
    assert sorted(folder + name for name in [*hashes, "manifest.json"]) == sorted(account.objects(bucket(account), folder))
    for name, want in hashes.items():
        assert hashlib.sha256(account.object(bucket(account), folder + name)).hexdigest() == want, name

    assert all("tags" in task for task in evidence(account, run, "tasks.json"))
    tasks = {task["taskArn"].rsplit("/", 1)[1] for task in evidence(account, run, "tasks.json")}
    assert tasks == set(account.snapshot()["tasks"])
    assert evidence(account, run, "load-balancer.json")["LoadBalancerArn"] == account.one("AWS::ElasticLoadBalancingV2::LoadBalancer").ref
    groups = {rule["GroupId"] for rule in evidence(account, run, "security-group-rules.json")}
    for name in ("LoadBalancer", "Tasks", "Database"):
        found = [each.attributes["GroupId"] for each in account.all("AWS::EC2::SecurityGroup") if each.logical_id.startswith(name)]
        assert groups & set(found), f"no rule of {name}"
    [definition] = evidence(account, run, "task-definitions.json")
    assert definition["taskDefinitionArn"] == evidence(account, run, "service.json")["taskDefinition"]


@drill("preserve-evidence", "saves the load balancer and the database of this environment, whatever else is in the account")
def beside_others(account: Account) -> None:
    others_first(account)
    run = _preserve(account).succeeded()
    assert evidence(account, run, "load-balancer.json")["LoadBalancerArn"] == account.one("AWS::ElasticLoadBalancingV2::LoadBalancer").ref
    assert evidence(account, run, "database.json")["DBClusterIdentifier"] == account.one("AWS::RDS::DBCluster").ref


@drill("preserve-evidence", "where no task runs the definition of the service is saved, and no interface")
def no_tasks(account: Account) -> None:
    service = account.one("AWS::ECS::Service")
    account.deployments.stop_tasks(service.properties["Cluster"], service.attributes["Name"])
    run = _preserve(account).succeeded()
    assert evidence(account, run, "tasks.json") == evidence(account, run, "network-interfaces.json") == []
    assert not run.called("ec2", "DescribeNetworkInterfaces"), "EC2 refuses a filter without values"
    [definition] = evidence(account, run, "task-definitions.json")
    assert definition["taskDefinitionArn"] == evidence(account, run, "service.json")["taskDefinition"]


@drill("preserve-evidence", "keeps the image beside containers that have another one, or none yet")
def beside_agent(account: Account) -> None:
    def add(parsed: dict) -> None:
        for task in parsed["tasks"]:
            own = task["containers"][0]
            agent = {"name": "aws-guardduty-agent", "image": "593207742271.dkr.ecr.eu-north-1.amazonaws.com/agent:v1", "imageDigest": "sha256:" + "0" * 64}
            task["containers"] = [agent, {"name": "pulling", "image": own["image"]}, own]

    answers(account, "ecs", "DescribeTasks", add)
    _preserve(account).succeeded()
    assert len(_tags(account)) == 1, _tags(account)


@drill("preserve-evidence", "a second run keeps what the first saved, and the same snapshot")
def twice(account: Account) -> None:
    first = _preserve(account).succeeded()
    before = account.snapshot()
    second = _preserve(account).succeeded()
    changed = account.changes(before)
    assert changed and all(f"/preserve-evidence/{second.id}/" in path for path in changed), list(changed)
    assert evidence(account, first, "manifest.json")["execution"] == first.id


@drill("preserve-evidence", "protects more tasks than fit into one call")
def many_tasks(account: Account) -> None:
    start_tasks(account, 9)
    run = _preserve(account).succeeded()
    calls = [len(call.parameters["tasks"]) for call in run.called("ecs", "UpdateTaskProtection")]
    assert len(calls) > 1 and max(calls) <= 10, calls
    assert run.outputs["ProtectTasks.Protected"] == sum(calls) == len(account.snapshot()["tasks"]), run.outputs
    assert all(task["protected"] for task in account.snapshot()["tasks"].values())


@drill("preserve-evidence", "a task that refuses protection is named")
def protection_is_refused(account: Account) -> None:
    service = account.one("AWS::ECS::Service")
    refused = account.deployments.task_arns(service.properties["Cluster"])[0]
    account.deployments.refusals[refused] = "DEPLOYMENT_BLOCKED"
    run = _preserve(account).failed("ProtectTasks", because=refused)
    assert evidence(account, run, "service.json")["serviceName"] == service.attributes["Name"]
    # Each is named, of one call and of several.
    start_tasks(account, 9)
    first, second, *_, last = account.client("ecs").list_tasks(
        cluster=service.properties["Cluster"], serviceName=service.attributes["Name"])["taskArns"]
    account.deployments.refusals = dict.fromkeys((first, second, last), "DEPLOYMENT_BLOCKED")
    step = _preserve(account).failed("ProtectTasks").step("ProtectTasks")
    assert all(task in step.message for task in (first, second, last)), step.message


@drill("preserve-evidence", "a snapshot that is lost while it is made fails the run, and does not stop the rest")
def snapshot_is_lost(account: Account) -> None:
    lose = lambda: account.client("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=_snapshot_name(account))  # noqa: E731
    account.meanwhile("rds", "CreateDBClusterSnapshot", lose, after=True)
    run = _preserve(account).failed("WaitForSnapshot")
    assert run.ran("Notify") and evidence(account, run, "manifest.json") and _tags(account)


@drill("preserve-evidence", "an image that is gone is a clear failure")
def image_is_gone(account: Account) -> None:
    repository = account.one("AWS::ECR::Repository").ref
    images = account.client("ecr").describe_images(repositoryName=repository)["imageDetails"]
    account.client("ecr").batch_delete_image(
        repositoryName=repository, imageIds=[{"imageDigest": each["imageDigest"]} for each in images])
    _preserve(account).failed("KeepImages", because="no longer in")


@drill("preserve-evidence", "a service that is gone is a clear failure, and the database is kept")
def service_is_gone(account: Account) -> None:
    delete_service(account)
    _preserve(account).failed("SaveSurroundings")
    assert _snapshot_name(account) in account.snapshot()["snapshots"]


@drill("preserve-evidence", "waits while RDS is at work on the cluster")
def waits_for_database(account: Account) -> None:
    account.databases.busy(account.one("AWS::RDS::DBCluster").ref, 300)
    _preserve(account).succeeded()
    assert _snapshot_name(account) in account.snapshot()["snapshots"]
