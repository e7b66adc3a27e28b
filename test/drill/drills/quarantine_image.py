"""Drills of quarantine-image."""

import hashlib
import json

from engine import APPROVE, REJECT, TIMEOUT, Account, Execution, drill
from helpers import answers, archive, delete_service, dry_run, ecs_service, register, told, update_service


def _digest(account: Account, release: str) -> str:
    return account.image(account.one("AWS::ECR::Repository").ref, {"imageTag": release})["imageDigest"]


def _status(account: Account, release: str) -> str:
    digest = _digest(account, release)
    return next(image["status"] for name, image in account.snapshot()["images"].items() if name.endswith(digest))


def _quarantine(account: Account, release: str, approve: object = None, changes: list[str] | None = None, **more: str) -> Execution:
    parameters = {"ImageDigest": _digest(account, release), "DryRun": "false", **more}
    return account.run("quarantine-image", parameters, approve=approve, changes=changes)


def _image_of_service(account: Account) -> str:
    running = ecs_service(account)["taskDefinition"]
    definition = account.client("ecs").describe_task_definition(taskDefinition=running)["taskDefinition"]
    return definition["containerDefinitions"][0]["image"]


def _deploy(account: Account, *images: str) -> None:
    """A release of the images, deployed to its end."""
    _start(account, *images)
    account.clock.sleep(3600)


def _start(account: Account, *images: str) -> None:
    """Starts a deployment of tasks that have a container for each image."""
    update_service(account, taskDefinition=register(account, *images))


def _forget(account: Account, release: str) -> None:
    """Deregisters the revisions that name the image: nothing can go back to it."""
    ecs, digest = account.client("ecs"), _digest(account, release)
    for arn in ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]:
        found = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        if found["containerDefinitions"][0]["image"].endswith(digest):
            ecs.deregister_task_definition(taskDefinition=arn)


def _push(account: Account, tag: str, parts: list[str] = []) -> str:
    """Pushes an image, or an index of images. Returns its digest."""
    kind = "application/vnd.oci.image.index.v1+json" if parts else "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "annotations": {"tag": tag},
                           **({"manifests": [{"digest": each} for each in parts]} if parts else {})})
    return account.client("ecr").put_image(
        repositoryName=account.one("AWS::ECR::Repository").ref, imageManifest=manifest, imageManifestMediaType=kind, imageTag=tag,
        imageDigest=f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}")["image"]["imageId"]["imageDigest"]


def _revision(account: Account) -> str:
    return ecs_service(account)["taskDefinition"].rsplit(":", 1)[1]


@drill("quarantine-image", "archives an image that nothing uses, without asking, and says how to undo it")
def archives_idle_image(account: Account) -> None:
    _forget(account, "v2")
    run = _quarantine(account, "v2", changes=["images/"]).succeeded()
    assert _status(account, "v2") == "ARCHIVED" and not run.approvals
    message = told(account)["message"]
    assert "Action=release" in message and _digest(account, "v2") in message, message


@drill("quarantine-image", "one vulnerability in every image leaves the service a way back")
def one_vulnerability_in_all(account: Account) -> None:
    for release in ("v1", "v2"):
        run = _quarantine(account, release, changes=[]).failed("Plan", because="Refused: revision")
        assert not run.approvals
    run = _quarantine(account, "v3", APPROVE).succeeded()
    assert "goes back to revision 2" in run.approvals[0].message, run.approvals
    assert [_status(account, release) for release in ("v1", "v2", "v3")] == ["ACTIVE", "ACTIVE", "ARCHIVED"]
    # What runs now is one of them, too.
    account.run("roll-back-service", {"DryRun": "false"}).succeeded()
    assert _revision(account) == "1" and _image_of_service(account).endswith(_digest(account, "v1"))


@drill("quarantine-image", "an image that was pushed after the one that runs may be deployed next: it stays")
def pushed_later(account: Account) -> None:
    account.clock.sleep(60)
    digest = _push(account, "v4")
    before = account.snapshot()
    run = account.run("quarantine-image", {"ImageDigest": digest, "DryRun": "false"})
    run.failed("Plan", because="was pushed after the one that runs")
    account.unchanged(before)
    _deploy(account, f"{account.one('AWS::ECR::Repository').attributes['RepositoryUri']}@{_push(account, 'v5')}")
    account.run("quarantine-image", {"ImageDigest": digest, "DryRun": "false"}).succeeded()


