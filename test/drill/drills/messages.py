"""Drills of what people read: what each mail and each approval must say, by
runbook and step, against what the topics said in runs."""

import re
from collections.abc import Callable
from typing import Any

from engine import APPROVE, Account, Execution, Fault, drill, environment_name
from helpers import DRY, INCIDENT, REAL, last_day

ENVIRONMENT = environment_name()
RESTORED = f"{ENVIRONMENT}-{INCIDENT}"

#: What a reader must find. {NAME} is a parameter, an output of a step, or ID, the
#: run's: by it one finds the steps of the run.
RUN = "Execution {ID}."
PLAN = "{Plan.Text}"
DRY_RUN = f"Nothing was changed. {PLAN}"
TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "block-addresses": {
        "NotifyDryRun": (DRY_RUN,),
        "Approve": (f"block list of {ENVIRONMENT}? {PLAN}",),
        "Notify": (PLAN, f"Undo: {ENVIRONMENT}-block-addresses with {{IncidentId}} and the other action", RUN),
    },
    "cut-over-database": {
        "NotifyDryRun": ("Nothing was changed.", "would use {Target} instead of {CheckTarget.From}.", RUN),
        "Approve": ("at {Target} ({CheckTarget.Endpoint}) instead of {CheckTarget.From}, and replace its tasks?",
            "loses the data that only {CheckTarget.From} has"),
        "Notify": ("uses {Target} instead of {CheckTarget.From}.", "Undo: {Document} with Target={CheckTarget.From} and DryRun=false.",
            RUN),
        "NotifyFailure": ("The cut-over to {Target} failed and was taken back", "uses {CheckTarget.From}.", RUN),
    },
    "gather-evidence": {
        "Notify": ("/incidents/{IncidentId}/gather-evidence/{ID}/manifest.json lists\nthe logs", "from {From} to {To}.",
                   "Missing: {SaveManifest.Missing}. {SaveManifest.Again}", "without a line of that time: {SaveManifest.Empty}.",
                   "run {Document} again.", RUN),
        "NotifyFailure": ("Evidence from {From} to {To} is missing", "run {Document} again", RUN),
    },
    **{f"isolate-{what}": {
        "NotifyDryRun": (DRY_RUN,),
        "Notify": (PLAN, "{SaveState.Text}", f"Undo: {ENVIRONMENT}-release-{what} with {{IncidentId}}.", RUN),
    } for what in ("database", "edge", "rules")},
    **{f"release-{what}": {
        "NotifyDryRun": (DRY_RUN,),
        "Approve": (f"again? {PLAN}",),
        "Notify": (PLAN, "{UnpinTasks.Text}", f"Undo: {ENVIRONMENT}-isolate-{what}.", RUN),
    } for what in ("database", "edge")},
    "open-incident": {
        "Notify": ("{Summary}\n", f"Incident {{IncidentId}}, severity {{Severity}}, environment {ENVIRONMENT}.", "Look: {Look}",
                 f"--document-name {ENVIRONMENT}-preserve-evidence", "--parameters IncidentId={IncidentId}"),
    },
    "preserve-evidence": {
        "Notify": ("Run {ID} of {Document} has ended.", f"database snapshot {ENVIRONMENT}-{{IncidentId}}\n",
                   "/incidents/{IncidentId}/preserve-evidence/{ID}/manifest.json",
                       f"images of {ENVIRONMENT} with a tag evidence-{{IncidentId}}-*",
                   "--automation-execution-id {ID}", f"{ENVIRONMENT}-replace-tasks removes the protection"),
    },
    "quarantine-image": {
        "NotifyDryRun": (f"{{Action}} of {ENVIRONMENT}@{{ImageDigest}}. Tasks and deployments that use it: {{Plan.Uses}}.",
            "after an approval: {Plan.Target}.", "Nothing was changed.", RUN),
        "ApproveRollBack": (f"Quarantine {ENVIRONMENT}@{{ImageDigest}}? Tasks and deployments of {ENVIRONMENT} that use it: {{Plan.Uses}}.", "goes back to revision {Plan.Target} of"),
        "NotifyQuarantine": (f"{ENVIRONMENT}@{{ImageDigest}} is archived", RUN, "--document-name {Document}",
                           "--parameters ImageDigest={ImageDigest},Action=release,DryRun=false"),
        "ApproveRelease": (f"Release {ENVIRONMENT}@{{ImageDigest}} from the quarantine in {ENVIRONMENT}?",),
        "NotifyRelease": (f"{ENVIRONMENT}@{{ImageDigest}} can be pulled again.", RUN, "--document-name {Document}",
                        "--parameters ImageDigest={ImageDigest},DryRun=false"),
    },
    "release-rules": {
        "NotifyDryRun": (DRY_RUN,),
        "Approve": (f"rules of {ENVIRONMENT}? {PLAN}",),
        "Notify": (PLAN, "{RestoreRules.Text}", RUN),
    },
    "replace-tasks": {"Notify": ("{WaitForReplacement.Tasks} new tasks are running, and no old one.", "nothing to undo", RUN)},
    "report-failed-run": {"Notify": ("{FindFailedStep.Text}",)},
    "restore-database": {
        "Approve": (f"{{IncidentId}}: restore {{Source}} to {{RestoreTo}} as the new cluster {RESTORED}, PostgreSQL {{CheckSource.Version}}, with ",
                    "Backups reach up to {CheckSource.Latest}.", "{Source} is not changed"),
        "Notify": (f"{RESTORED} has the data of {{Source}} as of {{RestoreTo}}, at {{FindCluster.Endpoint}}.", "Nothing uses it yet",
                 f"{ENVIRONMENT}-cut-over-database with Target={RESTORED}.", "Undo: delete the cluster", RUN),
    },
    "review-access": {"Approve": (f"access review of the account of {ENVIRONMENT} is due", "{SaveReport.Counts}\n",
        "/{SaveReport.Folder}report.json", "attests")},
    "roll-back-service": {
        "NotifyDryRun": ("Nothing was changed.", "from revision {FindRevision.From} to {FindRevision.To}.",
            "would be stopped: {FindRevision.Deployment}.", RUN),
        "Notify": ("runs revision {FindRevision.To} instead of {FindRevision.From}.",
            "Undo: {Document} with Revision={FindRevision.From} and DryRun=false.", RUN),
    },
    "rotate-secret": {"Notify": ("Version {StartRotation.Version} is current", "There is no undo", RUN)},
    "set-alert-sensitivity": {
        "Approve": (f"alarms of {ENVIRONMENT}? {PLAN}",),
        "Notify": (PLAN, "{SetLevel.Text}", "Undo: {Document} with the other level.", RUN),
    },
    "tighten-security-groups": {
        "NotifyDryRun": (DRY_RUN,),
        "Approve": (f"rules of {ENVIRONMENT}? {PLAN}",),
        "Notify": (PLAN, "{RevokeRules.Text}", f"Undo: {ENVIRONMENT}-release-rules with {{IncidentId}} and Undoes=tighten-security-groups.", RUN),
    },
}


