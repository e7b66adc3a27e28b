"""Finds the revision that the service goes back to, and how."""

import boto3

from ecs_service import active_service
from service_revisions import active_revisions, can_be_pulled, images_of, number, replaced_by_running


def find_revision(events, context):
    ecs = boto3.client("ecs")
    service, active = active_service(events), active_revisions(ecs, events["Family"])
    now, replaced = number(service["taskDefinition"]), replaced_by_running(service)
    if events["Revision"] == "previous":
        to = replaced or highest_below(now, active)
    else:
        to = int(events["Revision"])
    if to not in active or to == now:
        raise RuntimeError(f"Refused: revision {to} runs already or is none of the active ones: {sorted(active)}")
    for image in images_of(ecs, active[to]):
        if not can_be_pulled(image, events["Repository"]):
            raise RuntimeError(f"Refused: the image {image} is gone or in quarantine")
    return {"From": str(now), "To": str(to), "Definition": active[to], "Deployment": "running" if to == replaced else "none"}


def highest_below(now, active):
    older = [revision for revision in active if revision < now]
    if not older:
        raise RuntimeError(f"Refused: revision {now} is the oldest active one. A disposable environment keeps no others")
    return max(older)
