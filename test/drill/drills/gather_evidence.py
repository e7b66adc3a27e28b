"""Drills of gather-evidence."""

import datetime
import json

from engine import Account, Execution, Fault, drill
from helpers import INCIDENT, bucket, delete_bucket, evidence, last_day, told

GROUPS = ("LoadBalancer", "LoadBalancerHTTPS", "Tasks", "Rotation", "Database")
LOGS = ("service", "database", "flows", "rotation", "firewall", "trail")


def _text(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _window(account: Account) -> dict[str, str]:
    return {"IncidentId": INCIDENT, **last_day(account)}


def _older_export(account: Account) -> None:
    """One that is over, which CloudWatch Logs lists first."""
    account.client("logs").create_export_task(
        logGroupName=account.all("AWS::Logs::LogGroup")[0].ref, fromTime=0, to=1, destination=bucket(account))
    account.clock.sleep(120)


class SlowEvents(list):
    """Events that take CloudTrail 140 seconds a page."""

    def __init__(self, account: Account, count: int, seconds: float = 140):
        super().__init__(_event(account, number) for number in range(count))
        self._clock, self._seconds = account.clock, seconds

    def __iter__(self):
        self._clock.sleep(self._seconds)
        return super().__iter__()


def _gather(account: Account, faults: tuple[Fault, ...] = (), **changed: str) -> Execution:
    return account.run("gather-evidence", {**_window(account), **changed}, faults=faults)


def _folder(run: Execution) -> str:
    return f"incidents/{INCIDENT}/gather-evidence/{run.id}/"


def _manifest(account: Account, run: Execution) -> dict:
    return evidence(account, run, "manifest.json")


def _event(account: Account, number: int) -> dict:
    return {"EventId": str(number), "EventName": "GetObject",
        "EventTime": account.clock.datetime() - datetime.timedelta(hours=1, seconds=number)}


@drill("gather-evidence", "exports every log group, events and configuration, and changes nothing", changes=["objects/"])
def gathers_all(account: Account) -> None:
    account.trail_events[account.region] = [_event(account, number) for number in range(120)]
    account.trail_events["us-east-1"] = [_event(account, 1000)]
    window = _window(account)
    run = _gather(account).succeeded()

    manifest = _manifest(account, run)
    about = [manifest[each] for each in ("incident", "runbook", "execution", "from", "to")]
    assert about == [INCIDENT, "gather-evidence", run.id, window["From"], window["To"]], manifest
    assert manifest["time"].startswith(account.clock.datetime().date().isoformat()), manifest
    assert manifest["missing"] == [] and set(manifest["exports"]) == set(LOGS), manifest
    lines = b"".join(evidence(account, run, f"cloudtrail/{account.region}/events-{number:05d}.jsonl") for number in range(3)).splitlines()
    assert {json.loads(line)["EventId"] for line in lines} == {str(number) for number in range(120)}
    lines = evidence(account, run, "cloudtrail/us-east-1/events-00000.jsonl").splitlines()
    assert [json.loads(line)["EventId"] for line in lines] == ["1000"]
    roles = evidence(account, run, "configuration/roles.json")
    assert len(roles) == 2 and all("AssumeRolePolicyDocument" in role["role"] for role in roles), roles
    groups = {account.one("AWS::EC2::SecurityGroup", name).ref for name in GROUPS}
    assert {rule["GroupId"] for rule in evidence(account, run, "configuration/security-group-rules.json")} == groups
    [report] = account.messages()
    assert "Missing: nothing" in report["message"], report


@drill("gather-evidence", "exports between the times that were given, one log group after the other")
def exports_in_turn(account: Account) -> None:
    _older_export(account)
    window = _window(account)
    run = account.run("gather-evidence", window).succeeded()
    for call in run.called("logs", "CreateExportTask"):
        for name, key in (("From", "from"), ("To", "to")):
            want = datetime.datetime.fromisoformat(window[name].replace("Z", "+00:00"))
            assert call.parameters[key] == int(want.timestamp() * 1000), call.parameters
    started = run.called("logs", "CreateExportTask")
    assert [call.parameters["destinationPrefix"].rsplit("/", 1)[1] for call in started] == list(LOGS), started
    assert not [call for call in started if call.error], "an export began before the one before was over"


@drill("gather-evidence", "a second run writes beside the first")
def twice(account: Account) -> None:
    _gather(account).succeeded()
    before = account.snapshot()
    second = _gather(account).succeeded()
    # The emulator writes the object with which an export begins beside its folder.
    elsewhere = [path for path in account.changes(before) if _folder(second) not in path and not path.endswith("/aws-logs-write-test")]
    assert not elsewhere, elsewhere


@drill("gather-evidence", "a log group that cannot be exported does not stop the others, and is told")
def export_fails(account: Account) -> None:
    run = _gather(account, (Fault("logs", "CreateExportTask", "InvalidParameterException"),))
    run.failed("CheckManifest", because="logs/service (not started)")
    manifest = _manifest(account, run)
    assert manifest["missing"] == ["logs/service (not started)"], manifest
    assert set(manifest["exports"]) == set(LOGS) - {"service"} and "service" not in manifest["empty"], manifest
    assert any("logs/service" in each["message"] for each in account.messages())
    run = _gather(account, (Fault("logs", "CreateExportTask", "InvalidParameterException", times=len(LOGS)),)).failed("CheckManifest")
    assert _manifest(account, run)["missing"] == [f"logs/{name} (not started)" for name in LOGS]


@drill("gather-evidence", "a log group that does not exist is told")
def log_group_is_missing(account: Account) -> None:
    name = account.full_name("gather-evidence").replace("gather-evidence", "rotation")
    account.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{name}")
    run = _gather(account).failed("ExportRotation", because="ResourceNotFoundException")
    assert _manifest(account, run)["missing"] == ["logs/rotation (not started)"]


@drill("gather-evidence", "an export of which nothing is heard does not stop the others, and is told")
def wait_fails(account: Account) -> None:
    run = _gather(account, (Fault("logs", "DescribeExportTasks", "ServiceUnavailableException"),))
    assert run.status == "Failed" and run.ran("Notify"), run.history()
    manifest = _manifest(account, run)
    assert set(manifest["exports"]) == set(LOGS) and not manifest["missing"], manifest


@drill("gather-evidence", "waits while the account exports something else, but not for ever")
def another_export(account: Account) -> None:
    _gather(account, (Fault("logs", "CreateExportTask", "LimitExceededException", times=3),)).succeeded()
    run = _gather(account, (Fault("logs", "CreateExportTask", "LimitExceededException", times=100),))
    run.failed("ExportService", because="LimitExceededException")
    assert _manifest(account, run)["missing"], run.history()


@drill("gather-evidence", "events, those of IAM, and a configuration that cannot be read are told")
def reading_fails(account: Account) -> None:
    for fault, step, missing in (
        (Fault("cloudtrail", "LookupEvents", "InvalidTimeRangeException"), "SaveEvents", f"cloudtrail/{account.region}/complete.json"),
        (Fault("cloudtrail", "LookupEvents", "InvalidTimeRangeException", nth=2), "SaveGlobalEvents", "cloudtrail/us-east-1/complete.json"),
        (Fault("iam", "GetRole", "NoSuchEntity"), "SaveConfiguration", "configuration/roles.json"),
    ):
        run = _gather(account, (fault,)).failed(step, because=fault.code)
        assert _manifest(account, run)["missing"] == [missing]


@drill("gather-evidence", "says when to run it again, as long as logs may not have arrived")
def logs_arrive_late(account: Account) -> None:
    end = account.clock.datetime() - datetime.timedelta(hours=11)
    run = _gather(account, To=_text(end)).succeeded()
    again = _text(end + datetime.timedelta(hours=12))
    assert not _manifest(account, run)["final"] and again in account.messages()[-1]["message"], run.history()
    account.clock.sleep(2 * 3600)
    run = _gather(account, From=_text(end - datetime.timedelta(hours=1)), To=_text(end)).succeeded()
    assert _manifest(account, run)["final"] and "12 hours" not in account.messages()[-1]["message"], run.history()


@drill("gather-evidence", "more events than a script has time for are told, and those before are saved")
def too_many_events(account: Account) -> None:
    slow = account.trail_events[account.region] = SlowEvents(account, 250)
    run = _gather(account)
    run.failed("SaveEvents", because="run again with To at that time")
    said = run.step("SaveEvents").message
    saved = [slow[number]["EventTime"].strftime("%H:%M:%S") for number in (0, 199)]
    assert "200 events were saved, but none before " in said and saved[1] in said and saved[0] not in said, said
    assert f"cloudtrail/{account.region}/complete.json" in _manifest(account, run)["missing"]
    assert json.loads(evidence(account, run, f"cloudtrail/{account.region}/events-00000.jsonl").splitlines()[0])["EventId"] == "0"


@drill("gather-evidence", "saves, and counts, the events of the times asked for and no others")
def event_times(account: Account) -> None:
    now = account.clock.datetime()
    around = [{**_event(account, 1000 + hours), "EventTime": now - datetime.timedelta(hours=hours)} for hours in (0, 30)]
    account.trail_events[account.region] = [around[0], *(_event(account, number) for number in range(60)), around[1]]
    run = _gather(account, To=_text(now - datetime.timedelta(minutes=30))).succeeded()
    assert run.step("SaveEvents").outputs["Events"] == 60, run.step("SaveEvents").outputs
    assert evidence(account, run, f"cloudtrail/{account.region}/complete.json") == {"events": 60}


@drill("gather-evidence", "takes the time that a script has for the last page, too")
def events_just_in_time(account: Account) -> None:
    account.trail_events[account.region] = SlowEvents(account, 200, seconds=130)
    assert _gather(account).succeeded().step("SaveEvents").outputs["Events"] == 200


@drill("gather-evidence", "without the evidence bucket it fails, and somebody hears it")
def no_bucket(account: Account) -> None:
    delete_bucket(account)
    before = account.snapshot()
    run = _gather(account).failed("SaveManifest", because="NoSuchBucket")
    account.unchanged(before)
    message = told(account)
    assert INCIDENT in message["subject"] and "missing" in message["message"] and run.id in message["message"], message


@drill("gather-evidence", "refuses times that run backwards, lie in the future or do not exist", changes=[])
def refuses_bad_times(account: Account) -> None:
    now = account.clock.datetime()
    later, earlier = _text(now + datetime.timedelta(hours=1)), _text(now - datetime.timedelta(hours=1))
    for start, end in ((earlier, earlier), (_text(now), earlier), (earlier, later), ("2026-02-30T00:00:00Z", earlier)):
        _gather(account, From=start, To=end).failed("CheckTimes")


@drill("gather-evidence", "an export that was completed without a line is told")
def empty_exports(account: Account) -> None:
    name = account.full_name("gather-evidence").replace("gather-evidence", "rotation")
    account.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{name}")
    account.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    run = _gather(account).succeeded()
    assert _manifest(account, run)["empty"] == ["rotation"], "nothing was rotated yet"
    assert "time: rotation." in account.messages()[-1]["message"]
