"""Drills of cut-over-database."""

from collections.abc import Callable
from functools import partial

from moto.rds.models import rds_backends

from engine import APPROVE, Account, Execution, Fault, drill, environment_name
from helpers import DRY, INCIDENT, answers, dry_run, master_secret_id, secret_id, user_secret_id

OLD = environment_name()
NEW = f"{OLD}-{INCIDENT}"
THERE = {"Target": NEW, "DryRun": "false"}
BACK = {"Target": OLD, "DryRun": "false"}


def restore(account: Account) -> None:
    account.run("restore-database", DRY | {"RestoreTo": "latest"}, approve=APPROVE).succeeded()
    account.messages()


restored = partial(drill, "cut-over-database", after=restore)


def password_of(account: Account, cluster: str) -> str:
    """The password that the cluster takes, which no API tells."""
    return rds_backends[account.id][account.region].clusters[cluster]._master_user_password


def names(account: Account, secrets: list[str], cluster: str) -> None:
    """Checks that the secrets name the cluster."""
    endpoint = account.client("rds").describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Endpoint"]
    for value in map(account.secret, secrets):
        assert (value["host"], value["dbClusterIdentifier"]) == (endpoint, cluster), value["host"]


def uses(account: Account, cluster: str) -> None:
    """Checks that the secret names the cluster and has its password."""
    names(account, [secret_id(account)], cluster)
    takes_password(account, cluster)


def takes_password(account: Account, cluster: str) -> None:
    assert account.secret(secret_id(account))["password"] == password_of(account, cluster), f"{cluster} has another password"


def current_version(account: Account, secret: str = "") -> str:
    versions = account.client("secretsmanager").describe_secret(SecretId=secret or secret_id(account))["VersionIdsToStages"]
    return next(version for version, stages in versions.items() if "AWSCURRENT" in stages)


def after(account: Account, action: Callable[[], object]) -> Callable[[object], str]:
    """Approves after something else has happened."""
    def answer(_: object) -> str:
        action()
        return APPROVE
    return answer


def went_back(account: Account, run: Execution, before: dict, version: str) -> None:
    """Checks that the run failed and that everything is as it was."""
    assert run.status == "Failed"
    assert current_version(account) == version
    account.unchanged(before, but=["secrets/", "tasks/", "services/"])
    assert "taken back" in account.messages()[-1]["message"]


@restored("there and back again, with the password of the day")
def there_and_back(account: Account) -> None:
    account.run("rotate-secret").succeeded()
    before, was = account.snapshot(), account.secret(secret_id(account))
    assert password_of(account, NEW) != was["password"], "a restore brings an old password back"

    # From then on somebody may connect with it.
    account.meanwhile("secretsmanager", "PutSecretValue", lambda: takes_password(account, NEW))
    account.run("cut-over-database", THERE, approve=APPROVE).succeeded()
    uses(account, NEW)
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"]), "a task uses the old cluster"
    account.run("rotate-secret").succeeded()

    account.meanwhile("secretsmanager", "PutSecretValue", lambda: takes_password(account, OLD))
    account.run("cut-over-database", BACK, approve=APPROVE).succeeded()
    uses(account, OLD)
    is_now = account.secret(secret_id(account))
    assert {**is_now, "password": ""} == {**was, "password": ""}, "not what it was but for the password"
    account.unchanged(before, but=["secrets/", "tasks/", "services/"])


@restored("tells nobody a password, however it ends")
def tells_no_password(account: Account) -> None:
    account.run("cut-over-database", THERE, approve=APPROVE).succeeded()
    account.run("cut-over-database", BACK, approve=APPROVE, faults=Fault("secretsmanager", "PutSecretValue")).failed("SwitchSecret")
    account.run("cut-over-database", BACK, approve=APPROVE, faults=Fault("rds", "ModifyDBCluster", times=7)).failed("SetPassword")
    told = str(account.messages())
    assert account.secret(secret_id(account))["password"] not in told
    assert f"{OLD}-cut-over-database with Target={OLD} and DryRun=false" in told


