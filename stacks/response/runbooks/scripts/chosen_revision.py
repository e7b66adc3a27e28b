"""Which revision the service goes back to, and how."""

import boto3

from service_revisions import active_revisions, can_be_pulled, images_of, number, replaced_by_running, service_of


def choose(events, context):
    ecs = boto3.client("ecs")
    service, active = service_of(ecs, events["Cluster"], events["Service"]), active_revisions(ecs, events["Family"])
    now, replaced = number(service["taskDefinition"]), replaced_by_running(service)
    if events["Revision"] == "previous":
        to = replaced or highest_below(now, active)
    else:
        to = int(events["Revision"])
    if to not in active or to == now:
        raise RuntimeError("Refused: revision %s runs already or is none of the active ones: %s" % (to, sorted(active)))
    for image in images_of(ecs, active[to]):
        if not can_be_pulled(image, events["Repository"]):
            raise RuntimeError("Refused: the image %s is gone or in quarantine" % image)
    return {"From": str(now), "To": str(to), "Definition": active[to], "Deployment": "running" if to == replaced else "none"}


def highest_below(now, active):
    older = [revision for revision in active if revision < now]
    if not older:
        raise RuntimeError("Refused: revision %d is the oldest active one. A disposable environment keeps no others" % now)
    return max(older)
