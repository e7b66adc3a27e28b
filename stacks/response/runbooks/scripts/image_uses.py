"""What uses an image, and what may be done with it. An image of several
platforms, or with an attestation, is used by its index."""

import json

import boto3

from service_revisions import (
    active_revisions, can_be_pulled, images_of, number, own_image, replaced_by_running, service_of,
)

MANIFESTS = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
]


def plan(events, context):
    """Decides what is to be done. Whatever takes the way back is refused."""
    wanted = "ACTIVE" if events["Action"] == "quarantine" else "ARCHIVED"
    if events["Status"] != wanted:
        raise RuntimeError("Refused: %s is %s, want %s to %s it" % (events["Digest"], events["Status"], wanted, events["Action"]))
    if events["Action"] == "release":
        return decided(events, 0, "release", "none")
    service, uses = service_and_uses(events)
    if not uses and events["Approved"] == "false":
        refuse_way_back(events, service)
        return decided(events, 0, "archive", "none")
    return decided(events, uses, "ask" if uses else "archive", way_back(events, service))


def refuse_in_use(events, context):
    """Tasks of an archived image could not be replaced."""
    _, uses = service_and_uses(events)
    if uses:
        raise RuntimeError("the service went back and still uses the image %d times: it is not archived" % uses)
    return {}


def decided(events, uses, way, target):
    return {"Uses": uses, "Way": "tell" if events["DryRun"] == "true" else way, "Target": target}


def service_and_uses(events):
    """The service, and how many of its tasks and deployments use the image."""
    ecs, uses, current = boto3.client("ecs"), 0, False
    service = service_of(ecs, events["Cluster"], events["Service"])
    for deployment in service["deployments"]:
        used = any(holds(events, image) for image in images_of(ecs, deployment["taskDefinition"]))
        current, uses = current or used and deployment["status"] == "PRIMARY", uses + used
    for page in ecs.get_paginator("list_tasks").paginate(cluster=events["Cluster"], serviceName=events["Service"]):
        if page["taskArns"]:
            tasks = ecs.describe_tasks(cluster=events["Cluster"], tasks=page["taskArns"])["tasks"]
            uses += sum(any(runs(events, each) for each in task["containers"]) for task in tasks)
    if uses and not current:
        raise RuntimeError("Refused: another image is being deployed in its place: start again when that is over")
    return service, uses


def runs(events, container):
    """Whether a container runs the image. An index that cannot be read may
    have it as a part."""
    digest = container.get("imageDigest")
    if digest is None or not own_image(container["image"], events["Repository"]):
        return False
    parts = parts_of(events, {"imageDigest": digest})
    if parts is None and digest != events["Digest"]:
        raise RuntimeError("Refused: a task runs %s, which cannot be read: nobody knows whether the image is a part of it" % digest)
    return digest == events["Digest"] or events["Digest"] in parts


def holds(events, image):
    """Whether what a task definition names is the image. What is gone or in
    quarantine starts nothing."""
    own = own_image(image, events["Repository"])
    return own is not None and events["Digest"] in (parts_of(events, own) or ())


def parts_of(events, image):
    """The digest of an image, and of all that it is an index of. None if it
    cannot be pulled."""
    found = boto3.client("ecr").batch_get_image(
        repositoryName=events["Repository"], imageIds=[image], acceptedMediaTypes=MANIFESTS)["images"]
    if not found:
        return None
    parts = json.loads(found[0]["imageManifest"]).get("manifests", [])
    return [found[0]["imageId"]["imageDigest"], *(each["digest"] for each in parts)]


def refuse_way_back(events, service):
    """Nobody is asked about what nothing uses, so that it must be of no use."""
    ecs = boto3.client("ecs")
    for revision, definition in sorted(active_revisions(ecs, events["Family"]).items()):
        if any(holds(events, image) for image in images_of(ecs, definition)):
            raise RuntimeError(
                "Refused: revision %d of the task definition names the image, and the service may go back to it. "
                "Deregister the revision first if it must never run again" % revision)
    running = own_image(images_of(ecs, service["taskDefinition"])[0], events["Repository"])
    if running is None or pushed(events, {"imageDigest": events["Digest"]}) > pushed(events, running):
        raise RuntimeError("Refused: the image was pushed after the one that runs, and may be deployed next. Deploy a later one first")


def pushed(events, image):
    return boto3.client("ecr").describe_images(
        repositoryName=events["Repository"], imageIds=[image])["imageDetails"][0]["imagePushedAt"]


def way_back(events, service):
    """The revision to run without the image: what a running deployment
    replaces, or else the highest below whose image can be pulled."""
    ecs, now, replaced = boto3.client("ecs"), number(service["taskDefinition"]), replaced_by_running(service)
    older = {revision: arn for revision, arn in active_revisions(ecs, events["Family"]).items() if revision < now}
    for revision in sorted(older, key=lambda each: (each == replaced, each), reverse=True):
        images = images_of(ecs, older[revision])
        if all(can_be_pulled(image, events["Repository"]) and not holds(events, image) for image in images):
            return str(revision)
    raise RuntimeError("Refused: no earlier revision runs without the image, so that there is nothing to go back to")