@drill("quarantine-image", "while the service runs an image from elsewhere, each of ours may be deployed next: it stays")
def none_runs(account: Account) -> None:
    _deploy(account, "public.ecr.aws/nginx/nginx:1")
    for release in ("v1", "v2", "v3"):
        _forget(account, release)
    _quarantine(account, "v1", changes=[]).failed("Plan", because="was pushed after the one that runs")


@drill("quarantine-image", "chooses what the service goes back to before anything, and archives nothing without it")
def no_way_back(account: Account) -> None:
    _forget(account, "v1")
    _forget(account, "v2")
    run = _quarantine(account, "v3", REJECT, changes=[]).failed("Plan", because="nothing to go back to")
    assert not run.approvals


@drill("quarantine-image", "does not go back to an image that cannot be pulled")
def way_back_is_archived(account: Account) -> None:
    archive(account, {"imageTag": "v2"})
    run = _quarantine(account, "v3", APPROVE).succeeded()
    assert "goes back to revision 1" in run.approvals[0].message, run.approvals
    assert _image_of_service(account).endswith(_digest(account, "v1"))


@drill("quarantine-image", "a deployment during the approval is not taken back")
def deployed_meanwhile(account: Account) -> None:
    uri = account.one("AWS::ECR::Repository").attributes["RepositoryUri"]

    def deploy_then_approve(_: object) -> str:
        _deploy(account, f"{uri}@{_push(account, 'v4')}")
        return APPROVE

    run = _quarantine(account, "v3", deploy_then_approve).succeeded()
    assert not run.ran("RollBackService") and _revision(account) == "4"
    assert _status(account, "v3") == "ARCHIVED" and _status(account, "v2") == "ACTIVE"


@drill("quarantine-image", "stops a deployment of the image, and the service stays on what it replaces")
def being_deployed(account: Account) -> None:
    digest = _push(account, "v4")
    account.deployments.outcome = "hang"
    _deploy(account, f"{account.one('AWS::ECR::Repository').attributes['RepositoryUri']}@{digest}")
    run = account.run("quarantine-image", {"ImageDigest": digest, "DryRun": "false"}, approve=APPROVE).succeeded()
    assert run.called("ecs", "StopServiceDeployment") and _revision(account) == "3"
    assert len(ecs_service(account)["deployments"]) == 1, ecs_service(account)["deployments"]


@drill("quarantine-image", "asks about an image that runs as a part of an index, as one of several platforms does")
def asks_about_parts(account: Account) -> None:
    uri = _image_of_service(account).split("@")[0]
    index = _push(account, "index", [_digest(account, "v2"), _digest(account, "v1")])
    _deploy(account, f"{uri}:index")
    run = _quarantine(account, "v1", REJECT).failed("ApproveRollBack")
    assert len(run.approvals) == 1 and "use it: 1." in run.approvals[0].message, "the deployment names the index by its tag"
    # By its digest, the tasks say that they run it.
    _deploy(account, f"{uri}@{index}")
    [asked] = _quarantine(account, "v1", REJECT).failed("ApproveRollBack").approvals
    tasks = len(account.snapshot()["tasks"])
    assert f"use it: {tasks + 1}." in asked.message, asked
    # Whoever archived the index stopped no task of it.
    archive(account, {"imageTag": "index"})
    _quarantine(account, "v1", APPROVE).failed("Plan", because="cannot be read")
    assert _status(account, "v1") == "ACTIVE"


@drill("quarantine-image", "asks about an image that runs beside another one, and goes back to neither of its revisions")
def runs_beside(account: Account) -> None:
    running = _image_of_service(account)
    beside = f"{running.split('@')[0]}@{_push(account, 'v4')}"
    _deploy(account, running, beside)
    _deploy(account, beside, running)
    tasks = len(account.snapshot()["tasks"])
    assert len(_quarantine(account, "v3", REJECT).failed("ApproveRollBack").approvals) == 1, "it is the second image"
    run = _quarantine(account, "v4", APPROVE).succeeded()
    assert f"use it: {tasks + 1}." in run.approvals[0].message and "goes back to revision 3" in run.approvals[0].message, run.approvals
    assert _revision(account) == "3" and _status(account, "v4") == "ARCHIVED"


@drill("quarantine-image", "does not go back to a revision of which one image cannot be pulled, and takes one from elsewhere for one that can")
def way_back_is_half_archived(account: Account) -> None:
    running = _image_of_service(account)
    beside = f"{running.split('@')[0]}@{_push(account, 'v4')}"
    for images in ((f"{running.split('@')[0]}:v1", "public.ecr.aws/nginx/nginx:1"), (running, beside), (f"{running.split('@')[0]}:v2",)):
        _deploy(account, *images)
    archive(account, {"imageTag": "v4"})
    run = _quarantine(account, "v2", APPROVE).succeeded()
    assert "goes back to revision 4" in run.approvals[0].message, run.approvals


