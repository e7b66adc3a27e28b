"""Reads the manifests of images."""

import boto3

# The types that are returned if none is named are not documented.
TYPES = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
]


def manifest_of(repository, image):
    """Returns the image with its manifest, None if it cannot be pulled. The image is a digest or a tag, as ECR takes them."""
    found = boto3.client("ecr").batch_get_image(repositoryName=repository, imageIds=[image], acceptedMediaTypes=TYPES)["images"]
    return found[0] if found else None
