"""Drills of the parameters: with which values no runbook starts."""

from engine import Account, drill, environment_name
from helpers import GIVEN, given

#: References, line breaks, paths and nothing: no parameter has such a value.
HOSTILE = ("{{ global:REGION }}", "{{ssm:secret}}", "one\ntwo", "a/../b {}", "")

_TIMES = ("yesterday", "2026-01-01", "2026-01-01 10:00:00", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00Z\n")
_CLUSTERS = (
    environment_name().rpartition("-")[0] + "-another", f"{environment_name()}-other", "other", f"{environment_name()}-inc-a;b",
    f"{environment_name()}\n",
)

#: More values that each parameter must not have.
INVALID: dict[str, tuple[str, ...]] = {
    "Action": ("replace", "delete"),
    "Addresses": ("0.0.0.0/0", "::/0", "example.com", "203.0.113.9; reboot", "203.0.113.9/", "203.0.113.9/0", "203.0.113.9\n"),
    "DryRun": ("no", "maybe"),
    "ExecutionId": ("all", "00000000-0000-4000-8000-000000000000\n", "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA"),
    "FindingId": ("x" * 513,),
    "From": _TIMES,
    "ImageDigest": ("v3", "sha256:xyz", "sha256:" + "0" * 63, "sha256:" + "0" * 64 + "; rm", "sha256:" + "0" * 64 + "\n"),
    # The longest id that every name made of it has room for has 38 characters.
    "IncidentId": (
        "sqli", "inc-", "inc-x", "INC-1", "INC-20260101-SQLI", "inc-a--b-c", "inc-a/b", "inc-a/../../b", "../../etc", "inc-abc\n",
        "inc-20260101-sqli; reboot", "inc-" + "a" * 35, "inc-" + "a" * 40),
    "Level": ("off",),
    "Look": ("rm -rf /", "aws x; rm", "aws {{ssm:secret}}", "aws x\ny"),
    "ProductArn": ("aws/securityhub", "arn:aws:s3:::bucket"),
    "RestoreTo": (*_TIMES, "latest\n"),
    "Revision": ("0", "latest", "2; rm", "family:2"),
    "Severity": ("5",),
    "Source": _CLUSTERS,
    "StartedBy": ("nobody",),
    "Summary": ("<script>", "x" * 501),
    "Target": _CLUSTERS,
    "To": _TIMES,
    "Undoes": ("../isolate-edge",),
}

RUNBOOKS = (
    "block-addresses", "cut-over-database", "gather-evidence", "isolate-database", "isolate-edge", "isolate-rules",
    "mark-finding-notified", "open-incident", "preserve-evidence", "quarantine-image", "release-database", "release-edge",
    "release-rules", "report-failed-run", "restore-database", "roll-back-service", "set-alert-sensitivity", "tighten-security-groups",
)


def check(account: Account, runbook: str) -> None:
    declared = account.document(runbook)["parameters"]
    valid = given(account, runbook)
    for name, declaration in declared.items():
        for value in (*HOSTILE, *INVALID[name]):
            account.refuses(runbook, {**valid, name: [value] if declaration["type"] == "StringList" else value}, because=f"{name}: ")
        if "default" not in declaration:
            account.refuses(runbook, {key: value for key, value in valid.items() if key != name}, because=f"missing parameter {name}")
    account.refuses(runbook, {**valid, "Another": "one"}, because="unknown parameter Another")


for each in RUNBOOKS:
    drill(each, "starts with no invalid, missing or unknown parameter")(lambda account, runbook=each: check(account, runbook))


@drill("block-addresses", "starts with one to fifty addresses")
def number_of_addresses(account: Account) -> None:
    for addresses in ([], ["203.0.113.9"] * 51):
        account.refuses("block-addresses", {"IncidentId": GIVEN["IncidentId"], "Addresses": addresses}, because="Addresses")
