"""Tests of the interpreter: what it does with each part of a document."""

import socket
import unittest
from typing import Any

from engine import APPROVE, REJECT, TIMEOUT, Fault
from engine.automation import oldest_boto3

from .fixture import ACCOUNT, BUCKET, OTHER, ask, call, fail, names, nap, output, refused, run, script


class Order(unittest.TestCase):
    def test_steps_run_in_order_to_the_end(self) -> None:
        assert names(run(nap("One"), nap("Two")).succeeded()) == ["One", "Two"]

    def test_next_step_and_end(self) -> None:
        execution = run(nap("One", nextStep="Three"), nap("Two"), nap("Three", isEnd=True), nap("Four"))
        assert names(execution.succeeded()) == ["One", "Three"]

    def test_a_failure_aborts(self) -> None:
        execution = run(fail("One"), nap("Two")).failed("One", because="404")
        assert execution.status == "Failed" and names(execution) == ["One"]

    def test_continue_goes_on_and_does_not_count(self) -> None:
        assert names(run(fail("One", onFailure="Continue"), nap("Two")).succeeded()) == ["One", "Two"]

    def test_continue_of_a_critical_step_counts(self) -> None:
        assert names(run(fail("One", onFailure="Continue", isCritical=True), nap("Two")).failed("One")) == ["One", "Two"]

    def test_a_failure_leads_to_its_step_and_counts(self) -> None:
        execution = run(fail("One", onFailure="step:Undo"), nap("Two", isEnd=True), nap("Undo")).failed("One")
        assert names(execution) == ["One", "Undo"]

    def test_a_failure_that_is_not_critical_does_not_count(self) -> None:
        run(fail("One", onFailure="step:Undo", isCritical=False), nap("Undo")).succeeded()

    def test_is_end_ends_a_failing_step_too(self) -> None:
        assert names(run(fail("One", onFailure="step:Undo", isEnd=True), nap("Undo")).failed("One")) == ["One"]

    def test_attempts(self) -> None:
        fault = Fault("s3", "ListBuckets", nth=1, times=2)
        step = {**call("List", "s3", "ListBuckets"), "maxAttempts": 3}
        assert run(step, faults=fault).succeeded().step("List").attempts == 3
        assert run({**step, "maxAttempts": 2}, faults=Fault("s3", "ListBuckets", times=2)).failed("List").step("List").attempts == 2

    def test_a_timeout_is_a_failure_of_its_own(self) -> None:
        slow = script("Slow", "time.sleep(90)", timeoutSeconds=60)
        assert run(slow).failed("Slow", because="timeoutSeconds").status == "TimedOut"
        raises = script("Slow", "time.sleep(90)\nraise ValueError", timeoutSeconds=60)
        assert run(raises).failed("Slow", because="timeoutSeconds").status == "TimedOut"
        assert names(run({**slow, "onFailure": "Continue"}, nap("Two")).succeeded()) == ["Slow", "Two"]

    def test_an_endless_loop_stops_the_drills(self) -> None:
        refused(lambda: run(nap("One", nextStep="One")), "endless")

    def test_a_cancellation(self) -> None:
        assert names(run(nap("One"), nap("Two"), cancel_at="Two").failed("Two")) == ["One", "Two"]
        execution = run(nap("One"), nap("Two", onCancel="step:Undo"), nap("Three", isEnd=True), nap("Undo"), cancel_at="Two")
        assert (names(execution), execution.status) == (["One", "Two", "Undo"], "Cancelled")


