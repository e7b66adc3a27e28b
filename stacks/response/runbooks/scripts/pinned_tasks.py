"""Tasks are pinned while something is isolated: ECS ignores their health
checks and scales by no load, so that it replaces and stops none of those that
are evidence."""

import boto3

# The longest there is: it counts from when a task started, however long ago.
PINNED_SECONDS = 2147483647


def pin(events, context):
    set_grace_period(events, PINNED_SECONDS)
    suspend_scaling(events, True)
    return {}


def unpin(events, context):
    """Restores the grace period, once nothing is isolated any more."""
    still = list(isolated(events))
    if still:
        return {"Text": f"The tasks stay pinned: still isolated is {' and '.join(still)}."}
    set_grace_period(events, events["GracePeriod"])
    suspend_scaling(events, False)
    return {"Text": "ECS replaces unhealthy tasks and scales by load again."}


def suspend_scaling(events, suspended):
    """An isolated service has no load, and would be scaled in to its minimum."""
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs", ResourceId=f"service/{events['Cluster']}/{events['Service']}",
        ScalableDimension="ecs:service:DesiredCount", SuspendedState={"DynamicScalingInSuspended": suspended}
    )


def set_grace_period(events, seconds):
    boto3.client("ecs").update_service(
        cluster=events["Cluster"], service=events["Service"], healthCheckGracePeriodSeconds=seconds
    )


def grace_period(events):
    """How long ECS ignored health checks before anything was isolated."""
    found = boto3.client("ecs").describe_services(cluster=events["Cluster"], services=[events["Service"]])
    active = [service for service in found["services"] if service["status"] == "ACTIVE"]
    if not active:
        raise RuntimeError(f"there is no service {events['Service']} in the cluster {events['Cluster']}")
    seconds = active[0].get("healthCheckGracePeriodSeconds", 0)
    # Another isolation pinned them: what it found is the template's.
    return events["GracePeriod"] if seconds == PINNED_SECONDS else seconds


def isolated(events):
    balancers = boto3.client("elbv2").describe_load_balancers(LoadBalancerArns=[events["LoadBalancer"]])
    if events["IsolatedLoadBalancer"] in balancers["LoadBalancers"][0]["SecurityGroups"]:
        yield "the load balancer"
    clusters = boto3.client("rds").describe_db_clusters(DBClusterIdentifier=events["DatabaseCluster"])
    groups = [group["VpcSecurityGroupId"] for group in clusters["DBClusters"][0]["VpcSecurityGroups"]]
    if events["IsolatedDatabase"] in groups:
        yield "the database"
    rules = boto3.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [events["TasksGroup"]]}])
    if not rules["SecurityGroupRules"]:
        yield "the security group of the tasks"
