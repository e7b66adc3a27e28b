"""Drills of roll-back-service. The account has the revisions 1 to 3 and runs 3."""

from engine import Account, drill, environment_name
from helpers import archive, dry_run, ecs_service, moto_service, protect_tasks, register, start_tasks, update_service

FAMILY = environment_name()
DO = {"DryRun": "false"}


def revision(account: Account) -> str:
    """The revision that the service runs, and all its tasks."""
    state = account.snapshot()
    (service,) = state["services"].values()
    definitions = {task["taskDefinition"] for task in state["tasks"].values()} | {service["taskDefinition"]}
    assert len(definitions) == 1, definitions
    return definitions.pop().rsplit(":", 1)[1]


def image_of(account: Account, number: int) -> tuple[str, dict[str, str]]:
    """The repository and digest of a revision's image."""
    definition = account.client("ecs").describe_task_definition(taskDefinition=f"{FAMILY}:{number}")["taskDefinition"]
    name, digest = definition["containerDefinitions"][0]["image"].split("/", 1)[1].split("@")
    return name, {"imageDigest": digest}


@drill("roll-back-service", "a dry run says which revision, and which deployment would be stopped, and changes nothing")
def says_which(account: Account) -> None:
    assert "from revision 3 to 2. Deployment in progress that would be stopped: none" in dry_run(account, "roll-back-service", {})
    account.deployments.outcome = "hang"
    update_service(account, taskDefinition=register(account))
    message = dry_run(account, "roll-back-service", {})
    assert "from revision 4 to 3. Deployment in progress that would be stopped: running" in message, message


@drill("roll-back-service", "goes to the revision before, and back again", changes=["tasks/", "services/"])
def there_and_back(account: Account) -> None:
    account.run("roll-back-service", DO).succeeded()
    assert revision(account) == "2"
    assert "with Revision=3 and DryRun=false" in account.messages()[-1]["message"]

    account.run("roll-back-service", {"Revision": "3", **DO}).succeeded()
    assert revision(account) == "3"


@drill("roll-back-service", "takes the highest active revision below")
def active(account: Account) -> None:
    account.client("ecs").deregister_task_definition(taskDefinition=f"{FAMILY}:2")
    account.run("roll-back-service", DO).succeeded()
    assert revision(account) == "1"


@drill("roll-back-service", "takes no revision of another family for one of its own")
def another_family(account: Account) -> None:
    for _ in range(2):
        account.client("ecs").register_task_definition(family="another", containerDefinitions=[{"name": "another", "image": "another", "memory": 64}])
    account.run("roll-back-service", DO).succeeded()
    assert ecs_service(account)["taskDefinition"].endswith(f"/{FAMILY}:2"), ecs_service(account)


@drill("roll-back-service", "fails without an older revision, and names none that is not there")
def no_older(account: Account) -> None:
    account.run("roll-back-service", {"Revision": "1", **DO}).succeeded()
    account.run("roll-back-service", DO, changes=[]).failed("FindRevision", because="revision 1 is the oldest active one")
    for wrong in ("1", "9"):
        account.run("roll-back-service", {"Revision": wrong, **DO}, changes=[]).failed("FindRevision", because="none of the active ones")


@drill("roll-back-service", "fails when the image is gone or in quarantine", changes=["images/"])
def image_gone(account: Account) -> None:
    name, image = image_of(account, 2)
    archive(account, image)
    account.run("roll-back-service", DO).failed("FindRevision", because="Refused: the image")
    account.client("ecr").batch_delete_image(repositoryName=name, imageIds=[image])
    account.run("roll-back-service", DO).failed("FindRevision", because="is gone or in quarantine")


@drill("roll-back-service", "fails when the image of any container is gone, also one that is named by its tag, or by nothing")
def second_image_gone(account: Account) -> None:
    uri = account.one("AWS::ECR::Repository").attributes["RepositoryUri"]
    for number, gone in enumerate((f"{uri}:none", uri), start=4):
        register(account, f"{uri}:v1", gone)
        run = account.run("roll-back-service", {"Revision": str(number), **DO}, changes=[])
        run.failed("FindRevision", because=f"the image {gone} is gone or in quarantine")


