"""Takes every rule from a security group."""

from grace_period import grace_period
from saved_state import load_state, save_state
from security_group_rules import listed, not_in, revoke, rules_of


def plan(events, context):
    """Returns the rules that are revoked, and those of them that releasing does not restore."""
    rules, state = rules_of(events["Groups"]), load_state(events)
    if state is None and not rules:
        raise RuntimeError(
            f"Refused: {', '.join(events['Groups'])} has no rules, and {events['Incident']} saved none: "
            f"use the ID of the incident that isolated it"
        )
    grace_period(events)  # fails if there is no service to pin
    text = f"{events['Incident']}: {', '.join(events['Groups'])} loses {len(rules)} rules: {listed(rules)}."
    since = not_in(rules, state["rules"]) if state else []
    if since:
        text += f" Releasing does not restore the rules that were added since the first run: {listed(since)}."
    return {"Text": text}


def save(events, context):
    return save_state(events, {"rules": rules_of(events["Groups"]), "healthCheckGracePeriodSeconds": grace_period(events)})


def revoke_all(events, context):
    revoke(rules_of(events["Groups"]))
    left = rules_of(events["Groups"])
    if left:
        raise RuntimeError(f"{len(left)} rules are left: {listed(left)}")
    return {}
