"""Tests of the emulated account: snapshots, calls, faults, fakes and the delays of services."""

import datetime
import json
import unittest
from typing import Any
from unittest import mock

from engine import APPROVE, Fault
from engine.account import fakes

from .fixture import ACCOUNT, BUCKET, ask, call, fail, output, refused, restore, run, script


class Snapshots(unittest.TestCase):
    def test_a_snapshot_sees_what_changed_since_the_last(self) -> None:
        group, cluster = ACCOUNT.one("AWS::EC2::SecurityGroup").ref, ACCOUNT.one("AWS::RDS::DBCluster")
        tag = {"Key": "seen", "Value": "yes"}
        changes = {
            "groups": lambda: ACCOUNT.client("ec2").create_tags(Resources=[group], Tags=[tag]),
            "objects": lambda: ACCOUNT.bare.client("s3").put_object(Bucket=BUCKET, Key="seen", Body=b""),
            "rules": lambda: run(call("Revoke", "ec2", "RevokeSecurityGroupEgress", GroupId=group, IpPermissions=[
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])).succeeded(),
            "clusters": lambda: (ACCOUNT.clock.after(5, lambda: ACCOUNT.databases.busy(cluster.ref, 10)), ACCOUNT.clock.sleep(10)),
            "hub findings": lambda: ACCOUNT.hub_findings.update(seen="NEW"),
            "ops items": lambda: ACCOUNT.ops_items.append({"Title": "seen"}),
        }
        for area, change in changes.items():
            before = ACCOUNT.snapshot()
            change()
            assert {path.split("/")[0] for path in ACCOUNT.changes(before)} == {area}, area
        ACCOUNT.clock.sleep(10)
        ACCOUNT.ops_items.clear()
        ACCOUNT.hub_findings.clear()


class Calls(unittest.TestCase):
    def test_calls_are_recorded_with_their_step_and_error(self) -> None:
        execution = run(script("One", f"boto3.client('s3').list_objects_v2(Bucket='{BUCKET}')\nreturn {{}}"), fail("Two"))
        assert [(call.step, call.name, call.error) for call in execution.calls] == [
            ("One", "s3:ListObjectsV2", ""), ("Two", "s3:HeadBucket", "404")]

    def test_a_fault_strikes_the_call_that_it_names(self) -> None:
        put = f"for n in range(3):\n    boto3.client('s3').put_object(Bucket='{BUCKET}', Key=str(n), Body=b'')\nreturn {{}}"
        execution = run(script("One", put), faults=Fault("s3", "PutObject", "SlowDown", nth=2)).failed("One", because="SlowDown")
        assert [call.error for call in execution.calls] == ["", "SlowDown"]
        run(script("One", put), faults=Fault("s3", "PutObject", "Timeout")).failed("One", because="Timeout")

    def test_an_answer_may_be_lost_after_the_call(self) -> None:
        def put(key: str) -> dict[str, Any]:
            return script("One", f"boto3.client('s3').put_object(Bucket='{BUCKET}', Key='{key}', Body=b'')\nreturn {{}}")

        for key, after in (("never", False), ("lost", True)):
            execution = run(put(key), faults=Fault("s3", "PutObject", "Timeout", after=after)).failed("One", because="Timeout")
            assert [call.error for call in execution.calls] == ["Timeout"]
            assert (key in ACCOUNT.objects(BUCKET)) == after, key
        refused(lambda: Fault("s3", "PutObject", "SlowDown", after=True), "only its answer can be lost")

    def test_a_fake_that_answers_the_impossible_stops_the_drills(self) -> None:
        with mock.patch.dict(fakes.FAKES, {("sts", "GetSessionToken"): lambda account, parameters: {"Credential": {}}}):
            refused(lambda: ACCOUNT.client("sts").get_session_token(), "answers the impossible")

    def test_a_fake_for_no_operation_cannot_be(self) -> None:
        with self.assertRaisesRegex(Exception, "no operation"):
            fakes.fake("ecs", "UpdateTaskProtections")


