"""Fails while another run is busy with the same image. Of two that start at once the earlier continues."""

import time

import boto3

from refuse_second_start import SECONDS, running


def refuse_same_image(events, context):
    time.sleep(SECONDS)
    for _, other, _ in sorted(running(events["Runbooks"])):
        if other == events["Execution"]:
            break
        found = boto3.client("ssm").get_automation_execution(AutomationExecutionId=other)["AutomationExecution"]
        if found["Parameters"].get("ImageDigest") == [events["Digest"]]:
            raise RuntimeError(f"Refused: run {other} is busy with this image")
    return {}
