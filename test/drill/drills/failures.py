"""Drills of what follows a step that fails, and of how long one waits, for every
step of every runbook. The step runs alone: why it fails does not matter."""

from typing import Any

from engine import TIMEOUT, Account, drill
from engine.errors import DrillError

#: The runbooks that go on after a failure of these steps: at which step, and
#: whether the run still fails in the end. Telling, and what only helps, may fail;
#: what contains or preserves goes on with the rest, and fails in the end.
GO_ON: dict[str, dict[str, tuple[str, bool]]] = {
    "block-addresses": {"Notify": ("", False)},
    "check-secret-age": {},
    "cut-over-database": {
        "SwitchSecret": ("PutSecretBack", True), "ReplaceTasks": ("PutSecretBack", True),
        "Notify": ("", False), "NotifyFailure": ("", False),
    },
    "gather-evidence": {
        "ExportService": ("ExportDatabase", True), "WaitForService": ("ExportDatabase", True),
        "ExportDatabase": ("ExportFlows", True), "WaitForDatabase": ("ExportFlows", True),
        "ExportFlows": ("ExportRotation", True), "WaitForFlows": ("ExportRotation", True),
        "ExportRotation": ("ExportFirewall", True), "WaitForRotation": ("ExportFirewall", True),
        "ExportFirewall": ("ExportTrail", True), "WaitForFirewall": ("ExportTrail", True),
        "ExportTrail": ("SaveEvents", True), "WaitForTrail": ("SaveEvents", True),
        "SaveEvents": ("SaveGlobalEvents", True), "SaveGlobalEvents": ("SaveConfiguration", True),
        "SaveConfiguration": ("SaveManifest", True), "SaveManifest": ("NotifyFailure", True),
        "Notify": ("CheckManifest", False), "NotifyFailure": ("", False),
    },
    "isolate-database": {"PinTasks": ("SwapGroups", True), "Notify": ("", False)},
    "isolate-edge": {"PinTasks": ("SwapGroups", True), "Notify": ("", False)},
    "isolate-rules": {"PinTasks": ("MarkGroup", True), "MarkGroup": ("RevokeRules", False), "Notify": ("", False)},
    "mark-finding-notified": {"MarkNotified": ("", False)},
    "open-incident": {"OpenOpsItem": ("Notify", True), "Notify": ("SaveRecord", True)},
    "preserve-evidence": {
        "ProtectTasks": ("SnapshotDatabase", True), "SnapshotDatabase": ("SaveSurroundings", True),
        "SaveSurroundings": ("KeepImages", True), "KeepImages": ("WaitForSnapshot", True), "WaitForSnapshot": ("Notify", True),
        "Notify": ("", False),
    },
    "quarantine-image": {"NotifyQuarantine": ("", False), "NotifyRelease": ("", False)},
    "release-database": {"Notify": ("", False)},
    "release-edge": {"Notify": ("", False)},
    "release-rules": {"UnmarkGroup": ("UnpinTasks", True), "Notify": ("", False)},
    "replace-tasks": {"Notify": ("", False)},
    "report-failed-run": {},
    "restore-database": {"WaitForSource": ("ChooseTime", False), "Notify": ("", False)},
    "review-access": {"Approve": ("SaveRefusal", True)},
    "roll-back-service": {"Notify": ("", False)},
    "rotate-secret": {"Notify": ("", False)},
    "set-alert-sensitivity": {"Notify": ("", False)},
    "tighten-security-groups": {"Notify": ("", False)},
}

MINUTES, HOURS, DAYS = 60, 3600, 86400

#: How long what a step waits for may take, and how long nobody may have to wait
#: to learn that it does not come, in seconds.
DEPLOYMENT = 20 * MINUTES, 1 * HOURS
CHILD = 35 * MINUTES, 2 * HOURS  # a deployment, and what comes before and after
FOUR_HOURS = 4 * HOURS - 1, 4 * HOURS + 1  # as the descriptions and docs/incident-response.md say
EIGHT_HOURS = 8 * HOURS - 1, 8 * HOURS + 1
TWO_LISTS = 30, 600  # each five times, with a pause and two calls
SETTLING = 300, 600  # they look for five minutes
LONG_LOOP = 540, 660  # nine minutes, and SSM ends every script after ten