class Unknown(unittest.TestCase):
    def test_unknown_parts_stop_the_drills(self) -> None:
        refused(lambda: run({"name": "One", "action": "aws:loop"}), "aws:loop")
        refused(lambda: run(nap("One", retries=3)), "One.retries")
        refused(lambda: run({**nap("One"), "inputs": {"Timestamp": "2026-01-01T00:00:00Z"}}), "One.inputs.Timestamp")
        refused(lambda: run({**nap("One"), "inputs": {"Duration": "P1D"}}), "P1D")
        refused(lambda: run(fail("One", onFailure="Retry")), "Retry")
        refused(lambda: run({**script("One", "return {}"), "inputs": {**script("One", "return {}")["inputs"], "Runtime": "python3.8"}}),
                "python3.8")

    def test_a_gap_of_the_emulator_stops_the_drills_even_in_a_script_that_catches(self) -> None:
        body = "try:\n    boto3.client('ssm').list_ops_metadata()\nexcept Exception:\n    pass\nreturn {}"
        refused(lambda: run(script("One", body)), "ListOpsMetadata", "fakes.py")

    def test_a_fault_that_never_strikes_stops_the_drills(self) -> None:
        refused(lambda: run(nap("One"), faults=Fault("s3", "PutObject")), "never made the call")

    def test_an_approval_that_the_scenario_does_not_answer_stops_the_drills(self) -> None:
        refused(lambda: run(ask()), "approve=")

    def test_nothing_but_loopback_is_reached(self) -> None:
        with socket.socket() as client:
            refused(lambda: client.connect(("192.0.2.1", 443)), "loopback")


class Values(unittest.TestCase):
    def test_references_keep_their_type(self) -> None:
        parameters = {"Names": {"type": "StringList"}, "Count": {"type": "Integer"}, "On": {"type": "Boolean"}}
        step = script("Show", "return {'Kinds': ' '.join(type(events[key]).__name__ for key in events)}", [output("Kinds")],
                      payload={"names": "{{ Names }}", "count": "{{Count}}", "on": "{{ On }}", "text": "{{ Count }}/{{ Names }}"})
        execution = run(step, parameters=parameters, given={"Names": ["a"], "Count": "3", "On": "true"}, outputs=["Show.Kinds"])
        assert execution.succeeded().outputs == {"Show.Kinds": "list int bool str"}
        assert execution.step("Show").inputs["InputPayload"]["text"] == '3/["a"]'

    def test_outputs_must_be_of_their_type(self) -> None:
        run(script("One", "return {'N': '3'}", [output("N", "Integer")])).failed("One", because="is no Integer")
        run(script("One", "return {'N': ['3']}", [output("N", "String")])).failed("One", because="is no String")
        run(script("One", "return {'N': 3}", [output("N", "StringList")])).failed("One", because="is no StringList")
        assert run(script("One", "return {'N': True}", [output("N")])).succeeded().step("One").outputs == {"N": "true"}

    def test_a_reference_without_a_value_fails_the_step(self) -> None:
        later = script("Two", "return {}", payload={"n": "{{ One.N }}"})
        run(script("One", "return {}", [output("N")]), later).failed("Two", because="has no value")

    def test_parameters_are_refused_as_ssm_does(self) -> None:
        parameters = {"Id": {"type": "String", "allowedPattern": "^[a-z]+$"},
            "On": {"type": "String", "allowedValues": ["a"], "default": "a"}}
        ACCOUNT.documents["it"].update(mainSteps=[nap("One")], parameters=parameters, outputs=[])
        ACCOUNT.refuses("it", {}, "missing parameter Id")
        ACCOUNT.refuses("it", {"Id": "A"}, "does not match")
        ACCOUNT.refuses("it", {"Id": "a\n"}, "does not match")
        ACCOUNT.refuses("it", {"Id": "a", "On": "b"}, "is none of")
        ACCOUNT.refuses("it", {"Id": "a", "Of": "b"}, "unknown parameter Of")
        ACCOUNT.refuses("it", {"Id": ["a", "b"]}, "is no String")


