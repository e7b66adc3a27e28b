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

    what: str
    at: str
    old: Any
    new: Any
    message: str


#: The script of BASE's step Save, and its call.
_SAVE, _BODY = "mainSteps.Save.inputs.Script", "s3.put_object("

REFUSED = [
    # The document.
    Refused("another schema", "schemaVersion", ANY, "2.2",
            "schemaVersion: got '2.2', want 0.3"),
    Refused("a key that SSM does not know", "main", None, [],
            "unknown key main, want assumeRole, description, mainSteps, outputs, parameters, schemaVersion"),
    Refused("no description", "description", None, REMOVED,
            "no description"),
    Refused("no role", "assumeRole", None, REMOVED,
            "assumeRole: got None, want the ARN of a role of the stack and nothing else"),
    Refused("the role as a parameter", "assumeRole", ANY, "{{ Cluster }}",
            "assumeRole: got '{{ Cluster }}', want the ARN of a role of the stack and nothing else"),
    Refused("a role as text", "assumeRole", ANY, "arn:aws:iam::123456789012:role/admin",
            "assumeRole: got 'arn:aws:iam::123456789012:role/admin', want the ARN of a role of the stack and "
            "nothing else"),
    Refused("the ARN of something else", "assumeRole", "AWS::IAM::Role", "AWS::IAM::User",
            f"assumeRole: got '{UNKNOWN}AWS::IAM::User Role.Arn{UNKNOWN}', want the ARN of a role of the stack and"
            f" nothing else"),
    Refused("too large", "description", ANY, "x" * 65536,
            "68918 bytes, want 65536 at most"),
    Refused("an output of no step", "outputs", ANY, ["Save.Total"],
            "outputs: Save.Total is the output of no step"),
    Refused("two steps of a name", "mainSteps.Done.name", "Done", "Undo",
            "Undo: two steps have the name"),
    # Parameters.
    Refused("a parameter without a description", "parameters.Cluster.description", None, REMOVED,
            "parameter Cluster: no description"),
    Refused("a parameter of no type", "parameters.Cluster.type", "String", "Text",
            "parameter Cluster: type: got 'Text', want String, StringList, Boolean, Integer, MapList, StringMap"),
    Refused("a parameter that may be anything", "parameters.Cluster.allowedPattern", None, REMOVED,
            "parameter Cluster: anything is allowed, want allowedPattern or allowedValues"),
    Refused("a list that may be anything", "parameters.Groups.allowedPattern", None, REMOVED,
            "parameter Groups: anything is allowed, want allowedPattern or allowedValues"),
    Refused("a pattern that is none", "parameters.Cluster.allowedPattern", ANY, "^[a-z$",
            "parameter Cluster: allowedPattern: unterminated character set at position 1"),
    Refused("a pattern that matches a part", "parameters.Cluster.allowedPattern", ANY, "[a-z]+",
            "parameter Cluster: allowedPattern: got '[a-z]+', want it to begin with ^ and end with $"),
    Refused("a parameter that nobody uses", "parameters.Other", None, {"type": "Boolean", "description": "Nothing."},
            "parameter Other: no step uses it"),
    Refused("a key of a parameter that SSM does not know", "parameters.Cluster.pattern", None, "^a$",
            "parameter Cluster: unknown key pattern, want allowedPattern, allowedValues, default, description, "
            "maxChars, maxItems, minChars, minItems, type"),
    Refused("a default that is not allowed", "parameters.DryRun.default", "true", "yes",
            "parameter DryRun: default: DryRun: 'yes' is none of ['true', 'false']"),
    Refused("a default of another type", "parameters.Patience.default", 60, "soon",
            "parameter Patience: default: Patience: 'soon' is no Integer"),
    # Steps.
    Refused("a step without a name", "mainSteps.Done.name", "Done", "D.",
            "D.: name: want 3 to 128 letters, digits and _"),
    Refused("a key of a step that SSM does not know", "mainSteps.Done.next", None, "Undo",
            "Done: unknown key next, want action, description, inputs, isCritical, isEnd, maxAttempts, name, "
            "nextStep, onCancel, onFailure, outputs, timeoutSeconds"),
    Refused("an action that is not reviewed", "mainSteps.Done.action", "aws:sleep", "aws:runCommand",
            "Done: action: got 'aws:runCommand', want aws:approve, aws:assertAwsResourceProperty, aws:branch, "
            "aws:executeAutomation, aws:executeAwsApi, aws:executeScript, aws:sleep, "
            "aws:waitForAwsResourceProperty"),
    Refused("a step that nothing leads to", "mainSteps.Wait.nextStep", None, "Done",
            "Settled: no step leads to it"),
    Refused("a next step that is none", "mainSteps.Wait.nextStep", None, "Setled",
            "Wait: nextStep: no step 'Setled', want one of Before, Save, IsDryRun, Ask, Change, Wait, Settled, "
            "Tag, Child, Done, Undo"),
    Refused("a step after failure that is none", "mainSteps.Change.onFailure", "step:Undo", "step:Undone",
            "Change: onFailure: no step 'Undone', want one of Before, Save, IsDryRun, Ask, Change, Wait, Settled,"
            " Tag, Child, Done, Undo"),
    Refused("onFailure of a step by its bare name", "mainSteps.Change.onFailure", "step:Undo", "Undo",
            "Change: onFailure: got 'Undo', want Abort, Continue or step:NAME"),
    Refused("onCancel of no kind", "mainSteps.Change.onCancel", None, "Continue",
            "Change: onCancel: got 'Continue', want Abort or step:NAME"),
    Refused("a cancellation that asks", "mainSteps.Change.onCancel", None, "step:Ask",
            "Change: onCancel: SSM does not go to aws:approve"),
    Refused("isEnd that hides the undo", "mainSteps.Child.isEnd", None, True,
            "Child: isEnd ends the automation when the step fails, too: step:Undo is never reached"),
    Refused("isEnd with a next step", "mainSteps.Done.nextStep", None, "Undo",
            "Done: isEnd and nextStep, want one of them"),
    Refused("a flag as text", "mainSteps.Done.isCritical", None, "false",
            "Done: isCritical: got 'false', want true or false"),
    Refused("a wait without an end", "mainSteps.Wait.timeoutSeconds", None, REMOVED,
            "Wait: no timeoutSeconds, SSM would wait for an hour or a week"),
    Refused("an approval without an end", "mainSteps.Ask.timeoutSeconds", None, REMOVED,
            "Ask: no timeoutSeconds, SSM would wait for an hour or a week"),
    Refused("a script that runs for longer than SSM lets it", "mainSteps.Save.timeoutSeconds", 60, 900,
            "Save: timeoutSeconds: got 900, SSM ends a script after 600"),
    Refused("a timeout that is no number", "mainSteps.Wait.timeoutSeconds", ANY, "{{ Cluster }}",
            "Wait: timeoutSeconds: got '{{ Cluster }}', want seconds or an Integer parameter"),
    Refused("no attempt", "mainSteps.Change.maxAttempts", 3, 0,
            "Change: maxAttempts: got 0, want 1 or more"),
    Refused("outputs of an action that has none", "mainSteps.Done.outputs", None, [{"Name": "Time", "Selector": "$.Time"}],
            "Done: outputs: aws:sleep has none to choose"),
    # References.
    Refused("a reference to nothing", "mainSteps.Undo.inputs.VpcSecurityGroupIds", ANY, "{{ Before.Grups }}",
            "Undo: {{ Before.Grups }} is no parameter, variable or output"),
    Refused("a reference that SSM does not read", "mainSteps.Undo.inputs.DBClusterIdentifier", ANY, "{{ Cluster | upper }}",
            "Undo: {{ that SSM does not read as a reference"),
    Refused("an output of a step that may have failed", "mainSteps.Before.onFailure", None, "Continue",
            "IsDryRun: {{ Before.Port }} has no value if Before fails or is passed over, and the step fails with it"),
    Refused("an output of a step that comes later", "mainSteps.Ask.inputs.Message", "Before.Groups", "Child.Status",
            "Ask: {{ Child.Status }} has no value if Child fails or is passed over, and the step fails with it"),
    Refused("a list where a text belongs", "mainSteps.Change.inputs.DBClusterIdentifier", ANY, "{{ Groups }}",
            "Change: ModifyDBCluster.DBClusterIdentifier: {{ Groups }} is a StringList, want String"),
    Refused("a text where a list belongs", "mainSteps.Change.inputs.VpcSecurityGroupIds", ANY, "{{ Cluster }}",
            "Change: ModifyDBCluster.VpcSecurityGroupIds: {{ Cluster }} is a String, want StringList"),
    # Calls.
    Refused("a service that is none", "mainSteps.Before.inputs.Service", "rds", "aurora",
            "Before: no service 'aurora'"),
    Refused("an operation that is none", "mainSteps.Change.inputs.Api", "ModifyDBCluster", "ModifyDbCluster",
            "Change: rds has no operation 'ModifyDbCluster', did you mean ModifyDBCluster or ModifyGlobalCluster?"),
    Refused("no operation", "mainSteps.Change.inputs.Api", None, REMOVED,
            "Change: inputs: Api is missing"),
    Refused("a streaming operation", "mainSteps.Undo.inputs", ANY, 
            {"Service": "s3", "Api": "GetObject", "Bucket": "b", "Key": "k"},
            "Undo: GetObject streams, which aws:executeAwsApi cannot do"),
    Refused("a parameter with another case", "mainSteps.Settled.inputs.Cluster", None, "api",
            "Settled: DescribeServices: no parameter Cluster, want cluster, services, include"),
    Refused("a parameter that is none", "mainSteps.Change.inputs.ApplyImediately", None, True,
            "Change: ModifyDBCluster: no parameter ApplyImediately, did you mean ApplyImmediately?"),
    Refused("a required parameter missing", "mainSteps.Undo.inputs.DBClusterIdentifier", None, REMOVED,
            "Undo: ModifyDBCluster: DBClusterIdentifier is missing"),
    Refused("text for a flag", "mainSteps.Change.inputs.ApplyImmediately", True, "true",
            "Change: ModifyDBCluster.ApplyImmediately: got 'true', want true or false"),
    Refused("text for a number", "mainSteps.Undo.inputs.Port", None, "5432",
            "Undo: ModifyDBCluster.Port: got '5432', want a number"),
    Refused("a text for a list", "mainSteps.Settled.inputs.services", ANY, "api",
            "Settled: DescribeServices.services: got 'api', want a list"),
    Refused("a value that is not in the enum", "mainSteps.Settled.inputs.include", None, ["TAG"],
            "Settled: DescribeServices.include[0]: got 'TAG', want TAGS"),
    # Outputs.
    Refused("a selector with a wrong name", "mainSteps.Before.outputs.Port.Selector", "DBClusters", "DBCluster",
            "Before: output Port: selector '$.DBCluster[0].Port': no 'DBCluster' in DBClusterMessage (Marker, "
            "DBClusters)"),
    Refused("a selector with a filter", "mainSteps.Before.outputs.Port.Selector", "[0]", "[?(@.Port)]",
            "Before: output Port: selector '$.DBClusters[?(@.Port)].Port': SSM knows .name, ..name and [n], not "
            "'[?(@.Port)].Port'"),
    Refused("a selector without a root", "mainSteps.Before.outputs.Port.Selector", "$.", "",
            "Before: output Port: selector 'DBClusters[0].Port' does not start with $"),
    Refused("a deep selector with a wrong name", "mainSteps.Before.outputs.Groups.Selector", "..VpcSecurityGroupId", "..GroupId",
            "Before: output Groups: selector '$.DBClusters[0].VpcSecurityGroups..GroupId': no 'GroupId' anywhere "
            "below VpcSecurityGroupMembershipList"),
    Refused("a list as a number", "mainSteps.Before.outputs.Groups.Type", "StringList", "Integer",
            "Before: output Groups: Type is Integer, $.DBClusters[0].VpcSecurityGroups..VpcSecurityGroupId gives "
            "StringList"),
    Refused("an output of no type", "mainSteps.Before.outputs.Port.Type", "Integer", "Number",
            "Before: outputs: got {'Name': 'Port', 'Selector': '$.DBClusters[0].Port', 'Type': 'Number'}, want "
            "Name, Selector and a Type of String, StringList, Boolean, Integer, MapList, StringMap"),
    Refused("a state that never comes", "mainSteps.Settled.inputs.DesiredValues", ["COMPLETED"], ["COMPLETE"],
            "Settled: DesiredValues: 'COMPLETE' never comes, only COMPLETED, FAILED, IN_PROGRESS"),
    Refused("no state to wait for", "mainSteps.Wait.inputs.DesiredValues", ['available'], [],
            "Wait: DesiredValues: got [], want a list"),
    Refused("a list to wait for", "mainSteps.Wait.inputs.PropertySelector", "[0].Status", "",
            "Wait: PropertySelector: $.DBClusterSnapshots gives MapList, want one value"),
    # Scripts.
    Refused("another Python", "mainSteps.Save.inputs.Runtime", "python3.11", "python3.8",
            "Save: Runtime: got 'python3.8', want python3.11"),
    Refused("no payload", "mainSteps.Save.inputs.InputPayload", None, REMOVED,
            "Save: inputs: InputPayload is missing, want Handler, InputPayload, Runtime, Script"),
    Refused("a parameter in the code", "mainSteps.Save.inputs.Script", '"state"', '"{{ Cluster }}"',
            "Save: Script has {{ }}, which would put a parameter into code: use InputPayload"),
    Refused("code that does not compile", "mainSteps.Save.inputs.Script", '{"Count": 1}', '{"Count": ',
            "Save: Script line 7: '{' was never closed"),
    Refused("a handler that is none", "mainSteps.Save.inputs.Handler", "save", "main",
            "Save: Handler main is not defined, want save"),
    Refused("a handler with other arguments", "mainSteps.Save.inputs.Script", "events, context", "events",
            "Save: save(events), want (events, context)"),
    Refused("a module of the machine", "mainSteps.Save.inputs.Script", "import boto3", "import boto3, subprocess",
            "Save: Script imports subprocess, want base64, boto3, botocore.exceptions, collections, csv, "
            "datetime, decimal, hashlib, io, ipaddress, itertools, json, math, re, string, time, urllib.parse"),
    Refused("a session of its own", "mainSteps.Save.inputs.Script", 'boto3.client("s3")', 'boto3.resource("s3")',
            "Save: Script line 5 uses boto3.resource, want boto3.client"),
    Refused("an error that nobody sees", "mainSteps.Save.inputs.Script", "    return",
        "    try:\n        pass\n    except:\n        pass\n    return",
            "Save: Script line 9 catches everything, want except Exception at most"),
    Refused("evaluated code", "mainSteps.Save.inputs.Script", 'b""', "eval('1')",
            "Save: Script line 6 calls eval"),
    Refused("an event that is not sent", "mainSteps.Save.inputs.Script", 'events["bucket"]', 'events["buckets"]',
            "Save: Script reads events['buckets'], which InputPayload does not have"),
    Refused("a payload that is not read", "mainSteps.Save.inputs.InputPayload.more", None, "x",
            "Save: InputPayload has more, which Script does not read"),
    Refused("an event that is not sent and another function reads", "mainSteps.Save.inputs.Script", SCRIPT,
            SCRIPT.replace('events["bucket"]', "bucket(events)") + 'def bucket(events):\n    return events["buckets"]\n',
            "Save: Script reads events['buckets'], which InputPayload does not have"),
    Refused("events that nobody can follow", "mainSteps.Save.inputs.Script", 'events["bucket"]', "str(events)",
            'Save: Script uses events otherwise than events["name"]'),
    Refused("an output that is not returned", "mainSteps.Save.outputs.Count.Selector", "Count", "Total",
            "Save: selector '$.Payload.Total': the script does not always return Total"),
    Refused("an output that is not of the payload", "mainSteps.Save.outputs.Count.Selector", ".Payload", "",
            "Save: selector '$.Count', want $.Payload.NAME"),
    Refused("an operation that the client does not have", "mainSteps.Save.inputs.Script", "put_object", "put_objects",
            "Save: Script line 6: s3.put_objects: no such operation, did you mean put_object or put_object_acl or"
            " list_objects?"),
    Refused("a parameter that the operation does not have", "mainSteps.Save.inputs.Script", "Body=", "Bdy=",
            "Save: Script line 6: s3.put_object: no parameter Bdy, did you mean Body?"),
    Refused("a required parameter that the script forgets", "mainSteps.Save.inputs.Script", 'Key="state", ', "",
            "Save: Script line 6: s3.put_object: Key is missing"),
    Refused("an object without a checksum", "mainSteps.Save.inputs.Script", ', ChecksumAlgorithm="SHA256"', "",
            "Save: Script line 6: s3.put_object: ChecksumAlgorithm is missing"),
    Refused("a client of no service", "mainSteps.Save.inputs.Script", '"s3"', '"s4"',
            "Save: Script line 6: s4.put_object: no service 's4'"),
    # What an old boto3 lacks.
    Refused("a new operation", _SAVE, _BODY, f'boto3.client("accessanalyzer").list_findings_v2(analyzerArn="a")\n    {_BODY}',
            f"Save: Script line 6: accessanalyzer.list_findings_v2: botocore {oldest_boto3.VERSION} does not have it, want aws:executeAwsApi"),
    Refused("a new operation that is not called at once", _SAVE, _BODY,
        f'call = boto3.client("accessanalyzer").list_findings_v2\n    {_BODY}',
            f"Save: Script line 6: accessanalyzer.list_findings_v2: botocore {oldest_boto3.VERSION} does not have it, want aws:executeAwsApi"),
    Refused("pages of a new operation", _SAVE, _BODY, f'boto3.client("accessanalyzer").get_paginator("list_findings_v2")\n    {_BODY}',
            f"Save: Script line 6: accessanalyzer.list_findings_v2: botocore {oldest_boto3.VERSION} does not have it, want aws:executeAwsApi"),
    Refused("an operation that nobody looked for", _SAVE, _BODY, f'boto3.client("s3").list_buckets()\n    {_BODY}',
            f"Save: Script line 6: s3.list_buckets: nobody looked whether botocore {oldest_boto3.VERSION} has it, want test/drill/oldest_boto3.py to be run"),
    Refused("a new parameter", _SAVE, 'Key="state", ', 'Key="state", IfNoneMatch="*", ',
            f"Save: Script line 6: s3.put_object: botocore {oldest_boto3.VERSION} has no parameter IfNoneMatch"),
    Refused("a new name inside a parameter", _SAVE, _BODY,
            f'boto3.client("ecr").get_paginator("describe_images").paginate(repositoryName="a", filter={{"imageStatus": "ANY"}})\n    {_BODY}',
            f"Save: Script line 6: ecr.describe_images: botocore {oldest_boto3.VERSION} has no parameter filter.imageStatus"),
    Refused("a new error", _SAVE, _BODY, f'print(boto3.client("ecr").exceptions.ImageArchivedException)\n    {_BODY}',
            f"Save: Script line 6: ecr: botocore {oldest_boto3.VERSION} has no error ImageArchivedException"),
    # Other actions.
    Refused("a choice of a step that is none", "mainSteps.IsDryRun.inputs.Choices.0.NextStep", "Ask", "Asks",
            "IsDryRun: NextStep: no step 'Asks', want one of Before, Save, IsDryRun, Ask, Change, Wait, Settled, "
            "Tag, Child, Done, Undo"),
    Refused("a default that is no step", "mainSteps.IsDryRun.inputs.Default", "Done", "End",
            "IsDryRun: Default: no step 'End', want one of Before, Save, IsDryRun, Ask, Change, Wait, Settled, "
            "Tag, Child, Done, Undo"),
    Refused("a choice without an operator", "mainSteps.IsDryRun.inputs.Choices.0.And.0.StringEquals", None, REMOVED,
            "IsDryRun: choice ['Variable'], want Variable and one of StringEquals, EqualsIgnoreCase, StartsWith, "
            "EndsWith, Contains, NumericEquals, NumericGreater, NumericLesser, NumericGreaterOrEquals, "
            "NumericLesserOrEquals, BooleanEquals"),
    Refused("a choice by a number of a text", "mainSteps.IsDryRun.inputs.Choices.0.And.1.Not.Variable", "Before.Port", "DryRun",
            "IsDryRun: NumericEquals compares Integer, {{ DryRun }} is a String"),
    Refused("a choice that never holds", "mainSteps.IsDryRun.inputs.Choices.0.And.0.StringEquals", "false", "no",
            "IsDryRun: StringEquals: {{ DryRun }} is never 'no', only true, false"),
    Refused("a choice of two texts", "mainSteps.IsDryRun.inputs.Choices.0.And.0.Variable", ANY, "DryRun",
            "IsDryRun: Variable: got 'DryRun', want one {{ reference }}"),
    Refused("a choice that leads nowhere", "mainSteps.IsDryRun.inputs.Choices.0.NextStep", None, REMOVED,
            "IsDryRun: a choice without NextStep"),
    Refused("an approval by nobody", "mainSteps.Ask.inputs.Approvers", None, REMOVED,
            "Ask: inputs: Approvers is missing"),
    Refused("an approval by none is enough", "mainSteps.Ask.inputs.MinRequiredApprovals", 1, 0,
            "Ask: MinRequiredApprovals: got 0, want 1 or more"),
    Refused("an input that the action does not have", "mainSteps.Done.inputs.Seconds", None, 1,
            "Done: inputs: unknown Seconds, want Duration"),
    Refused("a duration that is none", "mainSteps.Done.inputs.Duration", "PT1S", "1 s",
            "Done: the drills do not know the duration '1 s'"),
    Refused("a child that is none", "mainSteps.Child.inputs.DocumentName", "child", "chidl",
            "Child: DocumentName: no runbook 'chidl', want child"),
    Refused("a child without its parameter", "mainSteps.Child.inputs.RuntimeParameters.Service", None, REMOVED,
            "Child: RuntimeParameters: the child needs Service"),
    Refused("a child with a parameter that it does not have", "mainSteps.Child.inputs.RuntimeParameters.Cluster", None, "x",
            "Child: RuntimeParameters: the child has no Cluster, want Service"),
    Refused("a child with a value that it refuses", "mainSteps.Child.inputs.RuntimeParameters.Service", "api", "API",
            "Child: RuntimeParameters: Service: 'API' does not match ^[a-z]+$"),
    Refused("a child with a list for a text", "mainSteps.Child.inputs.RuntimeParameters.Service", ANY, "{{ Groups }}",
            "Child: RuntimeParameters: Service is a String, {{ Groups }} a StringList"),
]


def changed(at: str, old: Any, new: Any) -> dict[str, Any]:
    """Returns a copy of BASE with the value at the path changed. Steps, and
    outputs, are named in it. A part of a text that is old must be there once."""
    document = copy.deepcopy(BASE)
    *path, last = at.split(".")
    place: Any = document
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
            with self.subTest(case.what):
                self.assertIn(f"BASE: {case.message}", problems(changed(case.at, case.old, case.new)))
