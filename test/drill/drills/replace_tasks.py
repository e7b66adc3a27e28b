"""Drills of replace-tasks."""

from typing import Any

from engine import Account, Fault, drill
from helpers import answers, ecs_service, protect_tasks, start_tasks, update_service


@drill("replace-tasks", "every task is a new one, of the same definition, and the topic knows")
def replaces_every_task(account: Account) -> None:
    before = account.snapshot()
    account.run("replace-tasks").succeeded()

    after = account.snapshot()
    assert not set(before["tasks"]) & set(after["tasks"]), "a task was not replaced"
    assert len(before["tasks"]) == len(after["tasks"])
    account.unchanged(before, but=["tasks/", "services/"])
    definitions = {task["taskDefinition"] for each in (before, after) for task in each["tasks"].values()}
    assert len(definitions) == 1, definitions
    assert "nothing to undo" in account.messages()[-1]["message"]


@drill("replace-tasks", "protected tasks do not hold it up, also more than fit into one call")
def protected_tasks(account: Account) -> None:
    start_tasks(account, 9)
    protect_tasks(account)
    before = account.snapshot()
    account.run("replace-tasks").succeeded()
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"])


@drill("replace-tasks", "a task that stays protected is a failure, one that has stopped meanwhile is none")
def protection_stays(account: Account) -> None:
    task, before = protect_tasks(account)[0], account.snapshot()
    account.deployments.refusals[task] = "DEPLOYMENT_BLOCKED"
    account.run("replace-tasks").failed("UnprotectTasks", because=task)
    account.unchanged(before, but=["tasks/"])
    account.deployments.protect(task, 0)
    account.deployments.refusals[task] = "TASK_NOT_VALID"
    account.run("replace-tasks").succeeded()


@drill("replace-tasks", "starts tasks where none run")
def none_runs(account: Account) -> None:
    service = account.one("AWS::ECS::Service")
    account.deployments.stop_tasks(service.properties["Cluster"], service.attributes["Name"])
    run = account.run("replace-tasks").succeeded()
    assert not run.called("ecs", "UpdateTaskProtection")
    assert run.step("UnprotectTasks").outputs["Old"] == ["none"], "how SSM hands on an empty list is not documented"
    assert f"{ecs_service(account)['desiredCount']} new tasks are running, and no old one" in account.messages()[-1]["message"]


@drill("replace-tasks", "fails when the new tasks do not become healthy, and the old ones go on")
def deployment_fails(account: Account) -> None:
    account.deployments.outcome = "fail"
    account.run("replace-tasks", changes=[]).failed("WaitForReplacement", because="taken back")
    assert not account.messages()


@drill("replace-tasks", "fails when the deployment does not end, and the old tasks go on")
def deployment_hangs(account: Account) -> None:
    account.deployments.outcome = "hang"
    run = account.run("replace-tasks", changes=["services/"]).failed("WaitForTasks")
    assert run.status == "TimedOut"


@drill("replace-tasks", "a second one meanwhile replaces the tasks of both")
def twice_at_once(account: Account) -> None:
    before = account.snapshot()
    account.clock.after(60, lambda: update_service(account, forceNewDeployment=True))
    account.run("replace-tasks").succeeded()
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"])


@drill("replace-tasks", "no page does not mean no replacement")
def page_fails(account: Account) -> None:
    account.run("replace-tasks", faults=Fault("sns", "Publish")).succeeded()


@drill("replace-tasks", "a deployment of somebody else waits for protected tasks, and goes on when they no longer are")
def protection_holds(account: Account) -> None:
    protect_tasks(account)
    old = set(account.snapshot()["tasks"])
    update_service(account, forceNewDeployment=True)
    account.clock.sleep(47 * 3600)
    assert set(account.snapshot()["tasks"]) == old, "ECS stops no protected task"
    account.clock.sleep(2 * 3600)
    assert not set(account.snapshot()["tasks"]) & old, "the protection ends after 48 hours"


def _linger(account: Account, seconds: float) -> None:
    """The last of the old tasks runs on for so long."""
    start_tasks(account, 2)
    service = account.one("AWS::ECS::Service")
    old = account.deployments.task_arns(service.properties["Cluster"])[-1]
    until = account.clock.now + seconds

    def add(parsed: dict[str, Any]) -> None:
        if account.clock.now < until and old not in parsed["taskArns"] and not parsed.get("nextToken"):
            parsed["taskArns"].append(old)

    answers(account, "ecs", "ListTasks", add)


@drill("replace-tasks", "waits for the last of the old tasks")
def last_task_lingers(account: Account) -> None:
    _linger(account, 180 + 240)
    account.run("replace-tasks").succeeded()


@drill("replace-tasks", "an old task that is left is a failure, whichever it is")
def last_task_stays(account: Account) -> None:
    _linger(account, 10 ** 6)
    account.run("replace-tasks").failed("WaitForReplacement")
