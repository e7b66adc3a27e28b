"""Tests the generator of mutants: what it makes of each part of a runbook, that
a drill that looks notices one, and that one that nobody notices fails the run."""

import ast
import contextlib
import functools
import io
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from engine import Account
from engine.account import emulator
from engine.account.resolve import Stack
from engine.errors import DrillError
from engine.harness import runner, script_mutants, step_mutants, trials
from engine.harness.mutants import Mutant
from engine.harness.trials import Trial
from equivalent import Equivalent
import mutants

emulator.isolate()


# What is made of code: a body of a function, and what one of its mutants has in
# place of it.
CODE = [
    ("condition negated", "a == b", "not a == b"),
    ("condition negated", "not a", "a"),
    ("condition negated", "[x for x in a if x]", "[x for x in a if not x]"),
    ("condition negated", "b if a else c", "b if not a else c"),
    ("and and or swapped", "a and b", "a or b"),
    ("condition dropped", "a and b", "b"),
    ("condition dropped", "a or b or c", "a or c"),
    ("filter dropped", "[x for x in a if x]", "[x for x in a]"),
    ("branch never taken", "if a:\n    f()", "if False:\n    f()"),
    ("branch always taken", "if a:\n    f()", "if True:\n    f()"),
    ("refusal dropped", "if a:\n    raise E", "if a:\n    pass"),
    ("failure not expected", "try:\n    f()\nexcept E:\n    g()", "try:\n    f()\nexcept E:\n    raise"),
    ("return dropped", "if a:\n    return b", "if a:\n    pass"),
    ("loop ended early", "for x in a:\n    continue", "for x in a:\n    break"),
    ("continue dropped", "for x in a:\n    continue", "for x in a:\n    pass"),
    ("loop not ended", "for x in a:\n    break", "for x in a:\n    pass"),
    ("call dropped", "f()", "pass"),
    ("yield dropped", "yield a", "yield from ()"),
    ("what was there forgotten", "a += b", "a = b"),
    ("addition dropped", "a += b", "pass"),
    ("argument dropped", "s3.put(Key=a, Body=b)", "s3.put(Body=b)"),
    ("entry dropped", "{'a': 1, 'b': c}", "{'b': c}"),
    ("only the first item", "for x in a:\n    f()", "for x in list(a)[:1]:\n    f()"),
    ("only the first page", "for x in c.paginate():\n    f()", "for x in list(c.paginate())[:1]:\n    f()"),
    ("list cut to its first", "[a, b]", "[a]"),
    ("only the first item", "[x for x in a]", "[x for x in list(a)[:1]]"),
    ("result cut to its first", "return a", "return __drill_cut__(a)"),
    ("result cut to its first", "return {'a': b}", "return {'a': __drill_cut__(b)}"),
    ("slice dropped", "a[:b]", "a"),
    ("another one chosen", "a[0]", "a[-1]"),
    ("another one chosen", "a[-1]", "a[0]"),
    ("min swapped", "min(a)", "max(a)"),
    ("max swapped", "max(a)", "min(a)"),
    ("any swapped", "any(a)", "all(a)"),
    ("all swapped", "all(a)", "any(a)"),
    ("order reversed", "sorted(a)", "sorted(a, reverse=True)"),
    ("order reversed", "sorted(a, reverse=True)", "sorted(a)"),
    ("order reversed", "a.sort()", "a.sort(reverse=True)"),
    ("left side alone", "a - b", "a"),
    ("right side alone", "a | b", "b"),
    ("switch flipped", "f(a=True)", "f(a=False)"),
    ("number scaled up", "f(30)", "f(300)"),
    ("number scaled down", "f(30)", "f(3)"),
    ("like name", "f(DynamicScalingInSuspended=a)", "f(DynamicScalingOutSuspended=a)"),
    ("like name", "a['IPv4Name']", "a['IPv6Name']"),
    ("like name", "ec2.revoke_ingress", "ec2.revoke_egress"),
]

#: What is no behaviour, or no list, is left alone.
LEFT_ALONE = ['"a text"', 'raise E("%s" % (a == b))', "while True:\n    f()", "f(1)", "a[b]"]


def in_function(body: str) -> str:
    return "def it(events, context):\n" + "\n".join("    " + line for line in body.splitlines())


