"""Drills of what is in the evidence, also where there is more than one of each."""

import csv
import hashlib
import io
import json
from typing import Any

from engine import APPROVE, Account, Execution, Fault, drill
from helpers import INCIDENT, answers, bucket, evidence, last_day, moto_service, register


def _two_releases(account: Account) -> list[str]:
    """A task of another release runs, too. Returns the digests of both images."""
    found = moto_service(account)
    family = str(found.task_definition).rsplit(":", 1)[0]
    account.deployments.start_tasks(found, f"{family}:2", 1)
    images = account.client("ecr").describe_images(repositoryName=account.one("AWS::ECR::Repository").ref)["imageDetails"]
    return [image["imageDigest"] for image in images if set(image["imageTags"]) & {"v2", "v3"}]


@drill("preserve-evidence", "keeps every image that runs, and every definition, when there are two")
def two_releases(account: Account) -> None:
    digests = _two_releases(account)
    run = account.run("preserve-evidence", {"IncidentId": INCIDENT}).succeeded()
    kept = {name.split("@")[1]: image["tags"] for name, image in account.snapshot()["images"].items()
            if any(tag.startswith(f"evidence-{INCIDENT}-") for tag in image["tags"])}
    assert set(kept) == set(digests) and len(digests) == 2, kept
    assert run.outputs["KeepImages.Kept"] == 2
    assert {each["taskDefinitionArn"].rsplit(":", 1)[1] for each in evidence(account, run, "task-definitions.json")} == {"2", "3"}


@drill("preserve-evidence", "keeps a running image of every kind, also one of several platforms")
def kinds_of_images(account: Account) -> None:
    repository, pushed = account.one("AWS::ECR::Repository"), set()
    for kind in ("oci.image.index.v1", "docker.distribution.manifest.list.v2", "oci.image.manifest.v1", "docker.distribution.manifest.v2"):
        manifest = json.dumps({"schemaVersion": 2, "mediaType": f"application/vnd.{kind}+json"})
        digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"  # one of moto's own would be one of a hundred
        account.client("ecr").put_image(repositoryName=repository.ref, imageManifest=manifest, imageDigest=digest, imageTag=kind)
        definition = register(account, f"{repository.attributes['RepositoryUri']}@{digest}")
        account.deployments.start_tasks(moto_service(account), definition, 1)
        pushed.add(digest)
    account.run("preserve-evidence", {"IncidentId": INCIDENT}).succeeded()
    kept = {name.split("@")[1] for name, image in account.snapshot()["images"].items()
            if any(tag.startswith(f"evidence-{INCIDENT}-") for tag in image["tags"])}
    assert pushed < kept, kept