# Runs in which each of them is told.

def _runs(*started: tuple[str, dict[str, Any]]) -> Callable[[Account], None]:
    """Runs these runbooks, one after the other, with their parameters."""
    def run(account: Account) -> None:
        for runbook, parameters in started:
            account.run(runbook, parameters, approve=APPROVE).succeeded()
    return run


def _cut_over(account: Account) -> None:
    account.run("restore-database", {**DRY, "RestoreTo": "latest"}, approve=APPROVE).succeeded()
    there = {"Target": RESTORED, "DryRun": "false"}
    account.run("cut-over-database", {"Target": RESTORED}).succeeded()
    account.run("cut-over-database", there, approve=APPROVE, faults=Fault("ecs", "UpdateService", "ServerException")).failed("ReplaceTasks")
    account.run("cut-over-database", there, approve=APPROVE).succeeded()


def _gather(account: Account) -> None:
    given = {**DRY, **last_day(account)}
    account.run("gather-evidence", given).succeeded()
    account.run("gather-evidence", given, faults=Fault("s3", "PutObject", times=99)).failed("SaveManifest")


def _quarantine(account: Account) -> None:
    image = account.image(account.one("AWS::ECR::Repository").ref, {"imageTag": "v3"})["imageDigest"]
    _runs(*(("quarantine-image", {"ImageDigest": image, **more}) for more in (
        {}, {"DryRun": "false"}, {"DryRun": "false", "Action": "release"})))(account)


