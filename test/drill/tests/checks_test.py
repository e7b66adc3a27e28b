"""Tests the static checks: a document that they accept, and a table of
changes to it that each must be refused for, with the whole message."""

import copy
import unittest
from dataclasses import dataclass
from typing import Any

from engine.automation import oldest_boto3
from engine.automation.document import problems_of
from engine.automation.values import UNKNOWN

SCRIPT = '''
import boto3

def save(events, context):
    s3 = boto3.client("s3")
    s3.put_object(Bucket=events["bucket"], Key="state", Body=b"", ChecksumAlgorithm="SHA256")
    return {"Count": 1}
'''

CHILD = {
    "schemaVersion": "0.3",
    "description": "A runbook that another one starts.",
    "assumeRole": f"{UNKNOWN}AWS::IAM::Role Role.Arn{UNKNOWN}",
    "parameters": {"Service": {"type": "String", "description": "Which.", "allowedPattern": "^[a-z]+$"}},
    "mainSteps": [{
        "name": "Look", "action": "aws:executeAwsApi",
        "inputs": {"Service": "ecs", "Api": "DescribeServices", "services": ["{{ Service }}"]},
    }],
}

BASE = {
    "schemaVersion": "0.3",
    "description": "Has a step of every action.",
    "assumeRole": f"{UNKNOWN}AWS::IAM::Role Role.Arn{UNKNOWN}",
    "parameters": {
        "Cluster": {"type": "String", "description": "Which database.", "allowedPattern": "^[a-z][a-z0-9-]*$"},
        "DryRun": {"type": "String", "description": "Whether.", "allowedValues": ["true", "false"], "default": "true"},
        "Groups": {"type": "StringList", "description": "Which groups.", "allowedPattern": "^sg-[0-9a-f]+$"},
        "Patience": {"type": "Integer", "description": "Seconds.", "default": 60},
    },
    "mainSteps": [
        {
            "name": "Before", "action": "aws:executeAwsApi",
            "inputs": {"Service": "rds", "Api": "DescribeDBClusters", "DBClusterIdentifier": "{{ Cluster }}"},
            "outputs": [
                {"Name": "Groups", "Selector": "$.DBClusters[0].VpcSecurityGroups..VpcSecurityGroupId", "Type": "StringList"},
                {"Name": "Port", "Selector": "$.DBClusters[0].Port", "Type": "Integer"},
            ],
        },
        {
            "name": "Save", "action": "aws:executeScript", "timeoutSeconds": 60,
            "inputs": {
                "Runtime": "python3.11", "Handler": "save", "InputPayload": {"bucket": f"{UNKNOWN}AWS::S3::Bucket B{UNKNOWN}"},
                "Script": SCRIPT,
            },
            "outputs": [{"Name": "Count", "Selector": "$.Payload.Count", "Type": "Integer"}],
        },
        {
            "name": "IsDryRun", "action": "aws:branch",
            "inputs": {
                "Choices": [{
                    "NextStep": "Ask",
                    "And": [
                        {"Variable": "{{ DryRun }}", "StringEquals": "false"},
                        {"Not": {"Variable": "{{ Before.Port }}", "NumericEquals": 0}},
                    ],
                }],
                "Default": "Done",
            },
        },
        {
            "name": "Ask", "action": "aws:approve", "timeoutSeconds": 3600, "onFailure": "Abort",
            "inputs": {
                "Approvers": [f"{UNKNOWN}AWS::IAM::Role Approver.Arn{UNKNOWN}"], "MinRequiredApprovals": 1,
                "NotificationArn": f"{UNKNOWN}AWS::SNS::Topic Topic{UNKNOWN}", "Message": "Change {{ Before.Groups }}?",
            },
        },
        {
            "name": "Change", "action": "aws:executeAwsApi", "maxAttempts": 3, "onFailure": "step:Undo",
            "inputs": {
                "Service": "rds", "Api": "ModifyDBCluster", "DBClusterIdentifier": "{{ Cluster }}",
                "VpcSecurityGroupIds": "{{ Groups }}", "ApplyImmediately": True,
            },
        },
        {
            "name": "Wait", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": "{{ Patience }}",
            "inputs": {
                "Service": "rds", "Api": "DescribeDBClusterSnapshots", "DBClusterIdentifier": "{{ Cluster }}",
                "PropertySelector": "$.DBClusterSnapshots[0].Status", "DesiredValues": ["available"],
            },
        },
        {
            "name": "Settled", "action": "aws:assertAwsResourceProperty",
            "inputs": {
                "Service": "ecs", "Api": "DescribeServices", "services": ["api"],
                "PropertySelector": "$.services[0].deployments[0].rolloutState", "DesiredValues": ["COMPLETED"],
            },
        },
        {
            "name": "Tag", "action": "aws:executeAwsApi", "onFailure": "Continue",
            "inputs": {
                "Service": "ec2", "Api": "CreateTags", "Resources": "{{ Groups }}",
                "Tags": [{"Key": "incident", "Value": "{{ Ask.ApprovalStatus }}"}],
            },
        },
        {
            "name": "Child", "action": "aws:executeAutomation", "onFailure": "step:Undo",
            "inputs": {"DocumentName": "child", "DocumentVersion": "$DEFAULT", "RuntimeParameters": {"Service": "api"}},
        },
        {"name": "Done", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}, "isEnd": True},
        {
            "name": "Undo", "action": "aws:executeAwsApi",
            "inputs": {
                "Service": "rds", "Api": "ModifyDBCluster", "DBClusterIdentifier": "{{ Cluster }}",
                "VpcSecurityGroupIds": "{{ Before.Groups }}",
            },
        },
    ],
    "outputs": ["Save.Count"],
}


