"""Drills of check-secret-age."""

from typing import Any

from engine import Account, Execution, Fault, drill, environment_name
from helpers import answers, delete_service, master_secret_id, secret_id, user_secret_id


def rotate(account: Account, secret: str = "") -> None:
    """As the schedule does it, without anybody who replaces the tasks."""
    account.client("secretsmanager").rotate_secret(SecretId=secret or secret_id(account))
    account.clock.sleep(60)


def counted(run: Execution) -> float:
    """The number that the run put, into the metric that the alarm watches."""
    (call,) = run.called("cloudwatch", "PutMetricData")
    (datum,) = call.parameters["MetricData"]
    assert (call.parameters["Namespace"], datum["MetricName"]) == (environment_name(), "TasksWithOldSecret")
    assert datum["Unit"] == "Count", "without a unit it is drawn beside what has one, not with it"
    return datum["Value"]


@drill("check-secret-age", "counts the tasks that missed a rotation, and none once they are replaced")
def counts(account: Account) -> None:
    assert counted(account.run("check-secret-age").succeeded()) == 0
    rotate(account)
    before = account.snapshot()
    assert counted(account.run("check-secret-age").succeeded()) == len(before["tasks"]) > 0
    account.unchanged(before)
    account.run("replace-tasks").succeeded()
    assert counted(account.run("check-secret-age").succeeded()) == 0


@drill("check-secret-age", "counts no task of another service in the cluster, which has no such password")
def another_service(account: Account) -> None:
    own = len(account.snapshot()["tasks"])
    ecs, service = account.client("ecs"), account.one("AWS::ECS::Service")
    cluster = service.properties["Cluster"]
    found = ecs.describe_services(cluster=cluster, services=[service.ref])["services"][0]
    ecs.run_task(cluster=cluster, taskDefinition=found["taskDefinition"], launchType="FARGATE", group="service:another",
                 networkConfiguration=found["networkConfiguration"])
    rotate(account)
    assert counted(account.run("check-secret-age").succeeded()) == own


@drill("check-secret-age", "puts none where no task runs")
def no_tasks(account: Account) -> None:
    rotate(account)
    answers(account, "ecs", "ListTasks", lambda parsed: parsed.update(taskArns=[]))
    assert counted(account.run("check-secret-age").succeeded()) == 0


@drill("check-secret-age", "puts no number when it cannot look, or no version of the secret is current")
def cannot_look(account: Account) -> None:
    def fails(because: str, faults: Any = ()) -> None:
        run = account.run("check-secret-age", faults=faults).failed("CountOldTasks", because=because)
        assert not run.called("cloudwatch", "PutMetricData")

    for fault in (Fault("secretsmanager", "ListSecretVersionIds"), Fault("ecs", "DescribeTasks")):
        fails("AccessDenied", fault)
    answers(account, "secretsmanager", "ListSecretVersionIds",
        lambda parsed: [each.update(VersionStages=["AWSPENDING"]) for each in parsed["Versions"]])
    fails("no version of the secret is current")
    delete_service(account)
    fails("there is no service")


@drill("check-secret-age", "never reads the secret")
def reads_nothing(account: Account) -> None:
    assert not account.run("check-secret-age").succeeded().called("secretsmanager", "GetSecretValue")


@drill("check-secret-age", "the password of the master user is none that tasks have", user=True)
def masters_password(account: Account) -> None:
    for secret, expected in ((master_secret_id(account), 0), (user_secret_id(account), len(account.snapshot()["tasks"]))):
        rotate(account, secret)
        assert counted(account.run("check-secret-age").succeeded()) == expected, secret
