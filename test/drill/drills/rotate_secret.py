"""Drills of rotate-secret."""

from engine import Account, Fault, drill
from helpers import master_secret_id, secret_id, user_secret_id


def _versions(account: Account) -> dict[str, list[str]]:
    return account.client("secretsmanager").describe_secret(SecretId=secret_id(account))["VersionIdsToStages"]


def _call_current_pending(account: Account) -> None:
    """As a rotation leaves it that is over: one version has both stages."""
    holders = [version for version, stages in _versions(account).items() if "AWSPENDING" in stages]
    [current] = [version for version, stages in _versions(account).items() if "AWSCURRENT" in stages]
    if holders != [current]:
        account.client("secretsmanager").update_secret_version_stage(
            SecretId=secret_id(account), VersionStage="AWSPENDING", MoveToVersionId=current,
            **({"RemoveFromVersionId": holders[0]} if holders else {}))


def _pending(account: Account) -> str:
    """Starts a rotation that does not end. Returns the new version."""
    account.rotation = "fail"
    return account.client("secretsmanager").rotate_secret(SecretId=secret_id(account))["VersionId"]


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


@drill("rotate-secret", "a rotation that fails leaves tasks and password as they were", changes=["secrets/"])
def rotation_fails(account: Account) -> None:
    old = account.secret(secret_id(account))
    account.rotation = "fail"
    account.run("rotate-secret").failed("WaitForVersion", because="did not finish")
    assert account.secret(secret_id(account)) == old


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
    pending = _pending(account)
    run = account.run("rotate-secret").failed("WaitForVersion", because=f"--remove-from-version-id {pending}")
    assert not run.ran("ReplaceTasks")
    account.client("secretsmanager").update_secret_version_stage(
        SecretId=secret_id(account), VersionStage="AWSPENDING", RemoveFromVersionId=pending)
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


@drill("rotate-secret", "a version that is current and still says pending is no rotation that is not over")
def current_is_pending(account: Account) -> None:
    _call_current_pending(account)
    old = account.secret(secret_id(account))["password"]
    account.run("rotate-secret", faults=Fault("secretsmanager", "RotateSecret", "InvalidRequestException")).failed(
        "StartRotation", because="InvalidRequestException")
    account.clock.after(90, lambda: _call_current_pending(account))
    account.meanwhile("secretsmanager", "DescribeSecret", lambda: account.clock.sleep(120))
    account.run("rotate-secret").succeeded()
    assert account.secret(secret_id(account))["password"] != old


@drill("rotate-secret", "another failure is one, although a rotation is not over")
def another_failure(account: Account) -> None:
    _pending(account)
    account.run("rotate-secret", faults=Fault("secretsmanager", "RotateSecret", "AccessDeniedException")).failed(
        "StartRotation", because="AccessDenied")


@drill("rotate-secret", "the tasks keep the old password while the new version is not current, with none pending", changes=["secrets/"])
def not_current(account: Account) -> None:
    account.rotation = "fail"

    def drop_stage() -> None:
        for version, stages in _versions(account).items():
            if "AWSPENDING" in stages:
                account.client("secretsmanager").update_secret_version_stage(
                    SecretId=secret_id(account), VersionStage="AWSPENDING", RemoveFromVersionId=version)

    account.clock.after(30, drop_stage)
    account.run("rotate-secret").failed("WaitForVersion", because="did not finish within 9 minutes")


@drill("rotate-secret", "waits for a rotation that somebody else began meanwhile", changes=["secrets/"])
def another_rotation(account: Account) -> None:
    # The rotation is over after 48 seconds, and the runbook looks after 53.
    account.clock.after(50, lambda: _pending(account))
    account.run("rotate-secret").failed("WaitForVersion", because="did not finish within 9 minutes")


@drill("rotate-secret", "a user that alternates is rotated twice, so that the password that leaked is useless", user=True)
def rotates_twice(account: Account) -> None:
    before = account.snapshot()
    master, user = (account.secret(secret) for secret in (master_secret_id(account), user_secret_id(account)))
    run = account.run("rotate-secret").succeeded()
    rotated = [call.parameters["SecretId"] for call in run.called("secretsmanager", "RotateSecret")]
    assert rotated == [master_secret_id(account), user_secret_id(account), user_secret_id(account)], rotated
    assert not run.called("secretsmanager", "GetSecretValue")
    now = account.secret(user_secret_id(account))
    assert now["username"] == user["username"], "the second rotation gives the first user another password"
    assert now["password"] != user["password"]
    assert account.secret(master_secret_id(account))["password"] != master["password"]
    assert not set(before["tasks"]) & set(account.snapshot()["tasks"]), "a task has an old password"
    assert run.step("StartRotation3").outputs["Version"] in account.messages()[-1]["message"]
