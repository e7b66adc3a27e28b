"""Proves the engine: what the interpreter does with each part of a document,
what it refuses to know, and what permissions are compared with.

usage: engine_test.py"""

import contextlib
import copy
import datetime
import io
import json
import os
import signal
import sys
import tempfile
import time
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3

import check
from engine import APPROVE, REJECT, REMOVED, TIMEOUT, Account, Execution, Fault, Mutation
from engine.account import emulator, fakes
from engine.account.resolve import Stack
from engine.automation import floor, model
from engine.automation.execution import Call
from engine.errors import DrillError
from engine.harness import runner, testing
from engine.permissions import required_permissions, roles
from engine.permissions.policy import Need, Statement, is_allowed
from engine.permissions.required_permissions import Place, needs_of

emulator.isolate()


ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
DOCUMENT = {"Type": "AWS::SSM::Document", "Properties": {
    "DocumentType": "Automation", "Name": "shop-test-it",
    "Content": {"schemaVersion": "0.3", "assumeRole": {"Fn::GetAtt": ["Role", "Arn"]}, "mainSteps": []},
}}
CHILD = {"Type": "AWS::SSM::Document", "Properties": {**DOCUMENT["Properties"], "Name": "shop-test-child"}}
KEY = {"Fn::GetAtt": ["Key", "Arn"]}
SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}, "KmsKeyId": KEY}}
ROTATION_ARN = "arn:aws:lambda:eu-north-1:123456789012:function:rotation"
ROTATION = {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": {
    "SecretId": {"Ref": "Secret"}, "RotationLambdaARN": ROTATION_ARN}}

NETWORK = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    **{f"Subnet{zone}": {"Type": "AWS::EC2::Subnet", "Properties": {
        "VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"eu-north-1{zone}"}}
       for number, zone in enumerate("ab")},
    "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "Database", "VpcId": {"Ref": "Vpc"}}},
}
DATABASE = {
    "Subnets": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {
        "DBSubnetGroupDescription": "Two", "SubnetIds": [{"Ref": "Subneta"}, {"Ref": "Subnetb"}]}},
    "Parameters": {"Type": "AWS::RDS::DBClusterParameterGroup", "Properties": {
        "Family": "aurora-postgresql16", "Description": "Ours"}},
    "Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {
        "Engine": "aurora-postgresql", "EngineVersion": "16.8", "MasterUsername": "admin_user",
        "StorageEncrypted": True, "KmsKeyId": KEY,
        "BackupRetentionPeriod": 7, "DeletionProtection": True, "DBClusterParameterGroupName": {"Ref": "Parameters"},
        "DBSubnetGroupName": {"Ref": "Subnets"}, "VpcSecurityGroupIds": [{"Ref": "Group"}]}},
}

ACCOUNT = Account([Stack("shop-test-response", "eu-north-1", {"Resources": {
    "Role": ROLE, "It": DOCUMENT, "Child": CHILD, "Bucket": {"Type": "AWS::S3::Bucket"}, "Secret": SECRET,
    "Key": {"Type": "AWS::KMS::Key"}, "Rotation": ROTATION,
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "Automation-test", "KmsMasterKeyId": KEY}},
    "Other": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "other"}}, **NETWORK, **DATABASE,
}})])
TOPIC, OTHER = ACCOUNT.one("AWS::SNS::Topic", "Topic").ref, ACCOUNT.one("AWS::SNS::Topic", "Other").ref
BUCKET = ACCOUNT.one("AWS::S3::Bucket").ref


# Steps to build documents from.

def nap(name: str, **more: Any) -> dict[str, Any]:
    """A step that succeeds."""
    return {"name": name, "action": "aws:sleep", "inputs": {"Duration": "PT10S"}, **more}


def fail(name: str, **more: Any) -> dict[str, Any]:
    """A step that fails."""
    return {"name": name, "action": "aws:executeAwsApi", **more,
            "inputs": {"Service": "s3", "Api": "HeadBucket", "Bucket": "there-is-no-such-bucket"}}


def script(name: str, body: str, outputs: list[Any] = [], **more: Any) -> dict[str, Any]:
    payload = more.pop("payload", {})
    lines = "\n".join("    " + line for line in body.splitlines())
    return {"name": name, "action": "aws:executeScript", "outputs": outputs, **more, "inputs": {
        "Runtime": "python3.11", "Handler": "handle", "InputPayload": payload,
        "Script": f"import boto3\nimport time\nimport datetime\ndef handle(events, context):\n{lines}\n",
    }}


def ask(name: str = "Ask", topic: str = TOPIC, **more: Any) -> dict[str, Any]:
    return {"name": name, "action": "aws:approve", "timeoutSeconds": 3600, **more, "inputs": {
        "Approvers": ["one", "two"], "MinRequiredApprovals": 1, "NotificationArn": topic, "Message": "Shall we?"}}


def run(*steps: dict[str, Any], parameters: Any = None, given: Any = None, outputs: Any = (), **how: Any) -> Execution:
    """Runs a document of the steps."""
    ACCOUNT.documents["it"].update(mainSteps=list(steps), parameters=parameters or {}, outputs=list(outputs))
    return ACCOUNT.run("it", given, **how)


def names(execution: Execution) -> list[str]:
    return [step.name for step in execution.steps]


def output(name: str, kind: str = "String") -> dict[str, str]:
    return {"Name": name, "Selector": f"$.Payload.{name}", "Type": kind}


def refused(function: Any, *words: str) -> None:
    """The drills themselves must stop, with these words."""
    try:
        function()
    except DrillError as error:
        assert all(word in str(error) for word in words), f"{error}, want {words}"
    else:
        raise AssertionError(f"nothing stops the drills, want {words}")


# What follows a step.

def test_steps_run_in_order_to_the_end():
    assert names(run(nap("One"), nap("Two")).succeeded()) == ["One", "Two"]


def test_next_step_and_end():
    execution = run(nap("One", nextStep="Three"), nap("Two"), nap("Three", isEnd=True), nap("Four"))
    assert names(execution.succeeded()) == ["One", "Three"]


def test_a_failure_aborts():
    execution = run(fail("One"), nap("Two")).failed("One", because="404")
    assert execution.status == "Failed" and names(execution) == ["One"]


def test_continue_goes_on_and_does_not_count():
    assert names(run(fail("One", onFailure="Continue"), nap("Two")).succeeded()) == ["One", "Two"]


def test_continue_of_a_critical_step_counts():
    assert names(run(fail("One", onFailure="Continue", isCritical=True), nap("Two")).failed("One")) == ["One", "Two"]


def test_a_failure_leads_to_its_step_and_counts():
    execution = run(fail("One", onFailure="step:Undo"), nap("Two", isEnd=True), nap("Undo")).failed("One")
    assert names(execution) == ["One", "Undo"]


def test_a_failure_that_is_not_critical_does_not_count():
    run(fail("One", onFailure="step:Undo", isCritical=False), nap("Undo")).succeeded()


def test_is_end_ends_a_failing_step_too():
    assert names(run(fail("One", onFailure="step:Undo", isEnd=True), nap("Undo")).failed("One")) == ["One"]


def test_attempts():
    fault = Fault("s3", "ListBuckets", nth=1, times=2)
    step = {"name": "List", "action": "aws:executeAwsApi", "maxAttempts": 3, "inputs": {"Service": "s3", "Api": "ListBuckets"}}
    assert run(step, faults=fault).succeeded().step("List").attempts == 3
    assert run({**step, "maxAttempts": 2}, faults=Fault("s3", "ListBuckets", times=2)).failed("List").step("List").attempts == 2


