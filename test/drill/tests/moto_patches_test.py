"""Tests of the patches of moto: each has an effect, and moto alone is wrong."""

import datetime
import unittest
from collections.abc import Callable

from engine.account import moto_patches
from engine.errors import DrillError

from .fixture import ACCOUNT

EC2, ECS, RDS, SECRETS = (ACCOUNT.client(each) for each in ("ec2", "ecs", "rds", "secretsmanager"))
GROUP, CLUSTER = ACCOUNT.one("AWS::EC2::SecurityGroup").ref, ACCOUNT.one("AWS::RDS::DBCluster").ref
DIGEST = "sha256:" + "a" * 64
NETWORK = {"awsvpcConfiguration": {"subnets": [ACCOUNT.one("AWS::EC2::Subnet", "Subneta").ref], "securityGroups": [GROUP]}}


def start_task(service: str, **memory: int) -> None:
    """Starts a task of the service in the cluster tasks."""
    ECS.create_cluster(clusterName="tasks")
    ECS.register_task_definition(
        family="tasks", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[{"name": "app", "image": f"app@{DIGEST}", **memory}])
    ECS.run_task(cluster="tasks", taskDefinition="tasks", launchType="FARGATE", group=f"service:{service}",
                 networkConfiguration=NETWORK)


def tasks_of(service: str) -> list[dict]:
    arns = ECS.list_tasks(cluster="tasks", serviceName=service)["taskArns"]
    return ECS.describe_tasks(cluster="tasks", tasks=arns)["tasks"] if arns else []


def rules_keep_descriptions() -> bool:
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [
        {"PrefixListId": "pl-12345678", "Description": "a list"}], "UserIdGroupPairs": [{"GroupId": GROUP, "Description": "a group"}]}
    EC2.authorize_security_group_ingress(GroupId=GROUP, IpPermissions=[permission])
    try:
        rules = EC2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [GROUP]}])["SecurityGroupRules"]
        return {rule.get("Description") for rule in rules if not rule["IsEgress"]} == {"a list", "a group"}
    finally:
        EC2.revoke_security_group_ingress(GroupId=GROUP, IpPermissions=[permission])


def containers_have_digests() -> bool:
    start_task("digest", memory=128)
    return tasks_of("digest")[-1]["containers"][0].get("imageDigest") == DIGEST


def tasks_know_their_age() -> bool:
    start_task("age", memory=128)
    made = tasks_of("age")[-1].get("createdAt")
    return bool(made) and abs((made - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60


def tasks_belong_to_services() -> bool:
    start_task("one", memory=128)
    start_task("two", memory=128)
    return {task["group"] for task in tasks_of("one")} == {"service:one"}


def tasks_end_with_their_service() -> bool:
    start_task("ended", memory=128)
    ECS.create_service(cluster="tasks", serviceName="ended", taskDefinition="tasks", desiredCount=0)
    ECS.delete_service(cluster="tasks", service="ended", force=True)
    return not any(task["group"] == "service:ended" for task in ECS.describe_tasks(
        cluster="tasks", tasks=ACCOUNT.deployments.task_arns("tasks"))["tasks"])


def fargate_containers_need_no_limits() -> bool:
    start_task("unlimited")
    return bool(tasks_of("unlimited"))


def secret() -> str:
    return SECRETS.create_secret(Name=f"patches-{len(SECRETS.list_secrets()['SecretList'])}", SecretString="old")["ARN"]


def versions_know_their_age() -> bool:
    arn = secret()
    SECRETS.put_secret_value(SecretId=arn, SecretString="newer")
    made = {stage: version["CreatedDate"] for version in SECRETS.list_secret_version_ids(SecretId=arn)["Versions"]
            for stage in version["VersionStages"]}
    return made["AWSPREVIOUS"] < made["AWSCURRENT"]


def one_version_is_current() -> bool:
    arn = secret()
    before = SECRETS.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["VersionId"]
    pending = SECRETS.put_secret_value(SecretId=arn, SecretString="moved", VersionStages=["AWSPENDING"])["VersionId"]
    SECRETS.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId=before)
    moved = SECRETS.get_secret_value(SecretId=arn)["SecretString"] == "moved"
    SECRETS.put_secret_value(SecretId=arn, SecretString="next")
    stages = SECRETS.describe_secret(SecretId=arn)["VersionIdsToStages"]
    return moved and sum("AWSCURRENT" in each for each in stages.values()) == 1


def clusters_take_their_time() -> bool:
    ACCOUNT.databases.busy(CLUSTER, 60)
    try:
        return RDS.describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]["Status"] == "backing-up"
    finally:
        ACCOUNT.databases.rest(CLUSTER)


def groups_of_clusters_take_their_time() -> bool:
    RDS.modify_db_cluster(DBClusterIdentifier=CLUSTER, VpcSecurityGroupIds=["sg-0123456789abcdef0"], ApplyImmediately=True)
    found = RDS.describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]["VpcSecurityGroups"]
    ACCOUNT.clock.sleep(60)
    RDS.modify_db_cluster(DBClusterIdentifier=CLUSTER, VpcSecurityGroupIds=[GROUP], ApplyImmediately=True)
    ACCOUNT.clock.sleep(60)
    return {each["Status"] for each in found} == {"adding", "removing"}


def backups_lag_behind() -> bool:
    latest = RDS.describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]["LatestRestorableTime"]
    return (datetime.datetime.now(datetime.timezone.utc) - latest).total_seconds() >= 300


def holds(probe: Callable[[], bool]) -> bool:
    """Reports whether the probe succeeds."""
    try:
        return probe()
    except (Exception, DrillError):  # moto alone may refuse the call
        return False


class Patches(unittest.TestCase):
    def test_each_patch_corrects_what_moto_alone_gets_wrong(self) -> None:
        for patch in moto_patches.ALL:
            with self.subTest(patch.__name__):
                probe = globals()[patch.__name__]
                self.assertTrue(probe(), f"{patch.__name__} has no effect")
                with moto_patches.without(patch):
                    self.assertFalse(holds(probe), f"moto is right by itself: remove {patch.__name__}")
                self.assertTrue(probe(), f"{patch.__name__} is not restored")
