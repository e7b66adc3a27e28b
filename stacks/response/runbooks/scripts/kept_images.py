"""Tags the images that run, so that they never expire."""

import boto3
from botocore.exceptions import ClientError

from ecs_service import running_tasks
from image_manifests import manifest_of


def keep_images(events, context):
    digests = running_digests(events)
    for digest in digests:
        image = manifest_of(events["Repository"], {"imageDigest": digest})
        if image is None:
            raise RuntimeError(f"{digest} runs and is no longer in {events['Repository']}")
        keep(events["Repository"], image, f"{events['TagPrefix']}{events['Incident']}-{digest[7:19]}")
    return {"Kept": len(digests)}


def running_digests(events):
    own = (events["RepositoryURI"] + ":", events["RepositoryURI"] + "@")
    containers = [each for task in running_tasks(events) for each in task["containers"]]
    return sorted({each["imageDigest"] for each in containers if each.get("imageDigest") and each["image"].startswith(own)})


def keep(repository, image, tag):
    try:
        boto3.client("ecr").put_image(
            repositoryName=repository, imageManifest=image["imageManifest"],
            imageManifestMediaType=image["imageManifestMediaType"], imageTag=tag)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ImageAlreadyExistsException":
            raise