def of_code(body: str) -> list[tuple[str, str]]:
    """The mutants of a function with the body, as (kind, body)."""
    plain = documents(step("Script", "aws:executeScript", Script=in_function(body)))
    return [(mutant.kind, body_of(mutant.documents(plain)["it"]["mainSteps"][0]["inputs"]["Script"]))
            for mutant in script_mutants.mutants_of(script_mutants.units_of(plain))]


def body_of(script: str) -> str:
    """The body of the script's only function, as ast writes it."""
    function: Any = ast.parse(script).body[0]
    return ast.unparse(function.body)


def documents(*steps: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
    return {"it": {"mainSteps": list(steps), **more}}


def step(name: str, action: str = "aws:executeAwsApi", *, of: dict[str, Any] = {}, **inputs: Any) -> dict[str, Any]:
    """A step; of has what is no input."""
    return {"name": name, "action": action, **of, "inputs": inputs}


class Code(unittest.TestCase):
    def test_each_change_of_code_is_made(self) -> None:
        for kind, body, want in CODE:
            found = of_code(body)
            assert (kind, body_of(in_function(want))) in found, f"{kind}: {body} gives {found}, want {want}"

    def test_what_is_no_behaviour_is_left_alone(self) -> None:
        for body in LEFT_ALONE:
            found = [kind for kind, _ in of_code(body) if kind not in ("refusal dropped", "call dropped")]
            assert not found, f"{body} gives {found}"

    def test_code_of_two_steps_is_changed_in_both_and_the_rest_stays(self) -> None:
        texts = ("def other(a):\n    return 1\n\n\n" + in_function("return a == b"), in_function("return a == b") + "\n\nX = 3\n")
        both = documents(*(step(name, "aws:executeScript", Script=text) for name, text in zip("AB", texts)))
        [negated] = [each for each in script_mutants.mutants_of(script_mutants.units_of(both)) if each.kind == "condition negated"]
        for changed, text in zip(negated.documents(both)["it"]["mainSteps"], texts):
            assert ast.unparse(ast.parse(changed["inputs"]["Script"])) == ast.unparse(ast.parse(text)).replace("a == b", "not a == b")
        assert [each["inputs"]["Script"] for each in both["it"]["mainSteps"]] == list(texts)


# What is made of steps: a step, and what one of its mutants has that it had not.
STEPS = [
    ("onFailure flipped", {}, {}, {"onFailure": "Continue"}),
    ("onFailure flipped", {"onFailure": "Continue"}, {}, {"onFailure": "Abort"}),
    ("onFailure flipped", {"onFailure": "step:Last"}, {}, {"onFailure": "Abort"}),
    ("isCritical flipped", {}, {}, {"isCritical": False}),
    ("isCritical flipped", {"onFailure": "Continue"}, {}, {"isCritical": True}),
    ("onCancel dropped", {"onCancel": "step:Last"}, {}, {"onCancel": None}),
    ("end dropped", {"isEnd": True}, {}, {"isEnd": None}),
    ("nextStep dropped", {"nextStep": "Last"}, {}, {"nextStep": None}),
    ("time scaled up", {"action": "aws:approve", "timeoutSeconds": 60}, {}, {"timeoutSeconds": 600}),
    ("time scaled down", {"action": "aws:approve", "timeoutSeconds": 60}, {}, {"timeoutSeconds": 6}),
    ("time scaled up", {"action": "aws:sleep"}, {"Duration": "PT1M"}, {"inputs": {"Duration": "PT600S"}}),
    ("time scaled down", {"action": "aws:sleep"}, {"Duration": "PT1M"}, {"inputs": {"Duration": "PT6S"}}),
    ("time scaled up", {"action": "aws:executeScript", "timeoutSeconds": 60}, {
        "Handler": "one", "Script": "def one():\n    two()\n\n\ndef two():\n    time.sleep(3)\n"}, {"timeoutSeconds": 600}),
    ("number scaled up", {"maxAttempts": 3}, {}, {"maxAttempts": 30}),
    ("number scaled down", {"maxAttempts": 3}, {}, {"maxAttempts": 1}),
    ("number scaled up", {}, {"Days": 7}, {"inputs": {"Days": 70}}),
    ("number scaled down", {}, {"Days": 7}, {"inputs": {"Days": 1}}),
    ("verification made true", {"action": "aws:assertAwsResourceProperty"}, {"PropertySelector": "$.A", "DesiredValues": ["B"]},
     {"action": "aws:executeAwsApi", "inputs": {}}),
    ("approval goes to no topic", {"action": "aws:approve"}, {"NotificationArn": "a"}, {"inputs": {"NotificationArn": ""}}),
    ("argument dropped", {}, {"Key": "a"}, {"inputs": {}}),
    ("left out of the message", {}, {"Message": "a {{ B.C }} d"}, {"inputs": {"Message": "a  d"}}),
    ("list cut to its first", {}, {"InputPayload": {"Groups": ["a", "b"]}}, {"inputs": {"InputPayload": {"Groups": ["a"]}}}),
    ("switch flipped", {}, {"InputPayload": {"On": True}}, {"inputs": {"InputPayload": {"On": False}}}),
    ("switch flipped", {}, {"InputPayload": {"On": "false"}}, {"inputs": {"InputPayload": {"On": "true"}}}),
    ("like name", {}, {"InputPayload": {"IPv4": "a", "IPv6": "b"}}, {"inputs": {"InputPayload": {"IPv4": "b", "IPv6": "a"}}}),
    ("like name", {}, {"StartTime": "a"}, {"inputs": {"EndTime": "a"}}),
    ("like name", {}, {"Status": "ACTIVE"}, {"inputs": {"Status": "INACTIVE"}}),
    ("like name", {"outputs": [{"Name": "A", "Selector": "$.StartTime"}]}, {}, {"outputs": [{"Name": "A", "Selector": "$.EndTime"}]}),
]

CHOICE = {"NextStep": "Last", "Variable": "{{ It }}", "StringEquals": "a"}
NUMBER = {"NextStep": "Last", "Variable": "{{ It }}", "NumericEquals": 0}
PARTS = {"NextStep": "Last", "And": [{"Variable": "{{ It }}", "StringEquals": "a"}, {"Variable": "{{ It }}", "StringEquals": "b"}]}

CHOICES = [
    ("condition negated", [CHOICE], [{"NextStep": "Last", "Not": {"Variable": "{{ It }}", "StringEquals": "a"}}]),
    ("operator swapped", [NUMBER], [{"NextStep": "Last", "Variable": "{{ It }}", "NumericGreater": 0}]),
    ("operator swapped", [PARTS], [{"NextStep": "Last", "Or": PARTS["And"]}]),
    ("condition dropped", [PARTS], [{"NextStep": "Last", "And": PARTS["And"][1:]}]),
    ("choice dropped", [CHOICE, NUMBER], [CHOICE]),
]

PARAMETERS = [
    *(("limit dropped", {key: 1}, {}) for key in ("minItems", "maxItems", "minChars", "maxChars")),
    *(("limit dropped", {key: "a"}, {"allowedPattern": step_mutants.ANYTHING}) for key in ("allowedPattern", "allowedValues")),
    ("switch flipped", {"default": "true", "allowedValues": ["true", "false"]}, {"default": "false", "allowedValues": ["true", "false"]}),
    ("default dropped", {"default": "a"}, {}),
]


def of_steps(kind: str, found: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [each.documents(found)["it"] for each in step_mutants.mutants_of(found) if each.kind == kind]


def kinds(module: Any) -> set[str]:
    """The kinds that the source of the module names."""
    found = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 3:
            kind = node.value.elts[0]
            if isinstance(kind, ast.Constant):
                found.add(kind.value)
            elif isinstance(kind, ast.JoinedStr) and "page" in ast.unparse(kind):
                found |= {"only the first page", "only the first item"}
            else:
                found |= {f"{name} swapped" for name in script_mutants._SWAPPED}
    return found


class Steps(unittest.TestCase):
    def test_each_change_of_a_step_is_made(self) -> None:
        for kind, of, inputs, want in STEPS:
            it = {**step("First", **inputs), **of}
            found = [each["mainSteps"][0] for each in of_steps(kind, documents(it, step("Between"), step("Last")))]
            wanted = {key: value for key, value in {**it, **want}.items() if value is not None}
            assert wanted in found, f"{kind}: {it} gives {found}, want {wanted}"

    def test_the_time_of_a_script_that_does_not_sleep_is_left_alone(self) -> None:
        it = step("First", "aws:executeScript", of={"timeoutSeconds": 60}, Handler="one",
                  Script="def one():\n    return 1\n\n\ndef two():\n    time.sleep(3)\n")
        assert not of_steps("time scaled up", documents(it))

    def test_each_change_of_a_branch_is_made(self) -> None:
        for kind, choices, want in CHOICES:
            it = step("First", "aws:branch", Choices=choices, Default="Last")
            found = [each["mainSteps"][0]["inputs"]["Choices"] for each in of_steps(kind, documents(it, step("Last")))]
            assert want in found, f"{kind}: {choices} gives {found}, want {want}"

    def test_each_change_of_a_parameter_is_made(self) -> None:
        for kind, declaration, want in PARAMETERS:
            found = [each["parameters"]["It"] for each in of_steps(kind, documents(step("First"), parameters={"It": declaration}))]
            assert want in found, f"{kind}: {declaration} gives {found}, want {want}"

    def test_a_dropped_step_is_passed_by(self) -> None:
        branch = step("First", "aws:branch", Choices=[{**CHOICE, "NextStep": "Middle"}], Default="Middle")
        failing = step("Second", of={"onFailure": "step:Middle", "nextStep": "Middle"})
        found = documents(branch, failing, step("Middle", of={"nextStep": "Last"}), step("Between"), step("Last"))
        [dropped] = [each for each in of_steps("step dropped", found) if "Middle" not in [one["name"] for one in each["mainSteps"]]]
        first, second = dropped["mainSteps"][:2]
        assert first["inputs"] == {"Choices": [CHOICE], "Default": "Last"}
        assert (second["onFailure"], second["nextStep"]) == ("step:Last", "Last")

    def test_the_step_before_a_dropped_last_one_ends(self) -> None:
        found = documents(step("First", of={"nextStep": "Last"}), step("Last", of={"isEnd": True}))
        dropped = of_steps("step dropped", found)[-1]
        assert dropped["mainSteps"] == [step("First", of={"isEnd": True})]

    def test_each_kind_has_a_case(self) -> None:
        tested = {case[0] for case in [*CODE, *STEPS, *CHOICES, *PARAMETERS]}
        made = kinds(step_mutants) | kinds(script_mutants)
        assert made == tested, made ^ tested


SCRIPT = '''import boto3


def tell(events, context):
    sns = boto3.client("sns")
    for topic in events["Topics"]:
        sns.publish(TopicArn=topic, Message="It happened.")
    return {"Topics": events["Topics"]}


def never(events):
    return events["Topics"]
'''

ACCOUNT = Account([Stack("shop-mutants-response", "eu-north-1", {"Resources": {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
    "One": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "one"}},
    "Two": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "two"}},
    "It": {"Type": "AWS::SSM::Document", "Properties": {"DocumentType": "Automation", "Name": "shop-mutants-it", "Content": {
        "schemaVersion": "0.3", "description": "Tells both topics.", "assumeRole": {"Fn::GetAtt": ["Role", "Arn"]}, "mainSteps": [
            step("Tell", "aws:executeScript", of={"timeoutSeconds": 60}, Runtime="python3.11", Handler="tell", Script=SCRIPT,
                 InputPayload={"Topics": [{"Ref": "One"}, {"Ref": "Two"}]}),
        ]}}},
}})], served=False)
ACCOUNT.close()