@drill("roll-back-service", "goes back to images elsewhere, of which ECR knows nothing, and to one without a tag, which is the latest")
def images_elsewhere(account: Account) -> None:
    ecr, repository = account.client("ecr"), account.one("AWS::ECR::Repository")
    image = ecr.batch_get_image(repositoryName=repository.ref, imageIds=[{"imageTag": "v1"}])["images"][0]
    ecr.put_image(repositoryName=repository.ref, imageManifest=image["imageManifest"], imageTag="latest")
    register(account, "public.ecr.aws/nginx/nginx:1", repository.attributes["RepositoryUri"])
    account.run("roll-back-service", {"Revision": "4", **DO}).succeeded()
    assert revision(account) == "4"


@drill("roll-back-service", "fails when ECS takes the deployment back, or the deployment does not end", changes=["services/"])
def deployment_fails(account: Account) -> None:
    account.deployments.outcome = "fail"
    account.run("roll-back-service", DO, changes=[]).failed("CheckRevision")
    account.deployments.outcome = "hang"
    assert account.run("roll-back-service", DO).failed("WaitForTasks").status == "TimedOut"


@drill("roll-back-service", "stops a running deployment of a new revision, also where the one before it is named")
def running_deployment(account: Account) -> None:
    account.deployments.outcome = "hang"
    for running, parameters in (("4", DO), ("5", {"Revision": "3", **DO})):
        update_service(account, taskDefinition=register(account))
        run = account.run("roll-back-service", parameters).succeeded()
        assert run.called("ecs", "StopServiceDeployment") and not run.called("ecs", "UpdateService")
        assert (run.outputs["FindRevision.From"], run.outputs["FindRevision.To"]) == (running, "3")
        assert revision(account) == "3"


@drill("roll-back-service", "a deployment that ends before it is stopped stays, and the run says that none was found")
def ends_meanwhile(account: Account) -> None:
    update_service(account, taskDefinition=register(account))
    account.clock.sleep(170)
    account.meanwhile("ecs", "ListServiceDeployments", lambda: account.clock.sleep(20))
    account.run("roll-back-service", DO).failed("StopDeployment", because="FindDeployment.Arn }} has no value")
    assert revision(account) == "4"


@drill("roll-back-service", "stops no deployment that has failed, and starts one")
def failed_deployment(account: Account) -> None:
    account.deployments.outcome = "hang"
    update_service(account, taskDefinition=register(account))
    moto_service(account).deployments[0]["rolloutState"] = "FAILED"
    account.deployments.outcome = "complete"
    run = account.run("roll-back-service", DO).succeeded()
    assert not run.called("ecs", "StopServiceDeployment") and revision(account) == "3"


@drill("roll-back-service", "goes below the service's first deployment, which replaces nothing, while it runs")
def first_deployment(account: Account) -> None:
    moto_service(account).deployments[0]["rolloutState"] = "IN_PROGRESS"
    run = account.run("roll-back-service", DO).succeeded()
    assert not run.called("ecs", "StopServiceDeployment")
    assert revision(account) == "2"


@drill("roll-back-service", "goes back below a deployment that never completed, to what ran")
def never_completed(account: Account) -> None:
    account.deployments.outcome = "hang"
    update_service(account, taskDefinition=register(account))
    account.clock.sleep(60)
    update_service(account, taskDefinition=register(account))
    run = account.run("roll-back-service", DO).succeeded()
    assert (run.outputs["FindRevision.From"], run.outputs["FindRevision.To"]) == ("5", "3")
    assert revision(account) == "3"


@drill("roll-back-service", "goes below a running deployment of the same revision")
def running_replacement(account: Account) -> None:
    update_service(account, forceNewDeployment=True)
    run = account.run("roll-back-service", DO).succeeded()
    assert not run.called("ecs", "StopServiceDeployment")
    assert revision(account) == "2"


@drill("roll-back-service", "protected tasks do not hold it up, also many, unless they stay protected")
def protected_tasks(account: Account) -> None:
    start_tasks(account, 9)
    stopped, blocked, *_, last = protect_tasks(account)
    for task in (blocked, last):
        account.deployments.refusals = {stopped: "MISSING", task: "DEPLOYMENT_BLOCKED"}
        account.run("roll-back-service", DO).failed("UnprotectTasks", because=task)
    assert revision(account) == "3"
    account.deployments.refusals.clear()
    account.run("roll-back-service", DO).succeeded()
    assert revision(account) == "2"
