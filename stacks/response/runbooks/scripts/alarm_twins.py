"""Arms the stricter twins of the alarms, and disarms them."""

import boto3

# CloudWatch's limit of names in a call.
MOST_NAMES = 100


def plan(events, context):
    alarms = alarms_of(events["Alarms"])
    missing = sorted(set(events["Alarms"]) - {alarm["AlarmName"] for alarm in alarms})
    if missing:
        raise RuntimeError(f"there are no alarms {', '.join(missing)}: deploy the monitoring stack, then start again")
    verb = "arms" if events["Level"] == "heightened" else "disarms"
    return {"Text": f"{events['Incident']}: {verb} {len(alarms)} stricter alarms: {', '.join(sorted(events['Alarms']))}."}


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
        # An alarm tells when it goes off: one that is on already must go off anew.
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="INSUFFICIENT_DATA", StateReason="Armed by " + events["Incident"])
    return {"Text": f"On already, and told again within minutes: {', '.join(on)}." if on else ""}


def alarms_of(names):
    found = []
    pages = boto3.client("cloudwatch").get_paginator("describe_alarms")
    for some in batches(names):
        for page in pages.paginate(AlarmNames=some, AlarmTypes=["MetricAlarm"]):
            found += page["MetricAlarms"]
    return found


def batches(names):
    return [names[i:i + MOST_NAMES] for i in range(0, len(names), MOST_NAMES)]
