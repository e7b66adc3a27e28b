"""Plans isolating and releasing a load balancer or a database cluster, and saves its security groups."""

from grace_period import grace_period
from resource_groups import security_groups
from saved_state import load_existing_state, load_state, save_state


def plan_isolation(events, context):
    """Returns what isolating changes."""
    groups, saved = settled_groups(events), saved_groups(events, load_state(events))
    if not saved and events["IsolatedGroup"] in groups:
        raise RuntimeError(
            f"Refused: the {events['Kind']} is isolated already, and {events['Incident']} saved nothing of it: "
            f"use the ID of the incident that isolated it"
        )
    if saved and sorted(groups) not in ([events["IsolatedGroup"]], sorted(saved)):
        raise RuntimeError(
            f"Refused: the {events['Kind']} has the security groups {', '.join(groups)}, and {events['Incident']} saved "
            f"{', '.join(saved)} before: use another incident ID"
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
    """Returns what releasing changes, from the saved state."""
    state = load_existing_state(events)
    groups, saved = settled_groups(events), saved_groups(events, state)
    if sorted(groups) not in ([events["IsolatedGroup"]], sorted(saved)):
        raise RuntimeError(
            f"Refused: the {events['Kind']} is neither isolated nor as it was: it has the security groups {', '.join(groups)}, "
            f"and {events['Incident']} saved {', '.join(saved)}. Compare them, and change them by hand"
        )
    return {
        "Text": change(events, groups, saved),
        "Groups": saved,
        "GracePeriod": state["healthCheckGracePeriodSeconds"],
    }


def settled_groups(events):
    groups, settled = security_groups(events)
    if not settled:
        raise RuntimeError(f"Refused: the security groups of the {events['Kind']} are being changed: try again in a minute")
    return groups


def saved_groups(events, state):
    if state is None:
        return []
    if state["resource"] != events["Resource"]:
        raise RuntimeError(f"Refused: {events['Incident']} saved the state of the {events['Kind']} {state['resource']}, want {events['Resource']}")
    if not state["securityGroups"] or events["IsolatedGroup"] in state["securityGroups"]:
        raise RuntimeError(f"Refused: {events['Incident']} saved no security groups to give back to the {events['Kind']}")
    return state["securityGroups"]


def change(events, before, after):
    return (
        f"{events['Incident']}: the {events['Kind']} {events['Resource']} has the security groups "
        f"{', '.join(before)} and gets {', '.join(after)}."
    )
