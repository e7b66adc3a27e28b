"""Waits until tasks are replaced."""

import time

from ecs_service import task_arns


def wait(events, context):
    """Waits until none of the old tasks is left, for five minutes."""
    old = set(events["OldTasks"])
    for _ in range(20):
        running = task_arns(events)
        left = old.intersection(running)
        if not left:
            return {"Tasks": len(running)}
        time.sleep(15)
    raise RuntimeError(f"{len(left)} old tasks are still running: the deployment was taken back")