@drill("quarantine-image", "counts every deployment that would start the image, and each task that runs it, but for those that pull it yet")
def counts_deployments(account: Account) -> None:
    account.deployments.outcome = "hang"
    update_service(account, forceNewDeployment=True)
    answers(account, "ecs", "DescribeTasks", lambda parsed: parsed["tasks"][0]["containers"][0].pop("imageDigest"))
    tasks = len(account.snapshot()["tasks"])
    [asked] = _quarantine(account, "v3", REJECT).failed("ApproveRollBack").approvals
    assert f"use it: {tasks - 1 + 2}." in asked.message, asked


@drill("quarantine-image", "counts the tasks that run the image beside an agent of another repository")
def counts_beside_agent(account: Account) -> None:
    agent = {"name": "agent", "image": "593207742271.dkr.ecr.eu-north-1.amazonaws.com/agent:v1", "imageDigest": "sha256:" + "0" * 64}
    answers(account, "ecs", "DescribeTasks", lambda parsed: [task["containers"].insert(0, agent) for task in parsed["tasks"]])
    [asked] = _quarantine(account, "v3", REJECT).failed("ApproveRollBack").approvals
    assert f"use it: {len(account.snapshot()['tasks']) + 1}." in asked.message, asked


@drill("quarantine-image", "goes back to an earlier revision, not to a later one that the service went back from")
def later_revision(account: Account) -> None:
    account.run("roll-back-service", {"DryRun": "false"}).succeeded()
    assert _revision(account) == "2"
    [asked] = _quarantine(account, "v2", REJECT).failed("ApproveRollBack").approvals
    assert "goes back to revision 1" in asked.message, asked


@drill("quarantine-image", "an image that a revision names beside another one stays")
def named_beside(account: Account) -> None:
    running = _image_of_service(account)
    _deploy(account, running, f"{running.split('@')[0]}@{_digest(account, 'v1')}")
    _deploy(account, running, "public.ecr.aws/nginx/nginx:1")
    _forget(account, "v1")
    _quarantine(account, "v1").failed("Plan", because="Refused: revision 4")
    assert _status(account, "v1") == "ACTIVE"
    account.client("ecs").deregister_task_definition(
        taskDefinition=f"{account.one('AWS::ECS::Service').properties['TaskDefinition'].rsplit(':', 1)[0]}:4")
    _quarantine(account, "v1").succeeded()


@drill("quarantine-image", "an index that a revision names keeps its parts")
def part_of_way_back(account: Account) -> None:
    uri, running = _image_of_service(account).split("@")[0], _image_of_service(account)
    _push(account, "index", [_digest(account, "v1")])
    _deploy(account, f"{uri}:index")
    _deploy(account, running)
    _forget(account, "v1")
    _quarantine(account, "v1").failed("Plan", because="Refused: revision 4")
    assert _status(account, "v1") == "ACTIVE"


@drill("quarantine-image", "is a dry run unless told otherwise")
def unless_told_otherwise(account: Account) -> None:
    _forget(account, "v1")
    _quarantine(account, "v1").succeeded()
    _forget(account, "v2")
    _deploy(account, _image_of_service(account).split("@")[0] + "@" + _digest(account, "v3"))
    _push(account, "v4")
    _deploy(account, f"{_image_of_service(account).split('@')[0]}:v4")
    for action, release, uses, target in (
        ("quarantine", "v2", 0, "none"),
        ("quarantine", "v4", 1, "4"),
        ("release", "v1", 0, "none"),
    ):
        message = dry_run(account, "quarantine-image", {"ImageDigest": _digest(account, release), "Action": action})
        assert f"use it: {uses}." in message and f"approval: {target}." in message, message


@drill("quarantine-image", "takes the service back before it archives an image that runs")
def archives_running_image(account: Account) -> None:
    run = _quarantine(account, "v3", APPROVE).succeeded()
    [asked] = run.approvals
    assert _digest(account, "v3") in asked.message, asked
    assert _image_of_service(account).endswith(_digest(account, "v2"))
    assert _status(account, "v3") == "ARCHIVED" and _status(account, "v2") == "ACTIVE"


@drill("quarantine-image", "without consent the image and the service stay as they are")
def without_consent(account: Account) -> None:
    for answer in (REJECT, TIMEOUT):
        _quarantine(account, "v3", answer, changes=[]).failed("ApproveRollBack")