def setUpModule() -> None:
    ACCOUNT.messages()  # those of the other tests, which share the emulator


def looks(account: Account) -> None:
    """A drill that looks at what became of the account."""
    account.run("it").succeeded()
    assert len(account.messages()) == 2


def trusts(account: Account) -> None:
    """A drill that only sees whether the runbook ends well."""
    account.run("it").succeeded()


def breaks(account: Account) -> None:
    trusts(account)
    account.messages()[1]


def hangs(account: Account) -> None:
    trusts(account)
    while len(account.messages()) != 2:
        pass


@functools.cache
def tried(function: Any, only: str = "", times: int = 1, **how: Any) -> dict[str, Trial]:
    """What becomes of the mutants, or of one, with the function as the only
    drill, or as several."""
    coverage = trials.coverage_of(ACCOUNT, [runner.Drill("it", f"{function.__name__}{number or ''}", function) for number in range(times)])
    every = [each for each in mutants.mutants_of(ACCOUNT.documents) if only in ("", str(each))]
    return {str(each.mutant): each for each in trials.Trials(ACCOUNT, coverage, **how).run(every)}


FIRST_ONLY = "it Tell tell | only the first item | in events['Topics']"
FIRST_GIVEN = "it Tell | list cut to its first | inputs.InputPayload.Topics"


