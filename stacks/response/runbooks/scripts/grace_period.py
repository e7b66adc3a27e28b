"""The health check grace period of the service."""

from ecs_service import active_service

# The longest that ECS allows: it counts from the start of a task, however long ago.
PINNED_SECONDS = 2147483647


def grace_period(events):
    """Returns the health check grace period before anything was isolated."""
    seconds = active_service(events).get("healthCheckGracePeriodSeconds", 0)
    # Another isolation pinned the tasks, when they had the grace period of the template.
    return events["GracePeriod"] if seconds == PINNED_SECONDS else seconds