class Actions(unittest.TestCase):
    def test_a_wait_waits_until_it_holds(self) -> None:
        step = {"name": "Wait", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": 120, "inputs": {
            "Service": "s3", "Api": "GetBucketVersioning", "Bucket": BUCKET, "PropertySelector": "$.Status", "DesiredValues": ["Enabled"]}}
        assert run(step).failed("Wait", because="want ['Enabled']").status == "TimedOut"
        on = {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}
        ACCOUNT.clock.after(40, lambda: ACCOUNT.client("s3").put_bucket_versioning(**on))
        execution = run(step).succeeded()
        assert 40 <= execution.step("Wait").ended - execution.step("Wait").started <= 60

    def test_an_assertion_does_not_wait(self) -> None:
        step = {"name": "See", "action": "aws:assertAwsResourceProperty", "inputs": {
            "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account", "DesiredValues": ["1"]}}
        assert run(step).failed("See").step("See").ended == ACCOUNT.clock.now
        run({**step, "inputs": {**step["inputs"], "DesiredValues": ["1", ACCOUNT.id]}}).succeeded()

    def test_branches(self) -> None:
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

    def test_a_branch_without_a_match_goes_on(self) -> None:
        branch = {"name": "Which", "action": "aws:branch", "inputs": {"Choices": [
            {"NextStep": "No", "Variable": "{{ global:REGION }}", "StringEquals": "mars"}]}}
        assert names(run(branch, nap("Next", isEnd=True), nap("No")).succeeded()) == ["Which", "Next"]
        assert names(run({**branch, "isEnd": True}, nap("Next", isEnd=True), nap("No")).succeeded()) == ["Which"]

    def test_an_approval_tells_the_topic_and_waits_for_an_answer(self) -> None:
        ACCOUNT.messages()
        execution = run(ask(), nap("Two"), approve=APPROVE).succeeded()
        assert [(each.approvers, each.message) for each in execution.approvals] == [(["one", "two"], "Shall we?")]
        assert [each["message"] for each in ACCOUNT.messages()] == ["Shall we?"]
        assert execution.called("sns", "Publish"), "SSM publishes in the name of the role"

    def test_a_rejection_and_silence_fail(self) -> None:
        assert names(run(ask(), nap("Two"), approve=REJECT).failed("Ask", because="rejected")) == ["Ask"]
        execution = run(ask(), nap("Two"), approve=TIMEOUT)
        assert execution.status == "TimedOut" and execution.step("Ask").ended - execution.step("Ask").started == 3600

    def test_an_approval_needs_a_topic_of_automation(self) -> None:
        run(ask(topic=OTHER), approve=APPROVE).failed("Ask", because="begins with Automation")

    def test_an_approver_may_start_another_runbook_meanwhile_and_sees_that_the_first_waits(self) -> None:
        look = ("time.sleep(2)\nlist_ = boto3.client('ssm').describe_automation_executions\n"
                "found = {s: [each['AutomationExecutionId'] for each in list_(Filters=[{'Key': 'ExecutionStatus', 'Values': [s]}])"
                "['AutomationExecutionMetadataList']] for s in ('Waiting', 'InProgress')}\nreturn found")
        ACCOUNT.documents["child"].update(mainSteps=[script("Look", look, [
            output("Waiting", "StringList"), output("InProgress", "StringList")])])

        def answer(_: Any) -> str:
            first = ACCOUNT.executions[-1].id
            child = ACCOUNT.run("child").succeeded()
            listed = child.step("Look").outputs
            assert first in listed["Waiting"] and first not in listed["InProgress"] and child.id in listed["InProgress"], listed
            return APPROVE

        run(ask(), approve=answer).succeeded()

    def test_an_assertion_of_the_scenario_is_no_failure_of_the_step(self) -> None:
        def answer(_: Any) -> str:
            assert ACCOUNT.region == "mars", "wrong planet"
            return APPROVE

        def nap_meanwhile() -> None:
            ACCOUNT.clock.after(5, lambda: answer(None))
            run(nap("One", onFailure="Continue"))

        for start in (lambda: run(ask(onFailure="Continue"), approve=answer), nap_meanwhile):
            with self.assertRaisesRegex(AssertionError, "wrong planet"):
                start()

    def test_a_child_runs_with_its_parameters_and_its_failure_counts(self) -> None:
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
        run({**start, "inputs": {"DocumentName": "shop-test-child", "DocumentVersion": "$DEFAULT"}}).failed(
            "Start", because="child ended Failed")


