"""Aurora in virtual time, with what RDS does when a request leaves something
out: moto restores a cluster at once, and as a copy of its source."""

import datetime
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends
from moto.rds.models import DBCluster, rds_backends

from ..errors import ApiError

if TYPE_CHECKING:
    from .account import Account

#: Virtual seconds until what is made is available.
RESTORE_SECONDS, INSTANCE_SECONDS, SNAPSHOT_SECONDS = 1200, 480, 600

#: Virtual seconds until the old security groups of a cluster are gone, until
#: the new ones are in effect, and until a change with a password is.
REMOVE_SECONDS, MODIFY_SECONDS, PASSWORD_SECONDS = 10, 20, 60

#: How far behind the present a cluster can be restored.
LAG = datetime.timedelta(minutes=5)

#: What a restored cluster is without these parameters, by the names that moto
#: has for them: not what its source is.
_OMITTED = {
    "CopyTagsToSnapshot": ("copy_tags_to_snapshot", False),
    "DeletionProtection": ("deletion_protection", False),
    "EnableCloudwatchLogsExports": ("enabled_cloudwatch_logs_exports", []),
    "EnableIAMDatabaseAuthentication": ("iam_auth", False),
    "ServerlessV2ScalingConfiguration": ("serverless_v2_scaling_configuration", None),
    "Tags": ("tags", []),
}


