"""Drills of several runbooks that change nothing for the same reason."""

from engine import REJECT, TIMEOUT, Account, Fault, drill
from helpers import delete_service

REAL = {"IncidentId": "inc-20260101-refused", "DryRun": "false"}
BLOCK = REAL | {"Addresses": ["203.0.113.9"]}

UNSAVED = {"block-addresses": BLOCK, "isolate-edge": REAL, "isolate-database": REAL, "isolate-rules": REAL}

#: Parameters, the step that fails, and why.
WITHOUT_SERVICE = {
    "isolate-edge": (REAL, "Plan", "there is no service"), "isolate-database": (REAL, "Plan", "there is no service"),
    "replace-tasks": ({}, "CheckService", "INACTIVE"), "rotate-secret": ({}, "CheckService", "INACTIVE"),
    "roll-back-service": ({"DryRun": "false"}, "CheckService", "INACTIVE"),
}

#: Parameters, and the runbook that was run before, with its own.
UNAPPROVED = {
    "block-addresses": (BLOCK | {"Action": "remove"}, {"block-addresses": BLOCK}), "release-edge": (REAL, {"isolate-edge": REAL}),
    "release-database": (REAL, {"isolate-database": REAL}), "release-rules": (REAL, {"isolate-rules": REAL}),
    "restore-database": ({"IncidentId": "inc-20260101-refused", "RestoreTo": "latest"}, {}),
}


def save_fails(account: Account, runbook: str) -> None:
    fault = Fault("s3", "PutObject", "AccessDenied")
    account.run(runbook, UNSAVED[runbook], faults=fault, changes=[]).failed("SaveState", because="AccessDenied")


def no_service(account: Account, runbook: str) -> None:
    given, step, because = WITHOUT_SERVICE[runbook]
    delete_service(account)
    account.run(runbook, given, changes=[]).failed(step, because=because)


def not_approved(account: Account, runbook: str) -> None:
    given, earlier = UNAPPROVED[runbook]
    for name, parameters in earlier.items():
        account.run(name, parameters).succeeded()
    for answer in (REJECT, TIMEOUT):
        account.run(runbook, given, approve=answer, changes=[]).failed("Approve")


for name, function, runbooks in (
    ("a save that fails changes nothing", save_fails, UNSAVED),
    ("without the service it changes nothing", no_service, WITHOUT_SERVICE),
    ("without an approval it changes nothing", not_approved, UNAPPROVED),
):
    for each in runbooks:
        drill(each, name)(lambda account, function=function, runbook=each: function(account, runbook))