@drill("quarantine-image", "a roll-back that fails leaves the image as it is")
def roll_back_fails(account: Account) -> None:
    account.deployments.outcome = "fail"
    _quarantine(account, "v3", APPROVE).failed("RollBackService")
    assert _status(account, "v3") == "ACTIVE"


@drill("quarantine-image", "goes below a revision that uses the image, too")
def used_before_too(account: Account) -> None:
    _deploy(account, _image_of_service(account))
    run = _quarantine(account, "v3", APPROVE).succeeded()
    assert "goes back to revision 2" in run.approvals[0].message
    assert _revision(account) == "2" and _status(account, "v3") == "ARCHIVED"


@drill("quarantine-image", "an image that the service still uses after it went back is not archived")
def still_in_use(account: Account) -> None:
    image = _image_of_service(account)

    def deploy_it_again() -> None:
        # Somebody else does, as soon as the service went back.
        if _revision(account) == "2":
            _start(account, image)

    account.meanwhile("sns", "Publish", deploy_it_again)
    _quarantine(account, "v3", APPROVE).failed("CheckUses", because="still uses the image")
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
    definitions = account.client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    account.deployments.outcome = "hang"
    update_service(account, taskDefinition=sorted(definitions)[0])
    _quarantine(account, "v3", REJECT, changes=[]).failed("Plan", because="Refused: another image is being deployed")


@drill("quarantine-image", "an image that is gone, or is archived already, and a release of one that is not, are clear failures")
def nothing_to_do(account: Account) -> None:
    run = account.run("quarantine-image", {"ImageDigest": "sha256:" + "0" * 64, "DryRun": "false"}, changes=[])
    run.failed("FindImage", because="ImageNotFoundException")
    _forget(account, "v1")
    _quarantine(account, "v1", changes=[], Action="release").failed("Plan", because="is ACTIVE, want ARCHIVED")
    _quarantine(account, "v1").succeeded()
    _quarantine(account, "v1").failed("Plan", because="is ARCHIVED, want ACTIVE")


@drill("quarantine-image", "without the service nobody knows what uses an image: it stays")
def no_service(account: Account) -> None:
    delete_service(account)
    for release in ("v1", "v3"):
        _quarantine(account, release, changes=[]).failed("Plan", because="there is no service")


@drill("quarantine-image", "does not start while another run is busy with the image")
def busy(account: Account) -> None:
    account.pretend_running("quarantine-image", {"ImageDigest": _digest(account, "v2")})
    other = account.pretend_running("quarantine-image", {"ImageDigest": _digest(account, "v3")})
    _quarantine(account, "v3", REJECT, changes=[]).failed("RefuseSecondStart", because="Refused: run " + other.id)
    _forget(account, "v1")
    _quarantine(account, "v1").succeeded()
    assert _status(account, "v1") == "ARCHIVED", "the other run is busy with another image"


@drill("quarantine-image", "does not start while another run waits for an approval of the image")
def busy_waiting(account: Account) -> None:
    def start_another(_: object) -> str:
        _quarantine(account, "v3").failed("RefuseSecondStart", because="is busy with this image")
        return REJECT

    _quarantine(account, "v3", start_another).failed("ApproveRollBack")


@drill("quarantine-image", "of two that start at once the earlier goes on")
def at_once(account: Account) -> None:
    _forget(account, "v1")

    def start_another() -> None:
        account.clock.sleep(1)
        account.pretend_running("quarantine-image", {"ImageDigest": _digest(account, "v1")})

    account.meanwhile("ssm", "DescribeAutomationExecutions", start_another)
    _quarantine(account, "v1").succeeded()


@drill("quarantine-image", "release, approved, gives back what was there")
def released(account: Account) -> None:
    _forget(account, "v2")
    before = account.snapshot()
    _quarantine(account, "v2").succeeded()
    run = _quarantine(account, "v2", APPROVE, Action="release").succeeded()
    account.unchanged(before)
    [asked] = run.approvals
    assert _digest(account, "v2") in asked.message and "from the quarantine" in asked.message, asked
    message = account.messages()[-1]
    assert "Image released" in message["subject"] and "can be pulled again" in message["message"], message


@drill("quarantine-image", "release, rejected, leaves the image archived")
def release_rejected(account: Account) -> None:
    _forget(account, "v1")
    _quarantine(account, "v1").succeeded()
    _quarantine(account, "v1", REJECT, changes=[], Action="release").failed("ApproveRelease")
