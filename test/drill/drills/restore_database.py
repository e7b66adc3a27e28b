"""Drills of restore-database."""

import datetime

from engine import APPROVE, Account, Call, Execution, Fault, drill, environment_name
from helpers import DRY, INCIDENT

OLD = environment_name()
NEW = f"{OLD}-{INCIDENT}"
LATEST = DRY | {"RestoreTo": "latest"}


def ago(**time: float) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**time)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def restored(account: Account, run: Execution) -> Call:
    """Checks that the new cluster is what the old one is, and protected, and
    gives the call that restored it."""
    (call,) = run.called("rds", "RestoreDBClusterToPointInTime")
    assert call.parameters.get("KmsKeyId"), "the key of the account would be taken"
    assert call.parameters.get("Port") == account.one("AWS::RDS::DBCluster").properties["Port"], call.parameters
    clusters = account.snapshot()["clusters"]
    old, new = clusters[OLD], clusters[NEW]
    for name in old.keys() - {"Endpoint", "members", "TagList", "DeletionProtection"}:
        assert new.get(name) == old[name], f"{name}: {new.get(name)}, want {old[name]}"
    assert new["StorageEncrypted"] and new["DeletionProtection"]
    tags = {tag["Key"]: tag["Value"] for tag in new["TagList"]}
    assert tags == {**{tag["Key"]: tag["Value"] for tag in old["TagList"]}, "incident": INCIDENT}
    return call


@drill("restore-database", "the new cluster has the settings of the old one, and is protected",
       changes=[f"clusters/{NEW}", f"instances/{NEW}", f"snapshots/rds:{NEW}"])
def restores_latest(account: Account) -> None:
    run = account.run("restore-database", LATEST, approve=APPROVE).succeeded()
    call = restored(account, run)
    assert call.parameters["UseLatestRestorableTime"] is True and "RestoreToTime" not in call.parameters
    assert run.outputs == {"FindCluster.Endpoint": account.snapshot()["clusters"][NEW]["Endpoint"]}


@drill("restore-database", "a time is restored with the same settings")
def restores_time(account: Account) -> None:
    time = ago(hours=3)
    run = account.run("restore-database", {**LATEST, "RestoreTo": time}, approve=APPROVE).succeeded()
    call = restored(account, run)
    assert str(call.parameters.get("RestoreToTime")) == time and "UseLatestRestorableTime" not in call.parameters


@drill("restore-database", "makes as many instances as there were, with their settings")
def instances(account: Account) -> None:
    run = account.run("restore-database", LATEST, approve=APPROVE).succeeded()
    calls, templates = run.called("rds", "CreateDBInstance"), account.all("AWS::RDS::DBInstance")
    assert len(calls) == len(templates) == len(account.snapshot()["clusters"][NEW]["members"])
    own = ("DBClusterIdentifier", "DBInstanceIdentifier", "Tags",
           # What it has once it is adopted: the window, and the role for monitoring, of the data stack.
           "MonitoringInterval", "MonitoringRoleArn", "PreferredMaintenanceWindow")
    for call, template in zip(calls, sorted(templates, key=lambda each: each.properties["PromotionTier"])):
        made = {name: value for name, value in call.parameters.items() if name not in own}
        want = {name: value for name, value in template.properties.items() if name not in own}
        assert made == want, f"{made}, want {want}"
        assert call.parameters.get("Tags") == account.snapshot()["clusters"][NEW]["TagList"], call.parameters


@drill("restore-database", "a time that the backups do not hold is a failure before anybody is asked")
def outside_window(account: Account) -> None:
    for time in (ago(days=36), ago(days=-1), ago(minutes=1)):
        run = account.run("restore-database", {**LATEST, "RestoreTo": time}, approve=APPROVE, changes=[]).failed(
            "CheckSource", because="outside what the backups hold")
        assert not run.approvals


@drill("restore-database", "a name that is taken is a failure before anybody is asked")
def name_taken(account: Account) -> None:
    account.run("restore-database", LATEST, approve=APPROVE).succeeded()
    run = account.run("restore-database", LATEST, approve=APPROVE, changes=[]).failed("CheckSource", because="exists already")
    assert not run.approvals


@drill("restore-database", "a cluster that was restored can be restored again")
def restores_restored(account: Account) -> None:
    account.run("restore-database", LATEST, approve=APPROVE).succeeded()
    again = {"IncidentId": f"{INCIDENT}-2", "RestoreTo": "latest", "Source": NEW}
    run = account.run("restore-database", again, approve=APPROVE).succeeded()
    assert run.called("rds", "RestoreDBClusterToPointInTime")[0].parameters["SourceDBClusterIdentifier"] == NEW
    account.run("restore-database", {**again, "IncidentId": "inc-lost", "Source": f"{OLD}-inc-none"}).failed(
        "CheckSource", because="DBClusterNotFound")


@drill("restore-database", "what RDS refuses leaves nothing half done but what it names")
def rds_fails(account: Account) -> None:
    for operation, step, changes in (("RestoreDBClusterToPointInTime", "RestoreLatest", []),
                                     ("CreateDBInstance", "CreateInstances", [f"clusters/{NEW}", f"snapshots/rds:{NEW}"])):
        fault = Fault("rds", operation, "InsufficientStorageClusterCapacity")
        run = account.run("restore-database", LATEST, approve=APPROVE, faults=fault, changes=changes).failed(step)
    restored(account, run)


@drill("restore-database", "waits while evidence of the cluster is preserved")
def source_busy(account: Account) -> None:
    account.client("rds").create_db_cluster_snapshot(
        DBClusterIdentifier=account.one("AWS::RDS::DBCluster").ref, DBClusterSnapshotIdentifier="during")
    account.run("restore-database", {"IncidentId": "inc-busy", "RestoreTo": "latest"}, approve=APPROVE).succeeded()
    assert f"{OLD}-inc-busy" in account.snapshot()["clusters"]


@drill("restore-database", "waits for the cluster that it restores, not for another one")
def restored_source_busy(account: Account) -> None:
    account.run("restore-database", LATEST, approve=APPROVE).succeeded()
    account.databases.busy(NEW, 1200)
    account.run("restore-database", {"IncidentId": f"{INCIDENT}-2", "RestoreTo": "latest", "Source": NEW}, approve=APPROVE).succeeded()
    assert f"{NEW}-2" in account.snapshot()["clusters"]


@drill("restore-database", "asks RDS all the same after an hour")
def source_busy_for_long(account: Account) -> None:
    account.databases.busy(account.one("AWS::RDS::DBCluster").ref, 7200)
    account.meanwhile("rds", "RestoreDBClusterToPointInTime", lambda: account.databases.rest(account.one("AWS::RDS::DBCluster").ref))
    account.run("restore-database", {"IncidentId": "inc-busy", "RestoreTo": "latest"}, approve=APPROVE).succeeded()
    assert f"{OLD}-inc-busy" in account.snapshot()["clusters"]