def test_a_timeout_is_a_failure_of_its_own():
    slow = script("Slow", "time.sleep(90)", timeoutSeconds=60)
    assert run(slow).failed("Slow", because="timeoutSeconds").status == "TimedOut"
    raises = script("Slow", "time.sleep(90)\nraise ValueError", timeoutSeconds=60)
    assert run(raises).failed("Slow", because="timeoutSeconds").status == "TimedOut"
    assert names(run({**slow, "onFailure": "Continue"}, nap("Two")).succeeded()) == ["Slow", "Two"]


def test_an_endless_loop_stops_the_drills():
    refused(lambda: run(nap("One", nextStep="One")), "endless")


def test_a_cancellation():
    assert names(run(nap("One"), nap("Two"), cancel_at="Two").failed("Two")) == ["One", "Two"]
    execution = run(nap("One"), nap("Two", onCancel="step:Undo"), nap("Three", isEnd=True), nap("Undo"), cancel_at="Two")
    assert (names(execution), execution.status) == (["One", "Two", "Undo"], "Cancelled")


# What the drills refuse to know.

def test_unknown_parts_stop_the_drills():
    refused(lambda: run({"name": "One", "action": "aws:loop"}), "aws:loop")
    refused(lambda: run(nap("One", retries=3)), "One.retries")
    refused(lambda: run({**nap("One"), "inputs": {"Timestamp": "2026-01-01T00:00:00Z"}}), "One.inputs.Timestamp")
    refused(lambda: run({**nap("One"), "inputs": {"Duration": "P1D"}}), "P1D")
    refused(lambda: run(fail("One", onFailure="Retry")), "Retry")
    refused(lambda: run({**script("One", "return {}"), "inputs": {**script("One", "return {}")["inputs"], "Runtime": "python3.8"}}),
            "python3.8")


def test_a_gap_of_the_emulator_stops_the_drills_even_in_a_script_that_catches():
    body = "try:\n    boto3.client('ssm').list_ops_metadata()\nexcept Exception:\n    pass\nreturn {}"
    refused(lambda: run(script("One", body)), "ListOpsMetadata", "fakes.py")


def test_a_fault_that_never_strikes_stops_the_drills():
    refused(lambda: run(nap("One"), faults=Fault("s3", "PutObject")), "never made the call")


def test_an_approval_that_the_scenario_does_not_answer_stops_the_drills():
    refused(lambda: run(ask()), "approve=")


def test_nothing_but_loopback_is_reached():
    import socket
    refused(lambda: socket.create_connection(("192.0.2.1", 443), timeout=1), "loopback")


# Values.

def test_references_keep_their_type():
    parameters = {"Names": {"type": "StringList"}, "Count": {"type": "Integer"}, "On": {"type": "Boolean"}}
    step = script("Show", "return {'Kinds': ' '.join(type(events[key]).__name__ for key in events)}", [output("Kinds")],
                  payload={"names": "{{ Names }}", "count": "{{Count}}", "on": "{{ On }}", "text": "{{ Count }}/{{ Names }}"})
    execution = run(step, parameters=parameters, given={"Names": ["a"], "Count": "3", "On": "true"}, outputs=["Show.Kinds"])
    assert execution.succeeded().outputs == {"Show.Kinds": "list int bool str"}
    assert execution.step("Show").inputs["InputPayload"]["text"] == '3/["a"]'


def test_outputs_must_be_of_their_type():
    run(script("One", "return {'N': '3'}", [output("N", "Integer")])).failed("One", because="is no Integer")
    run(script("One", "return {'N': ['3']}", [output("N", "String")])).failed("One", because="is no String")
    run(script("One", "return {'N': 3}", [output("N", "StringList")])).failed("One", because="is no StringList")
    assert run(script("One", "return {'N': True}", [output("N")])).succeeded().step("One").outputs == {"N": "true"}


def test_a_reference_without_a_value_fails_the_step():
    later = script("Two", "return {}", payload={"n": "{{ One.N }}"})
    run(script("One", "return {}", [output("N")]), later).failed("Two", because="has no value")


def test_parameters_are_refused_as_ssm_does():
    parameters = {"Id": {"type": "String", "allowedPattern": "^[a-z]+$"}, "On": {"type": "String", "allowedValues": ["a"], "default": "a"}}
    ACCOUNT.documents["it"].update(mainSteps=[nap("One")], parameters=parameters, outputs=[])
    ACCOUNT.refuses("it", {}, "missing parameter Id")
    ACCOUNT.refuses("it", {"Id": "A"}, "does not match")
    ACCOUNT.refuses("it", {"Id": "a\n"}, "does not match")
    ACCOUNT.refuses("it", {"Id": "a", "On": "b"}, "is none of")
    ACCOUNT.refuses("it", {"Id": "a", "Of": "b"}, "unknown parameter Of")
    ACCOUNT.refuses("it", {"Id": ["a", "b"]}, "is no String")


# Actions.

def test_a_wait_waits_until_it_holds():
    step = {"name": "Wait", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": 120, "inputs": {
        "Service": "s3", "Api": "GetBucketVersioning", "Bucket": BUCKET, "PropertySelector": "$.Status", "DesiredValues": ["Enabled"]}}
    assert run(step).failed("Wait", because="want ['Enabled']").status == "TimedOut"
    on = {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}
    ACCOUNT.clock.after(40, lambda: ACCOUNT.client("s3").put_bucket_versioning(**on))
    execution = run(step).succeeded()
    assert 40 <= execution.step("Wait").ended - execution.step("Wait").started <= 60


def test_an_assertion_does_not_wait():
    step = {"name": "See", "action": "aws:assertAwsResourceProperty", "inputs": {
        "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account", "DesiredValues": ["1"]}}
    assert run(step).failed("See").step("See").ended == ACCOUNT.clock.now
    run({**step, "inputs": {**step["inputs"], "DesiredValues": ["1", ACCOUNT.id]}}).succeeded()


def test_branches():
    def chosen(**choice: Any) -> str:
        branch = {"name": "Which", "action": "aws:branch", "inputs": {
            "Choices": [{"NextStep": "Yes", **choice}], "Default": "No"}}
        return names(run(script("One", "return {'N': 2, 'T': 'abc', 'B': True}", [
            output("N", "Integer"), output("T"), output("B", "Boolean")]), branch, nap("Yes", isEnd=True), nap("No")))[-1]

    text, number = {"Variable": "{{ One.T }}"}, {"Variable": "{{ One.N }}"}
    assert chosen(**text, StringEquals="abc") == "Yes" and chosen(**text, StringEquals="ab") == "No"
    assert chosen(**text, StartsWith="ab") == "Yes" and chosen(**text, EndsWith="ab") == "No"
    assert chosen(**text, Contains="b") == "Yes" and chosen(**text, EqualsIgnoreCase="ABC") == "Yes"
    assert chosen(**number, NumericGreater=1) == "Yes" and chosen(**number, NumericGreater=2) == "No"
    assert chosen(**number, NumericLesserOrEquals=2) == "Yes" and chosen(**number, NumericLesser=2) == "No"
    assert chosen(Variable="{{ One.B }}", BooleanEquals=True) == "Yes"
    assert chosen(Not={**text, "StringEquals": "abc"}) == "No"
    assert chosen(And=[{**text, "StringEquals": "abc"}, {**number, "NumericEquals": 3}]) == "No"
    assert chosen(Or=[{**text, "StringEquals": "abc"}, {**number, "NumericEquals": 3}]) == "Yes"
    assert chosen(**text, NumericEquals=2) == "Which", "a text is no number: the step fails"
    refused(lambda: chosen(**text, Matches="a"), "Matches")


