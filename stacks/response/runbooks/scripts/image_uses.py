"""Finds what uses an image, and plans how it is quarantined or released. An image of several platforms, or with an
attestation, is used by its index."""

import json

import boto3

from ecs_service import active_service, running_tasks
from image_manifests import manifest_of
from service_revisions import active_revisions, can_be_pulled, images_of, number, own_image, replaced_by_running


def plan(events, context):
    """Returns what to do. An image that a rollback may need is refused."""
    wanted = "ACTIVE" if events["Action"] == "quarantine" else "ARCHIVED"
    if events["Status"] != wanted:
        raise RuntimeError(f"Refused: {events['Digest']} is {events['Status']}, want {wanted} to {events['Action']} it")
    if events["Action"] == "release":
        return decided(events, 0, "release", "none")
    service, uses = service_and_uses(events)
    if not uses and events["Approved"] == "false":
        refuse_way_back(events, service)
        return decided(events, 0, "archive", "none")
    return decided(events, uses, "ask" if uses else "archive", way_back(events, service))


def check_uses(events, context):
    """Tasks of an archived image could not be replaced."""
    _, uses = service_and_uses(events)
    if uses:
        raise RuntimeError(f"The service went back and still uses the image {uses} times: it is not archived")
    return {}


def decided(events, uses, way, target):
    return {"Uses": uses, "Way": "tell" if events["DryRun"] == "true" else way, "Target": target}


def service_and_uses(events):
    """Returns the service, and how many of its tasks and deployments use the image."""
    ecs, service, uses, current = boto3.client("ecs"), active_service(events), 0, False
    for deployment in service["deployments"]:
        used = any(holds(events, image) for image in images_of(ecs, deployment["taskDefinition"]))
        current, uses = current or used and deployment["status"] == "PRIMARY", uses + used
    uses += sum(any(runs(events, each) for each in task["containers"]) for task in running_tasks(events))
    if uses and not current:
        raise RuntimeError("Refused: another image is being deployed in its place: start again when the deployment is complete")
    return service, uses


def runs(events, container):
    """Reports whether a container runs the image. It may be part of an index that cannot be read."""
    digest = container.get("imageDigest")
    if digest is None or not own_image(container["image"], events["Repository"]):
        return False
    parts = parts_of(events, {"imageDigest": digest})
    if parts is None and digest != events["Digest"]:
        raise RuntimeError(f"Refused: a task runs {digest}, which cannot be read and may contain the image")
    return digest == events["Digest"] or events["Digest"] in parts


def holds(events, image):
    """Reports whether an image of a task definition is or contains the image. One that cannot be pulled does not."""
    own = own_image(image, events["Repository"])
    return own is not None and events["Digest"] in (parts_of(events, own) or ())


def parts_of(events, image):
    """Returns the digests of an image and, if it is an index, of its images. None if it cannot be pulled."""
    found = manifest_of(events["Repository"], image)
    if found is None:
        return None
    parts = json.loads(found["imageManifest"]).get("manifests", [])
    return [found["imageId"]["imageDigest"], *(each["digest"] for each in parts)]


def refuse_way_back(events, service):
    """Fails if the service may still need an image that it does not use, since nobody is asked about that."""
    ecs = boto3.client("ecs")
    for revision, definition in sorted(active_revisions(ecs, events["Family"]).items()):
        if any(holds(events, image) for image in images_of(ecs, definition)):
            raise RuntimeError(
                f"Refused: revision {revision} of the task definition names the image, and the service may go back to it. "
                "Deregister the revision first if it must never run again")
    running = own_image(images_of(ecs, service["taskDefinition"])[0], events["Repository"])
    if running is None or pushed(events, {"imageDigest": events["Digest"]}) > pushed(events, running):
        raise RuntimeError("Refused: the image was pushed after the one that runs, and may be deployed next. Deploy a later one first")


def pushed(events, image):
    return boto3.client("ecr").describe_images(
        repositoryName=events["Repository"], imageIds=[image])["imageDetails"][0]["imagePushedAt"]


def way_back(events, service):
    """Returns the revision to run without the image: the one that a deployment in progress replaces, or else the
    highest earlier one whose images can be pulled."""
    ecs, now, replaced = boto3.client("ecs"), number(service["taskDefinition"]), replaced_by_running(service)
    older = {revision: arn for revision, arn in active_revisions(ecs, events["Family"]).items() if revision < now}
    for revision in sorted(older, key=lambda each: (each == replaced, each), reverse=True):
        images = images_of(ecs, older[revision])
        if all(can_be_pulled(image, events["Repository"]) and not holds(events, image) for image in images):
            return str(revision)
    raise RuntimeError("Refused: no earlier revision runs without the image: there is nothing to go back to")
