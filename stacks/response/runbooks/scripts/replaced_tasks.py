"""Waits until tasks were replaced."""

import time

import boto3


def confirm(events, context):
    ecs, old = boto3.client("ecs"), set(events["OldTasks"])
    for _ in range(20):
        running = set()
        for page in ecs.get_paginator("list_tasks").paginate(cluster=events["Cluster"], serviceName=events["Service"]):
            running.update(page["taskArns"])
        left = running & old
        if not left:
            return {"Tasks": len(running)}
        time.sleep(15)
    raise RuntimeError("%d old tasks run on: the deployment was taken back" % len(left))
