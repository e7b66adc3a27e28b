"""Drills of what must not run at the same time."""

from engine import APPROVE, Account, drill
from helpers import GIVEN, given, last_day

EDGE, DATABASE = ("isolate-edge", "release-edge"), ("isolate-database", "release-database")
RULES = ("isolate-rules", "release-rules", "tighten-security-groups")

#: What each runbook does not start beside.
BESIDE = {
    "block-addresses": ("block-addresses",),
    "cut-over-database": ("cut-over-database", "rotate-secret"),
    "gather-evidence": ("gather-evidence",),
    "isolate-database": DATABASE, "release-database": DATABASE,
    "isolate-edge": EDGE, "release-edge": EDGE,
    "isolate-rules": RULES, "release-rules": RULES, "tighten-security-groups": RULES,
    "restore-database": ("restore-database",),
    "roll-back-service": ("roll-back-service",),
    "rotate-secret": ("rotate-secret", "cut-over-database"),
    "set-alert-sensitivity": ("set-alert-sensitivity",),
}

#: What SSM calls an execution that is over, and one that is not.
OVER = ("Success", "Failed", "TimedOut", "Cancelled", "Rejected", "Exited", "CompletedWithSuccess", "CompletedWithFailure")
GOING_ON = ("Pending", "InProgress", "Waiting", "Cancelling", "RunbookInProgress", "ChangeCalendarOverrideApproved", "Scheduled")


def check(account: Account, runbook: str) -> None:
    for other in BESIDE[runbook]:
        running = account.pretend_running(other)
        run = account.run(runbook, given(account, runbook), approve=APPROVE)
        run.failed("RefuseSecondStart", because=f"{other} is running ({running.id})")
        running.status = "Success"


for each in BESIDE:
    drill(each, "does not start beside what changes the same", changes=[])(lambda account, runbook=each: check(account, runbook))


@drill("rotate-secret", "starts when every other run is over, however it ended")
def over(account: Account) -> None:
    for status in OVER:
        account.pretend_running("rotate-secret").status = status
    account.run("rotate-secret").succeeded()


@drill("rotate-secret", "does not start while another run has not ended, whatever it does")
def going_on(account: Account) -> None:
    for status in GOING_ON:
        running = account.pretend_running("cut-over-database")
        running.status = status
        account.run("rotate-secret").failed("RefuseSecondStart", because=running.id)
        running.status = "Success"


@drill("rotate-secret", "starts beside a runbook whose name only begins like its own")
def longer_name(account: Account) -> None:
    running = account.pretend_running("rotate-secret")
    running.document += "-of-another-team"
    account.run("rotate-secret").succeeded()


@drill("gather-evidence", "does not wait for an export that has failed")
def failed_export(account: Account) -> None:
    account.export, began = "fail", account.clock.now
    account.run("gather-evidence", {"IncidentId": GIVEN["IncidentId"], **last_day(account)}).failed("CheckManifest", because="logs/service (FAILED)")
    assert account.clock.now - began < 3600, account.clock.now - began
