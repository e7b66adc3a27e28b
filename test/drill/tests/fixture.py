"""An account with a small environment, and steps to build documents from."""

import unittest
from typing import Any

from engine import Account, Execution
from engine.account import emulator
from engine.account.resolve import Stack
from engine.errors import DrillError

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


def call(step: str, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """A step that calls the operation."""
    return {"name": step, "action": "aws:executeAwsApi", "inputs": {"Service": service, "Api": operation, **parameters}}


def fail(name: str, **more: Any) -> dict[str, Any]:
    """A step that fails."""
    return {**call(name, "s3", "HeadBucket", Bucket="there-is-no-such-bucket"), **more}


def script(name: str, body: str, outputs: list[Any] = [], **more: Any) -> dict[str, Any]:
    payload = more.pop("payload", {})
    lines = "\n".join("    " + line for line in body.splitlines())
    return {"name": name, "action": "aws:executeScript", "outputs": outputs, **more, "inputs": {
        "Runtime": "python3.11", "Handler": "handle", "InputPayload": payload,
        "Script": f"import boto3\nimport time\nimport datetime\ndef handle(events, context):\n{lines}\n",
    }}


def ask(topic: str = TOPIC, **more: Any) -> dict[str, Any]:
    return {"name": "Ask", "action": "aws:approve", "timeoutSeconds": 3600, **more, "inputs": {
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
    with unittest.TestCase().assertRaises(DrillError) as stopped:
        function()
    assert all(word in str(stopped.exception) for word in words), f"{stopped.exception}, want {words}"


def restore(name: str, **parameters: Any) -> dict[str, Any]:
    return call(
        "Restore", "rds", "RestoreDBClusterToPointInTime", DBClusterIdentifier=name, **parameters,
        SourceDBClusterIdentifier=ACCOUNT.one("AWS::RDS::DBCluster").ref, DBSubnetGroupName=ACCOUNT.one("AWS::RDS::DBSubnetGroup").ref)