@drill("preserve-evidence", "saves every interface of the tasks, every rule around them and the health of the targets")
def surroundings(account: Account) -> None:
    run = account.run("preserve-evidence", {"IncidentId": INCIDENT}).succeeded()
    attached = {detail["value"] for task in evidence(account, run, "tasks.json") for part in task["attachments"]
                for detail in part["details"] if detail["name"] == "networkInterfaceId"}
    assert {each["NetworkInterfaceId"] for each in evidence(account, run, "network-interfaces.json")} == attached and len(attached) > 1
    ours = [account.one("AWS::EC2::SecurityGroup", name).ref for name in ("LoadBalancer", "LoadBalancerHTTPS", "Tasks", "Database")]
    every = account.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": ours}])["SecurityGroupRules"]
    found = {each["SecurityGroupRuleId"] for each in evidence(account, run, "security-group-rules.json")}
    assert found == {each["SecurityGroupRuleId"] for each in every}
    elb, groups = account.client("elbv2"), [group.ref for group in account.all("AWS::ElasticLoadBalancingV2::TargetGroup")]
    health = {arn: elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"] for arn in groups}
    assert evidence(account, run, "targets.json") == health
    assert evidence(account, run, "database.json")["DBClusterIdentifier"] == account.one("AWS::RDS::DBCluster").ref


@drill("preserve-evidence", "an image that cannot be tagged for another reason is a failure, also in a second run")
def tag_fails(account: Account) -> None:
    _two_releases(account)
    run = account.run("preserve-evidence", {"IncidentId": INCIDENT}, faults=Fault("ecr", "PutImage", "LimitExceededException", nth=2))
    run.failed("KeepImages", because="LimitExceededException")
    account.run("preserve-evidence", {"IncidentId": INCIDENT}).succeeded()


def _gather(account: Account) -> Execution:
    return account.run("gather-evidence", {"IncidentId": INCIDENT, **last_day(account)})


@drill("gather-evidence", "saves what the tasks' roles may do, whoever wrote it")
def roles(account: Account) -> None:
    iam = account.client("iam")
    arns = [each.arn for each in account.all("AWS::IAM::Role")]
    run = _gather(account)
    names = [role["role"]["RoleName"] for role in evidence(account, run, "configuration/roles.json")]
    assert len(names) == 2 and all(any(arn.endswith(name) for arn in arns) for name in names)
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    added, second = (iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"] for name in ("backdoor", "second"))
    iam.create_policy_version(PolicyArn=added, PolicyDocument=text.replace("s3:*", "iam:*"), SetAsDefault=True)
    for name in names:
        iam.put_role_policy(RoleName=name, PolicyName="one", PolicyDocument=text)
        iam.put_role_policy(RoleName=name, PolicyName="two", PolicyDocument=text)
        for arn in (added, second):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    account.clock.sleep(1)
    run = _gather(account)
    for role in evidence(account, run, "configuration/roles.json"):
        assert set(role["inline"]) == {"one", "two"} and role["inline"]["one"]["Statement"][0]["Action"] == "s3:*", role
        attached = iam.list_attached_role_policies(RoleName=role["role"]["RoleName"])["AttachedPolicies"]
        assert set(role["attached"]) == {each["PolicyArn"] for each in attached} >= {added, second}, role
        assert role["attached"][added]["Document"]["Statement"][0]["Action"] == "iam:*", role
        for arn, version in role["attached"].items():
            assert (version == "written by AWS") == arn.startswith("arn:aws:iam::aws:"), (arn, version)


@drill("gather-evidence", "does not save what a policy of AWS allows, which AWS publishes")
def aws_managed(account: Account) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    answers(account, "iam", "ListAttachedRolePolicies",
        lambda parsed: parsed["AttachedPolicies"].append({"PolicyName": "ReadOnlyAccess", "PolicyArn": arn}))
    run = _gather(account).succeeded()
    assert {role["attached"][arn] for role in evidence(account, run, "configuration/roles.json")} == {"written by AWS"}


@drill("gather-evidence", "the manifest has the size and the hash of everything that was written")
def manifest(account: Account) -> None:
    run = _gather(account).succeeded()
    found = evidence(account, run, "manifest.json")["objects"]
    folder = f"incidents/{INCIDENT}/gather-evidence/{run.id}/"
    there = {key.removeprefix(folder): account.object(bucket(account), key) for key in account.objects(bucket(account), folder)}
    assert set(found) == set(there) - {"manifest.json"} and len(found) > 3
    for name, described in found.items():
        assert described == {"bytes": len(there[name]), "etag": f'"{hashlib.md5(there[name]).hexdigest()}"'}, name
    assert evidence(account, run, "configuration/service.json")["serviceName"] == account.one("AWS::ECS::Service").attributes["Name"]
    assert evidence(account, run, "configuration/task-definition.json")["taskDefinitionArn"]


OLD, NEW = "2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"
COLUMNS = ("user", "password_enabled", "password_last_used", "password_last_changed", "mfa_active",
           *(f"access_key_{n}_{what}" for n in "12" for what in ("active", "last_rotated", "last_used_date")))

#: The rows of a credential report: what is found of each.
USERS = [
    (("used", "true", NEW, OLD, "true", "true", NEW, NEW, "false", OLD, OLD), [], [], False),
    (("old password", "true", OLD, NEW, "true", "false", OLD, OLD, "false", OLD, OLD), [], ["old password password"], False),
    (("never used", "true", "no_information", OLD, "true", "false", "N/A", "N/A", "false", "N/A", "N/A"), [], ["never used password"],
        False),
    (("just made", "true", "N/A", NEW, "true", "true", NEW, "N/A", "false", "N/A", "N/A"), [], [], False),
    (("no dates", "true", "no_information", "not_supported", "true", "true", "N/A", "N/A", "false", "N/A", "N/A"), [], [], False),
    (("no password", "false", OLD, OLD, "false", "false", "N/A", "N/A", "false", "N/A", "N/A"), [], [], False),
    (("no factor", "true", NEW, NEW, "false", "false", "N/A", "N/A", "false", "N/A", "N/A"), [], [], True),
    (("two keys", "false", "N/A", "N/A", "false", "true", OLD, NEW, "true", OLD, OLD), ["two keys key 1", "two keys key 2"],
        ["two keys key 2"], False),
    (("second key", "false", "N/A", "N/A", "false", "false", OLD, OLD, "true", OLD, "N/A"), ["second key key 2"], ["second key key 2"],
        False),
    (("new unused", "false", "N/A", "N/A", "false", "true", NEW, OLD, "true", NEW, "N/A"), [], ["new unused key 1"], False),
]


def _reviewed(account: Account) -> tuple[dict[str, Any], Execution]:
    run = account.run("review-access", approve=APPROVE).succeeded()
    return evidence(account, run, "report.json")["findings"], run


@drill("review-access", "finds every old or unused key and password, and each user without a second factor")
def credentials(account: Account) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *(row for row, *_ in USERS)])
    answers(account, "iam", "GetCredentialReport", lambda parsed: parsed.update(Content=text.getvalue().encode()))
    found, run = _reviewed(account)
    assert found["old keys"] == [name for _, old, _, _ in USERS for name in old], found
    assert found["unused"] == [name for _, _, unused, _ in USERS for name in unused], found
    assert found["without second factor"] == [row[0] for row, _, _, without in USERS if without], found
    assert evidence(account, run, "credentials.csv").decode() == text.getvalue()
    assert "old keys: 3, unused: 5" in run.approvals[0].message, run.approvals
    report = evidence(account, run, "report.json")
    assert report["users"] == len(USERS) and report["time"].startswith(account.clock.datetime().date().isoformat()[:8]), report
