"""Which security groups a load balancer or a database cluster has, and had
before it was isolated."""

import time

import boto3
from botocore.exceptions import ClientError

from pinned_tasks import grace_period
from saved_state import load_existing_state, load_state, save_state

# RDS refuses a change while another one, or a backup, is under way. A script has
# ten minutes; the step tries it seven times.
SECONDS = 540
PAUSE = 15


def plan_isolation(events, context):
    """Says what isolating changes."""
    groups, saved = settled_groups(events), saved_groups(events, load_state(events))
    if not saved and events["IsolatedGroup"] in groups:
        raise RuntimeError(
            f"Refused: the {events['Kind']} is isolated already, but {events['Incident']} saved nothing of it: "
            f"use the id of the incident that isolated it"
        )
    if saved and sorted(groups) not in ([events["IsolatedGroup"]], sorted(saved)):
        raise RuntimeError(
            f"Refused: the {events['Kind']} has the security groups {', '.join(groups)}, {events['Incident']} saved "
            f"{', '.join(saved)} before: use another incident id"
        )
    grace_period(events)  # fails if there is no service to pin
    return {"Text": change(events, groups, [events["IsolatedGroup"]])}


def save(events, context):
    return save_state(events, {
        "resource": events["Resource"],
        "securityGroups": settled_groups(events),
        "healthCheckGracePeriodSeconds": grace_period(events),
    })


def plan_release(events, context):
    """Says what releasing changes, from what was saved."""
    state = load_existing_state(events)
    groups, saved = settled_groups(events), saved_groups(events, state)
    if sorted(groups) not in ([events["IsolatedGroup"]], sorted(saved)):
        raise RuntimeError(
            f"Refused: the {events['Kind']} is neither isolated nor as it was: it has the security groups {', '.join(groups)}, "
            f"{events['Incident']} saved {', '.join(saved)}. Somebody changed it since: compare, and change it by hand"
        )
    return {
        "Text": change(events, groups, saved),
        "Groups": saved,
        "GracePeriod": state["healthCheckGracePeriodSeconds"],
    }


def swap_database(events, context):
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            boto3.client("rds").modify_db_cluster(
                DBClusterIdentifier=events["Resource"], VpcSecurityGroupIds=events["Groups"], ApplyImmediately=True)
            return {}
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidDBClusterStateFault" or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)


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
    """The resource's security groups, and whether they are in effect."""
    if events["Kind"] == "load balancer":
        found = boto3.client("elbv2").describe_load_balancers(LoadBalancerArns=[events["Resource"]])
        return found["LoadBalancers"][0]["SecurityGroups"], True
    found = boto3.client("rds").describe_db_clusters(DBClusterIdentifier=events["Resource"])
    groups = found["DBClusters"][0]["VpcSecurityGroups"]
    return [group["VpcSecurityGroupId"] for group in groups], all(group["Status"] == "active" for group in groups)


def settled_groups(events):
    groups, settled = security_groups(events)
    if not settled:
        raise RuntimeError(f"Refused: the security groups of the {events['Kind']} are being changed: try again in a minute")
    return groups


def saved_groups(events, state):
    if state is None:
        return []
    if state["resource"] != events["Resource"]:
        raise RuntimeError(f"Refused: {events['Incident']} saved the {events['Kind']} {state['resource']}, want {events['Resource']}")
    if not state["securityGroups"] or events["IsolatedGroup"] in state["securityGroups"]:
        raise RuntimeError(f"Refused: {events['Incident']} saved no security groups to give back to the {events['Kind']}")
    return state["securityGroups"]


def change(events, before, after):
    return (
        f"{events['Incident']}: the {events['Kind']} {events['Resource']} has the security groups "
        f"{', '.join(before)} and gets {', '.join(after)}."
    )