class Limits(unittest.TestCase):
    def test_a_script_ends_after_ten_minutes_whatever_the_step_says(self) -> None:
        run(script("Long", "time.sleep(600)\nreturn {}", timeoutSeconds=900)).succeeded()
        run(script("Long", "time.sleep(601)\nreturn {}", timeoutSeconds=900)).failed("Long", because="SSM ends it after 600")
        run(script("Long", "time.sleep(601)\nraise ValueError", timeoutSeconds=900)).failed("Long", because="SSM ends it after 600")
        assert run(script("Long", "time.sleep(601)\nreturn {}")).failed("Long").status in ("Failed", "TimedOut")

    def test_a_call_of_a_step_ends_after_25_seconds(self) -> None:
        step = call("List", "s3", "ListBuckets")
        for seconds, status in ((25, "Success"), (26, "TimedOut")):
            ACCOUNT.meanwhile("s3", "ListBuckets", lambda seconds=seconds: ACCOUNT.clock.sleep(seconds), after=True)
            assert run(step).status == status
        ACCOUNT.meanwhile("s3", "ListBuckets", lambda: None, after=True)

    def test_a_step_gives_a_hundred_elements_of_a_list_at_most(self) -> None:
        def elements(number: int, kind: str) -> int:
            value = "{'n': 1}" if kind == "MapList" else "'n'"
            many = script("Many", f"return {{'N': [{value}] * {number}}}", [output("N", kind)])
            return len(run(many).succeeded().step("Many").outputs["N"])

        for kind in ("StringList", "MapList"):
            assert (elements(100, kind), elements(101, kind)) == (100, 100)

    def test_the_message_of_an_approval_has_4096_characters_at_most(self) -> None:
        for length, fails in ((4096, False), (4097, True)):
            step = ask()
            step["inputs"]["Message"] = "x" * length
            execution = run(step, approve=APPROVE)
            assert (execution.status == "Failed") == fails, execution.history()

    def test_a_run_is_listed_after_a_moment(self) -> None:
        look = "found = boto3.client('ssm').describe_automation_executions()['AutomationExecutionMetadataList']\nreturn {'First': found[0]['AutomationExecutionId']}"
        execution = run(script("Before", look, [output("First")]), script("Wait", "time.sleep(2)\nreturn {}"),
            script("After", look, [output("First")]))
        assert execution.succeeded().step("Before").outputs["First"] != execution.id == execution.step("After").outputs["First"]

    def test_cloudtrail_answers_twice_a_second_in_a_region(self) -> None:
        def asks(pause: float) -> dict[str, Any]:
            return script("Ask", f"for _ in range(5):\n    boto3.client('cloudtrail').lookup_events()\n    time.sleep({pause})\nreturn {{}}")

        ACCOUNT.clock.sleep(1)
        run(asks(0.5)).succeeded()
        ACCOUNT.clock.sleep(1)
        run(asks(0.4)).failed("Ask", because="ThrottlingException")
        ACCOUNT.clock.sleep(1)

    def test_one_export_at_a_time(self) -> None:
        ACCOUNT.client("logs").create_log_group(logGroupName="exported")
        one, two = (call(name, "logs", "CreateExportTask", logGroupName="exported", to=2, destination=BUCKET, **{"from": 1})
                    for name in ("One", "Two"))
        run(one, two).failed("Two", because="LimitExceededException")
        ACCOUNT.clock.sleep(fakes.EXPORT_SECONDS)
        run(one).succeeded()

    def test_a_rotation_starts_at_once_unless_the_schedule_is_to(self) -> None:
        secret = ACCOUNT.client("secretsmanager").create_secret(Name="rotated", SecretString='{"password": "a"}')["ARN"]
        stages = lambda: ACCOUNT.client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]  # noqa: E731
        run(call("Rotate", "secretsmanager", "RotateSecret", SecretId=secret, RotateImmediately=False)).succeeded()
        assert len(stages()) == 1, stages()
        run(call("Rotate", "secretsmanager", "RotateSecret", SecretId=secret)).succeeded()
        assert len(stages()) == 2, stages()

    def test_a_snapshot_has_the_cluster_backing_up_and_no_change_of_it_meanwhile(self) -> None:
        rds, cluster = ACCOUNT.client("rds"), ACCOUNT.one("AWS::RDS::DBCluster").ref
        rds.create_db_cluster_snapshot(DBClusterIdentifier=cluster, DBClusterSnapshotIdentifier="during")
        assert rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Status"] == "backing-up"
        change = call("Change", "rds", "ModifyDBCluster", DBClusterIdentifier=cluster, BackupRetentionPeriod=8, ApplyImmediately=True)
        run(change).failed("Change", because="InvalidDBClusterStateFault")
        ACCOUNT.clock.sleep(600)
        assert rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Status"] == "available"


class ImagesInTime(unittest.TestCase):
    def test_an_image_takes_its_time_into_the_archive_and_back(self) -> None:
        ecr = ACCOUNT.client("ecr")
        ecr.create_repository(repositoryName="app")
        media = "application/vnd.oci.image.manifest.v1+json"
        digests = [ecr.put_image(
            repositoryName="app", imageManifest=json.dumps({"schemaVersion": 2, "mediaType": media, "name": name}), imageTag=name,
        )["image"]["imageId"]["imageDigest"] for name in ("one", "two")]

        one = [{"imageDigest": digests[1]}]

        def seen(**more: Any) -> list[str]:
            try:
                found = ecr.describe_images(repositoryName="app", imageIds=one, **more)["imageDetails"]
            except ecr.exceptions.ImageNotFoundException:
                found = []
            pulled = ecr.batch_get_image(repositoryName="app", imageIds=one, acceptedMediaTypes=[media])
            assert not ecr.batch_get_image(repositoryName="app", imageIds=one)["images"], "no media type was named"
            assert bool(pulled["images"]) == (not pulled["failures"]) == (ACCOUNT.images.status("app", digests[1]) == "ACTIVE")
            return [image["imageStatus"] for image in found]

        def move(to: str) -> str:
            return ecr.update_image_storage_class(
                repositoryName="app", imageId={"imageDigest": digests[1]}, targetStorageClass=to)["imageStatus"]

        everything = {"filter": {"imageStatus": "ANY"}}
        assert move("ARCHIVE") == "ACTIVE" and seen() == ["ACTIVE"]
        ACCOUNT.clock.sleep(60)
        assert seen() == [] and seen(**everything) == ["ARCHIVED"]
        assert move("STANDARD") == "ACTIVATING" and seen() == [] and seen(**everything) == ["ACTIVATING"]
        ACCOUNT.clock.sleep(1200)
        assert seen() == ["ACTIVE"]

    def test_an_image_was_pushed_when_its_first_tag_was(self) -> None:
        ecr, manifest = ACCOUNT.client("ecr"), json.dumps({"schemaVersion": 2, "name": "pushed"})
        ecr.create_repository(repositoryName="pushes")

        def push(tag: str) -> datetime.datetime:
            ecr.put_image(repositoryName="pushes", imageManifest=manifest, imageTag=tag,
                imageManifestMediaType="application/vnd.oci.image.manifest.v1+json")
            return ecr.describe_images(repositoryName="pushes", imageIds=[{"imageTag": tag}])["imageDetails"][0]["imagePushedAt"]

        ACCOUNT.clock.sleep(3600)
        first = push("first")
        assert abs(first - ACCOUNT.clock.datetime()) < datetime.timedelta(seconds=2)
        ACCOUNT.clock.sleep(3600)
        assert push("second") == first


