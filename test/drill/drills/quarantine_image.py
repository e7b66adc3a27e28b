"""Drills of quarantine-image."""

import json

from engine import APPROVE, REJECT, REMOVED, TIMEOUT, Account, Execution, Mutation, drill
from looks import delete_service, told


def _digest(account: Account, release: str) -> str:
    return account.image(account.one("AWS::ECR::Repository").ref, {"imageTag": release})["imageDigest"]


def _status(account: Account, release: str) -> str:
    digest = _digest(account, release)
    return next(image["status"] for name, image in account.snapshot()["images"].items() if name.endswith(digest))


def _quarantine(account: Account, release: str, approve: object = None, **more: str) -> Execution:
    parameters = {"ImageDigest": _digest(account, release), "DryRun": "false", **more}
    return account.run("quarantine-image", parameters, approve=approve)


def _release(account: Account, release: str, approve: object = None) -> Execution:
    return _quarantine(account, release, approve, Action="release")


def _image_of_service(account: Account) -> str:
    service = account.one("AWS::ECS::Service")
    found = account.client("ecs").describe_services(cluster=service.properties["Cluster"], services=[service.ref])["services"][0]
    definition = account.client("ecs").describe_task_definition(taskDefinition=found["taskDefinition"])["taskDefinition"]
    return definition["containerDefinitions"][0]["image"]


def _deploy(account: Account, image: str) -> None:
    """A release of the image, deployed to its end."""
    ecs, service = account.client("ecs"), account.one("AWS::ECS::Service")
    found = ecs.describe_task_definition(taskDefinition=service.properties["TaskDefinition"])["taskDefinition"]
    names = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    containers = [{**container, "image": image} for container in found["containerDefinitions"]]
    made = ecs.register_task_definition(containerDefinitions=containers, **{name: found[name] for name in names if name in found})
    ecs.update_service(
        cluster=service.properties["Cluster"], service=service.attributes["Name"],
        taskDefinition=made["taskDefinition"]["taskDefinitionArn"])
    account.clock.sleep(3600)


@drill("quarantine-image", "archives an image that nothing uses, without asking, and says how to undo it")
def archives_idle_image(account: Account) -> None:
    before = account.snapshot()
    run = _quarantine(account, "v2").succeeded()
    assert _status(account, "v2") == "ARCHIVED" and not run.approvals
    account.unchanged(before, but=["images/"])
    message = told(account)["message"]
    assert "Action=release" in message and _digest(account, "v2") in message, message


@drill("quarantine-image", "asks about an image that runs as a part of an index, as one of several platforms does")
def asks_about_parts(account: Account) -> None:
    repository, uri = account.one("AWS::ECR::Repository"), _image_of_service(account).split("@")[0]
    media = "application/vnd.oci.image.index.v1+json"
    index = json.dumps({"schemaVersion": 2, "mediaType": media, "manifests": [{"digest": _digest(account, "v1")}]})
    account.client("ecr").put_image(repositoryName=repository.ref, imageManifest=index, imageManifestMediaType=media, imageTag="index")
    _deploy(account, f"{uri}:index")
    # Whoever archived the index stopped no task of it.
    account.client("ecr").update_image_storage_class(
        repositoryName=repository.ref, imageId={"imageTag": "index"}, targetStorageClass="ARCHIVE")
    account.clock.sleep(60)
    run = _quarantine(account, "v1", REJECT, StartedBy="event").failed("ApproveRollBack")
    assert len(run.approvals) == 1 and _status(account, "v1") == "ACTIVE"


@drill("quarantine-image", "is a dry run unless told otherwise")
def dry_run(account: Account) -> None:
    _quarantine(account, "v1").succeeded()
    before = account.snapshot()
    account.messages()
    for action, release, uses in (
        ("quarantine", "v2", 0),
        ("quarantine", "v3", len(before["tasks"]) + 1),
        ("release", "v1", 0),
    ):
        run = account.run("quarantine-image", {"ImageDigest": _digest(account, release), "Action": action}).succeeded()
        assert [call.name for call in run.changes()] == ["sns:Publish"], run.changes()
        assert not run.approvals
        message = told(account)["message"]
        assert "Nothing was done" in message and f"in use {uses} times" in message, message
    account.unchanged(before)