PATIENCE: dict[str, dict[str, tuple[int, int]]] = {
    "block-addresses": {"Approve": FOUR_HOURS, "UpdateList": TWO_LISTS},
    "cut-over-database": {
        "Approve": FOUR_HOURS, "SetPassword": LONG_LOOP, "ReplaceTasks": CHILD, "ReplaceTasksAgain": CHILD},
    "gather-evidence": {
        **{f"Export{name}": LONG_LOOP for name in ("Service", "Database", "Flows", "Rotation", "Firewall", "Trail")},
        **{f"WaitFor{name}": (1 * HOURS, 4 * HOURS) for name in ("Service", "Database", "Flows", "Rotation", "Firewall", "Trail")},
        "SaveEvents": LONG_LOOP, "SaveGlobalEvents": LONG_LOOP},
    "isolate-database": {"SwapGroups": LONG_LOOP, "WaitForGroups": SETTLING},
    "isolate-edge": {"WaitForGroups": SETTLING},
    "preserve-evidence": {"SnapshotDatabase": LONG_LOOP, "WaitForSnapshot": (1 * HOURS, 4 * HOURS)},
    "quarantine-image": {
        "ApproveRollBack": EIGHT_HOURS, "RollBackService": CHILD, "WaitForArchive": (3 * MINUTES, 30 * MINUTES),
        "ApproveRelease": EIGHT_HOURS, "WaitForRelease": (20 * MINUTES, 2 * HOURS)},
    "release-database": {"Approve": FOUR_HOURS, "SwapGroups": LONG_LOOP, "WaitForGroups": SETTLING},
    "release-edge": {"Approve": FOUR_HOURS, "WaitForGroups": SETTLING},
    "release-rules": {"Approve": FOUR_HOURS},
    "replace-tasks": {"WaitForTasks": DEPLOYMENT, "WaitForReplacement": SETTLING},
    "restore-database": {"Approve": FOUR_HOURS, "WaitForSource": (30 * MINUTES, 2 * HOURS), "WaitForCluster": (2 * HOURS, 8 * HOURS),
        "WaitForWriter": (30 * MINUTES, 2 * HOURS)},
    "review-access": {"WaitForCredentialReport": (5 * MINUTES, 30 * MINUTES), "Approve": (14 * DAYS - 1, 14 * DAYS + 1)},
    "roll-back-service": {"WaitForTasks": DEPLOYMENT},
    "rotate-secret": {"WaitForVersion": LONG_LOOP, "ReplaceTasks": CHILD},
    "set-alert-sensitivity": {"Approve": FOUR_HOURS},
    "tighten-security-groups": {"Approve": FOUR_HOURS},
}


def script(body: str) -> dict[str, Any]:
    """Returns a script step without its name and its successor."""
    return {"action": "aws:executeScript", "inputs": {
        "Runtime": "python3.11", "Handler": "run", "InputPayload": {},
            "Script": f"import time\n\n\ndef run(events, context):\n    {body}\n"}}


def alone(account: Account, runbook: str, name: str, replaced: dict[str, Any]) -> Any:
    """Runs the step with some of it replaced. Whatever follows it fails at once,
    which is not held against the run."""
    document = account.document(runbook)
    [step] = [step for step in document["mainSteps"] if step["name"] == name]
    others = [{**script("raise ValueError"), "name": each["name"], "onFailure": "Abort", "isCritical": False}
              for each in document["mainSteps"]]
    index = [each["name"] for each in others].index(name)
    # SSM starts with the first: the order of the rest stays.
    steps = [{"name": "Begin", **script("return {}"), "nextStep": name}, *others]
    steps[index + 1] = {**step, **replaced}
    account.documents[runbook] = {**document, "parameters": {}, "outputs": [], "mainSteps": steps}
    try:
        return account.run(runbook, approve=TIMEOUT)
    finally:
        account.documents[runbook] = document


def check_failures(account: Account, runbook: str) -> None:
    for step in account.document(runbook)["mainSteps"]:
        if step["name"] != "FailInUse":
            execution = alone(account, runbook, step["name"], script("raise ValueError"))
            want = GO_ON[runbook].get(step["name"], ("", True))
            followed = [each.name for each in execution.steps[2:]]
            found = followed[0] if followed else "", execution.status != "Success"
            assert found == want, f"after a failure of {step['name']} comes {found}, want {want}"
    account.executions.clear()  # nothing was drilled but this


def check_patience(account: Account, runbook: str) -> None:
    for name, (least, most) in PATIENCE.get(runbook, {}).items():
        for seconds, fails in ((least, False), (most, True)):
            assert fails_after(account, runbook, name, seconds) == fails, (
                f"{name} {'waits longer' if fails else 'does not wait'} than {seconds} s")
    account.executions.clear()


def fails_after(account: Account, runbook: str, name: str, seconds: int) -> bool:
    """Reports whether the step fails when its wait ends after so many seconds."""
    step = next((each for each in account.document(runbook)["mainSteps"] if each["name"] == name), None)
    assert step, f"{name} is gone"
    began = account.clock.now
    # A wait looks again when something is due, and nothing is.
    account.clock.after(365 * DAYS, lambda: None)
    if step["action"] == "aws:executeScript":
        return alone(account, runbook, name, script(f"time.sleep({seconds})")).step(name).status != "Success"
    if step["action"] == "aws:executeAutomation":
        child = account.short_name(step["inputs"]["DocumentName"])
        document = account.documents[child]
        account.documents[child] = {**document, "parameters": {}, "outputs": [], "mainSteps": [
            {"name": "Sleep", "action": "aws:sleep", "inputs": {"Duration": f"PT{seconds}S"}}]}
        try:
            execution = alone(account, runbook, name, {"inputs": {
                key: value for key, value in step["inputs"].items() if key != "RuntimeParameters"}})
            return execution.step(name).status != "Success"
        finally:
            account.documents[child] = document
    if step["action"] == "aws:approve":
        alone(account, runbook, name, {"inputs": {**step["inputs"], "Message": "Shall we?"}})
    elif step["action"] == "aws:waitForAwsResourceProperty":
        alone(account, runbook, name, {"outputs": [], "inputs": {
            "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account", "DesiredValues": ["another"]}})
    else:
        raise DrillError(f"{name} waits for nothing: {step['action']}")
    return account.clock.now - began <= seconds


for each in GO_ON:
    drill(each, "a failure ends it as failed where it must, and nowhere else")(
        lambda account, runbook=each: check_failures(account, runbook))
    drill(each, "waits as long as what it waits for may take, and no longer")(
        lambda account, runbook=each: check_patience(account, runbook))