class DatabasesInTime(unittest.TestCase):
    def test_a_restored_cluster_has_the_defaults_of_what_is_left_out(self) -> None:
        run(restore("bare", UseLatestRestorableTime=True)).succeeded()
        bare, ours = ACCOUNT.snapshot()["clusters"]["bare"], ACCOUNT.one("AWS::EC2::SecurityGroup").ref
        assert bare["Status"] == "creating" and bare["StorageEncrypted"]
        assert not bare["DeletionProtection"] and bare["DBClusterParameterGroup"].startswith("default.")
        assert bare["groups"] != [ours]
        run(restore("whole", UseLatestRestorableTime=True, VpcSecurityGroupIds=[ours], DeletionProtection=True,
                    DBClusterParameterGroupName=ACCOUNT.one("AWS::RDS::DBClusterParameterGroup").ref)).succeeded()
        whole = ACCOUNT.snapshot()["clusters"]["whole"]
        assert whole["groups"] == [ours] and whole["DeletionProtection"]
        assert whole["DBClusterParameterGroup"] == ACCOUNT.one("AWS::RDS::DBClusterParameterGroup").ref

    def test_backups_lag_behind(self) -> None:
        cluster = ACCOUNT.client("rds").describe_db_clusters(DBClusterIdentifier=ACCOUNT.one("AWS::RDS::DBCluster").ref)["DBClusters"][0]
        behind = datetime.datetime.now(datetime.timezone.utc) - cluster["LatestRestorableTime"]
        assert behind.total_seconds() >= 300, behind

    def test_a_restore_takes_its_time_and_only_within_the_backups(self) -> None:
        instance = call("Add", "rds", "CreateDBInstance", DBInstanceIdentifier="writer", DBClusterIdentifier="slow",
                        DBInstanceClass="db.serverless", Engine="aurora-postgresql")
        run(restore("slow", UseLatestRestorableTime=True), instance).failed("Add", because="InvalidDBClusterState")
        ACCOUNT.clock.sleep(1200)
        run(instance).succeeded()
        run(restore("slow", UseLatestRestorableTime=True)).failed("Restore", because="AlreadyExists")
        run(restore("old", RestoreToTime="2020-01-01T00:00:00Z")).failed("Restore", because="outside")
        run(restore("both", RestoreToTime="2020-01-01T00:00:00Z", UseLatestRestorableTime=True)).failed("Restore", because="Combination")

    def test_a_change_of_a_cluster_takes_its_time_and_waits_unless_it_is_to_be_applied(self) -> None:
        rds, cluster = ACCOUNT.client("rds"), ACCOUNT.one("AWS::RDS::DBCluster").ref
        ACCOUNT.clock.sleep(3600)
        before = ACCOUNT.snapshot()
        [old], new = before["clusters"][cluster]["groups"], "sg-0123456789abcdef0"

        def seen() -> tuple[str, dict[str, str]]:
            found = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
            return found["Status"], {each["VpcSecurityGroupId"]: each["Status"] for each in found["VpcSecurityGroups"]}

        def change(groups: list[str], **more: Any) -> None:
            rds.modify_db_cluster(DBClusterIdentifier=cluster, VpcSecurityGroupIds=groups, **more)

        change([new])
        ACCOUNT.clock.sleep(3600)
        ACCOUNT.unchanged(before)
        change([old], ApplyImmediately=True)
        ACCOUNT.unchanged(before)
        change([new], ApplyImmediately=True)
        assert seen() == ("modifying", {old: "removing", new: "adding"})
        ACCOUNT.clock.sleep(10)
        assert seen() == ("modifying", {new: "adding"})
        ACCOUNT.clock.sleep(10)
        assert seen() == ("available", {new: "active"})
        change([old], ApplyImmediately=True)
        ACCOUNT.clock.sleep(20)
        ACCOUNT.unchanged(before)
