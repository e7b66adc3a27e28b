"""The security groups of a load balancer or a database cluster."""

import time

import boto3

from repeated_call import until_accepted


def swap_database(events, context):
    """RDS refuses a change during another one or a backup. The step is tried seven times."""
    until_accepted("InvalidDBClusterStateFault", lambda: boto3.client("rds").modify_db_cluster(
        DBClusterIdentifier=events["Resource"], VpcSecurityGroupIds=events["Groups"], ApplyImmediately=True))
    return {}


def wait(events, context):
    """Waits until the resource has exactly these security groups."""
    want, groups = sorted(events["Groups"]), []
    for _ in range(30):
        groups, settled = security_groups(events)
        if settled and sorted(groups) == want:
            return {}
        time.sleep(10)
    raise RuntimeError(f"the {events['Kind']} has the security groups {', '.join(groups)}, want {', '.join(want)}")


def security_groups(events):
    """Returns the security groups of the resource, and whether they are in effect."""
    if events["Kind"] == "load balancer":
        found = boto3.client("elbv2").describe_load_balancers(LoadBalancerArns=[events["Resource"]])
        return found["LoadBalancers"][0]["SecurityGroups"], True
    found = boto3.client("rds").describe_db_clusters(DBClusterIdentifier=events["Resource"])
    groups = found["DBClusters"][0]["VpcSecurityGroups"]
    return [group["VpcSecurityGroupId"] for group in groups], all(group["Status"] == "active" for group in groups)
