"""Drills of the runbooks that change the rules of security groups."""

from functools import partial

from engine import APPROVE, REJECT, TIMEOUT, Account, Fault, drill
from helpers import DRY, INCIDENT, OTHER, PINNED, REAL, answers, bucket, dry_run, grace_period, save, saved

TIGHTENED = REAL | {"Undoes": "tighten-security-groups"}


def _tasks(account: Account) -> str:
    return account.one("AWS::EC2::SecurityGroup", "Tasks").ref


def _rules(account: Account, group: str) -> list[dict]:
    found = account.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return found["SecurityGroupRules"]


def _tcp(port: int, **more: str) -> dict:
    """A rule for an address that no template names."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "203.0.113.9/32", **more}]}


def _let_in(account: Account, *rules: dict) -> None:
    account.client("ec2").authorize_security_group_ingress(GroupId=_tasks(account), IpPermissions=list(rules))


def _let_out(account: Account, *rules: dict) -> None:
    account.client("ec2").authorize_security_group_egress(GroupId=_tasks(account), IpPermissions=list(rules))


def _foreign(account: Account) -> None:
    """Rules of every kind that somebody added by hand, on two groups."""
    ec2, tasks, database = account.client("ec2"), _tasks(account), account.one("AWS::EC2::SecurityGroup", "DatabaseB").ref
    made = ec2.create_managed_prefix_list(PrefixListName="partners", MaxEntries=1, AddressFamily="IPv4")
    prefix_list = made["PrefixList"]["PrefixListId"]
    _let_in(account, _tcp(22, Description="Load balancer to the tasks"),
        {"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8080, "PrefixListIds": [{"PrefixListId": prefix_list, "Description": "partners"}]},
        {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "ping {{ it }}"}]})
    ec2.authorize_security_group_egress(GroupId=database, IpPermissions=[
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": tasks}]},
    ])


def _isolate(account: Account) -> None:
    account.run("isolate-rules", REAL).succeeded()
    account.messages()


isolated, released = (partial(drill, f"{which}-rules", after=_isolate) for which in ("isolate", "release"))
tightened = partial(drill, "tighten-security-groups", after=_foreign)


@drill("isolate-rules", "a dry run changes nothing, and lists the rules")
def isolate_dry(account: Account) -> None:
    message = dry_run(account, "isolate-rules", DRY)
    assert "Releasing does not restore" not in message
    assert f"{_tasks(account)} out tcp 443-443 to 0.0.0.0/0" in message, message


@drill("isolate-rules", "twice, then release-rules gives back byte-identical rules of every kind", after=_foreign)
def isolate_twice(account: Account) -> None:
    before = account.snapshot()
    account.run("isolate-rules", REAL).succeeded()
    state = saved(account, "isolate-rules")
    assert _rules(account, _tasks(account)) == []
    assert grace_period(account) == PINNED
    account.messages()
    account.run("isolate-rules", REAL).succeeded()
    assert saved(account, "isolate-rules") == state, "the second run saved anew"
    assert "loses 0 rules: none." in account.messages()[0]["message"]
    run = account.run("release-rules", REAL, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])
    assert len(state["rules"]) == 7
    # One call for ingress, one for egress: each writes all of its rules or none.
    assert len(run.called("ec2", "AuthorizeSecurityGroupIngress")) == len(run.called("ec2", "AuthorizeSecurityGroupEgress")) == 1
    account.run("release-rules", REAL, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])


@drill("isolate-rules", "lists as many rules as one reads, and counts the rest")
def isolate_many(account: Account) -> None:
    _let_in(account, *(_tcp(port) for port in range(7001, 7021)))
    rules = len(_rules(account, _tasks(account)))
    account.run("isolate-rules", REAL).succeeded()
    text = account.messages()[0]["message"]
    assert f"loses {rules} rules" in text and f"and {rules - 15} more" in text and text.count(" tcp ") == 15, text


@drill("release-rules", "restores a rule for a group of a peered VPC in another account")
def release_peered(account: Account) -> None:
    peered = {"UserId": "210987654321", "VpcPeeringConnectionId": "pcx-0123456789abcdef0"}

    def refer(parsed: dict) -> None:
        for rule in parsed["SecurityGroupRules"]:
            rule.get("ReferencedGroupInfo", {}).update(peered)

    answers(account, "ec2", "DescribeSecurityGroupRules", refer)
    account.run("isolate-rules", REAL).succeeded()
    run = account.run("release-rules", REAL, approve=APPROVE)
    pairs = [pair for call in run.called("ec2", "AuthorizeSecurityGroupIngress")
             for permission in call.parameters["IpPermissions"] for pair in permission["UserIdGroupPairs"]]
    assert pairs and all(pair.items() >= peered.items() for pair in pairs), pairs


@drill("isolate-rules", "only the tasks' group loses rules, and has a mark until they are back")
def isolate_marks(account: Account) -> None:
    before = account.snapshot()
    account.run("isolate-rules", REAL).succeeded()
    tasks = _tasks(account)
    assert {path for path in account.changes(before) if not path.startswith(("objects/", "services/", "scaling/"))} == {
        f"rules/{tasks}", f"groups/{tasks}"}
    [scaling] = account.snapshot()["scaling"].values()
    assert scaling["suspended"] == ["DynamicScalingInSuspended"], scaling
    assert {"Key": "isolated-by", "Value": INCIDENT} in account.snapshot()["groups"][tasks]["tags"]
    [message] = account.messages()
    assert f"release-rules with {INCIDENT}" in message["message"]


@drill("isolate-rules", "fails if a rule is left, and what was saved restores the rest", changes=["objects/"])
def isolate_half(account: Account) -> None:
    account.run("isolate-rules", REAL, faults=Fault("ec2", "RevokeSecurityGroupEgress", "RequestLimitExceeded")).failed("RevokeRules")
    account.run("release-rules", REAL, approve=APPROVE).succeeded()


@drill("isolate-rules", "fails if a rule comes back while it revokes")
def isolate_left(account: Account) -> None:
    account.meanwhile("ec2", "RevokeSecurityGroupEgress", lambda: _let_out(account, _tcp(4444)), after=True)
    account.run("isolate-rules", REAL).failed("RevokeRules", because="1 rules are left")


@isolated("revokes what was added since the first run, and says that no release restores it", changes=["objects/"])
def isolate_more(account: Account) -> None:
    _let_out(account, _tcp(4444))
    account.run("isolate-rules", REAL).succeeded()
    assert _rules(account, _tasks(account)) == []
    [message] = account.messages()
    assert "loses 1 rules" in message["message"]
    assert "Releasing does not restore" in message["message"] and "4444" in message["message"].split("Releasing does not restore")[1]
    account.run("release-rules", REAL, approve=APPROVE).succeeded()


@isolated("fails for another incident than the one that isolated")
def isolate_other(account: Account) -> None:
    account.run("isolate-rules", OTHER, changes=[]).failed("Plan", because="has no rules")


@released("a dry run changes nothing and asks nobody")
def release_dry(account: Account) -> None:
    text = dry_run(account, "release-rules", DRY)
    assert "restores 4 of 4 rules" in text and f"{_tasks(account)} out tcp 443-443 to 0.0.0.0/0" in text, text


@released("a wrong incident id, or what was saved of something else, changes nothing")
def release_foreign(account: Account) -> None:
    account.run("release-rules", OTHER, approve=APPROVE).failed("Plan", because="saved nothing")
    account.run("release-rules", TIGHTENED, approve=APPROVE).failed("Plan", because="saved nothing")
    state = saved(account, "isolate-rules")
    for number, (wrong, because) in enumerate((
        ({"incident": INCIDENT}, "has the incident"),
        ({"runbook": "tighten-security-groups"}, "has the runbook"),
        ({"rules": [rule | {"GroupId": "sg-0123456789abcdef0"} for rule in state["rules"]]}, "other security groups"),
    )):
        incident = f"inc-20260102-{number}x"
        save(account, incident, "isolate-rules", state | {"incident": incident} | wrong)
        account.run("release-rules", {"IncidentId": incident, "DryRun": "false"}, approve=APPROVE).failed("Plan", because=because)
    assert _rules(account, _tasks(account)) == []


@released("writes only what is missing, and names what was added", changes=["objects/"])
def release_missing(account: Account) -> None:
    _let_out(account, _tcp(443, CidrIp="0.0.0.0/0", Description="Tasks to AWS services and package sources"), _tcp(4444))
    account.run("release-rules", REAL, approve=APPROVE).succeeded()
    message = account.messages()[-1]["message"]
    assert "Restored 3 rules" in message and "4444" in message.split("added since the isolation")[1], message
    account.client("ec2").revoke_security_group_egress(GroupId=_tasks(account), IpPermissions=[_tcp(4444)])


@released("fails where a rule is there with another description")
def release_renamed(account: Account) -> None:
    _let_out(account, _tcp(22), _tcp(443, CidrIp="0.0.0.0/0", Description="by hand"))
    account.run("release-rules", REAL, approve=APPROVE, changes=[]).failed("Plan", because="another description")


@released("a copy that somebody made beside what was saved is not read", changes=["objects/"])
def release_copied(account: Account) -> None:
    account.client("s3").put_object(
        Bucket=bucket(account), Key=f"incidents/{INCIDENT}/isolate-rules/state.json.orig", Body=b"{}")
    account.run("release-rules", REAL, approve=APPROVE).succeeded()
    assert "added since" not in account.messages()[-1]["message"]


@released("fails where a rule is gone again that was restored")
def release_undone(account: Account) -> None:
    def revoke() -> None:
        rules = [rule["SecurityGroupRuleId"] for rule in _rules(account, _tasks(account)) if rule["IsEgress"]]
        account.client("ec2").revoke_security_group_egress(GroupId=_tasks(account), SecurityGroupRuleIds=rules)

    account.meanwhile("ec2", "AuthorizeSecurityGroupEgress", revoke, after=True)
    account.run("release-rules", REAL, approve=APPROVE).failed("RestoreRules", because="rules are still missing")


@drill("release-rules", "of what tightening revoked it names no rule that was added since", after=_foreign)
def release_tightened(account: Account) -> None:
    account.run("tighten-security-groups", REAL, approve=APPROVE).succeeded()
    account.run("release-rules", TIGHTENED, approve=APPROVE).succeeded()
    assert "added since" not in account.messages()[-1]["message"]


@released("can be repeated after it failed half-way, and although nobody can be told", changes=["objects/"])
def release_again(account: Account) -> None:
    account.run("release-rules", REAL, approve=APPROVE,
        faults=Fault("ec2", "AuthorizeSecurityGroupEgress", "RequestLimitExceeded")).failed("RestoreRules")
    assert grace_period(account) == PINNED
    account.run("release-rules", REAL, approve=APPROVE, faults=Fault("sns", "Publish", "AuthorizationErrorException", nth=2)).succeeded()


@drill("release-rules", "the tasks stay pinned while the load balancer is isolated, and the last release gives them their own grace period",
    changes=["objects/"])
def release_pinned(account: Account) -> None:
    own = grace_period(account)
    for first, last in (("rules", "edge"), ("edge", "rules")):
        account.run("isolate-rules", REAL).succeeded()
        account.run("isolate-edge", REAL).succeeded()
        account.run(f"release-{first}", REAL, approve=APPROVE).succeeded()
        assert grace_period(account) == PINNED
        account.run(f"release-{last}", REAL, approve=APPROVE).succeeded()
        assert grace_period(account) == own


@drill("isolate-rules", "the tasks' own grace period is saved although the load balancer's isolation pinned them", changes=["objects/"])
def isolate_pinned(account: Account) -> None:
    own = grace_period(account)
    account.run("isolate-edge", REAL).succeeded()
    account.run("isolate-rules", REAL).succeeded()
    assert saved(account, "isolate-rules")["healthCheckGracePeriodSeconds"] == own
    for each in ("edge", "rules"):
        account.run(f"release-{each}", REAL, approve=APPROVE).succeeded()
    assert grace_period(account) == own


@drill("tighten-security-groups", "finds nothing in an environment as it was deployed")
def tighten_nothing(account: Account) -> None:
    run = account.run("tighten-security-groups", REAL, approve=APPROVE, changes=[]).succeeded()
    assert not run.approvals
    assert "0 rules are not in the template" in account.messages()[-1]["message"]


@tightened("a dry run changes nothing, and lists what is not the template's, whatever it calls itself")
def tighten_dry(account: Account) -> None:
    message = dry_run(account, "tighten-security-groups", DRY)
    assert "5 rules are not in the template:" in message, message
    assert "in tcp 22-22 from 203.0.113.9/32 (Load balancer to the tasks)" in message and "{{" not in message, message


@drill("tighten-security-groups", "revokes exactly what was approved, and release-rules gives it back")
def tighten(account: Account) -> None:
    clean = account.snapshot()
    _foreign(account)
    before = account.snapshot()
    [approval] = account.run("tighten-security-groups", REAL, approve=APPROVE).succeeded().approvals
    assert approval.message.count(" (") == 5, approval.message
    account.unchanged(clean, but=["objects/"])
    account.run("tighten-security-groups", REAL).succeeded()
    run = account.run("release-rules", TIGHTENED, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])
    assert not run.called("ecs", "UpdateService")


@tightened("fails if a rule comes back while it revokes")
def tighten_left(account: Account) -> None:
    rule = _tcp(22, Description="Load balancer to the tasks")
    account.meanwhile("ec2", "RevokeSecurityGroupIngress", lambda: _let_in(account, rule), after=True)
    account.run("tighten-security-groups", REAL, approve=APPROVE).failed("RevokeRules", because="1 rules are left")


@drill("tighten-security-groups", "looks at every group of the environment, in both directions")
def tighten_everywhere(account: Account) -> None:
    clean, ec2 = account.snapshot(), account.client("ec2")
    rule = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "203.0.113.9/32"}]}
    for group in account.all("AWS::EC2::SecurityGroup"):
        ec2.authorize_security_group_ingress(GroupId=group.ref, IpPermissions=[rule])
        ec2.authorize_security_group_egress(GroupId=group.ref, IpPermissions=[rule])
    before = account.snapshot()
    account.run("tighten-security-groups", REAL, approve=APPROVE).succeeded()
    account.unchanged(clean, but=["objects/"])
    account.run("release-rules", TIGHTENED, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])


@tightened("without consent every rule stays")
def tighten_rejected(account: Account) -> None:
    for answer in (REJECT, TIMEOUT):
        account.run("tighten-security-groups", REAL, approve=answer, changes=["objects/"]).failed("Approve")


@tightened("a save that fails touches nothing and asks nobody")
def tighten_unsaved(account: Account) -> None:
    fault = Fault("s3", "PutObject", "AccessDenied")
    run = account.run("tighten-security-groups", REAL, approve=APPROVE, faults=fault, changes=[]).failed("SaveState")
    assert not run.approvals


@drill("tighten-security-groups", "a rule that changed after it was approved stays")
def tighten_changed(account: Account) -> None:
    _let_in(account, _tcp(22))

    def change(_: object) -> str:
        account.client("ec2").revoke_security_group_ingress(GroupId=_tasks(account), IpPermissions=[_tcp(22)])
        _let_in(account, _tcp(23))
        return APPROVE

    account.run("tighten-security-groups", REAL, approve=change).succeeded()
    assert [each["FromPort"] for each in _rules(account, _tasks(account)) if each.get("CidrIpv4") == "203.0.113.9/32"] == [23]
    assert "0 of 1 rules had not changed" in account.messages()[-1]["message"]


@drill("tighten-security-groups", "no more than an approver can read, and what an incident did not save stays")
def tighten_many(account: Account) -> None:
    clean = account.snapshot()
    _let_in(account, *(_tcp(port, Description="d" * 255) for port in range(9000, 9018)))
    [approval] = account.run("tighten-security-groups", REAL, approve=APPROVE).succeeded().approvals
    assert "18 rules are not in the template, 15 of them now" in approval.message
    assert len(approval.message) <= 4096
    account.run("tighten-security-groups", REAL, approve=APPROVE, changes=[]).failed("Plan", because="use another incident ID")
    account.run("tighten-security-groups", OTHER, approve=APPROVE,
        faults=Fault("sns", "Publish", "AuthorizationErrorException", nth=2)).succeeded()
    account.unchanged(clean, but=["objects/"])
