"""Pins the tasks while something is isolated: ECS ignores their health checks and does not scale, so that tasks that
are evidence are not replaced or stopped."""

import boto3

from grace_period import PINNED_SECONDS


def pin(events, context):
    set_grace_period(events, PINNED_SECONDS)
    suspend_scaling(events, True)
    return {}


def unpin(events, context):
    """Restores the grace period and scaling, unless something is still isolated."""
    still = list(isolated(events))
    if still:
        return {"Text": f"The tasks stay pinned, since something is still isolated: {' and '.join(still)}."}
    set_grace_period(events, events["GracePeriod"])
    suspend_scaling(events, False)
    return {"Text": "ECS replaces unhealthy tasks and scales by load again."}


def suspend_scaling(events, suspended):
    """An isolated service has no load and would be scaled in to its minimum."""
    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs", ResourceId=f"service/{events['Cluster']}/{events['Service']}",
        ScalableDimension="ecs:service:DesiredCount", SuspendedState={"DynamicScalingInSuspended": suspended}
    )


def set_grace_period(events, seconds):
    boto3.client("ecs").update_service(
        cluster=events["Cluster"], service=events["Service"], healthCheckGracePeriodSeconds=seconds
    )


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