@drill("quarantine-image", "takes the service back before it archives an image that runs")
def archives_running_image(account: Account) -> None:
    run = _quarantine(account, "v3", APPROVE).succeeded()
    [asked] = run.approvals
    assert asked.approvers == [account.one("AWS::IAM::Role", "Approver").arn] and _digest(account, "v3") in asked.message, asked
    assert _image_of_service(account).endswith(_digest(account, "v2"))
    assert _status(account, "v3") == "ARCHIVED" and _status(account, "v2") == "ACTIVE"


@drill("quarantine-image", "a rejection leaves the image and the service as they are")
def rejected(account: Account) -> None:
    before = account.snapshot()
    _quarantine(account, "v3", REJECT).failed("ApproveRollBack")
    account.unchanged(before)


@drill("quarantine-image", "without an answer in eight hours nothing is archived")
def unanswered(account: Account) -> None:
    before = account.snapshot()
    began = account.clock.now
    _quarantine(account, "v3", TIMEOUT).failed("ApproveRollBack")
    assert account.clock.now - began < 9 * 3600
    account.unchanged(before)


@drill("quarantine-image", "a roll-back that fails leaves the image as it is")
def roll_back_fails(account: Account) -> None:
    account.deployments.outcome = "fail"
    _quarantine(account, "v3", APPROVE).failed("RollBack")
    assert _status(account, "v3") == "ACTIVE"


@drill("quarantine-image", "an image that the task definition before uses too is not archived")
def still_in_use(account: Account) -> None:
    _deploy(account, _image_of_service(account))
    _quarantine(account, "v3", APPROVE).failed("FailInUse", because="still uses the image")
    assert _status(account, "v3") == "ACTIVE"


@drill("quarantine-image", "finds an image that the service names by its tag")
def named_by_tag(account: Account) -> None:
    uri = account.one("AWS::ECR::Repository").attributes["RepositoryUri"]
    _deploy(account, f"{uri}:v1")
    run = _quarantine(account, "v1", REJECT).failed("ApproveRollBack")
    assert len(run.approvals) == 1
    assert _status(account, "v1") == "ACTIVE"


@drill("quarantine-image", "does not go back from a deployment that is replacing the image")
def being_replaced(account: Account) -> None:
    ecs, service = account.client("ecs"), account.one("AWS::ECS::Service")
    definitions = ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    account.deployments.outcome = "hang"
    ecs.update_service(cluster=service.properties["Cluster"], service=service.attributes["Name"], taskDefinition=sorted(definitions)[0])
    before = account.snapshot()
    _quarantine(account, "v3", REJECT).failed("FindUses", because="start again when that is over")
    account.unchanged(before)


@drill("quarantine-image", "an image that is gone is a clear failure")
def image_is_gone(account: Account) -> None:
    before = account.snapshot()
    run = account.run("quarantine-image", {"ImageDigest": "sha256:" + "0" * 64, "DryRun": "false"})
    run.failed("DescribeImage", because="ImageNotFoundException")
    account.unchanged(before)


@drill("quarantine-image", "without the service nobody knows what uses an image: it stays")
def no_service(account: Account) -> None:
    delete_service(account)
    before = account.snapshot()
    for release in ("v1", "v3"):
        _quarantine(account, release).failed("FindUses", because="there is no service")
    account.unchanged(before)


@drill("quarantine-image", "for a person, an image that another run is busy with is a failure")
def busy_for_a_person(account: Account) -> None:
    other = account.pretend_running("quarantine-image", {"ImageDigest": _digest(account, "v3")})
    before = account.snapshot()
    _quarantine(account, "v3").failed("LookForOtherRuns", because=other.id)
    account.unchanged(before)
    _quarantine(account, "v1").succeeded()
    assert _status(account, "v1") == "ARCHIVED", "the other run is busy with another image"


@drill("quarantine-image", "of two that start at once the earlier goes on")
def at_once(account: Account) -> None:
    def start_another() -> None:
        account.clock.sleep(1)
        account.pretend_running("quarantine-image", {"ImageDigest": _digest(account, "v1")})

    account.meanwhile("ssm", "DescribeAutomationExecutions", start_another)
    _quarantine(account, "v1").succeeded()