class Tried(unittest.TestCase):
    def test_a_drill_that_looks_notices(self) -> None:
        found = tried(looks)
        assert found[FIRST_ONLY].verdict == found[FIRST_GIVEN].verdict == "failed"
        assert found[FIRST_ONLY].by == "it: looks"

    def test_a_drill_that_does_not_look_notices_only_failures(self) -> None:
        found = tried(trusts)
        assert found[FIRST_ONLY].verdict == found[FIRST_GIVEN].verdict == "survived"
        assert found["it Tell tell | argument dropped | TopicArn of sns.publish"].noticed

    def test_a_drill_that_breaks_or_hangs_notices(self) -> None:
        assert tried(breaks, FIRST_ONLY)[FIRST_ONLY].verdict == "broken"
        with mock.patch.object(trials, "LONGEST_SECONDS", 1):
            assert tried(hangs, FIRST_ONLY)[FIRST_ONLY].message == "no end within 1 s"

    def test_the_static_checks_notice_without_a_drill(self) -> None:
        trial = tried(trusts)["it Tell tell | argument dropped | Message of sns.publish"]
        assert trial.verdict == "static" and trial.message and not trial.by

    def test_every_drill_is_tried_but_for_what_has_a_reason(self) -> None:
        assert tried(trusts, FIRST_ONLY, times=5)[FIRST_ONLY].runs == 5
        assert tried(trusts, FIRST_ONLY, times=5, excused=bool)[FIRST_ONLY].runs == trials.MOST_ALIKE

    def test_what_no_drill_executes_survives(self) -> None:
        assert tried(looks)["it Tell never | result cut to its first | events['Topics']"].verdict == "not executed"

    def test_a_drill_that_fails_by_itself_stops_all(self) -> None:
        def fails(account: Account) -> None:
            assert not account.run("it").succeeded().outputs == {}

        with self.assertRaisesRegex(DrillError, "it: fails does not pass before anything is broken"):
            trials.coverage_of(ACCOUNT, [runner.Drill("it", "fails", fails)])


