"""Drills of tasks that ECS stops later than others, and of a secret in disorder."""

from typing import Any

from engine import Account, drill
from helpers import answers, start_tasks


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


@drill("check-secret-age", "puts no number when no version of the secret is current")
def none_is_current(account: Account) -> None:
    answers(account, "secretsmanager", "ListSecretVersionIds",
        lambda parsed: [each.update(VersionStages=["AWSPENDING"]) for each in parsed["Versions"]])
    run = account.run("check-secret-age").failed("CountOldTasks", because="no version of the secret is current")
    assert not run.called("cloudwatch", "PutMetricData")