@drill("quarantine-image", "an event ends quietly while another run is busy with the image, or has archived it")
def busy_for_an_event(account: Account) -> None:
    account.pretend_running("quarantine-image", {"ImageDigest": _digest(account, "v3")})
    _quarantine(account, "v1").succeeded()
    before = account.snapshot()
    account.messages()
    for release in ("v3", "v1"):
        run = _quarantine(account, release, REJECT, StartedBy="event").succeeded()
        assert not run.changes() and not run.approvals, run.changes()
    account.unchanged(before)
    assert not account.messages()


@drill("quarantine-image", "an image that is archived already is a failure for a person")
def archived_already(account: Account) -> None:
    _quarantine(account, "v1").succeeded()
    _quarantine(account, "v1").failed("FindUses", because="is ARCHIVED, want ACTIVE")


@drill("quarantine-image", "release, approved, gives back what was there")
def released(account: Account) -> None:
    before = account.snapshot()
    _quarantine(account, "v2").succeeded()
    run = _release(account, "v2", APPROVE).succeeded()
    account.unchanged(before)
    [asked] = run.approvals
    assert _digest(account, "v2") in asked.message and "is to be released" in asked.message, asked
    message = account.messages()[-1]
    assert "Image released" in message["subject"] and "can be pulled again" in message["message"], message


@drill("quarantine-image", "release, rejected, leaves the image archived")
def release_rejected(account: Account) -> None:
    _quarantine(account, "v1").succeeded()
    before = account.snapshot()
    _release(account, "v1", REJECT).failed("ApproveRelease")
    account.unchanged(before)


@drill("quarantine-image", "release of an image that is not archived is a clear failure")
def release_of_active(account: Account) -> None:
    before = account.snapshot()
    _release(account, "v1").failed("FindUses", because="is ACTIVE, want ARCHIVED")
    account.unchanged(before)


@drill("quarantine-image", "refuses what is no digest")
def refuses_bad_input(account: Account) -> None:
    for bad in ("v3", "sha256:xyz", "sha256:" + "0" * 63, "sha256:" + "0" * 64 + "; rm", "sha256:" + "0" * 64 + "\n"):
        account.refuses("quarantine-image", {"ImageDigest": bad}, "ImageDigest")
    account.refuses("quarantine-image", {"ImageDigest": "sha256:" + "0" * 64, "Action": "delete"}, "Action")
    account.refuses("quarantine-image", {}, "ImageDigest")


REJECTED = "a rejection leaves the image and the service as they are"
DRY = "is a dry run unless told otherwise"
QUIET = "an event ends quietly while another run is busy with the image, or has archived it"

IDLE = "archives an image that nothing uses, without asking, and says how to undo it"
RELEASED = "release, approved, gives back what was there"
PARTS = "asks about an image that runs as a part of an index, as one of several platforms does"