def _sensitivity(account: Account) -> None:
    twin = next(alarm.ref for alarm in account.all("AWS::CloudWatch::Alarm") if alarm.properties.get("ActionsEnabled") is False)
    account.client("cloudwatch").set_alarm_state(AlarmName=twin, StateValue="ALARM", StateReason="drill")
    _runs(("set-alert-sensitivity", DRY), ("set-alert-sensitivity", {**DRY, "Level": "normal"}))(account)


def _tighten(account: Account) -> None:
    account.client("ec2").authorize_security_group_ingress(
        GroupId=account.one("AWS::EC2::SecurityGroup", "Tasks").ref,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "203.0.113.9/32"}]}])
    _runs(("tighten-security-groups", DRY), ("tighten-security-groups", REAL))(account)


def _report(account: Account) -> None:
    account.deployments.outcome = "fail"
    run = account.run("replace-tasks").failed()
    account.run("report-failed-run", {"ExecutionId": run.id}).succeeded()


BLOCK = {**REAL, "Addresses": ["203.0.113.9"]}

RUNS: dict[str, Callable[[Account], object]] = {
    "block-addresses": _runs(*(("block-addresses", BLOCK | more) for more in ({"DryRun": "true"}, {}, {"Action": "remove"}))),
    "cut-over-database": _cut_over,
    "gather-evidence": _gather,
    **{f"isolate-{what}": _runs((f"isolate-{what}", DRY), (f"isolate-{what}", REAL)) for what in ("database", "edge", "rules")},
    **{f"release-{what}": _runs((f"isolate-{what}", REAL), (f"release-{what}", DRY), (f"release-{what}", REAL))
       for what in ("database", "edge", "rules")},
    "open-incident": _runs(("open-incident", {
        **DRY, "Summary": "SQL injection in the search", "Severity": "1", "Look": "aws guardduty get-findings --finding-ids 2c3d"})),
    "preserve-evidence": _runs(("preserve-evidence", DRY)),
    "quarantine-image": _quarantine,
    "replace-tasks": _runs(("replace-tasks", {})),
    "report-failed-run": _report,
    "restore-database": _runs(("restore-database", {**DRY, "RestoreTo": "latest"})),
    "review-access": _runs(("review-access", {})),
    "roll-back-service": _runs(("roll-back-service", {}), ("roll-back-service", {"DryRun": "false"})),
    "rotate-secret": _runs(("rotate-secret", {})),
    "set-alert-sensitivity": _sensitivity,
    "tighten-security-groups": _tighten,
}


def _filled(phrase: str, run: Execution) -> str:
    """The phrase as it stands in a mail of the run, nothing where a part of it
    is empty in that run."""
    values = {"ID": run.id, "Document": run.document, **run.parameters}
    for name in set(re.findall(r"\{([A-Za-z.]+)\}", phrase)):
        step, _, output = name.partition(".")
        value = str(run.step(step).outputs[output] if output else values[name])
        if not value:
            return ""
        phrase = phrase.replace(f"{{{name}}}", value)
    return phrase


def check(account: Account, runbook: str) -> None:
    wanted = TOLD[runbook]
    tells = {step["name"] for step in account.document(runbook)["mainSteps"] if "Message" in step["inputs"]}
    assert tells == set(wanted), f"{runbook}: want what a reader must find in {sorted(tells)}"
    RUNS[runbook](account)
    said = {(each["topic"], each["message"]) for each in account.messages()}
    left = {(name, phrase) for name in tells for phrase in wanted[name]}
    approver = account.one("AWS::IAM::Role", "Approver").arn
    assert all(each.approvers == [approver] for run in account.executions for each in run.approvals), "somebody else approves"
    told = [(run, step) for run in account.executions for step in run.steps
            if run.runbook == runbook and step.name in tells and step.status == "Success"]
    for run, step in told:
        message = step.inputs["Message"]
        assert (step.inputs.get("TopicArn") or step.inputs["NotificationArn"], message) in said, f"{step.name} told nobody"
        for phrase in wanted[step.name]:
            if filled := _filled(phrase, run):
                assert filled in message, f"{step.name} does not say {filled!r}: {message}"
                left.discard((step.name, phrase))
    assert not left, f"never told: {sorted(left)}"


for each in TOLD:
    drill(each, "whoever is told or asked reads what was done, to what, by which run, and how to undo it")(
        lambda account, runbook=each: check(account, runbook))