def test_a_branch_without_a_match_goes_on():
    branch = {"name": "Which", "action": "aws:branch", "inputs": {"Choices": [
        {"NextStep": "No", "Variable": "{{ global:REGION }}", "StringEquals": "mars"}]}}
    assert names(run(branch, nap("Next", isEnd=True), nap("No")).succeeded()) == ["Which", "Next"]
    assert names(run({**branch, "isEnd": True}, nap("Next", isEnd=True), nap("No")).succeeded()) == ["Which"]


def test_an_approval_tells_the_topic_and_waits_for_an_answer():
    ACCOUNT.messages()
    execution = run(ask(), nap("Two"), approve=APPROVE).succeeded()
    assert [(each.approvers, each.message) for each in execution.approvals] == [(["one", "two"], "Shall we?")]
    assert [each["message"] for each in ACCOUNT.messages()] == ["Shall we?"]
    assert execution.called("sns", "Publish"), "SSM publishes in the name of the role"


def test_a_rejection_and_silence_fail():
    assert names(run(ask(), nap("Two"), approve=REJECT).failed("Ask", because="rejected")) == ["Ask"]
    execution = run(ask(), nap("Two"), approve=TIMEOUT)
    assert execution.status == "TimedOut" and execution.step("Ask").ended - execution.step("Ask").started == 3600


def test_an_approval_needs_a_topic_of_automation():
    run(ask(topic=OTHER), approve=APPROVE).failed("Ask", because="begins with Automation")


def test_an_approver_may_start_another_runbook_meanwhile_and_sees_that_the_first_waits():
    look = ("time.sleep(2)\nlist_ = boto3.client('ssm').describe_automation_executions\n"
            "found = {s: [each['AutomationExecutionId'] for each in list_(Filters=[{'Key': 'ExecutionStatus', 'Values': [s]}])"
            "['AutomationExecutionMetadataList']] for s in ('Waiting', 'InProgress')}\nreturn found")
    ACCOUNT.documents["child"].update(mainSteps=[script("Look", look, [output("Waiting", "StringList"), output("InProgress", "StringList")])])

    def answer(_: Any) -> str:
        first = ACCOUNT.executions[-1].id
        child = ACCOUNT.run("child").succeeded()
        listed = child.step("Look").outputs
        assert first in listed["Waiting"] and first not in listed["InProgress"] and child.id in listed["InProgress"], listed
        return APPROVE

    run(ask(), approve=answer).succeeded()


def test_an_assertion_of_the_scenario_is_no_failure_of_the_step():
    def answer(_: Any) -> str:
        assert ACCOUNT.region == "mars", "wrong planet"
        return APPROVE

    def nap_meanwhile() -> None:
        ACCOUNT.clock.after(5, lambda: answer(None))
        run(nap("One", onFailure="Continue"))

    for start in (lambda: run(ask(onFailure="Continue"), approve=answer), nap_meanwhile):
        try:
            start()
        except AssertionError as error:
            assert "wrong planet" in str(error)
        else:
            raise AssertionError("the step took the blame")


def test_a_child_runs_with_its_parameters_and_its_failure_counts():
    ACCOUNT.documents["child"].update(
        parameters={"N": {"type": "String", "allowedPattern": "^[0-9]$"}}, outputs=["Say.N"],
        mainSteps=[script("Say", "return {'N': events['n']}", [output("N")], payload={"n": "{{ N }}"})])
    start = {"name": "Start", "action": "aws:executeAutomation",
             "inputs": {"DocumentName": "shop-test-child", "DocumentVersion": "$DEFAULT", "RuntimeParameters": {"N": "7"}}}
    execution = run(start).succeeded()
    assert execution.step("Start").outputs["Output"] == ["7"]
    assert [call.name for call in execution.calls] == ["ssm:StartAutomationExecution", "iam:PassRole", "ssm:GetAutomationExecution"]
    run({**start, "inputs": {**start["inputs"], "RuntimeParameters": {"N": "x"}}}).failed("Start", because="does not match")
    ACCOUNT.documents["child"].update(parameters={}, mainSteps=[fail("Say")])
    run({**start, "inputs": {"DocumentName": "shop-test-child", "DocumentVersion": "$DEFAULT"}}).failed("Start", because="child ended Failed")


# Snapshots.

def test_a_snapshot_sees_what_changed_since_the_last():
    group, cluster = ACCOUNT.one("AWS::EC2::SecurityGroup").ref, ACCOUNT.one("AWS::RDS::DBCluster")
    tag = {"Key": "seen", "Value": "yes"}
    changes = {
        "groups": lambda: ACCOUNT.client("ec2").create_tags(Resources=[group], Tags=[tag]),
        "objects": lambda: ACCOUNT.bare.client("s3").put_object(Bucket=BUCKET, Key="seen", Body=b""),
        "rules": lambda: run({"name": "Revoke", "action": "aws:executeAwsApi", "inputs": {
            "Service": "ec2", "Api": "RevokeSecurityGroupEgress", "GroupId": group,
            "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}}).succeeded(),
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


# Scripts.

def test_a_script_lives_in_virtual_time():
    body = ("before = datetime.datetime.now(datetime.timezone.utc)\nbegan = time.time()\ntime.sleep(300)\n"
            "after = datetime.datetime.now(datetime.timezone.utc)\n"
            "return {'A': int((after - before).total_seconds()), 'B': int(time.time() - began)}")
    execution = run(script("One", body, [output("A", "Integer"), output("B", "Integer")])).succeeded()
    assert execution.step("One").outputs == {"A": 300, "B": 300}


def test_a_script_has_ssm_limits():
    run(script("One", "time.sleep(601)")).failed("One", because="600")
    run(script("One", "return {'N': 'x' * 110000}")).failed("One", because="102400")
    run(script("One", "return {'N': object()}")).failed("One", because="is no JSON")
    run(script("One", "raise ValueError('not so')")).failed("One", because="not so")


def test_a_script_cannot_reach_the_machine():
    run(script("One", "import subprocess\nreturn {}")).failed("One", because="may not import subprocess")
    run(script("One", "import os\nreturn {}")).failed("One", because="may not import os")
    run(script("One", "boto3.Session()\nreturn {}")).failed("One", because="Session")


def test_the_value_of_a_secret_may_not_be_shown():
    secret = ACCOUNT.one("AWS::SecretsManager::Secret").ref
    value = f"boto3.client('secretsmanager').get_secret_value(SecretId='{secret}')['SecretString']"
    stored = f"boto3.client('s3').put_object(Bucket='{BUCKET}', Key='k', Body={value}.encode())\nreturn {{}}"
    for step in (script("One", f"return {{'N': {value}}}", [output("N")]), script("One", stored), script("One", f"raise ValueError({value})")):
        try:
            run(step)
        except AssertionError as error:
            assert "shows the value of Secret" in str(error)
        else:
            raise AssertionError("nobody noticed")


# Calls, faults and fakes.

def test_calls_are_recorded_with_their_step_and_error():
    execution = run(script("One", f"boto3.client('s3').list_objects_v2(Bucket='{BUCKET}')\nreturn {{}}"), fail("Two"))
    assert [(call.step, call.name, call.error) for call in execution.calls] == [
        ("One", "s3:ListObjectsV2", ""), ("Two", "s3:HeadBucket", "404")]


def test_a_fault_strikes_the_call_that_it_names():
    put = f"for n in range(3):\n    boto3.client('s3').put_object(Bucket='{BUCKET}', Key=str(n), Body=b'')\nreturn {{}}"
    execution = run(script("One", put), faults=Fault("s3", "PutObject", "SlowDown", nth=2)).failed("One", because="SlowDown")
    assert [call.error for call in execution.calls] == ["", "SlowDown"]
    run(script("One", put), faults=Fault("s3", "PutObject", "Timeout")).failed("One", because="Timeout")


def test_an_answer_may_be_lost_after_the_call():
    def put(key: str) -> dict[str, Any]:
        return script("One", f"boto3.client('s3').put_object(Bucket='{BUCKET}', Key='{key}', Body=b'')\nreturn {{}}")

    for key, after in (("never", False), ("lost", True)):
        execution = run(put(key), faults=Fault("s3", "PutObject", "Timeout", after=after)).failed("One", because="Timeout")
        assert [call.error for call in execution.calls] == ["Timeout"]
        assert (key in ACCOUNT.objects(BUCKET)) == after, key
    refused(lambda: Fault("s3", "PutObject", "SlowDown", after=True), "only its answer can be lost")


def test_a_fake_that_answers_the_impossible_stops_the_drills():
    fakes.FAKES["sts", "GetSessionToken"] = lambda account, parameters: {"Credential": {}}
    try:
        refused(lambda: ACCOUNT.client("sts").get_session_token(), "answers the impossible")
    finally:
        del fakes.FAKES["sts", "GetSessionToken"]


def test_a_fake_for_no_operation_cannot_be():
    try:
        fakes.fake("ecs", "UpdateTaskProtections")
    except Exception as error:
        assert "no operation" in str(error)
    else:
        raise AssertionError("it can")


# Repairs of the emulator.

def test_rules_keep_their_descriptions():
    ec2, group = ACCOUNT.client("ec2"), ACCOUNT.one("AWS::EC2::SecurityGroup").ref
    port = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {**port, "PrefixListIds": [{"PrefixListId": "pl-12345678", "Description": "a prefix list"}]},
        {**port, "UserIdGroupPairs": [{"GroupId": group, "Description": "a group"}]},
        {**port, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "a range"}]}])
    described = {rule.get("Description") for rule in ACCOUNT.snapshot()["rules"][group] if not rule["IsEgress"]}
    assert described == {"a prefix list", "a group", "a range"}, described