def reported(function: Any, *reasons: Equivalent) -> list[str]:
    """The problems of a run with the function as the only drill."""
    found = tried(function)
    report = mutants.Report(list(reasons), len(found))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for trial in found.values():
            report.add(trial)
        report.judge_reasons()
        report.print()
    assert all(kind in printed.getvalue() for kind in {trial.mutant.kind for trial in found.values() if trial.verdict != "no list"})
    return report.problems


class Reported(unittest.TestCase):
    def test_a_survivor_fails_the_run(self) -> None:
        assert f"survived: {FIRST_ONLY} (1 drills pass)" in reported(trusts)

    def test_a_survivor_with_a_reason_does_not(self) -> None:
        reason = Equivalent("it Tell tell", "only the first item", "in events*", "nobody listens")
        assert not any(FIRST_ONLY in problem for problem in reported(trusts, reason))

    def test_a_reason_for_what_is_noticed_fails_the_run(self) -> None:
        reason = Equivalent("it Tell tell", "only the first item", "in events['Topics']", "nobody listens")
        assert [problem for problem in reported(looks, reason) if "nobody listens" in problem and FIRST_ONLY in problem]

    def test_a_reason_for_no_mutant_fails_the_run(self) -> None:
        for stale in (Equivalent("it Told", "*", "*", ""), Equivalent("it", "*", "*", ""), Equivalent("*", "cut", "*", ""),
            Equivalent("*", "*", "[0]", "")):
            assert f"no such mutant, although equivalent.py has it: {stale}" in reported(trusts, stale)

    def test_mutants_of_one_place_and_kind_have_different_names(self) -> None:
        twice = [Mutant("it", "kind", "what", frozenset(), frozenset(), print)] * 3
        assert [each.what for each in mutants.numbered(twice)] == ["what", "what #2", "what #3"]
