"""Adds addresses to the block list of the web ACL, and removes them."""

import ipaddress
import time

import boto3

from saved_state import load_state, save_state

# WAF's limit for an IP set.
MOST_ADDRESSES = 10000

# The widest ranges that can be blocked. Wider ones would block nearly everybody.
WIDEST = {4: 8, 6: 16}

INTERNAL = [
    ipaddress.ip_network(text) for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "224.0.0.0/3", "::/8", "fc00::/7", "fe80::/10", "ff00::/8",
    )
]


def plan(events, context):
    """Returns what changes. Fails with every mistake in the addresses."""
    asked, mistakes = parse(events["Addresses"])
    blocked = {version: addresses_of(events, version) for version in (4, 6)}
    if events["Action"] == "add":
        mistakes += too_many(asked, blocked)
    else:
        mistakes += not_removable(events, asked, blocked)
    if mistakes:
        raise RuntimeError("Refused: " + "; ".join(mistakes))
    changing = [network for network in asked if (network in blocked[network.version]) != (events["Action"] == "add")]
    verb = "blocks" if events["Action"] == "add" else "no longer blocks"
    return {"Text": f"{events['Incident']}: the web ACL {verb} {', '.join(map(str, changing)) or 'nothing new'}."}


def save(events, context):
    return save_state(events, {"addresses": [text for version in (4, 6) for text in sorted(map(str, addresses_of(events, version)))]})


def update(events, context):
    asked, _ = parse(events["Addresses"])
    for version in (4, 6):
        some = {network for network in asked if network.version == version}
        if some:
            update_set(events, version, some)
    return {}


def parse(addresses):
    networks, mistakes = [], []
    for text in addresses:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            mistakes.append(f"{text}: {error}")
            continue
        if network.prefixlen < WIDEST[network.version]:
            mistakes.append(f"{text}: wider than /{WIDEST[network.version]}, which is nearly everybody")
        elif any(network.overlaps(internal) for internal in INTERNAL):
            mistakes.append(f"{text}: not an address of the internet")
        else:
            networks.append(network)
    return sorted(set(networks), key=str), mistakes


def too_many(asked, blocked):
    for version, present in blocked.items():
        total = present.union(network for network in asked if network.version == version)
        if len(total) > MOST_ADDRESSES:
            yield f"{len(total)} IPv{version} addresses would be blocked, WAF takes {MOST_ADDRESSES}"


def not_removable(events, asked, blocked):
    state = load_state(events)
    before = {ipaddress.ip_network(text) for text in state["addresses"]} if state else set()
    for network in asked:
        if network not in blocked[network.version]:
            yield f"{network} is not blocked"
        elif network in before:
            yield f"{network} was blocked before {events['Incident']}: use the ID of the incident that blocked it"


def ip_set(events, version):
    if version == 4:
        return {"Name": events["IPv4Name"], "Id": events["IPv4Id"], "Scope": "REGIONAL"}
    return {"Name": events["IPv6Name"], "Id": events["IPv6Id"], "Scope": "REGIONAL"}


def addresses_of(events, version):
    found = boto3.client("wafv2").get_ip_set(**ip_set(events, version))
    return {ipaddress.ip_network(text) for text in found["IPSet"]["Addresses"]}


def update_set(events, version, asked):
    """Writes the whole set, and again if it was changed meanwhile."""
    wafv2, reference = boto3.client("wafv2"), ip_set(events, version)
    for _ in range(5):
        found = wafv2.get_ip_set(**reference)
        before = {ipaddress.ip_network(text) for text in found["IPSet"]["Addresses"]}
        after = before | asked if events["Action"] == "add" else before - asked
        if after == before:
            return
        try:
            wafv2.update_ip_set(
                **reference, Description=found["IPSet"]["Description"], LockToken=found["LockToken"],
                Addresses=sorted(map(str, after)),
            )
        except wafv2.exceptions.WAFOptimisticLockException:
            time.sleep(1)
    raise RuntimeError(f"another change of {reference['Name']} came first, five times: try again")
