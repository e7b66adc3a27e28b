"""Revokes rules that the template does not define."""

from saved_state import load_state, save_state
from security_group_rules import MOST_LINES, key, line, listed, not_in, revoke, rules_of


def plan(events, context):
    """Returns the rules that the template does not define, as many as one message can list."""
    foreign = [rule for rule in rules_of(events["Groups"]) if key(rule) not in events["Template"]]
    chosen, state = foreign[:MOST_LINES], load_state(events)
    unsaved = not_in(chosen, state["rules"]) if state else []
    if unsaved:
        raise RuntimeError(f"Refused: {events['Incident']} saved other rules before: use another incident ID for {listed(unsaved)}")
    text = f"{events['Incident']}: {len(foreign)} rules are not in the template"
    if len(foreign) > len(chosen):
        text += f", {len(chosen)} of them now"
    # How SSM passes an empty list on is not documented.
    return {"Text": f"{text}: {listed(chosen)}.", "Lines": [line(rule) for rule in chosen] or ["none"], "Count": len(chosen)}


def chosen_rules(events):
    return [rule for rule in rules_of(events["Groups"]) if line(rule) in events["Lines"]]


def save(events, context):
    return save_state(events, {"rules": chosen_rules(events)})


def revoke_approved(events, context):
    """Revokes the approved rules that have not changed since."""
    rules = chosen_rules(events)
    revoke(rules)
    left = chosen_rules(events)
    if left:
        raise RuntimeError(f"{len(left)} rules are left: {listed(left)}")
    return {"Text": f"{len(rules)} of {len(events['Lines'])} rules had not changed and are revoked."}
