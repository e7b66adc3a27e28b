"""Rules of security groups: which there are, which an incident saved, and how
one is written again exactly as it was. Needs saved_state.py."""

import boto3

# So many an approver can read in one message.
MOST_LINES = 15


def rules_of(groups):
    """Every rule of the groups, in an order that does not change."""
    found = []
    pages = boto3.client("ec2").get_paginator("describe_security_group_rules")
    for page in pages.paginate(Filters=[{"Name": "group-id", "Values": sorted(groups)}]):
        found += page["SecurityGroupRules"]
    return sorted(found, key=line)


def revoke(rules):
    ec2 = boto3.client("ec2")
    for group, egress, some in by_direction(rules):
        call = ec2.revoke_security_group_egress if egress else ec2.revoke_security_group_ingress
        call(GroupId=group, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"] for rule in some])


def authorize(rules):
    """One call for each group and direction: it writes all of them or none."""
    ec2 = boto3.client("ec2")
    for group, egress, some in by_direction(rules):
        call = ec2.authorize_security_group_egress if egress else ec2.authorize_security_group_ingress
        call(GroupId=group, IpPermissions=[permission(rule) for rule in some])


def by_direction(rules):
    for group, egress in sorted({(rule["GroupId"], rule["IsEgress"]) for rule in rules}):
        yield group, egress, [rule for rule in rules if (rule["GroupId"], rule["IsEgress"]) == (group, egress)]


def permission(rule):
    """The rule as it is written. Protocol -1 is all, and has no ports."""
    written = {"IpProtocol": rule["IpProtocol"]}
    if rule["IpProtocol"] != "-1":
        written |= {"FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
    peer = {"Description": rule["Description"]} if rule.get("Description") else {}
    if "CidrIpv4" in rule:
        return written | {"IpRanges": [peer | {"CidrIp": rule["CidrIpv4"]}]}
    if "CidrIpv6" in rule:
        return written | {"Ipv6Ranges": [peer | {"CidrIpv6": rule["CidrIpv6"]}]}
    if "PrefixListId" in rule:
        return written | {"PrefixListIds": [peer | {"PrefixListId": rule["PrefixListId"]}]}
    group = rule["ReferencedGroupInfo"]
    known = {name: group[name] for name in ("GroupId", "UserId", "VpcPeeringConnectionId") if group.get(name)}
    return written | {"UserIdGroupPairs": [peer | known]}


def key(rule):
    """What the rule allows, as the template's rules are listed."""
    peer = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or rule["ReferencedGroupInfo"]["GroupId"]
    ports = f"{rule['FromPort']}-{rule['ToPort']}"
    direction, word = ("out", "to") if rule["IsEgress"] else ("in", "from")
    return f"{rule['GroupId']} {direction} {rule['IpProtocol']} {ports} {word} {peer}"


def line(rule):
    """The rule for a person. Braces could stand for something in a message."""
    description = rule.get("Description", "").translate({ord("{"): None, ord("}"): None})
    return f"{key(rule)} ({description[:60]})"


def listed(rules):
    lines = [line(rule) for rule in rules]
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return "; ".join(lines[:MOST_LINES] + more) or "none"


def exact(rule):
    return key(rule), rule.get("Description", "")


def not_in(rules, others):
    known = {exact(rule) for rule in others}
    return [rule for rule in rules if exact(rule) not in known]