@restored("a dry run says what would be used, and changes nothing")
def says_what_would_be_used(account: Account) -> None:
    assert f"use {NEW} instead of {OLD}." in dry_run(account, "cut-over-database", {"Target": NEW})


@restored("goes back when the tasks cannot be replaced")
def goes_back(account: Account) -> None:
    before, version, was = account.snapshot(), current_version(account), account.secret(secret_id(account))
    run = account.run("cut-over-database", THERE, approve=APPROVE, faults=Fault("ecs", "UpdateService", "ServerException"))
    run.failed("ReplaceTasks")
    assert run.step("PutSecretBack").status == run.step("ReplaceTasksAgain").status == "Success"
    went_back(account, run, before, version)
    assert account.secret(secret_id(account)) == was
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"]), "a task may have the new address"


@restored("puts the secret back also when ECS takes every deployment back")
def ecs_refuses(account: Account) -> None:
    version = current_version(account)
    account.deployments.outcome = "fail"
    account.run("cut-over-database", THERE, approve=APPROVE).failed("ReplaceTasksAgain")
    assert current_version(account) == version


@restored("the writer counts, wherever RDS lists it, and no other instance that is not ready")
def writer_is_listed_last(account: Account) -> None:
    members = account.client("rds").describe_db_clusters(DBClusterIdentifier=NEW)["DBClusters"][0]["DBClusterMembers"]
    [writer] = [each["DBInstanceIdentifier"] for each in members if each["IsClusterWriter"]]
    assert len(members) > 1

    def order(parsed: dict) -> None:
        for cluster in parsed["DBClusters"]:
            cluster["DBClusterMembers"].sort(key=lambda each: each["IsClusterWriter"])

    def begin(parsed: dict) -> None:
        for each in parsed["DBInstances"]:
            if each["DBInstanceIdentifier"] != writer:
                each["DBInstanceStatus"] = "creating"

    answers(account, "rds", "DescribeDBClusters", order)
    answers(account, "rds", "DescribeDBInstances", begin)
    account.run("cut-over-database", THERE, approve=APPROVE).succeeded()


@restored("a secret that cannot be written, or of which nothing is heard, changes nothing")
def secret_fails(account: Account) -> None:
    before, version = account.snapshot(), current_version(account)
    for fault in (Fault("secretsmanager", "PutSecretValue"), Fault("secretsmanager", "PutSecretValue", "Timeout", after=True)):
        run = account.run("cut-over-database", THERE, approve=APPROVE, faults=fault).failed("SwitchSecret")
        went_back(account, run, before, version)


@restored("cancelled halfway, it is undone as it says")
def cancelled(account: Account) -> None:
    before, was = account.snapshot(), account.secret(secret_id(account))
    run = account.run("cut-over-database", THERE, approve=APPROVE, cancel_at="ReplaceTasks").failed("ReplaceTasks")
    assert run.status == "Cancelled"
    uses(account, NEW)
    account.run("cut-over-database", BACK, approve=APPROVE).succeeded()
    assert account.secret(secret_id(account)) == was
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"]), "a task may have the new address"
    account.unchanged(before, but=["secrets/", "tasks/", "services/"])


@restored("a password that the cluster does not take changes nothing")
def password_fails(account: Account) -> None:
    refused = Fault("rds", "ModifyDBCluster", times=7)
    account.run("cut-over-database", THERE, approve=APPROVE, faults=refused, changes=[]).failed("SetPassword")


@restored("a rotation meanwhile is not overwritten, whether it is complete by then or not")
def rotated_meanwhile(account: Account) -> None:
    secrets = account.client("secretsmanager")
    rotate = lambda: account.clock.after(10, lambda: secrets.rotate_secret(SecretId=secret_id(account)))  # noqa: E731
    for account.rotation_seconds in (45, 300):
        account.run("cut-over-database", THERE, approve=after(account, rotate)).failed("SwitchSecret", because="rotated meanwhile")
        account.clock.sleep(300)
        assert account.secret(secret_id(account))["dbClusterIdentifier"] == OLD, "the rotation's version was overwritten"


