"""Drills of the parameters: what each runbook is not started with."""

from engine import Account, drill, environment_name

#: What stands for something else, or ends the line or the key that it is put into.
HOSTILE = ("{{ global:REGION }}", "one\ntwo", "a/../b {}", "")

#: A right value of each parameter that must be given.
RIGHT = {
    "IncidentId": "inc-20260101-sqli", "RestoreTo": "latest", "Target": environment_name, "Addresses": ["203.0.113.9"],
    "From": "2026-01-01T00:00:00Z", "To": "2026-01-02T00:00:00Z", "ImageDigest": "sha256:" + "a" * 64, "Summary": "what happened",
    "ExecutionId": "00000000-0000-4000-8000-000000000000",
}

RUNBOOKS = (
    "block-addresses", "cut-over-database", "gather-evidence", "isolate-database", "isolate-edge", "isolate-rules", "open-incident",
    "preserve-evidence", "quarantine-image", "release-database", "release-edge", "release-rules", "report-failed-run",
    "restore-database", "roll-back-service", "set-alert-sensitivity", "tighten-security-groups",
)


def check(account: Account, runbook: str) -> None:
    declared = account.document(runbook)["parameters"]
    given = {name: value() if callable(value) else value for name, value in RIGHT.items() if name in declared}
    for name, declaration in declared.items():
        for value in HOSTILE:
            listed = [value] if declaration["type"] == "StringList" else value
            account.refuses(runbook, {**given, name: listed}, because=f"{name}: ")


    # The longest id that every name made of it has room for has 38 characters.
    if "IncidentId" in declared:
        account.refuses(runbook, {**given, "IncidentId": "inc-" + "a" * 35}, because="IncidentId: ")


for each in RUNBOOKS:
    drill(each, "takes for no parameter what stands for something else")(lambda account, runbook=each: check(account, runbook))
