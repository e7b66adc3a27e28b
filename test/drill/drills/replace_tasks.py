"""Drills of replace-tasks."""

from engine import REMOVED, Account, Fault, Mutation, drill


@drill("replace-tasks", "every task is a new one, of the same definition")
def replaces_every_task(account: Account) -> None:
    before = account.snapshot()
    account.run("replace-tasks").succeeded()

    after = account.snapshot()
    assert not set(before["tasks"]) & set(after["tasks"]), "a task was not replaced"
    assert len(before["tasks"]) == len(after["tasks"])
    account.unchanged(before, but=["tasks/", "services/"])
    definitions = {task["taskDefinition"] for each in (before, after) for task in each["tasks"].values()}
    assert len(definitions) == 1, definitions


@drill("replace-tasks", "fails when the deployment does not end, and the old tasks go on")
def deployment_hangs(account: Account) -> None:
    before = account.snapshot()
    account.deployments.outcome = "hang"
    run = account.run("replace-tasks").failed("WaitForTasks")
    assert run.status == "TimedOut"
    account.unchanged(before, but=["services/"])


@drill("replace-tasks", "fails when the deployment is rolled back, and the old tasks go on")
def deployment_fails(account: Account) -> None:
    before = account.snapshot()
    account.deployments.outcome = "fail"
    account.run("replace-tasks").failed("SeeNoRollback")
    account.unchanged(before)


@drill("replace-tasks", "a deployment that cannot start changes nothing")
def cannot_start(account: Account) -> None:
    before = account.snapshot()
    account.run("replace-tasks", faults=Fault("ecs", "UpdateService", "AccessDeniedException")).failed("StartDeployment")
    account.unchanged(before)


MUTATIONS = [
    Mutation(
        "replace-tasks", "starts no deployment", "mainSteps.StartDeployment.inputs.forceNewDeployment", True, False,
        "every task is a new one, of the same definition",
    ),
    Mutation(
        "replace-tasks", "takes a rollback for success", "mainSteps.SeeNoRollback", None, REMOVED,
        "fails when the deployment is rolled back, and the old tasks go on",
    ),
]
