"""Reads, compares, revokes and writes rules of security groups."""

import boto3

# As many as an approver can read in one message.
MOST_LINES = 15


def rules_of(groups):
    """Returns every rule of the groups, in a fixed order."""
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
    """Returns the rule as EC2 takes it. Protocol -1 is all protocols, and has no ports."""
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
    """Returns what the rule allows, in the form of the rules of the template."""
    peer = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or rule["ReferencedGroupInfo"]["GroupId"]
    ports = f"{rule['FromPort']}-{rule['ToPort']}"
    direction, word = ("out", "to") if rule["IsEgress"] else ("in", "from")
    return f"{rule['GroupId']} {direction} {rule['IpProtocol']} {ports} {word} {peer}"


def line(rule):
    """Returns the rule for a message. SSM could read braces as a reference."""
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
