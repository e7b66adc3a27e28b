"""The revisions of the service's task definition, and which of them it can go
back to."""

import re

import boto3


def service_of(ecs, cluster, service):
    """ECS still describes a service for a while that was deleted."""
    for found in ecs.describe_services(cluster=cluster, services=[service])["services"]:
        if found["status"] == "ACTIVE":
            return found
    raise RuntimeError("there is no service %s in the cluster %s" % (service, cluster))


def number(arn):
    return int(arn.rsplit(":", 1)[1])


def active_revisions(ecs, family):
    found = {}
    for page in ecs.get_paginator("list_task_definitions").paginate(familyPrefix=family, status="ACTIVE"):
        found.update({number(arn): arn for arn in page["taskDefinitionArns"]})
    return found


def replaced_by_running(service):
    """The revision that a running deployment replaces, none if none runs. One of
    the same revision, such as replace-tasks starts, would go back to the same
    image."""
    now = number(service["taskDefinition"])
    states = {each["rolloutState"] for each in service["deployments"] if each["status"] == "PRIMARY"}
    before = [number(each["taskDefinition"]) for each in service["deployments"] if each["rolloutState"] == "COMPLETED"]
    return max(before) if states == {"IN_PROGRESS"} and before and now not in before else None


def images_of(ecs, definition):
    """The images that the containers of a task definition start."""
    found = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    return [each["image"] for each in found["containerDefinitions"]]


def own_image(image, repository):
    """How ECR calls the image, none if it is elsewhere. It is called by its
    digest where it has both."""
    own = re.fullmatch(r"\d{12}\.dkr\.ecr\.[^/]+/%s(?::([^@]+))?(?:@(.+))?" % re.escape(repository), image)
    if not own:
        return None
    return {"imageDigest": own[2]} if own[2] else {"imageTag": own[1] or "latest"}


def can_be_pulled(image, repository):
    """ECR alone knows of images elsewhere. It finds none in quarantine."""
    own, ecr = own_image(image, repository), boto3.client("ecr")
    if own is None:
        return True
    try:
        return bool(ecr.describe_images(repositoryName=repository, imageIds=[own])["imageDetails"])
    except ecr.exceptions.ImageNotFoundException:
        return False