#: As old: whatever the value is. As new: takes the value out of the document.
ANY, REMOVED = object(), object()


@dataclass(frozen=True)
class Refused:
    """A change of BASE, and what the checks must say of it."""

    at: str
    old: Any
    new: Any
    message: str


#: The script of BASE's step Save, and its call.
_SAVE, _BODY = "Save.inputs.Script", "s3.put_object("

STEPS, VERSION = ", ".join(step["name"] for step in BASE["mainSteps"]), oldest_boto3.VERSION

REFUSED = [
    # The document.
    Refused("schemaVersion", ANY, "2.2", "schemaVersion: got '2.2', want 0.3"),
    Refused("main", None, [], "unknown key main, want assumeRole, description, mainSteps, outputs, parameters, schemaVersion"),
    Refused("description", None, REMOVED, "no description"),
    Refused("assumeRole", None, REMOVED, "assumeRole: got None, want the ARN of a role of the stack and nothing else"),
    Refused("assumeRole", ANY, "{{ Cluster }}", "assumeRole: got '{{ Cluster }}', want the ARN of a role of the stack and nothing else"),
    Refused("assumeRole", ANY, "arn:aws:iam::123456789012:role/admin",
            "assumeRole: got 'arn:aws:iam::123456789012:role/admin', want the ARN of a role of the stack and nothing else"),
    Refused("assumeRole", "AWS::IAM::Role", "AWS::IAM::User",
            f"assumeRole: got '{UNKNOWN}AWS::IAM::User Role.Arn{UNKNOWN}', want the ARN of a role of the stack and nothing else"),
    Refused("description", ANY, "x" * 65536, "68918 bytes, want 65536 at most"),
    Refused("outputs", ANY, ["Save.Total"], "outputs: Save.Total is the output of no step"),
    Refused("Done.name", "Done", "Undo", "Undo: two steps have the name"),
    # Parameters.
    Refused("parameters.Cluster.description", None, REMOVED, "parameter Cluster: no description"),
    Refused("parameters.Cluster.type", "String", "Text",
            "parameter Cluster: type: got 'Text', want String, StringList, Boolean, Integer, MapList, StringMap"),
    Refused("parameters.Cluster.allowedPattern", None, REMOVED,
            "parameter Cluster: anything is allowed, want allowedPattern or allowedValues"),
    Refused("parameters.Groups.allowedPattern", None, REMOVED,
            "parameter Groups: anything is allowed, want allowedPattern or allowedValues"),
    Refused("parameters.Cluster.allowedPattern", ANY, "^[a-z$",
            "parameter Cluster: allowedPattern: unterminated character set at position 1"),
    Refused("parameters.Cluster.allowedPattern", ANY, "[a-z]+",
            "parameter Cluster: allowedPattern: got '[a-z]+', want it to begin with ^ and end with $"),
    Refused("parameters.Other", None, {"type": "Boolean", "description": "Nothing."}, "parameter Other: no step uses it"),
    Refused("parameters.Cluster.pattern", None, "^a$",
            "parameter Cluster: unknown key pattern, want allowedPattern, allowedValues, default, description, maxChars, maxItems, minChars, minItems, type"),
    Refused("parameters.DryRun.default", "true", "yes", "parameter DryRun: default: DryRun: 'yes' is none of ['true', 'false']"),
    Refused("parameters.Patience.default", 60, "soon", "parameter Patience: default: Patience: 'soon' is no Integer"),
    # Steps.
    Refused("Done.name", "Done", "D.", "D.: name: want 3 to 128 letters, digits and _"),
    Refused("Done.next", None, "Undo",
            "Done: unknown key next, want action, description, inputs, isCritical, isEnd, maxAttempts, name, nextStep, onCancel, onFailure, outputs, timeoutSeconds"),
    Refused("Done.action", "aws:sleep", "aws:runCommand",
            "Done: action: got 'aws:runCommand', want aws:approve, aws:assertAwsResourceProperty, aws:branch, aws:executeAutomation, aws:executeAwsApi, aws:executeScript, aws:sleep, aws:waitForAwsResourceProperty"),
    Refused("Wait.nextStep", None, "Done", "Settled: no step leads to it"),
    Refused("Wait.nextStep", None, "Setled", f"Wait: nextStep: no step 'Setled', want one of {STEPS}"),
    Refused("Change.onFailure", "step:Undo", "step:Undone", f"Change: onFailure: no step 'Undone', want one of {STEPS}"),
    Refused("Change.onFailure", "step:Undo", "Undo", "Change: onFailure: got 'Undo', want Abort, Continue or step:NAME"),
    Refused("Change.onCancel", None, "Continue", "Change: onCancel: got 'Continue', want Abort or step:NAME"),
    Refused("Change.onCancel", None, "step:Ask", "Change: onCancel: SSM does not go to aws:approve"),
    Refused("Child.isEnd", None, True, "Child: isEnd ends the automation when the step fails, too: step:Undo is never reached"),
    Refused("Done.nextStep", None, "Undo", "Done: isEnd and nextStep, want one of them"),
    Refused("Done.isCritical", None, "false", "Done: isCritical: got 'false', want true or false"),
    Refused("Wait.timeoutSeconds", None, REMOVED, "Wait: no timeoutSeconds, SSM would wait for an hour or a week"),
    Refused("Ask.timeoutSeconds", None, REMOVED, "Ask: no timeoutSeconds, SSM would wait for an hour or a week"),
    Refused("Save.timeoutSeconds", 60, 900, "Save: timeoutSeconds: got 900, SSM ends a script after 600"),
    Refused("Wait.timeoutSeconds", ANY, "{{ Cluster }}",
            "Wait: timeoutSeconds: got '{{ Cluster }}', want seconds or an Integer parameter"),
    Refused("Change.maxAttempts", 3, 0, "Change: maxAttempts: got 0, want 1 or more"),
    Refused("Done.outputs", None, [{"Name": "Time", "Selector": "$.Time"}], "Done: outputs: aws:sleep has none to choose"),
    # References.
    Refused("Undo.inputs.VpcSecurityGroupIds", ANY, "{{ Before.Grups }}", "Undo: {{ Before.Grups }} is no parameter, variable or output"),
    Refused("Undo.inputs.DBClusterIdentifier", ANY, "{{ Cluster | upper }}", "Undo: {{ that SSM does not read as a reference"),
    Refused("Before.onFailure", None, "Continue",
            "IsDryRun: {{ Before.Port }} has no value if Before fails or is passed over, and the step fails with it"),
    Refused("Ask.inputs.Message", "Before.Groups", "Child.Status",
            "Ask: {{ Child.Status }} has no value if Child fails or is passed over, and the step fails with it"),
    Refused("Change.inputs.DBClusterIdentifier", ANY, "{{ Groups }}",
            "Change: ModifyDBCluster.DBClusterIdentifier: {{ Groups }} is a StringList, want String"),
    Refused("Change.inputs.VpcSecurityGroupIds", ANY, "{{ Cluster }}",
            "Change: ModifyDBCluster.VpcSecurityGroupIds: {{ Cluster }} is a String, want StringList"),
    # Calls.
    Refused("Before.inputs.Service", "rds", "aurora", "Before: no service 'aurora'"),
    Refused("Change.inputs.Api", "ModifyDBCluster", "ModifyDbCluster",
            "Change: rds has no operation 'ModifyDbCluster', did you mean ModifyDBCluster or ModifyGlobalCluster?"),
    Refused("Change.inputs.Api", None, REMOVED, "Change: inputs: Api is missing"),
    Refused("Undo.inputs", ANY, {"Service": "s3", "Api": "GetObject", "Bucket": "b", "Key": "k"},
            "Undo: GetObject streams, which aws:executeAwsApi cannot do"),
    Refused("Settled.inputs.Cluster", None, "api", "Settled: DescribeServices: no parameter Cluster, want cluster, services, include"),
    Refused("Change.inputs.ApplyImediately", None, True,
            "Change: ModifyDBCluster: no parameter ApplyImediately, did you mean ApplyImmediately?"),
    Refused("Undo.inputs.DBClusterIdentifier", None, REMOVED, "Undo: ModifyDBCluster: DBClusterIdentifier is missing"),
    Refused("Change.inputs.ApplyImmediately", True, "true", "Change: ModifyDBCluster.ApplyImmediately: got 'true', want true or false"),
    Refused("Undo.inputs.Port", None, "5432", "Undo: ModifyDBCluster.Port: got '5432', want a number"),
    Refused("Settled.inputs.services", ANY, "api", "Settled: DescribeServices.services: got 'api', want a list"),
    Refused("Settled.inputs.include", None, ["TAG"], "Settled: DescribeServices.include[0]: got 'TAG', want TAGS"),
    # Outputs.
    Refused("Before.outputs.Port.Selector", "DBClusters", "DBCluster",
            "Before: output Port: selector '$.DBCluster[0].Port': no 'DBCluster' in DBClusterMessage (Marker, DBClusters)"),
    Refused("Before.outputs.Port.Selector", "[0]", "[?(@.Port)]",
            "Before: output Port: selector '$.DBClusters[?(@.Port)].Port': SSM knows .name, ..name and [n], not '[?(@.Port)].Port'"),
    Refused("Before.outputs.Port.Selector", "$.", "", "Before: output Port: selector 'DBClusters[0].Port' does not start with $"),
    Refused("Before.outputs.Groups.Selector", "..VpcSecurityGroupId", "..GroupId",
            "Before: output Groups: selector '$.DBClusters[0].VpcSecurityGroups..GroupId': no 'GroupId' anywhere below VpcSecurityGroupMembershipList"),
    Refused("Before.outputs.Groups.Type", "StringList", "Integer",
            "Before: output Groups: Type is Integer, $.DBClusters[0].VpcSecurityGroups..VpcSecurityGroupId gives StringList"),
    Refused("Before.outputs.Port.Type", "Integer", "Number",
            "Before: outputs: got {'Name': 'Port', 'Selector': '$.DBClusters[0].Port', 'Type': 'Number'}, want Name, Selector and a Type of String, StringList, Boolean, Integer, MapList, StringMap"),
    Refused("Settled.inputs.DesiredValues", ["COMPLETED"], ["COMPLETE"],
            "Settled: DesiredValues: 'COMPLETE' never comes, only COMPLETED, FAILED, IN_PROGRESS"),
    Refused("Wait.inputs.DesiredValues", ['available'], [], "Wait: DesiredValues: got [], want a list"),
    Refused("Wait.inputs.PropertySelector", "[0].Status", "",
            "Wait: PropertySelector: $.DBClusterSnapshots gives MapList, want one value"),
    # Scripts.
    Refused("Save.inputs.Runtime", "python3.11", "python3.8", "Save: Runtime: got 'python3.8', want python3.11"),
    Refused("Save.inputs.InputPayload", None, REMOVED,
            "Save: inputs: InputPayload is missing, want Handler, InputPayload, Runtime, Script"),
    Refused(_SAVE, '"state"', '"{{ Cluster }}"',
            "Save: Script has {{ }}, which would put a parameter into code: use InputPayload"),
    Refused(_SAVE, '{"Count": 1}', '{"Count": ', "Save: Script line 7: '{' was never closed"),
    Refused("Save.inputs.Handler", "save", "main", "Save: Handler main is not defined, want save"),
    Refused(_SAVE, "events, context", "events", "Save: save(events), want (events, context)"),
    Refused(_SAVE, "import boto3", "import boto3, subprocess",
            "Save: Script imports subprocess, want base64, boto3, botocore.exceptions, collections, csv, datetime, decimal, hashlib, io, ipaddress, itertools, json, math, re, string, time, urllib.parse"),
    Refused(_SAVE, 'boto3.client("s3")', 'boto3.resource("s3")',
            "Save: Script line 5 uses boto3.resource, want boto3.client"),
    Refused(_SAVE, "    return", "    try:\n        pass\n    except:\n        pass\n    return",
            "Save: Script line 9 catches everything, want except Exception at most"),
    Refused(_SAVE, 'b""', "eval('1')", "Save: Script line 6 calls eval"),
    Refused(_SAVE, 'events["bucket"]', 'events["buckets"]',
            "Save: Script reads events['buckets'], which InputPayload does not have"),
    Refused("Save.inputs.InputPayload.more", None, "x", "Save: InputPayload has more, which Script does not read"),
    Refused(_SAVE, SCRIPT, SCRIPT.replace('events["bucket"]', "bucket(events)") + 'def bucket(events):\n    return events["buckets"]\n',
            "Save: Script reads events['buckets'], which InputPayload does not have"),
    Refused(_SAVE, 'events["bucket"]', "str(events)", 'Save: Script uses events otherwise than events["name"]'),
    Refused("Save.outputs.Count.Selector", "Count", "Total", "Save: selector '$.Payload.Total': the script does not always return Total"),
    Refused("Save.outputs.Count.Selector", ".Payload", "", "Save: selector '$.Count', want $.Payload.NAME"),
    Refused(_SAVE, "put_object", "put_objects",
            "Save: Script line 6: s3.put_objects: no such operation, did you mean put_object or put_object_acl or list_objects?"),
    Refused(_SAVE, "Body=", "Bdy=", "Save: Script line 6: s3.put_object: no parameter Bdy, did you mean Body?"),
    Refused(_SAVE, 'Key="state", ', "", "Save: Script line 6: s3.put_object: Key is missing"),
    Refused(_SAVE, ', ChecksumAlgorithm="SHA256"', "", "Save: Script line 6: s3.put_object: ChecksumAlgorithm is missing"),
    Refused(_SAVE, '"s3"', '"s4"', "Save: Script line 6: s4.put_object: no service 's4'"),
    # What an old boto3 lacks.
    Refused(_SAVE, _BODY, f'boto3.client("accessanalyzer").list_findings_v2(analyzerArn="a")\n    {_BODY}',
            f"Save: Script line 6: accessanalyzer.list_findings_v2: botocore {VERSION} does not have it, want aws:executeAwsApi"),
    Refused(_SAVE, _BODY, f'call = boto3.client("accessanalyzer").list_findings_v2\n    {_BODY}',
            f"Save: Script line 6: accessanalyzer.list_findings_v2: botocore {VERSION} does not have it, want aws:executeAwsApi"),
    Refused(_SAVE, _BODY, f'boto3.client("accessanalyzer").get_paginator("list_findings_v2")\n    {_BODY}',
            f"Save: Script line 6: accessanalyzer.list_findings_v2: botocore {VERSION} does not have it, want aws:executeAwsApi"),
    Refused(_SAVE, _BODY, f'boto3.client("s3").list_buckets()\n    {_BODY}',
            f"Save: Script line 6: s3.list_buckets: nobody looked whether botocore {VERSION} has it, want test/drill/oldest_boto3.py to be run"),
    Refused(_SAVE, 'Key="state", ', 'Key="state", IfNoneMatch="*", ',
            f"Save: Script line 6: s3.put_object: botocore {VERSION} has no parameter IfNoneMatch"),
    Refused(_SAVE, _BODY, f'boto3.client("ecr").get_paginator("describe_images").paginate(repositoryName="a", filter={{"imageStatus": "ANY"}})\n    {_BODY}',
            f"Save: Script line 6: ecr.describe_images: botocore {VERSION} has no parameter filter.imageStatus"),
    Refused(_SAVE, _BODY, f'print(boto3.client("ecr").exceptions.ImageArchivedException)\n    {_BODY}',
            f"Save: Script line 6: ecr: botocore {VERSION} has no error ImageArchivedException"),
    # Other actions.
    Refused("IsDryRun.inputs.Choices.0.NextStep", "Ask", "Asks", f"IsDryRun: NextStep: no step 'Asks', want one of {STEPS}"),
    Refused("IsDryRun.inputs.Default", "Done", "End", f"IsDryRun: Default: no step 'End', want one of {STEPS}"),
    Refused("IsDryRun.inputs.Choices.0.And.0.StringEquals", None, REMOVED,
            "IsDryRun: choice ['Variable'], want Variable and one of StringEquals, EqualsIgnoreCase, StartsWith, EndsWith, Contains, NumericEquals, NumericGreater, NumericLesser, NumericGreaterOrEquals, NumericLesserOrEquals, BooleanEquals"),
    Refused("IsDryRun.inputs.Choices.0.And.1.Not.Variable", "Before.Port", "DryRun",
            "IsDryRun: NumericEquals compares Integer, {{ DryRun }} is a String"),
    Refused("IsDryRun.inputs.Choices.0.And.0.StringEquals", "false", "no",
            "IsDryRun: StringEquals: {{ DryRun }} is never 'no', only true, false"),
    Refused("IsDryRun.inputs.Choices.0.And.0.Variable", ANY, "DryRun", "IsDryRun: Variable: got 'DryRun', want one {{ reference }}"),
    Refused("IsDryRun.inputs.Choices.0.NextStep", None, REMOVED, "IsDryRun: a choice without NextStep"),
    Refused("Ask.inputs.Approvers", None, REMOVED, "Ask: inputs: Approvers is missing"),
    Refused("Ask.inputs.MinRequiredApprovals", 1, 0, "Ask: MinRequiredApprovals: got 0, want 1 or more"),
    Refused("Done.inputs.Seconds", None, 1, "Done: inputs: unknown Seconds, want Duration"),
    Refused("Done.inputs.Duration", "PT1S", "1 s", "Done: the drills do not know the duration '1 s'"),
    Refused("Child.inputs.DocumentName", "child", "chidl", "Child: DocumentName: no runbook 'chidl', want child"),
    Refused("Child.inputs.RuntimeParameters.Service", None, REMOVED, "Child: RuntimeParameters: the child needs Service"),
    Refused("Child.inputs.RuntimeParameters.Cluster", None, "x", "Child: RuntimeParameters: the child has no Cluster, want Service"),
    Refused("Child.inputs.RuntimeParameters.Service", "api", "API", "Child: RuntimeParameters: Service: 'API' does not match ^[a-z]+$"),
    Refused("Child.inputs.RuntimeParameters.Service", ANY, "{{ Groups }}",
            "Child: RuntimeParameters: Service is a String, {{ Groups }} a StringList"),
]