def test_a_secret_gives_its_current_value():
    client, secret = ACCOUNT.client("secretsmanager"), ACCOUNT.one("AWS::SecretsManager::Secret").ref
    before = client.get_secret_value(SecretId=secret)
    pending = client.put_secret_value(SecretId=secret, SecretString="new", VersionStages=["AWSPENDING"])["VersionId"]
    assert client.get_secret_value(SecretId=secret)["VersionId"] == before["VersionId"]
    client.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId=before["VersionId"])
    client.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=before["VersionId"], RemoveFromVersionId=pending)
    assert client.get_secret_value(SecretId=secret)["SecretString"] == before["SecretString"]


def test_tasks_belong_to_a_service_and_say_what_they_run():
    ecs, digest = ACCOUNT.client("ecs"), "sha256:" + "a" * 64
    ecs.create_cluster(clusterName="tasks")
    network = {"subnets": [ACCOUNT.one("AWS::EC2::Subnet", "Subneta").ref], "securityGroups": [ACCOUNT.one("AWS::EC2::SecurityGroup").ref]}
    family = ecs.register_task_definition(
        family="tasks", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[{"name": "app", "image": f"123456789012.dkr.ecr.eu-north-1.amazonaws.com/app@{digest}"}],
    )["taskDefinition"]["taskDefinitionArn"]
    for service in ("one", "two"):
        ecs.run_task(cluster="tasks", taskDefinition=family, launchType="FARGATE", group=f"service:{service}",
                     networkConfiguration={"awsvpcConfiguration": network})
    arns = ecs.list_tasks(cluster="tasks", serviceName="one")["taskArns"]
    [task] = ecs.describe_tasks(cluster="tasks", tasks=arns)["tasks"]
    assert (task["group"], task["containers"][0]["imageDigest"]) == ("service:one", digest)
    assert abs((task["createdAt"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60


def test_versions_of_a_secret_know_their_age():
    client, secret = ACCOUNT.client("secretsmanager"), ACCOUNT.one("AWS::SecretsManager::Secret").ref
    client.put_secret_value(SecretId=secret, SecretString="newer")
    made = {stage: version["CreatedDate"] for version in client.list_secret_version_ids(SecretId=secret)["Versions"]
            for stage in version["VersionStages"]}
    assert made["AWSPREVIOUS"] < made["AWSCURRENT"], made


def test_one_version_of_a_secret_is_current():
    client, secret = ACCOUNT.client("secretsmanager"), ACCOUNT.one("AWS::SecretsManager::Secret").ref
    before = client.get_secret_value(SecretId=secret)["VersionId"]
    pending = client.put_secret_value(SecretId=secret, SecretString="moved", VersionStages=["AWSPENDING"])["VersionId"]
    client.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId=before)
    client.put_secret_value(SecretId=secret, SecretString="next")
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    assert sum("AWSCURRENT" in each for each in stages.values()) == 1, stages


def test_a_service_that_was_deleted_has_no_tasks_and_changes_no_more():
    ecs = ACCOUNT.client("ecs")
    ecs.create_cluster(clusterName="gone")
    family = ecs.register_task_definition(
        family="gone", containerDefinitions=[{"name": "app", "image": "app", "memory": 128}])["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(cluster="gone", serviceName="api", taskDefinition=family, desiredCount=1)
    task: Any = types.SimpleNamespace(group="service:api")
    ACCOUNT.deployments._backend.tasks["gone"] = {"arn": task}
    ecs.delete_service(cluster="gone", service="api", force=True)
    assert not ACCOUNT.deployments.task_arns("gone")
    assert ecs.describe_services(cluster="gone", services=["api"])["services"][0]["status"] == "INACTIVE"
    update = {"name": "Update", "action": "aws:executeAwsApi", "inputs": {
        "Service": "ecs", "Api": "UpdateService", "cluster": "gone", "service": "api", "forceNewDeployment": True}}
    run(update).failed("Update", because="ServiceNotActiveException")


# Limits and delays of the services.

def test_a_script_ends_after_ten_minutes_whatever_the_step_says():
    run(script("Long", "time.sleep(600)\nreturn {}", timeoutSeconds=900)).succeeded()
    run(script("Long", "time.sleep(601)\nreturn {}", timeoutSeconds=900)).failed("Long", because="SSM ends it after 600")
    run(script("Long", "time.sleep(601)\nraise ValueError", timeoutSeconds=900)).failed("Long", because="SSM ends it after 600")
    assert run(script("Long", "time.sleep(601)\nreturn {}")).failed("Long").status in ("Failed", "TimedOut")


def test_a_call_of_a_step_ends_after_25_seconds():
    step = {"name": "List", "action": "aws:executeAwsApi", "inputs": {"Service": "s3", "Api": "ListBuckets"}}
    for seconds, status in ((25, "Success"), (26, "TimedOut")):
        ACCOUNT.meanwhile("s3", "ListBuckets", lambda seconds=seconds: ACCOUNT.clock.sleep(seconds), after=True)
        assert run(step).status == status
    ACCOUNT.meanwhile("s3", "ListBuckets", lambda: None, after=True)


def test_a_step_gives_a_hundred_elements_of_a_list_at_most():
    def elements(number: int, kind: str) -> int:
        value = "{'n': 1}" if kind == "MapList" else "'n'"
        return len(run(script("Many", f"return {{'N': [{value}] * {number}}}", [output("N", kind)])).succeeded().step("Many").outputs["N"])

    for kind in ("StringList", "MapList"):
        assert (elements(100, kind), elements(101, kind)) == (100, 100)


def test_the_message_of_an_approval_has_4096_characters_at_most():
    for length, fails in ((4096, False), (4097, True)):
        step = ask()
        step["inputs"]["Message"] = "x" * length
        execution = run(step, approve=APPROVE)
        assert (execution.status == "Failed") == fails, execution.history()


def test_a_run_is_listed_after_a_moment():
    look = "found = boto3.client('ssm').describe_automation_executions()['AutomationExecutionMetadataList']\nreturn {'First': found[0]['AutomationExecutionId']}"
    execution = run(script("Before", look, [output("First")]), script("Wait", "time.sleep(2)\nreturn {}"), script("After", look, [output("First")]))
    assert execution.succeeded().step("Before").outputs["First"] != execution.id == execution.step("After").outputs["First"]


def test_cloudtrail_answers_twice_a_second_in_a_region():
    def asks(pause: float) -> dict[str, Any]:
        return script("Ask", f"for _ in range(5):\n    boto3.client('cloudtrail').lookup_events()\n    time.sleep({pause})\nreturn {{}}")

    ACCOUNT.clock.sleep(1)
    run(asks(0.5)).succeeded()
    ACCOUNT.clock.sleep(1)
    run(asks(0.4)).failed("Ask", because="ThrottlingException")
    ACCOUNT.clock.sleep(1)


def test_one_export_at_a_time():
    ACCOUNT.client("logs").create_log_group(logGroupName="exported")
    export = {"action": "aws:executeAwsApi", "inputs": {
        "Service": "logs", "Api": "CreateExportTask", "logGroupName": "exported", "from": 1, "to": 2, "destination": BUCKET}}
    run({"name": "One", **export}, {"name": "Two", **export}).failed("Two", because="LimitExceededException")
    ACCOUNT.clock.sleep(fakes.EXPORT_SECONDS)
    run({"name": "One", **export}).succeeded()


def test_a_rotation_starts_at_once_unless_the_schedule_is_to():
    secret = ACCOUNT.client("secretsmanager").create_secret(Name="rotated", SecretString='{"password": "a"}')["ARN"]
    stages = lambda: ACCOUNT.client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]  # noqa: E731
    rotate = {"name": "Rotate", "action": "aws:executeAwsApi", "inputs": {"Service": "secretsmanager", "Api": "RotateSecret", "SecretId": secret}}
    run({**rotate, "inputs": {**rotate["inputs"], "RotateImmediately": False}}).succeeded()
    assert len(stages()) == 1, stages()
    run(rotate).succeeded()
    assert len(stages()) == 2, stages()


def test_a_snapshot_has_the_cluster_backing_up_and_no_change_of_it_meanwhile():
    rds, cluster = ACCOUNT.client("rds"), ACCOUNT.one("AWS::RDS::DBCluster").ref
    rds.create_db_cluster_snapshot(DBClusterIdentifier=cluster, DBClusterSnapshotIdentifier="during")
    assert rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Status"] == "backing-up"
    change = {"name": "Change", "action": "aws:executeAwsApi", "inputs": {
        "Service": "rds", "Api": "ModifyDBCluster", "DBClusterIdentifier": cluster, "BackupRetentionPeriod": 8, "ApplyImmediately": True}}
    run(change).failed("Change", because="InvalidDBClusterStateFault")
    ACCOUNT.clock.sleep(600)
    assert rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Status"] == "available"


# Images.

def test_an_image_takes_its_time_into_the_archive_and_back():
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


def test_an_image_was_pushed_when_its_first_tag_was():
    ecr, manifest = ACCOUNT.client("ecr"), json.dumps({"schemaVersion": 2, "name": "pushed"})
    ecr.create_repository(repositoryName="pushes")

    def push(tag: str) -> datetime.datetime:
        ecr.put_image(repositoryName="pushes", imageManifest=manifest, imageTag=tag, imageManifestMediaType="application/vnd.oci.image.manifest.v1+json")
        return ecr.describe_images(repositoryName="pushes", imageIds=[{"imageTag": tag}])["imageDetails"][0]["imagePushedAt"]

    ACCOUNT.clock.sleep(3600)
    first = push("first")
    assert abs(first - ACCOUNT.clock.datetime()) < datetime.timedelta(seconds=2)
    ACCOUNT.clock.sleep(3600)
    assert push("second") == first


# The boto3 of scripts.

def test_scripts_have_an_old_boto3_unless_the_scenario_says_otherwise():
    client = "boto3.client('accessanalyzer')"
    for body, because in (
        (f"{client}.list_findings_v2", f"botocore {floor.VERSION} has no accessanalyzer.list_findings_v2"),
        (f"{client}.get_paginator('list_findings_v2')", "KeyError"),
        ("boto3.client('ecr').describe_images(repositoryName='app', filter={'imageStatus': 'ANY'})", "Unknown parameter in input: filter.imageStatus"),
        ("list(boto3.client('ecr').get_paginator('describe_images').paginate(repositoryName='app', filter={'imageStatus': 'ANY'}))",
         "Unknown parameter in input: filter.imageStatus"),
        ("boto3.client('ecr').exceptions.ImageArchivedException", "has no error ImageArchivedException"),
    ):
        run(script("Old", f"{body}\nreturn {{}}")).failed("Old", because=because)
    ACCOUNT.old_boto3 = False
    run(script("New", f"{client}.get_paginator('list_findings_v2')\nreturn {{}}")).succeeded()
    ACCOUNT.old_boto3 = True


def test_an_old_boto3_does_not_read_what_is_new_in_an_answer():
    body = ("found = boto3.client('ecr').describe_images(repositoryName='pushes')['imageDetails'][0]\n"
            "return {'Names': sorted(found)}")
    found = run(script("Old", body, [output("Names", "StringList")])).succeeded().step("Old").outputs["Names"]
    assert "imageDigest" in found and "imageStatus" not in found
    assert floor.pruned({"*": {"a": None}}, {"x": {"a": 1, "b": 2}}) == {"x": {"a": 1}}


# Databases.

def restore(name: str, **parameters: Any) -> dict[str, Any]:
    return {"name": "Restore", "action": "aws:executeAwsApi", "inputs": {
        "Service": "rds", "Api": "RestoreDBClusterToPointInTime", "DBClusterIdentifier": name,
        "SourceDBClusterIdentifier": ACCOUNT.one("AWS::RDS::DBCluster").ref,
        "DBSubnetGroupName": ACCOUNT.one("AWS::RDS::DBSubnetGroup").ref, **parameters}}


def test_a_restored_cluster_has_the_defaults_of_what_is_left_out():
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


def test_backups_lag_behind():
    cluster = ACCOUNT.client("rds").describe_db_clusters(DBClusterIdentifier=ACCOUNT.one("AWS::RDS::DBCluster").ref)["DBClusters"][0]
    behind = datetime.datetime.now(datetime.timezone.utc) - cluster["LatestRestorableTime"]
    assert behind.total_seconds() >= 300, behind


def test_a_restore_takes_its_time_and_only_within_the_backups():
    instance = {"name": "Add", "action": "aws:executeAwsApi", "inputs": {
        "Service": "rds", "Api": "CreateDBInstance", "DBInstanceIdentifier": "writer", "DBClusterIdentifier": "slow",
        "DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql"}}
    run(restore("slow", UseLatestRestorableTime=True), instance).failed("Add", because="InvalidDBClusterState")
    ACCOUNT.clock.sleep(1200)
    run(instance).succeeded()
    run(restore("slow", UseLatestRestorableTime=True)).failed("Restore", because="AlreadyExists")
    run(restore("old", RestoreToTime="2020-01-01T00:00:00Z")).failed("Restore", because="outside")
    run(restore("both", RestoreToTime="2020-01-01T00:00:00Z", UseLatestRestorableTime=True)).failed("Restore", because="Combination")


def test_a_change_of_a_cluster_takes_its_time_and_waits_unless_it_is_to_be_applied():
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


# Mutations.

def test_a_mutation_changes_one_place():
    document = {"mainSteps": [{"name": "One", "inputs": {"Script": "a == 0"}, "outputs": [{"Name": "N"}]}]}

    def mutant(at: str, old: Any, new: Any) -> Any:
        return Mutation("it", "", at, old, new).apply(document)["mainSteps"]

    assert mutant("mainSteps.One.inputs.Script", "==", ">=")[0]["inputs"]["Script"] == "a >= 0"
    assert mutant("mainSteps.One.outputs.N", None, REMOVED)[0]["outputs"] == []
    assert mutant("mainSteps.One", None, REMOVED) == []
    assert document["mainSteps"][0]["inputs"]["Script"] == "a == 0"
    refused(lambda: mutant("mainSteps.One.inputs.Script", "!=", ">="), "does not have '!='")
    refused(lambda: mutant("mainSteps.Two.inputs.Script", "==", ">="), "no 'Two'")
    assert mutant("mainSteps.One.isEnd", None, True)[0]["isEnd"] is True
    refused(lambda: mutant("mainSteps.One.isEnd", None, REMOVED), "no 'isEnd'")


# Permissions.

PLACE = Place("eu-north-1", "123456789012")


def statement(effect: str = "Allow", action: Any = "s3:PutObject", resource: Any = "arn:aws:s3:::b/*", **more: Any) -> Statement:
    return Statement("test", {"Effect": effect, "Action": action, "Resource": resource, **more})


def put(key: str = "k") -> Need:
    return needs_of(Call("it", "One", "s3", "PutObject", {"Bucket": "b", "Key": key}), PLACE)[0]


def test_policies_allow_what_they_say():
    assert is_allowed(put(), [statement()])
    assert not is_allowed(put(), [])
    assert not is_allowed(put(), [statement(resource="arn:aws:s3:::c/*")])
    assert not is_allowed(put(), [statement(action="s3:GetObject")])
    assert is_allowed(put(), [statement(action=["s3:Get*", "s3:Put*"])])
    assert not is_allowed(put("a/k"), [statement(), statement("Deny", resource="arn:aws:s3:::b/a/*")])
    assert not is_allowed(put(), [statement(), Statement("test", {
        "Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"})])


def test_policies_hold_under_their_conditions():
    def under(operator: str, key: str, value: Any) -> bool:
        return is_allowed(put(), [statement(Condition={operator: {key: value}})])

    assert under("StringEquals", "aws:RequestedRegion", "eu-north-1")
    assert not under("StringEquals", "aws:RequestedRegion", ["eu-west-1"])
    assert under("StringLike", "aws:RequestedRegion", "eu-*") and not under("StringNotEquals", "aws:ResourceAccount", PLACE.account)
    assert not under("StringEquals", "ecs:cluster", "x") and under("StringEqualsIfExists", "ecs:cluster", "x")
    assert under("Null", "ecs:cluster", "true") and under("ForAllValues:StringEquals", "aws:TagKeys", "a")
    assert under("Null", "ecs:cluster", True) and under("Null", "aws:RequestedRegion", False)
    assert not under("Null", "ecs:cluster", False) and not under("Null", "aws:RequestedRegion", True)
    assert under("StringNotEquals", "ecs:cluster", "x") and under("Bool", "aws:SecureTransport", True)
    refused(lambda: under("ForAnyValue:StringEquals", "aws:TagKeys", "a"), "ForAnyValue")
    refused(lambda: under("NumericLessThan", "aws:RequestedRegion", "1"), "NumericLessThan")
    refused(lambda: under("StringEquals", "aws:SourceVpce", "x"), "aws:SourceVpce")


def test_calls_need_their_actions():
    def needed(_service: str, _operation: str, **parameters: Any) -> list[str]:
        return [str(need) for need in needs_of(Call("it", "One", _service, _operation, parameters), PLACE)]

    assert needed("s3", "ListObjectsV2", Bucket="b") == ["s3:ListBucket on arn:aws:s3:::b"]
    assert needed("elbv2", "DescribeLoadBalancers") == ["elasticloadbalancing:DescribeLoadBalancers on *"]
    assert needed("ecs", "UpdateService", cluster="c", service="s") == [
        "ecs:UpdateService on arn:aws:ecs:eu-north-1:123456789012:service/c/s"]
    assert needed("ecs", "StopServiceDeployment", serviceDeploymentArn="arn:aws:ecs:eu-north-1:123456789012:service-deployment/c/s/d") == [
        "ecs:StopServiceDeployment on arn:aws:ecs:eu-north-1:123456789012:service-deployment/c/s/d",
        "ecs:StopServiceDeployment on arn:aws:ecs:eu-north-1:123456789012:service/c/s"]
    assert needed("rds", "CreateDBClusterSnapshot", DBClusterIdentifier="c", DBClusterSnapshotIdentifier="s", Tags=[{"Key": "a"}])[-1] == (
        "rds:AddTagsToResource on arn:aws:rds:eu-north-1:123456789012:cluster-snapshot:s")
    refused(lambda: needed("s3", "DeleteObject", Bucket="b", Key="k"), "RESOURCES")
    refused(lambda: needed("elbv2", "SetSecurityGroups", LoadBalancerArn="my-balancer"), "is none of")


def test_a_call_needs_what_services_do_with_a_key():
    def needed(_service: str, _operation: str, **parameters: Any) -> list[tuple[str, dict[str, Any]]]:
        place = Place("eu-north-1", "123456789012", keys={"t": "k", "s": "k"}, rotations={"s": "f"})
        implied = required_permissions._implied(Call("it", "One", _service, _operation, parameters), place)
        return [(action, said) for action, _, said in implied]

    via = {"kms:ViaService": "sns.eu-north-1.amazonaws.com"}
    assert needed("sns", "Publish", TopicArn="t") == [("kms:Decrypt", via), ("kms:GenerateDataKey", via)]
    assert needed("sns", "Publish", TopicArn="u") == []
    assert needed("secretsmanager", "GetSecretValue", SecretId="s") == [("kms:Decrypt", {
        "kms:ViaService": "secretsmanager.eu-north-1.amazonaws.com", "kms:EncryptionContext:SecretARN": "s"})]
    assert needed("secretsmanager", "RotateSecret", SecretId="s") == [("lambda:InvokeFunction", {})]


SECRET_ARN, CLUSTER, KEY_ARN = (
    ACCOUNT.one("AWS::SecretsManager::Secret").ref, ACCOUNT.one("AWS::RDS::DBCluster").ref, ACCOUNT.one("AWS::KMS::Key").arn)
RDS = f"arn:aws:rds:eu-north-1:{ACCOUNT.id}"
PASSED, TAGGED = f"arn:aws:iam::{ACCOUNT.id}:role/passed", f"arn:aws:ec2:eu-north-1:{ACCOUNT.id}:security-group/sg-1"

#: What a runbook calls.
CALLS = [Call("it", "One", service, operation, parameters) for service, operation, parameters in [
    ("s3", "PutObject", {"Bucket": BUCKET, "Key": "a/k"}),
    ("s3", "ListObjectsV2", {"Bucket": BUCKET, "Prefix": "a/b"}),
    ("sns", "Publish", {"TopicArn": TOPIC}),
    ("rds", "RestoreDBClusterToPointInTime", {"DBClusterIdentifier": f"{CLUSTER}-inc-1", "SourceDBClusterIdentifier": CLUSTER}),
    ("secretsmanager", "GetSecretValue", {"SecretId": SECRET_ARN}),
    ("secretsmanager", "PutSecretValue", {"SecretId": SECRET_ARN}),
    ("secretsmanager", "RotateSecret", {"SecretId": SECRET_ARN}),
    ("ecs", "ListTasks", {"cluster": "c"}),
    ("cloudwatch", "PutMetricData", {"Namespace": "ours"}),
    ("application-autoscaling", "RegisterScalableTarget", {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}),
    ("iam", "PassRole", {"RoleArn": PASSED}),
    ("ec2", "CreateTags", {"Resources": ["sg-1"], "Tags": [{"Key": "isolated"}]}),
]]


def allow(actions: Any, resources: Any, *conditions: tuple[str, str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resources}
    for operator, key, value in conditions:
        content.setdefault("Condition", {}).setdefault(operator, {})[key] = value
    return content


def equals(key: str, value: str) -> tuple[str, str, str]:
    return ("StringEquals", key, value)


def through(service: str) -> tuple[str, str, str]:
    return equals("kms:ViaService", f"{service}.eu-north-1.amazonaws.com")


LENT, OF_SECRET = ("Bool", "kms:GrantIsForAWSResource", "true"), equals("kms:EncryptionContext:SecretARN", SECRET_ARN)
OF_SERVICE = equals("application-autoscaling:service-namespace", "ecs"), equals("application-autoscaling:scalable-dimension", "ecs:service:DesiredCount")
OURS, NOT_NONE = ("ForAllValues:StringEquals", "aws:TagKeys", ["isolated"]), ("Null", "aws:TagKeys", "false")
SCALING, SCALED = "application-autoscaling:RegisterScalableTarget", f"arn:aws:application-autoscaling:eu-north-1:{ACCOUNT.id}:scalable-target/*"

#: What it is allowed for that, by a name.
POLICY = {
    "save": allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/a/*"),
    "find": allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", ("StringLike", "s3:prefix", "a/*")),
    "tell": allow("sns:Publish", TOPIC),
    "encrypt what is told": allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, through("sns")),
    "restore": allow("rds:RestoreDBClusterToPointInTime", [
        f"{RDS}:cluster:{CLUSTER}", f"{RDS}:cluster:{CLUSTER}-inc-*", f"{RDS}:og:default:*"]),
    "lend key": allow("kms:CreateGrant", KEY_ARN, through("rds"), LENT),
    "see key": allow("kms:DescribeKey", KEY_ARN, through("rds")),
    "switch": allow(["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:RotateSecret"], SECRET_ARN),
    "encrypt secret": allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, through("secretsmanager"), OF_SECRET),
    "invoke": allow("lambda:InvokeFunction", ROTATION_ARN),
    "list": allow("ecs:ListTasks", "*", ("ArnEquals", "ecs:cluster", f"arn:aws:ecs:eu-north-1:{ACCOUNT.id}:cluster/c")),
    "measure": allow("cloudwatch:PutMetricData", "*", equals("cloudwatch:namespace", "ours")),
    "scale": allow(SCALING, SCALED, *OF_SERVICE),
    "pass": allow("iam:PassRole", PASSED, equals("iam:PassedToService", "ssm.amazonaws.com")),
    "mark": allow("ec2:CreateTags", TAGGED, OURS, NOT_NONE),
}

WILD = {
    "*": ("ecs:ListTasks", "for the test"), "s3:NAME/a/*": ("s3:PutObject", "for the test"),
    "rds:cluster:DATABASE-inc-*": ("rds:RestoreDBClusterToPointInTime", "for the test"),
    "rds:og:default:*": ("rds:RestoreDBClusterToPointInTime", "for the test"),
    "application-autoscaling:scalable-target/*": (SCALING, "for the test"),
}

#: Statements that are wrong instead of the one of the name, and what is said.
BROKEN: list[tuple[str, Any, str]] = [
    # Too little.
    *((name, None, "does not allow") for name in POLICY),
    ("save", allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*"), "does not allow s3:PutObject"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/b/*"), "does not allow s3:PutObject"),
    ("save", POLICY["save"] | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}, "does not allow s3:PutObject"),
    # Actions.
    ("save", {"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/a/*"}, "want its actions"),
    ("save", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "want its actions"),
    ("save", allow("s3:Put*", f"arn:aws:s3:::{BUCKET}/a/*"), "allows s3:Put*"),
    ("save", allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{BUCKET}/a/*"), "s3:GetObject"),
    ("encrypt what is told", allow(["kms:Decrypt", "kms:GenerateDataKey*"], KEY_ARN, through("sns")), "allows kms:GenerateDataKey*"),
    ("see key", allow(["kms:DescribeKey", "kms:Decrypt"], KEY_ARN, through("rds")), "allows kms:Decrypt"),
    ("invoke", allow(["lambda:InvokeFunction", "lambda:GetFunction"], ROTATION_ARN), "allows lambda:GetFunction"),
    # Resources.
    ("save", allow("s3:PutObject", "*"), "allows s3:PutObject on *, want no wildcard"),
    ("save", allow("s3:PutObject", "**"), "on **, want no wildcard"),
    ("save", allow("s3:PutObject", "arn:*"), "on arn:*, want no wildcard"),
    ("save", allow("s3:PutObject", "arn:aws:s3:::*"), "want no wildcard"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/*"), "want no wildcard"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/?/*"), "want no wildcard"),
    ("save", allow("s3:PutObject", f"arn:aws:s3:::{BUCKET[:-1]}*/a/*"), "want no wildcard"),
    ("restore", allow("rds:RestoreDBClusterToPointInTime", [f"{RDS}:cluster:*", f"{RDS}:og:default:*"]), "cluster:*, want no wildcard"),
    ("restore", allow("rds:RestoreDBClusterToPointInTime", [
        f"{RDS}:cluster:{CLUSTER}", f"{RDS}:cluster:{CLUSTER[:-1]}*-inc-*", f"{RDS}:og:default:*"]), "want no wildcard"),
    ("restore", allow("rds:RestoreDBClusterToPointInTime", [
        f"{RDS}:cluster:{CLUSTER}", f"{RDS.replace('eu-north-1', '*')}:cluster:{CLUSTER}-inc-*", f"{RDS}:og:default:*"]), "want no wildcard"),
    ("switch", allow(["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:RotateSecret"],
                     f"{SECRET_ARN.rsplit(':', 1)[0]}:*"), "secret:*, want no wildcard"),
    ("pass", allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT.id}:role/*", equals("iam:PassedToService", "ssm.amazonaws.com")), "role/*, want no wildcard"),
    ("see key", allow("kms:DescribeKey", "*", through("rds")), "on *, want no wildcard"),
    ("invoke", allow("lambda:InvokeFunction", f"{ROTATION_ARN}*"), "rotation*, want no wildcard"),
    ("invoke", allow("lambda:InvokeFunction", f"{ROTATION_ARN[:-1]}?"), "rotatio?, want no wildcard"),
    ("invoke", allow("lambda:InvokeFunction", [ROTATION_ARN, f"{ROTATION_ARN}-2"]), "rotation-2, which no drill uses"),
    # An action on one resource, another action on another.
    ("tell", allow(["sns:Publish", "s3:PutObject"], [TOPIC, f"arn:aws:s3:::{BUCKET}/a/*", OTHER]), f"allows sns:Publish on {OTHER}"),
    ("find", allow(["s3:ListBucket", "s3:PutObject"], [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/a/*"],
                   ("StringLikeIfExists", "s3:prefix", "a/*")), f"allows s3:PutObject on arn:aws:s3:::{BUCKET}, which no drill uses"),
    # Conditions.
    ("find", allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"), "whatever s3:prefix is"),
    ("find", allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", ("StringLike", "s3:prefix", "*")), "whatever s3:prefix is"),
    ("find", allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", ("StringLikeIfExists", "s3:prefix", "a/*")), "whatever s3:prefix is"),
    ("encrypt what is told", allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN), "whatever kms:ViaService is"),
    ("encrypt secret", allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, OF_SECRET), "whatever kms:ViaService is"),
    ("encrypt secret", allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, through("secretsmanager")), "whatever kms:EncryptionContext:SecretARN is"),
    ("lend key", allow("kms:CreateGrant", KEY_ARN, through("rds")), "whatever kms:GrantIsForAWSResource is"),
    ("see key", allow("kms:DescribeKey", KEY_ARN), "whatever kms:ViaService is"),
    ("list", allow("ecs:ListTasks", "*"), "whatever ecs:cluster is"),
    ("measure", allow("cloudwatch:PutMetricData", "*"), "whatever cloudwatch:namespace is"),
    ("scale", allow(SCALING, SCALED, OF_SERVICE[0]), "whatever application-autoscaling:scalable-dimension is"),
    ("scale", allow(SCALING, SCALED, OF_SERVICE[1]), "whatever application-autoscaling:service-namespace is"),
    ("pass", allow("iam:PassRole", PASSED), "whatever iam:PassedToService is"),
    ("mark", allow("ec2:CreateTags", TAGGED, NOT_NONE), "whatever aws:TagKeys is"),
    ("mark", allow("ec2:CreateTags", TAGGED, OURS), "whatever aws:TagKeys is"),
]


def test_roles_that_allow_what_is_called_and_nothing_else_are_right():
    assert problems_with(POLICY.values()) == []


def test_every_broken_role_is_reported():
    for name, broken, said in BROKEN:
        policy = {**POLICY, name: broken}
        found = problems_with(content for content in policy.values() if content)
        assert any(said in problem for problem in found), f"{name}: {broken} gives {found}, want {said}"


def test_a_refusal_counts_although_the_call_fails_in_the_drill():
    failing = Call("it", "One", "s3", "GetObject", {"Bucket": BUCKET, "Key": "k"}, error="NoSuchKey")
    assert problems_with(POLICY.values(), [*CALLS, failing]) == [f"it One: Role does not allow s3:GetObject on arn:aws:s3:::{BUCKET}/k"]


def test_exceptions_are_for_one_action_and_needed():
    nowhere = {**WILD, "iam:policy/*": ("iam:GetPolicy", "for the test")}
    assert problems_with(POLICY.values(), wild=nowhere) == ["nothing needs the exception iam:GetPolicy on iam:policy/*"]
    more = [*POLICY.values(), allow("rds:DescribeDBClusterSnapshots", f"{RDS}:cluster:{CLUSTER}")]
    [unused] = problems_with(more)
    assert "which no drill uses" in unused
    assert problems_with(more, unused={"rds:cluster:DATABASE": ("rds:DescribeDBClusterSnapshots", "for the test")}) == []
    assert problems_with(more, unused={"rds:cluster:DATABASE": ("rds:DescribeDBClusters", "for the test")}) != []


def problems_with(statements: Iterable[dict[str, Any]], calls: list[Call] = CALLS, wild: Any = WILD, unused: Any = {}) -> list[str]:
    """The problems of the calls with a role that has the statements."""
    ACCOUNT.stacks[0].resources["Policy"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
        "Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": list(statements)}}}
    try:
        return roles.problems(ACCOUNT, calls, wild, unused)
    finally:
        del ACCOUNT.stacks[0].resources["Policy"]


# Programs.

def test_models_are_loaded_once_and_instance_types_never():
    assert boto3.Session()._session.get_component("data_loader") is model.LOADER
    moto = sys.modules["moto.core.utils"]
    of_moto, ours = moto.get_service_model("ecs"), model.LOADER.load_service_model("ecs", "service-2")
    assert of_moto.shape_for("Cluster")._shape_model is ours["shapes"]["Cluster"]
    added = moto.get_service_model("s3").shape_names  # moto adds to this one
    assert set(added) > set(model.LOADER.load_service_model("s3", "service-2")["shapes"])
    assert not sys.modules["moto.ec2.models.instance_types"].INSTANCE_TYPES


def test_an_operation_that_the_emulator_lacks_stops_the_drills():
    for session in (ACCOUNT.bare, ACCOUNT.recorded):
        with ACCOUNT.calls.of_step(lambda *what: Call("it", "One", *what), lambda *_: None):
            refused(lambda: session.client("ecs").submit_task_state_change(), "the emulator cannot do ecs SubmitTaskStateChange")


def test_an_interrupt_ends_a_program_and_its_drills():
    for number in (signal.SIGINT, signal.SIGTERM):
        pids, theirs = os.pipe()
        program = os.fork()
        if not program:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
            drill = runner.Drill("it", "sleeps", lambda _: (os.write(theirs, str(os.getpid()).encode()), time.sleep(runner.LONGEST_SECONDS)))
            os._exit(testing.main(lambda: len(list(runner.run_all(ACCOUNT, [runner.Job(drill)])))))
        sleeping = int(os.read(pids, 20))
        os.kill(program, number)
        assert os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]) == testing.INTERRUPTED
        with contextlib.suppress(ProcessLookupError):
            os.kill(sleeping, 0)
            raise AssertionError(f"{sleeping} outlives its program")


def test_a_problem_of_one_runbook_fails_the_checks():
    step = {"name": "Wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}, "isEnd": True}
    document = copy.deepcopy(DOCUMENT)
    document["Properties"]["Content"] |= {"description": "Waits.", "mainSteps": [step]}
    assert checked(Role=ROLE, It=document) == []
    step["inputs"] = {"Duration": "soon"}
    problems = checked(Role=ROLE, It=document)
    assert len(problems) == 1 and "soon" in problems[0], problems


def test_an_assembly_without_a_runbook_stops_the_checks():
    refused(lambda: checked(Role=ROLE), "no runbook in the assembly")


def test_an_assembly_with_the_stacks_of_another_is_not_checked_again():
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(io.StringIO()):
        first, same, other = Path(root, "first"), Path(root, "same"), Path(root, "other")
        for directory, resources in ((first, {"Role": ROLE}), (same, {"Role": ROLE}), (other, {"Other": ROLE})):
            directory.mkdir()
            write_assembly(directory, resources)
        assert check.different([first, same, other]) == [first, other]


def checked(**resources: Any) -> list[str]:
    """What make drill-checks says of an assembly with the resources."""
    with tempfile.TemporaryDirectory() as directory, contextlib.redirect_stdout(io.StringIO()):
        write_assembly(Path(directory), resources)
        return check.check(Path(directory))


def write_assembly(directory: Path, resources: dict[str, Any]) -> None:
    (directory / "t.json").write_text(json.dumps({"Resources": resources}))
    (directory / "manifest.json").write_text(json.dumps({"artifacts": {"it": {
        "type": "aws:cloudformation:stack", "environment": "aws://1/eu-north-1", "displayName": "it",
        "properties": {"templateFile": "t.json"}}}}))


if __name__ == "__main__":
    sys.exit(testing.run(globals()))
