"""Drills of isolating the load balancer and the database, and of releasing
them. Both are alike: what holds for one must hold for the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import APPROVE, Account, Fault, drill
from helpers import DRY, INCIDENT, OTHER, PINNED, REAL, answers, bucket, dry_run, grace_period, others_first, save, saved


@dataclass(frozen=True)
class Target:
    """The resource that a pair of runbooks isolates and releases."""

    noun: str
    isolate: str
    release: str
    isolated: str
    service: str
    swap: str
    groups: Callable[[Account], list[str]]
    give: Callable[[Account, list[str]], None]


def _balancer_groups(account: Account) -> list[str]:
    return account.client("elbv2").describe_load_balancers()["LoadBalancers"][0]["SecurityGroups"]


def _give_balancer(account: Account, groups: list[str]) -> None:
    balancer = account.one("AWS::ElasticLoadBalancingV2::LoadBalancer").ref
    account.client("elbv2").set_security_groups(LoadBalancerArn=balancer, SecurityGroups=groups)


def _cluster_groups(account: Account) -> list[str]:
    """The groups, once they are in effect."""
    groups = account.client("rds").describe_db_clusters()["DBClusters"][0]["VpcSecurityGroups"]
    assert all(group["Status"] == "active" for group in groups), f"not in effect yet: {groups}"
    return [group["VpcSecurityGroupId"] for group in groups]


def _give_cluster(account: Account, groups: list[str]) -> None:
    _start_giving(account, groups)
    account.clock.sleep(20)


def _start_giving(account: Account, groups: list[str]) -> None:
    cluster = account.one("AWS::RDS::DBCluster").ref
    account.client("rds").modify_db_cluster(DBClusterIdentifier=cluster, VpcSecurityGroupIds=groups, ApplyImmediately=True)


TARGETS = [
    Target("load balancer", "isolate-edge", "release-edge", "IsolatedLoadBalancer", "elbv2", "SetSecurityGroups", _balancer_groups,
        _give_balancer),
    Target("database", "isolate-database", "release-database", "IsolatedDatabase", "rds", "ModifyDBCluster", _cluster_groups,
        _give_cluster),
]


def _group(account: Account, logical_id: str) -> str:
    return account.one("AWS::EC2::SecurityGroup", logical_id).ref


def both(which: str, name: str, **how: Any) -> Callable[[Callable[[Account, Target], None]], Callable[[Account, Target], None]]:
    """Registers a drill of isolating each of the targets, or of releasing it after it was isolated."""
    def register(function: Callable[[Account, Target], None]) -> Callable[[Account, Target], None]:
        for target in TARGETS:
            def scenario(account: Account, target: Target = target) -> None:
                if which == "release":
                    account.run(target.isolate, REAL).succeeded()
                function(account, target)

            drill(getattr(target, which), f"{target.noun}: {name}", **how)(scenario)
        return function
    return register


@both("isolate", "a dry run changes nothing, and tells what it would do")
def isolate_dry_run(account: Account, target: Target) -> None:
    message = dry_run(account, target.isolate, DRY)
    for word in (target.groups(account)[0], _group(account, target.isolated)):
        assert word in message, message


@both("isolate", "nobody gets in, the tasks are pinned, no rule changes, and somebody hears how to undo it")
def isolates(account: Account, target: Target) -> None:
    before = account.snapshot()
    account.run(target.isolate, REAL).succeeded()
    assert target.groups(account) == [_group(account, target.isolated)]
    assert grace_period(account) == PINNED
    [scaling] = account.snapshot()["scaling"].values()
    assert scaling["suspended"] == ["DynamicScalingInSuspended"], scaling
    account.unchanged(before, but=["balancers/", "clusters/", "services/", "scaling/", "objects/"])
    assert len(account.changes(before)) == 4
    [message] = account.messages()
    assert f"{target.release} with {INCIDENT}" in message["message"], message


@both("isolate", "twice, then release gives back exactly what was there, in its order")
def twice(account: Account, target: Target) -> None:
    more = [_group(account, "Rotation"), *target.groups(account)]
    target.give(account, more)
    before = account.snapshot()
    account.run(target.isolate, REAL).succeeded()
    first = saved(account, target.isolate)
    account.run(target.isolate, REAL).succeeded()
    assert saved(account, target.isolate) == first, "the second run saved anew"
    account.run(target.release, REAL, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])
    assert target.groups(account) == more
    account.run(target.release, REAL, approve=APPROVE).succeeded()
    account.run(target.isolate, REAL).succeeded()
    assert target.groups(account) == [_group(account, target.isolated)]


@both("isolate", "isolates and releases its own, whatever else is in the account")
def beside_others(account: Account, target: Target) -> None:
    others_first(account)
    before = account.snapshot()
    account.run(target.isolate, REAL).succeeded()
    account.run(target.release, REAL, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])


@both("isolate", "what was there is saved with the incident, the runbook, the run and the time")
def saves(account: Account, target: Target) -> None:
    groups, grace = target.groups(account), grace_period(account)
    run = account.run(target.isolate, REAL).succeeded()
    state = saved(account, target.isolate)
    assert state["securityGroups"] == groups
    assert state["healthCheckGracePeriodSeconds"] == grace
    assert (state["incident"], state["runbook"], state["execution"]) == (INCIDENT, target.isolate, run.id)
    assert state["time"].endswith("+00:00")
    put, swapped = (run.calls.index(run.called(*name)[0]) for name in (("s3", "PutObject"), (target.service, target.swap)))
    assert put < swapped


@both("isolate", "isolates although pinning the tasks fails, and says that it failed")
def pin_fails(account: Account, target: Target) -> None:
    run = account.run(target.isolate, REAL, faults=Fault("ecs", "UpdateService", "AccessDeniedException")).failed("PinTasks")
    assert run.step("WaitForGroups").status == "Success"
    assert target.groups(account) == [_group(account, target.isolated)]


@both("isolate", "tries again when AWS refuses once")
def refused_once(account: Account, target: Target) -> None:
    account.run(target.isolate, REAL, faults=Fault(target.service, target.swap, "ThrottlingException")).succeeded()
    assert target.groups(account) == [_group(account, target.isolated)]


@both("isolate", "a swap that fails keeps what was saved, and a second run goes on from it", changes=["objects/"])
def swap_fails(account: Account, target: Target) -> None:
    account.run(target.isolate, REAL, faults=Fault(target.service, target.swap, "AccessDenied", times=7)).failed("SwapGroups")
    account.run(target.isolate, REAL).succeeded()
    account.run(target.release, REAL, approve=APPROVE).succeeded()


@both("isolate", "fails for another incident than the one that isolated")
def other_incident(account: Account, target: Target) -> None:
    account.run(target.isolate, REAL).succeeded()
    account.run(target.isolate, OTHER, changes=[]).failed("Plan", because="isolated already")


@both("isolate", "fails where somebody changed the groups after the incident saved them")
def changed_since(account: Account, target: Target) -> None:
    account.run(target.isolate, REAL).succeeded()
    target.give(account, [_group(account, "Rotation")])
    account.run(target.isolate, REAL, changes=[]).failed("Plan", because="use another incident ID")


@both("release", "a dry run changes nothing and asks nobody")
def release_dry_run(account: Account, target: Target) -> None:
    message = dry_run(account, target.release, DRY)
    for word in (INCIDENT, *saved(account, target.isolate)["securityGroups"], _group(account, target.isolated)):
        assert word in message, message


@both("release", "a wrong incident id changes nothing")
def release_unknown(account: Account, target: Target) -> None:
    account.run(target.release, OTHER, approve=APPROVE, changes=[]).failed("Plan", because="saved nothing")


@both("release", "what was saved of something else, or while it was isolated, changes nothing")
def release_foreign(account: Account, target: Target) -> None:
    state, groups = saved(account, target.isolate), target.groups(account)
    for number, (wrong, because) in enumerate((
        ({"incident": INCIDENT}, "has the incident"),
        ({"runbook": "isolate-something"}, "has the runbook"),
        ({"resource": "another"}, "saved the"),
        ({"securityGroups": []}, "no security groups to give back"),
        ({"securityGroups": groups}, "no security groups to give back"),
    )):
        incident = f"inc-20260102-{number}x"
        save(account, incident, target.isolate, state | {"incident": incident} | wrong)
        account.run(target.release, {"IncidentId": incident, "DryRun": "false"}, approve=APPROVE).failed("Plan", because=because)
    assert target.groups(account) == groups
    assert grace_period(account) == PINNED


@both("release", "gives back what was saved first, whatever was written over it or deleted since", changes=["objects/"])
def release_first(account: Account, target: Target) -> None:
    state = saved(account, target.isolate)
    save(account, INCIDENT, target.isolate, state | {"securityGroups": [_group(account, "Rotation")]})
    account.client("s3").delete_object(Bucket=bucket(account), Key=f"incidents/{INCIDENT}/{target.isolate}/state.json")
    account.run(target.isolate, REAL).succeeded()
    account.run(target.release, REAL, approve=APPROVE).succeeded()


@both("isolate", "of two that start at once the earlier goes on, the later does not")
def at_once(account: Account, target: Target) -> None:
    later = []
    account.meanwhile("ssm", "DescribeAutomationExecutions", lambda: later or later.append(account.pretend_running(target.isolate)))
    account.run(target.isolate, REAL).succeeded()
    account.run(target.isolate, REAL).failed("RefuseSecondStart", because=later[0].id)


@both("release", "fails where somebody gave it other groups meanwhile")
def release_changed(account: Account, target: Target) -> None:
    target.give(account, [_group(account, "Rotation")])
    account.run(target.release, REAL, approve=APPROVE, changes=[]).failed("Plan", because="neither isolated nor as it was")


@both("release", "can be repeated after it failed half-way", changes=["objects/"])
def release_again(account: Account, target: Target) -> None:
    account.run(target.release, REAL, approve=APPROVE, faults=Fault("ecs", "UpdateService", "ServerException")).failed("UnpinTasks")
    account.run(target.release, REAL, approve=APPROVE).succeeded()


@both("release", "tries again when AWS refuses once, and gives up when it goes on refusing")
def release_refused(account: Account, target: Target) -> None:
    refused = Fault(target.service, target.swap, "AccessDenied", times=7)
    account.run(target.release, REAL, approve=APPROVE, faults=refused, changes=[]).failed("SwapGroups")
    account.run(target.release, REAL, approve=APPROVE, faults=Fault(target.service, target.swap, "ThrottlingException")).succeeded()


@both("release", "nobody isolates it anew while consent is awaited")
def release_meanwhile(account: Account, target: Target) -> None:
    def approve(_: object) -> str:
        account.run(target.isolate, REAL).failed("RefuseSecondStart", because=f"{target.release} is running")
        account.run(target.release, REAL, approve=APPROVE).failed("RefuseSecondStart", because=f"{target.release} is running")
        return APPROVE

    account.run(target.release, REAL, approve=approve).succeeded()


@both("release", "the tasks stay pinned while the other is isolated, and get their own grace period at last", changes=["objects/"])
def pinned_by_both(account: Account, target: Target) -> None:
    [other] = [each for each in TARGETS if each is not target]
    account.run(other.isolate, OTHER).succeeded()
    account.run(target.release, REAL, approve=APPROVE).succeeded()
    assert grace_period(account) == PINNED
    assert "stay pinned" in account.messages()[-1]["message"]
    account.run(other.release, OTHER, approve=APPROVE).succeeded()


for each in ("isolate-database", "release-database"):
    @drill(each, "database: waits for an hour while RDS is at work on the cluster")
    def busy(account: Account, runbook: str = each) -> None:
        if runbook == "release-database":
            account.run("isolate-database", REAL).succeeded()
        account.databases.busy(account.one("AWS::RDS::DBCluster").ref, 3500)
        account.run(runbook, REAL, approve=APPROVE).succeeded()


@drill("isolate-database", "database: waits four minutes for the groups to be in effect")
def isolate_slowly(account: Account) -> None:
    changed: list[float] = []
    account.meanwhile("rds", "ModifyDBCluster", lambda: changed.append(account.clock.now))

    def adding(parsed: dict) -> None:
        for cluster in parsed["DBClusters"]:
            for group in cluster["VpcSecurityGroups"]:
                if changed and account.clock.now < changed[0] + 240:
                    group["Status"] = "adding"

    answers(account, "rds", "DescribeDBClusters", adding)
    account.run("isolate-database", REAL).succeeded()


@drill("isolate-database", "database: tells the failure when RDS is at work on the cluster for longer")
def isolate_too_busy(account: Account) -> None:
    account.databases.busy(account.one("AWS::RDS::DBCluster").ref, 7200)
    account.run("isolate-database", REAL).failed("SwapGroups", because="InvalidDBClusterStateFault")


@drill("isolate-database", "database: isolates as soon as RDS takes it, while evidence is preserved")
def isolate_after_snapshot(account: Account) -> None:
    # The snapshot is being made, and the runbook that started it waits for it.
    account.client("rds").create_db_cluster_snapshot(
        DBClusterIdentifier=account.one("AWS::RDS::DBCluster").ref, DBClusterSnapshotIdentifier="during")
    began, run = account.clock.now, account.run("isolate-database", REAL).succeeded()
    assert 500 < run.step("SwapGroups").ended - began < 630, run.history()


@drill("isolate-database", "database: changes the groups at once where RDS takes it, whatever the cluster's status is")
def isolate_at_once(account: Account) -> None:
    # RDS may take a change of groups while it backs up.
    account.meanwhile("rds", "ModifyDBCluster", lambda: account.databases.rest(account.one("AWS::RDS::DBCluster").ref))
    account.databases.busy(account.one("AWS::RDS::DBCluster").ref, 3600)
    run = account.run("isolate-database", REAL).succeeded()
    assert run.step("SwapGroups").ended - run.step("SwapGroups").started == 0, run.history()


@drill("isolate-edge", "load balancer: isolating or releasing fails if the groups do not take")
def no_effect(account: Account) -> None:
    own, isolated = _balancer_groups(account), [_group(account, "IsolatedLoadBalancer")]

    def somebody_gives(groups: list[str]) -> None:
        account.meanwhile("elbv2", "SetSecurityGroups", lambda: _give_balancer(account, groups), after=True)

    somebody_gives(own)
    account.run("isolate-edge", REAL).failed("WaitForGroups", because=f"want {isolated[0]}")
    somebody_gives(isolated)
    account.run("isolate-edge", REAL).succeeded()
    account.run("release-edge", REAL, approve=APPROVE).failed("WaitForGroups", because=f"want {', '.join(sorted(own))}")


@drill("isolate-database", "database: is neither isolated nor released while its groups are being changed")
def groups_changing(account: Account) -> None:
    own, other = _cluster_groups(account), [_group(account, "Rotation")]
    account.run("isolate-database", REAL).succeeded()
    for runbook, groups in (("isolate-database", other), ("release-database", own)):
        _start_giving(account, groups)
        account.clock.sleep(10)
        account.run(runbook, REAL, approve=APPROVE).failed("Plan", because="try again in a minute")
        account.clock.sleep(10)
        assert _cluster_groups(account) == groups
