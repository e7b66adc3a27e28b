"""Drills of enabling the actions of the stricter alarms."""

import copy

from engine import APPROVE, Account, drill
from helpers import DRY as HEIGHTENED

NORMAL = HEIGHTENED | {"Level": "normal"}


def _twins(account: Account) -> list[str]:
    return [alarm.ref for alarm in account.all("AWS::CloudWatch::Alarm") if alarm.properties.get("ActionsEnabled") is False]


def _set_off(account: Account, name: str) -> None:
    account.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")


@drill("set-alert-sensitivity", "arms the twins and no other alarm, twice, and disarms them again")
def arms(account: Account) -> None:
    twins, before = _twins(account), account.snapshot()
    account.run("set-alert-sensitivity", HEIGHTENED).succeeded()
    changed = account.changes(before)
    assert set(changed) == {f"alarms/{name}" for name in twins} and twins
    assert all(change.now == change.was | {"ActionsEnabled": True} for change in changed.values()), changed
    account.run("set-alert-sensitivity", HEIGHTENED).succeeded()
    assert account.changes(before) == changed
    assert all("enables the actions" in message["message"] for message in account.messages())
    account.run("set-alert-sensitivity", NORMAL, approve=APPROVE).succeeded()
    account.unchanged(before)
    assert "disables the actions" in account.messages()[-1]["message"]


@drill("set-alert-sensitivity", "changes more alarms than fit into one call")
def many(account: Account) -> None:
    cloudwatch, names = account.client("cloudwatch"), [f"more-{number:03d}" for number in range(110)]
    for name in names:
        cloudwatch.put_metric_alarm(
            AlarmName=name, ActionsEnabled=False, Namespace="Drill", MetricName=name, Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold")
    document = copy.deepcopy(account.document("set-alert-sensitivity"))
    for step in document["mainSteps"]:
        payload = step.get("inputs", {}).get("InputPayload", {})
        if "Alarms" in payload:
            payload["Alarms"] = [*payload["Alarms"], *names]
    account.documents["set-alert-sensitivity"] = document
    run = account.run("set-alert-sensitivity", HEIGHTENED).succeeded()
    alarms = account.snapshot()["alarms"]
    assert all(alarms[name]["ActionsEnabled"] for name in [*_twins(account), *names])
    assert [len(call.parameters["AlarmNames"]) for call in run.called("cloudwatch", "EnableAlarmActions")] == [100, len(_twins(account)) + 10]
    account.executions.clear()  # the role is for the environment's own alarms


@drill("set-alert-sensitivity", "an alarm that is on already goes off anew, the others stay as they are")
def on_already(account: Account) -> None:
    *on, quiet = _twins(account)
    for name in on:
        _set_off(account, name)
    account.client("cloudwatch").set_alarm_state(AlarmName=quiet, StateValue="OK", StateReason="drill")
    account.run("set-alert-sensitivity", HEIGHTENED).succeeded()
    alarms = account.snapshot()["alarms"]
    assert {alarms[name]["StateValue"] for name in on} == {"INSUFFICIENT_DATA"} and alarms[quiet]["StateValue"] == "OK"
    [message] = account.messages()
    assert all(name in message["message"].split("In ALARM state already")[1] for name in on)
    _set_off(account, quiet)
    account.run("set-alert-sensitivity", HEIGHTENED).succeeded()
    assert account.snapshot()["alarms"][quiet]["StateValue"] == "INSUFFICIENT_DATA"


@drill("set-alert-sensitivity", "disarming leaves the state of an alarm alone")
def disarm(account: Account) -> None:
    account.run("set-alert-sensitivity", HEIGHTENED).succeeded()
    on = _twins(account)[0]
    _set_off(account, on)
    account.run("set-alert-sensitivity", NORMAL, approve=APPROVE).succeeded()
    assert account.snapshot()["alarms"][on]["StateValue"] == "ALARM"


@drill("set-alert-sensitivity", "arming asks nobody, disarming a second person")
def consent(account: Account) -> None:
    assert not account.run("set-alert-sensitivity", HEIGHTENED).succeeded().approvals
    [approval] = account.run("set-alert-sensitivity", NORMAL, approve=APPROVE).succeeded().approvals
    assert all(name in approval.message for name in _twins(account))


@drill("set-alert-sensitivity", "arms none if one is missing")
def missing(account: Account) -> None:
    gone = _twins(account)[0]
    account.client("cloudwatch").delete_alarms(AlarmNames=[gone])
    account.run("set-alert-sensitivity", HEIGHTENED, changes=[]).failed("Plan", because=f"there are no alarms {gone}")


@drill("set-alert-sensitivity", "fails if an alarm does not change")
def no_effect(account: Account) -> None:
    left: list[str] = []
    account.meanwhile("cloudwatch", "DescribeAlarms", lambda: account.client("cloudwatch").disable_alarm_actions(AlarmNames=left))
    for left[:] in ([name] for name in _twins(account)):
        account.run("set-alert-sensitivity", HEIGHTENED).failed("SetLevel", because=f"{left[0]} did not change")
