"""Tags the images that run, so that they never expire."""

import boto3
from botocore.exceptions import ClientError

# What ECR gives where none is named is not documented.
MANIFESTS = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
]


def keep_images(events, context):
    ecr, digests = boto3.client("ecr"), running(events["Cluster"], events["Service"], events["RepositoryURI"])
    for digest in digests:
        image = ecr.batch_get_image(
            repositoryName=events["Repository"], imageIds=[{"imageDigest": digest}], acceptedMediaTypes=MANIFESTS)["images"]
        if not image:
            raise RuntimeError("%s runs and is no longer in %s" % (digest, events["Repository"]))
        keep(ecr, events["Repository"], image[0], "%s%s-%s" % (events["TagPrefix"], events["Incident"], digest[7:19]))
    return {"Kept": len(digests)}


def running(cluster, service, uri):
    ecs, digests = boto3.client("ecs"), set()
    for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName=service):
        if not page["taskArns"]:
            continue
        for task in ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]:
            digests.update(
                each["imageDigest"] for each in task["containers"]
                if each.get("imageDigest") and each["image"].startswith((uri + ":", uri + "@")))
    return sorted(digests)


def keep(ecr, repository, image, tag):
    try:
        ecr.put_image(
            repositoryName=repository, imageManifest=image["imageManifest"],
            imageManifestMediaType=image["imageManifestMediaType"], imageTag=tag)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ImageAlreadyExistsException":
            raise