class Scripts(unittest.TestCase):
    def test_a_script_lives_in_virtual_time(self) -> None:
        body = ("before = datetime.datetime.now(datetime.timezone.utc)\nbegan = time.time()\ntime.sleep(300)\n"
                "after = datetime.datetime.now(datetime.timezone.utc)\n"
                "return {'A': int((after - before).total_seconds()), 'B': int(time.time() - began)}")
        execution = run(script("One", body, [output("A", "Integer"), output("B", "Integer")])).succeeded()
        assert execution.step("One").outputs == {"A": 300, "B": 300}

    def test_a_script_has_ssm_limits(self) -> None:
        run(script("One", "time.sleep(601)")).failed("One", because="600")
        run(script("One", "return {'N': 'x' * 110000}")).failed("One", because="102400")
        run(script("One", "return {'N': object()}")).failed("One", because="is no JSON")
        run(script("One", "raise ValueError('not so')")).failed("One", because="not so")

    def test_a_script_cannot_reach_the_machine(self) -> None:
        run(script("One", "import subprocess\nreturn {}")).failed("One", because="may not import subprocess")
        run(script("One", "import os\nreturn {}")).failed("One", because="may not import os")
        run(script("One", "boto3.Session()\nreturn {}")).failed("One", because="Session")

    def test_the_value_of_a_secret_may_not_be_shown(self) -> None:
        secret = ACCOUNT.one("AWS::SecretsManager::Secret").ref
        value = f"boto3.client('secretsmanager').get_secret_value(SecretId='{secret}')['SecretString']"
        stored = f"boto3.client('s3').put_object(Bucket='{BUCKET}', Key='k', Body={value}.encode())\nreturn {{}}"
        for step in (script("One", f"return {{'N': {value}}}", [output("N")]), script("One", stored),
            script("One", f"raise ValueError({value})")):
            with self.assertRaisesRegex(AssertionError, "shows the value of Secret"):
                run(step)


class OldBoto3(unittest.TestCase):
    def test_scripts_have_an_old_boto3_unless_the_scenario_says_otherwise(self) -> None:
        client = "boto3.client('accessanalyzer')"
        for body, because in (
            (f"{client}.list_findings_v2", f"botocore {oldest_boto3.VERSION} has no accessanalyzer.list_findings_v2"),
            (f"{client}.get_paginator('list_findings_v2')", "KeyError"),
            ("boto3.client('ecr').describe_images(repositoryName='app', filter={'imageStatus': 'ANY'})",
                "Unknown parameter in input: filter.imageStatus"),
            ("list(boto3.client('ecr').get_paginator('describe_images').paginate(repositoryName='app', filter={'imageStatus': 'ANY'}))",
             "Unknown parameter in input: filter.imageStatus"),
            ("boto3.client('ecr').exceptions.ImageArchivedException", "has no error ImageArchivedException"),
        ):
            run(script("Old", f"{body}\nreturn {{}}")).failed("Old", because=because)
        ACCOUNT.old_boto3 = False
        run(script("New", f"{client}.get_paginator('list_findings_v2')\nreturn {{}}")).succeeded()
        ACCOUNT.old_boto3 = True

    def test_an_old_boto3_does_not_read_what_is_new_in_an_answer(self) -> None:
        body = ("found = boto3.client('ecr').describe_images(repositoryName='pushes')['imageDetails'][0]\n"
                "return {'Names': sorted(found)}")
        found = run(script("Old", body, [output("Names", "StringList")])).succeeded().step("Old").outputs["Names"]
        assert "imageDigest" in found and "imageStatus" not in found
        assert oldest_boto3.pruned({"*": {"a": None}}, {"x": {"a": 1, "b": 2}}) == {"x": {"a": 1}}
