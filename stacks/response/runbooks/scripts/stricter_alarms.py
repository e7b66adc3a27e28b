"""Enables and disables the actions of the stricter alarms."""

import boto3

# CloudWatch's limit of names in a call.
MOST_NAMES = 100


def plan(events, context):
    alarms = alarms_of(events["Alarms"])
    missing = sorted(set(events["Alarms"]) - {alarm["AlarmName"] for alarm in alarms})
    if missing:
        raise RuntimeError(f"there are no alarms {', '.join(missing)}: deploy the monitoring stack, and start again")
    verb = "enables" if events["Level"] == "heightened" else "disables"
    return {"Text": f"{events['Incident']}: {verb} the actions of {len(alarms)} stricter alarms: {', '.join(sorted(events['Alarms']))}."}


def set_level(events, context):
    cloudwatch, armed = boto3.client("cloudwatch"), events["Level"] == "heightened"
    for names in batches(events["Alarms"]):
        call = cloudwatch.enable_alarm_actions if armed else cloudwatch.disable_alarm_actions
        call(AlarmNames=names)
    alarms = alarms_of(events["Alarms"])
    wrong = [alarm["AlarmName"] for alarm in alarms if alarm["ActionsEnabled"] != armed]
    if wrong:
        raise RuntimeError(f"{', '.join(wrong)} did not change")
    on = [alarm["AlarmName"] for alarm in alarms if armed and alarm["StateValue"] == "ALARM"]
    for name in on:
        # Actions run when the state changes: an alarm in ALARM state must change again.
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="INSUFFICIENT_DATA", StateReason=f"Actions enabled for {events['Incident']}")
    return {"Text": f"In ALARM state already, and published again within minutes: {', '.join(on)}." if on else ""}


def alarms_of(names):
    found = []
    pages = boto3.client("cloudwatch").get_paginator("describe_alarms")
    for some in batches(names):
        for page in pages.paginate(AlarmNames=some, AlarmTypes=["MetricAlarm"]):
            found += page["MetricAlarms"]
    return found


def batches(names):
    return [names[i:i + MOST_NAMES] for i in range(0, len(names), MOST_NAMES)]
