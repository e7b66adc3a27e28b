"""Writes saved rules again."""

from saved_state import load_existing_state
from security_group_rules import authorize, key, listed, not_in, rules_of


def plan(events, context):
    """Returns which of the saved rules are missing."""
    state = load_existing_state(events)
    gone = missing(events, state)
    present = {key(rule) for rule in rules_of(groups_in(state))}
    renamed = [rule for rule in gone if key(rule) in present]
    if renamed:
        raise RuntimeError(f"Refused: rules have another description than the saved ones: revoke them first: {listed(renamed)}")
    return {
        "Text": f"{events['Incident']}: restores {len(gone)} of {len(state['rules'])} rules that {events['SavedBy']} saved: {listed(gone)}.",
        "GracePeriod": state.get("healthCheckGracePeriodSeconds", 0),
    }


def restore(events, context):
    state = load_existing_state(events)
    gone = missing(events, state)
    authorize(gone)
    left = missing(events, state)
    if left:
        raise RuntimeError(f"{len(left)} rules are still missing: {listed(left)}")
    others = not_in(rules_of(groups_in(state)), state["rules"])
    text = f"Restored {len(gone)} rules."
    if others and events["SavedBy"] == "isolate-rules":
        text += f" These rules were added since the isolation: {listed(others)}."
    return {"Text": text}


def missing(events, state):
    foreign = groups_in(state) - set(events["Groups"])
    if foreign:
        raise RuntimeError(f"Refused: {events['Incident']} saved rules of other security groups: {', '.join(sorted(foreign))}")
    return not_in(state["rules"], rules_of(groups_in(state)))


def groups_in(state):
    return {rule["GroupId"] for rule in state["rules"]}
