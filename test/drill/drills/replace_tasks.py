"""Drills of restart-tasks."""

from engine import Account, Mutation, drill

MEANWHILE = 60  # seconds, less than a deployment takes


def _parameters(account: Account) -> dict[str, str]:
    service = account.one("AWS::ECS::Service")
    return {
        "AutomationAssumeRole": account.one("AWS::IAM::Role", "RestartRole").arn,
        "Cluster": service.properties["Cluster"],
        "Service": service.attributes["Name"],
    }


@drill("restart-tasks", "every task is a new one, of the same definition")
def replaces_every_task(account: Account) -> None:
    before = account.snapshot()
    account.run("restart-tasks", _parameters(account)).succeeded()

    after = account.snapshot()
    assert not set(before["tasks"]) & set(after["tasks"]), "a task was not replaced"
    assert len(before["tasks"]) == len(after["tasks"])
    account.unchanged(before, but=["tasks/", "services/"])
    definitions = {task["taskDefinition"] for each in (before, after) for task in each["tasks"].values()}
    assert len(definitions) == 1, definitions


@drill("restart-tasks", "fails when the deployment does not end, and the old tasks go on")
def deployment_hangs(account: Account) -> None:
    before = account.snapshot()
    account.deployments.outcome = "hang"
    run = account.run("restart-tasks", _parameters(account)).failed("WaitForTasks")
    assert run.status == "TimedOut"
    account.unchanged(before, but=["services/"])


MUTATIONS = [
    Mutation(
        "restart-tasks", "starts no deployment", "mainSteps.StartDeployment.inputs.forceNewDeployment", True, False,
        "every task is a new one, of the same definition",
    ),
]
