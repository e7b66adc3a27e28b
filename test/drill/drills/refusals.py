"""Drills of several runbooks that change nothing for the same reason."""

from engine import APPROVE, REJECT, TIMEOUT, Account, Fault, drill, environment_name
from helpers import DRY, INCIDENT, REAL, delete_bucket, delete_service

BLOCK = REAL | {"Addresses": ["203.0.113.9"]}
RESTORE = DRY | {"RestoreTo": "latest"}
CUT_OVER = {"Target": f"{environment_name()}-{INCIDENT}", "DryRun": "false"}

UNSAVED = {"block-addresses": BLOCK, "isolate-edge": REAL, "isolate-database": REAL, "isolate-rules": REAL}

#: Parameters, the step that fails, and why.
WITHOUT_SERVICE = {
    **dict.fromkeys(("isolate-edge", "isolate-database", "isolate-rules"), (REAL, "Plan", "there is no service")),
    "cut-over-database": (CUT_OVER, "CheckService", "INACTIVE"),
    "replace-tasks": ({}, "CheckService", "INACTIVE"), "rotate-secret": ({}, "CheckService", "INACTIVE"),
    "roll-back-service": ({"DryRun": "false"}, "CheckService", "INACTIVE"),
}

#: Parameters, and the step that fails.
WITHOUT_BUCKET = {
    **dict.fromkeys(("isolate-edge", "isolate-database", "isolate-rules", "release-edge", "release-database", "release-rules",
                     "tighten-security-groups"), (REAL, "Plan")),
    "block-addresses": (BLOCK, "SaveState"), "review-access": ({}, "SaveReport"),
}

#: Parameters, and the runbook that was run before, with its own.
UNAPPROVED = {
    "block-addresses": (BLOCK | {"Action": "remove"}, {"block-addresses": BLOCK}), "release-edge": (REAL, {"isolate-edge": REAL}),
    "release-database": (REAL, {"isolate-database": REAL}), "release-rules": (REAL, {"isolate-rules": REAL}),
    "restore-database": (RESTORE, {}), "cut-over-database": (CUT_OVER, {"restore-database": RESTORE}),
    "set-alert-sensitivity": (DRY | {"Level": "normal"}, {"set-alert-sensitivity": DRY}),
}


def save_fails(account: Account, runbook: str) -> None:
    fault = Fault("s3", "PutObject", "AccessDenied")
    account.run(runbook, UNSAVED[runbook], faults=fault, changes=[]).failed("SaveState", because="AccessDenied")


def no_service(account: Account, runbook: str) -> None:
    given, step, because = WITHOUT_SERVICE[runbook]
    delete_service(account)
    account.run(runbook, given, changes=[]).failed(step, because=because)


def no_bucket(account: Account, runbook: str) -> None:
    given, step = WITHOUT_BUCKET[runbook]
    delete_bucket(account)
    run = account.run(runbook, given, approve=APPROVE, changes=[]).failed(step, because="NoSuchBucket")
    assert not run.approvals


def not_approved(account: Account, runbook: str) -> None:
    given, earlier = UNAPPROVED[runbook]
    for name, parameters in earlier.items():
        account.run(name, parameters, approve=APPROVE).succeeded()
    for answer in (REJECT, TIMEOUT):
        account.run(runbook, given, approve=answer, changes=[]).failed("Approve")


for name, function, runbooks in (
    ("a save that fails changes nothing", save_fails, UNSAVED),
    ("without the service it changes nothing", no_service, WITHOUT_SERVICE),
    ("without the evidence bucket it asks nobody and changes nothing", no_bucket, WITHOUT_BUCKET),
    ("without an approval it changes nothing", not_approved, UNAPPROVED),
):
    for each in runbooks:
        drill(each, name)(lambda account, function=function, runbook=each: function(account, runbook))