MUTATIONS = [
    Mutation("quarantine-image", "does not count the tasks that run", "mainSteps.FindUses.inputs.Script",
             'uses += any(each.get("imageDigest") in digests', 'uses += 0 and any(each.get("imageDigest") in digests', DRY),
    Mutation("quarantine-image", "counts without a service", "mainSteps.FindUses.inputs.Script", 'if found["status"] == "ACTIVE":', "if True:",
             "without the service nobody knows what uses an image: it stays"),
    Mutation("quarantine-image", "neither of two that start at once goes on", "mainSteps.LookForOtherRuns.inputs.Script", "break", "continue",
             "of two that start at once the earlier goes on"),
    Mutation("quarantine-image", "does not see an archived index", "mainSteps.FindUses.inputs.Script", ', filter={"imageStatus": "ANY"}', "", PARTS),
    Mutation("quarantine-image", "does not see an archived image", "mainSteps.DescribeImage.inputs.filter", None, REMOVED, RELEASED),
    Mutation("quarantine-image", "does not see when an image is archived", "mainSteps.WaitForArchive.inputs.filter", None, REMOVED, IDLE),
    Mutation("quarantine-image", "ends before the image is archived", "mainSteps.WaitForArchive", None, REMOVED, IDLE),
    Mutation("quarantine-image", "waits until any image is archived", "mainSteps.WaitForArchive.inputs.imageIds", None, REMOVED, IDLE),
    Mutation("quarantine-image", "ends before the image can be pulled", "mainSteps.WaitForRelease", None, REMOVED, RELEASED),
    Mutation("quarantine-image", "waits until any image can be pulled", "mainSteps.WaitForRelease.inputs.imageIds", None, REMOVED, RELEASED),
    Mutation("quarantine-image", "does not say that it released", "mainSteps.TellRelease", None, REMOVED, RELEASED),
    Mutation("quarantine-image", "does not say what to approve", "mainSteps.ApproveRelease.inputs.Message", "@{{ ImageDigest }}", "", RELEASED),
    Mutation("quarantine-image", "takes a part of an image that runs for idle", "mainSteps.FindUses.inputs.Script",
             'events["images"] + indexes_of(events["repository"], events["digest"])', 'events["images"]',
             PARTS),
    Mutation("quarantine-image", "archives a running image without asking", "mainSteps.ChooseWay.inputs.Choices.1.NextStep",
             "ApproveRollBack", "Archive", REJECTED),
    Mutation("quarantine-image", "archives although it was rejected", "mainSteps.ApproveRollBack.onFailure", "Abort", "step:Archive", REJECTED),
    Mutation("quarantine-image", "waits for a week", "mainSteps.ApproveRollBack.timeoutSeconds", 28800, 604800,
             "without an answer in eight hours nothing is archived"),
    Mutation("quarantine-image", "archives although the service did not go back", "mainSteps.RollBack.onFailure", "Abort", "step:Archive",
             "a roll-back that fails leaves the image as it is"),
    Mutation("quarantine-image", "archives what the service went back to", "mainSteps.RefuseWhileInUse.inputs.Default", "FailInUse", "Archive",
             "an image that the task definition before uses too is not archived"),
    Mutation("quarantine-image", "does not know images by their tags", "mainSteps.FindUses.inputs.Script",
             'for tag in each.get("imageTags", [])', "for tag in ()", "finds an image that the service names by its tag"),
    Mutation("quarantine-image", "goes back from the deployment of another image", "mainSteps.FindUses.inputs.Script",
             "if uses and not current:", "if False:", "does not go back from a deployment that is replacing the image"),
    Mutation("quarantine-image", "is no dry run by default", "parameters.DryRun.default", "true", "false", DRY),
    Mutation("quarantine-image", "does not know a dry run", "mainSteps.FindUses.inputs.Script",
             '"tell" if events["dry"] == "true" else plan', "plan", DRY),
    Mutation("quarantine-image", "runs beside another run", "mainSteps.LookForOtherRuns.inputs.Script",
             'if events["starter"] == "person":', "if False:", "for a person, an image that another run is busy with is a failure"),
    Mutation("quarantine-image", "stands aside for a run with another image", "mainSteps.LookForOtherRuns.inputs.Script",
             '.get("ImageDigest") == [events["digest"]]', '.get("ImageDigest") != "none"',
             "for a person, an image that another run is busy with is a failure"),
    Mutation("quarantine-image", "asks once for each vulnerability", "mainSteps.StandAside.inputs.Default", "EndQuietly", "DescribeImage", QUIET),
    Mutation("quarantine-image", "an archived image is a failure for an event", "mainSteps.FindUses.inputs.Script",
             'if events["starter"] == "event" and events["status"] != wanted:', "if False:", QUIET),
    Mutation("quarantine-image", "releases without asking", "mainSteps.ChooseWay.inputs.Choices.2.NextStep", "ApproveRelease", "Release",
             "release, rejected, leaves the image archived"),
    Mutation("quarantine-image", "releases although it was rejected", "mainSteps.ApproveRelease.onFailure", "Abort", "step:Release",
             "release, rejected, leaves the image archived"),
    Mutation("quarantine-image", "does not say how to undo it", "mainSteps.TellQuarantine.inputs.Message", "Action=release,", "", IDLE),
]