@restored("the label that a complete rotation leaves is no rotation")
def label_stays(account: Account) -> None:
    account.client("secretsmanager").update_secret_version_stage(
        SecretId=secret_id(account), VersionStage="AWSPENDING", MoveToVersionId=current_version(account))
    account.run("cut-over-database", THERE, approve=APPROVE).succeeded()
    uses(account, NEW)


@restored("a version that somebody else made current stays")
def somebody_else(account: Account) -> None:
    def write() -> None:
        value = account.client("secretsmanager").get_secret_value(SecretId=secret_id(account), VersionStage="AWSCURRENT")["SecretString"]
        account.client("secretsmanager").put_secret_value(SecretId=secret_id(account), SecretString=value)

    # SetPassword takes 90 s, a deployment 180.
    account.deployments.outcome = "fail"
    run = account.run("cut-over-database", THERE, approve=after(account, lambda: account.clock.after(160, write)))
    run.failed("PutSecretBack", because="became current meanwhile")


@restored("a rotation that is not complete is a failure before anybody is asked")
def rotation_pending(account: Account) -> None:
    account.rotation = "fail"
    account.client("secretsmanager").rotate_secret(SecretId=secret_id(account))
    run = account.run("cut-over-database", THERE, approve=APPROVE, changes=[]).failed(
        "CheckTarget", because="a rotation of the secret is not complete")
    assert not run.approvals


@drill("cut-over-database", "a cluster that is open, plain or without a writer is refused")
def wrong_cluster(account: Account) -> None:
    rds = account.client("rds")
    rds.create_db_cluster(DBClusterIdentifier=NEW, Engine="aurora-postgresql", MasterUsername="someone",
        MasterUserPassword="a-long-password")
    account.databases.busy(NEW, 300, "modifying")
    before = account.snapshot()
    run = account.run("cut-over-database", THERE, approve=APPROVE).failed("CheckTarget")
    for wrong in ("status: modifying", "subnet group: default", "security groups: []", "parameter group: default", "encrypted: False",
        "writer: there is none"):
        assert wrong in run.step("CheckTarget").message, run.history()
    account.run("cut-over-database", {**THERE, "Target": f"{OLD}-inc-none"}).failed("CheckTarget", because="DBClusterNotFound")
    account.run("cut-over-database", BACK, approve=APPROVE).failed("CheckTarget", because=f"uses {OLD} already")
    account.unchanged(before)


@restored("waits for an hour while RDS backs the cluster up")
def backing_up(account: Account) -> None:
    account.databases.busy(NEW, 3500)
    # From then on somebody may connect with it.
    account.meanwhile("secretsmanager", "PutSecretValue", lambda: takes_password(account, NEW))
    account.run("cut-over-database", THERE, approve=APPROVE).succeeded()


@restored("a cluster that RDS does not finish with is told as such, and asked four times a minute")
def stays_busy(account: Account) -> None:
    account.databases.busy(NEW, 7200)
    run = account.run("cut-over-database", THERE, approve=APPROVE).failed("SetPassword", because="still at work")
    step = run.step("SetPassword")
    asked = len(run.called("rds", "ModifyDBCluster"))
    assert 3 <= 60 * asked / (step.ended - step.started) <= 5, asked


@restored("a password that stays pending is not used")
def stays_pending(account: Account) -> None:
    before = account.snapshot()

    def pending(parsed: dict) -> None:
        for cluster in parsed["DBClusters"]:
            cluster["PendingModifiedValues"] = {"MasterUserPassword": "****"}

    answers(account, "rds", "DescribeDBClusters", pending)
    account.run("cut-over-database", THERE, approve=APPROVE).failed("SetPassword", because="did not take the password within 9 minutes")
    account.unchanged(before)


@restored("waits although RDS does not show the change at first, and no longer than the change takes")
def shows_late(account: Account) -> None:
    changed: list[float] = []
    account.meanwhile("rds", "ModifyDBCluster", lambda: changed.append(account.clock.now))

    def as_before(parsed: dict) -> None:
        if changed and account.clock.now < changed[0] + 20:
            for cluster in parsed["DBClusters"]:
                cluster["PendingModifiedValues"], cluster["Status"] = {}, "available"

    answers(account, "rds", "DescribeDBClusters", as_before)
    account.meanwhile("secretsmanager", "PutSecretValue", lambda: takes_password(account, NEW))
    step = account.run("cut-over-database", THERE, approve=APPROVE).succeeded().step("SetPassword")
    assert step.ended - step.started <= 180, step


