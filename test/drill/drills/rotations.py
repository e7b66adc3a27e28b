"""Drills of the versions that a rotation leaves behind."""

from engine import Account, Fault, drill
from helpers import secret_id


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
    account.rotation = "fail"
    return account.client("secretsmanager").rotate_secret(SecretId=secret_id(account))["VersionId"]


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


@drill("rotate-secret", "the tasks keep the old password while the new version is not current, though none is pending")
def not_current(account: Account) -> None:
    before = account.snapshot()["tasks"]
    account.rotation = "fail"

    def drop_stage() -> None:
        for version, stages in _versions(account).items():
            if "AWSPENDING" in stages:
                account.client("secretsmanager").update_secret_version_stage(
                    SecretId=secret_id(account), VersionStage="AWSPENDING", RemoveFromVersionId=version)

    account.clock.after(30, drop_stage)
    account.run("rotate-secret").failed("WaitForVersion", because="did not finish within 9 minutes")
    assert account.snapshot()["tasks"] == before


@drill("rotate-secret", "waits for a rotation that somebody else began meanwhile")
def another_rotation(account: Account) -> None:
    before = account.snapshot()["tasks"]

    def rotate() -> None:
        account.rotation = "fail"
        account.client("secretsmanager").rotate_secret(SecretId=secret_id(account))

    # The rotation is over after 48 seconds, and the runbook looks after 53.
    account.clock.after(50, rotate)
    account.run("rotate-secret").failed("WaitForVersion", because="did not finish within 9 minutes")
    assert account.snapshot()["tasks"] == before
