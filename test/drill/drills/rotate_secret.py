"""Drills of rotate-secret."""

from engine import Account, Fault, drill
from helpers import secret_id


@drill("rotate-secret", "the password is another one, and every task has it")
def rotates(account: Account) -> None:
    before, old = account.snapshot(), account.secret(secret_id(account))
    account.run("rotate-secret").succeeded()

    new = account.secret(secret_id(account))
    assert new["password"] != old["password"]
    assert {**new, "password": ""} == {**old, "password": ""}, "something else changed"
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"]), "a task has the old password"
    account.unchanged(before, but=["secrets/", "tasks/", "services/"])


@drill("rotate-secret", "never reads the secret, and tells nobody what is in it")
def reads_nothing(account: Account) -> None:
    old = account.secret(secret_id(account))["password"]
    run = account.run("rotate-secret").succeeded()
    assert not run.called("secretsmanager", "GetSecretValue")
    told = str(account.messages())
    assert "There is no undo" in told
    assert old not in told and account.secret(secret_id(account))["password"] not in told


@drill("rotate-secret", "a rotation that fails leaves tasks and password as they were")
def rotation_fails(account: Account) -> None:
    before, old = account.snapshot(), account.secret(secret_id(account))
    account.rotation = "fail"
    account.run("rotate-secret").failed("WaitForVersion", because="did not finish")
    assert account.secret(secret_id(account)) == old
    account.unchanged(before, but=["secrets/"])


@drill("rotate-secret", "waits eight minutes for a rotation that retries")
def slow_rotation(account: Account) -> None:
    old, account.rotation_seconds = account.secret(secret_id(account)), 8 * 60
    account.run("rotate-secret").succeeded()
    assert account.secret(secret_id(account))["password"] != old["password"]


@drill("rotate-secret", "waits for a rotation that is not over, as after the database was isolated")
def goes_on(account: Account) -> None:
    old, client = account.secret(secret_id(account)), account.client("secretsmanager")
    started = client.rotate_secret(SecretId=secret_id(account))["VersionId"]
    run = account.run("rotate-secret").succeeded()
    assert run.step("StartRotation").outputs["Version"] == started
    assert account.secret(secret_id(account))["password"] != old["password"]


@drill("rotate-secret", "says how to take off a version that does not become current")
def stuck(account: Account) -> None:
    account.rotation, client = "fail", account.client("secretsmanager")
    pending = client.rotate_secret(SecretId=secret_id(account))["VersionId"]
    run = account.run("rotate-secret").failed("WaitForVersion", because=f"--remove-from-version-id {pending}")
    assert not run.ran("ReplaceTasks")
    client.update_secret_version_stage(SecretId=secret_id(account), VersionStage="AWSPENDING", RemoveFromVersionId=pending)
    account.rotation = "succeed"
    account.run("rotate-secret").succeeded()


@drill("rotate-secret", "fails where the rotation cannot be started")
def cannot_start(account: Account) -> None:
    for code in ("InvalidRequestException", "AccessDeniedException"):
        account.run("rotate-secret", faults=Fault("secretsmanager", "RotateSecret", code), changes=[]).failed("StartRotation", because=code)


@drill("rotate-secret", "fails with the deployment")
def deployment_fails(account: Account) -> None:
    account.deployments.outcome = "fail"
    account.run("rotate-secret").failed("ReplaceTasks")


@drill("rotate-secret", "a label that stays beside the current version is no rotation that is not over")
def label_stays(account: Account) -> None:
    client, secret = account.client("secretsmanager"), secret_id(account)

    def label() -> None:
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = next(version for version, names in stages.items() if "AWSCURRENT" in names)
        client.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", MoveToVersionId=current)

    # The rotation is over after 48 seconds, and the runbook looks after 53.
    account.clock.after(50, label)
    account.run("rotate-secret").succeeded()