class Databases:
    """The account's clusters."""

    def __init__(self, account: "Account"):
        self._account = account

    @property
    def _backend(self):
        return rds_backends[self._account.id][self._account.region]

    def begin(self) -> None:
        """Sets the earliest restorable time of each cluster by its retention."""
        for cluster in self._backend.clusters.values():
            kept = datetime.timedelta(days=cluster.backup_retention_period)
            cluster.earliest_restorable_time = _naive(self._account.clock.datetime()) - kept

    def restore(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Restores, within the backups' time and in twenty minutes, no data, and gives what the request leaves out its default."""
        source = self._available(parameters["SourceDBClusterIdentifier"])
        if parameters["DBClusterIdentifier"].lower() in self._backend.clusters:
            raise ApiError("DBClusterAlreadyExistsFault", parameters["DBClusterIdentifier"])
        if "DBSubnetGroupName" not in parameters:
            raise ApiError("DBSubnetGroupNotFoundFault", "there is no default subnet group")
        self._check_time(parameters, source)
        self._account.bare.client("rds").restore_db_cluster_to_point_in_time(**parameters)
        restored = self._backend.clusters[parameters["DBClusterIdentifier"].lower()]
        for name, (attribute, value) in _OMITTED.items():
            if name not in parameters:
                setattr(restored, attribute, value)
        if "VpcSecurityGroupIds" not in parameters:
            restored.vpc_security_group_ids = [self._default_group(parameters["DBSubnetGroupName"])]
        self.busy(parameters["DBClusterIdentifier"], RESTORE_SECONDS, "creating")
        return {"DBCluster": self._described("describe_db_clusters", "DBClusters", parameters, "DBClusterIdentifier")}

    def create_instance(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Takes eight minutes, and wants a cluster that is available."""
        self._available(parameters["DBClusterIdentifier"])
        self._account.bare.client("rds").create_db_instance(**parameters)
        instance = self._backend.databases[parameters["DBInstanceIdentifier"].lower()]
        instance.status = "creating"
        self._account.clock.after(INSTANCE_SECONDS, lambda: setattr(instance, "status", "available"))
        return {"DBInstance": self._described("describe_db_instances", "DBInstances", parameters, "DBInstanceIdentifier")}

    def create_snapshot(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Takes ten minutes in which the cluster is backing-up, and wants one that is available."""
        cluster = self._available(parameters["DBClusterIdentifier"])
        self._account.bare.client("rds").create_db_cluster_snapshot(**parameters)
        snapshot = self._backend.cluster_snapshots[parameters["DBClusterSnapshotIdentifier"].lower()]
        snapshot.status = "creating"
        self.busy(cluster.db_cluster_identifier, SNAPSHOT_SECONDS, "backing-up")
        self._account.clock.after(SNAPSHOT_SECONDS, lambda: setattr(snapshot, "status", "available"))
        return {"DBClusterSnapshot": self._described(
            "describe_db_cluster_snapshots", "DBClusterSnapshots", parameters, "DBClusterSnapshotIdentifier")}

    def modify(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Wants a cluster that is available, takes up to a minute, and without ApplyImmediately leaves all pending, more than RDS does."""
        cluster = self._available(parameters["DBClusterIdentifier"])
        if parameters.get("ApplyImmediately") and _changes(cluster, parameters):
            self._change_groups(cluster, parameters.get("VpcSecurityGroupIds", cluster.vpc_security_group_ids))
            seconds = PASSWORD_SECONDS if "MasterUserPassword" in parameters else MODIFY_SECONDS
            self.busy(cluster.db_cluster_identifier, seconds, "modifying")
            self._account.clock.after(seconds, lambda: self._account.bare.client("rds").modify_db_cluster(**parameters))
        return {"DBCluster": self._described("describe_db_clusters", "DBClusters", parameters, "DBClusterIdentifier")}

    def _change_groups(self, cluster: DBCluster, wanted: list[str]) -> None:
        before = cluster.vpc_security_group_ids
        after = {group: "active" if group in before else "adding" for group in wanted}
        setattr(cluster, "changing_groups", {**dict.fromkeys(before, "removing"), **after})
        self._account.clock.after(REMOVE_SECONDS, lambda: setattr(cluster, "changing_groups", after))
        self._account.clock.after(MODIFY_SECONDS, lambda: setattr(cluster, "changing_groups", {}))

    def busy(self, identifier: str, seconds: float, status: str = "backing-up") -> None:
        """Makes RDS busy with the cluster: it refuses every change meanwhile."""
        cluster = self._backend.clusters[identifier.lower()]
        setattr(cluster, "busy", status)
        self._account.clock.after(seconds, lambda: setattr(cluster, "busy", ""))

    def rest(self, identifier: str) -> None:
        """Makes the cluster available again."""
        setattr(self._backend.clusters[identifier.lower()], "busy", "")

    def _available(self, identifier: str) -> DBCluster:
        cluster = self._backend.clusters.get(identifier.rsplit(":", 1)[-1].lower())
        if cluster is None:
            raise ApiError("DBClusterNotFoundFault", f"DBCluster {identifier} not found.")
        if cluster.status != "available":
            raise ApiError("InvalidDBClusterStateFault", f"{identifier} is {cluster.status}")
        return cluster

    def _check_time(self, parameters: dict[str, Any], source: DBCluster) -> None:
        moment, latest = parameters.get("RestoreToTime"), parameters.get("UseLatestRestorableTime", False)
        if bool(moment) == bool(latest):
            raise ApiError("InvalidParameterCombination", "RestoreToTime or UseLatestRestorableTime, and not both")
        if moment is None:
            return
        if not isinstance(moment, datetime.datetime):
            moment = datetime.datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
        if not source.earliest_restorable_time <= _naive(moment) <= _naive(self._account.clock.datetime()) - LAG:
            raise ApiError("InvalidParameterValue", f"{moment} is outside of the time that can be restored")

    def _default_group(self, subnet_group: str) -> str:
        vpc = self._backend.subnet_groups[subnet_group].vpc_id
        groups = ec2_backends[self._account.id][self._account.region].groups[vpc].values()
        return next(group.id for group in groups if group.name == "default")

    def _described(self, method: str, key: str, parameters: dict[str, Any], name: str) -> Any:
        found = getattr(self._account.bare.client("rds"), method)(**{name: parameters[name]})
        return found[key][0]


def _changes(cluster: DBCluster, parameters: dict[str, Any]) -> bool:
    """Reports whether the request changes anything."""
    others = parameters.keys() - {"ApplyImmediately", "DBClusterIdentifier", "VpcSecurityGroupIds"}
    return bool(others) or parameters.get("VpcSecurityGroupIds") != cluster.vpc_security_group_ids


def _naive(moment: datetime.datetime) -> datetime.datetime:
    """In UTC without saying so, as moto has its times."""
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