@restored("a cluster that was changed while somebody was asked is refused")
def changed_meanwhile(account: Account) -> None:
    other = account.one("AWS::EC2::SecurityGroup", "IsolatedDatabase").ref
    isolate = lambda: account.client("rds").modify_db_cluster(  # noqa: E731
        DBClusterIdentifier=NEW, VpcSecurityGroupIds=[other], ApplyImmediately=True)
    version = current_version(account)
    account.run("cut-over-database", THERE, approve=after(account, isolate)).failed("CheckTargetAgain", because="security groups")
    assert current_version(account) == version


def secrets_of(account: Account) -> list[str]:
    return [master_secret_id(account), user_secret_id(account)]


@restored("the application's user gets its password in the other cluster before a task connects", user=True)
def user_there_and_back(account: Account) -> None:
    account.run("rotate-secret").succeeded()
    before = account.snapshot()
    for cluster, parameters in ((NEW, THERE), (OLD, BACK)):
        account.user_tasks.clear()
        run = account.run("cut-over-database", parameters, approve=APPROVE).succeeded()
        names(account, secrets_of(account), cluster)
        master, user = (account.secret(secret) for secret in secrets_of(account))
        assert account.user_tasks == [
            {"host": master["host"], "master": master["password"], "user": user["username"], "password": user["password"]}]
        (call,) = run.called("ecs", "RunTask")
        network = call.parameters["networkConfiguration"]["awsvpcConfiguration"]
        assert network["assignPublicIp"] == "DISABLED" and network["subnets"] and network["securityGroups"]
        steps = [step.name for step in run.steps]
        assert steps.index("SwitchSecret") < steps.index("SetUserPassword") < steps.index("ReplaceTasks")
    account.unchanged(before, but=["secrets/", "tasks/", "services/"])


@restored("goes back when the application's user does not get its password", user=True)
def user_task_fails(account: Account) -> None:
    versions = [current_version(account, secret) for secret in secrets_of(account)]
    for outcome, because in (("fail", "failed: Essential container"), ("refuse", "RESOURCE:ENI"), ("hang", "did not end within 9 minutes")):
        account.user_task = outcome
        run = account.run("cut-over-database", THERE, approve=APPROVE).failed("SetUserPassword", because=because)
        assert run.step("PutSecretBack").status == run.step("ReplaceTasksAgain").status == "Success"
        assert versions == [current_version(account, secret) for secret in secrets_of(account)], outcome
        assert "taken back" in account.messages()[-1]["message"]


@restored("puts the first secret back when the second cannot be written", user=True)
def second_secret_fails(account: Account) -> None:
    versions = [current_version(account, secret) for secret in secrets_of(account)]
    account.run("cut-over-database", THERE, approve=APPROVE, faults=Fault("secretsmanager", "PutSecretValue", nth=2)).failed("SwitchSecret")
    assert versions == [current_version(account, secret) for secret in secrets_of(account)]
    assert not account.user_tasks


@restored("a rotation of the application's user meanwhile is not overwritten", user=True)
def user_rotated_meanwhile(account: Account) -> None:
    rotate = lambda: account.client("secretsmanager").rotate_secret(SecretId=user_secret_id(account))  # noqa: E731
    account.run("cut-over-database", THERE, approve=after(account, lambda: account.clock.after(10, rotate))).failed(
        "SwitchSecret", because="rotated meanwhile")


@restored("a rotation of the application's user that is not over is refused", user=True)
def user_rotation_goes_on(account: Account) -> None:
    account.rotation = "fail"
    account.client("secretsmanager").rotate_secret(SecretId=user_secret_id(account))
    account.run("cut-over-database", THERE, approve=APPROVE, changes=[]).failed("CheckTarget", because="not complete")
