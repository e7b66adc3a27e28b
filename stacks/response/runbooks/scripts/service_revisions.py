"""The revisions of the service's task definition, and which of them can run again."""

import re

import boto3


def number(arn):
    return int(arn.rsplit(":", 1)[1])


def active_revisions(ecs, family):
    found = {}
    for page in ecs.get_paginator("list_task_definitions").paginate(familyPrefix=family, status="ACTIVE"):
        found.update({number(arn): arn for arn in page["taskDefinitionArns"]})
    return found


def replaced_by_running(service):
    """Returns the revision that a deployment in progress replaces, None if there is none. A deployment of the same
    revision, such as that of replace-tasks, would go back to the same image."""
    now = number(service["taskDefinition"])
    states = {each["rolloutState"] for each in service["deployments"] if each["status"] == "PRIMARY"}
    before = [number(each["taskDefinition"]) for each in service["deployments"] if each["rolloutState"] == "COMPLETED"]
    return max(before) if states == {"IN_PROGRESS"} and before and now not in before else None


def images_of(ecs, definition):
    """Returns the images of the containers of a task definition."""
    found = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    return [each["image"] for each in found["containerDefinitions"]]


def own_image(image, repository):
    """Returns the image as ECR takes it, None if it is not in the repository. A digest counts more than a tag."""
    own = re.fullmatch(r"\d{12}\.dkr\.ecr\.[^/]+/" + re.escape(repository) + r"(?::([^@]+))?(?:@(.+))?", image)
    if not own:
        return None
    return {"imageDigest": own[2]} if own[2] else {"imageTag": own[1] or "latest"}


def can_be_pulled(image, repository):
    """Reports whether the image can be pulled, as far as it is in the repository. ECR does not find archived images."""
    own, ecr = own_image(image, repository), boto3.client("ecr")
    if own is None:
        return True
    try:
        return bool(ecr.describe_images(repositoryName=repository, imageIds=[own])["imageDetails"])
    except ecr.exceptions.ImageNotFoundException:
        return False