def changed(at: str, old: Any, new: Any) -> dict[str, Any]:
    """Returns a copy of BASE with the value at the path changed. Steps, and
    outputs, are named in it. A part of a text that is old must be there once."""
    document = copy.deepcopy(BASE)
    *path, last = at.split(".")
    place: Any = document if not path or path[0] in document else document["mainSteps"]
    for key in path:
        place = place[_key_in(place, key)]
    index = _key_in(place, last)
    if new is REMOVED:
        del place[index]
    elif old in (ANY, None):
        place[index] = new
    elif isinstance(place[index], str) and isinstance(new, str):
        assert place[index].count(old) == 1, f"{at} has {old!r} {place[index].count(old)} times"
        place[index] = place[index].replace(old, new)
    else:
        assert place[index] == old, f"{at} is {place[index]!r}, want {old!r}"
        place[index] = new
    return document


def _key_in(place: Any, key: str) -> Any:
    if isinstance(place, list):
        return next(number for number, each in enumerate(place) if key in (str(number), each.get("name"), each.get("Name")))
    return key


def problems(document: dict[str, Any]) -> list[str]:
    return problems_of("BASE", document, {"child": CHILD})


class StaticChecks(unittest.TestCase):
    maxDiff = None

    def test_what_is_right_is_accepted(self) -> None:
        self.assertEqual(problems(copy.deepcopy(BASE)), [])
        self.assertEqual(problems_of("CHILD", CHILD, {}), [])

    def test_a_script_may_name_what_it_can_do_without(self) -> None:
        body = ('try:\n        boto3.client("accessanalyzer").get_paginator("list_findings_v2")\n'
                "    except KeyError:\n        pass\n    s3.put_object(")
        self.assertEqual(problems(changed(_SAVE, _BODY, body)), [])

    def test_what_is_wrong_is_refused(self) -> None:
        for case in REFUSED:
            with self.subTest(case.message):
                self.assertIn(f"BASE: {case.message}", problems(changed(case.at, case.old, case.new)))
