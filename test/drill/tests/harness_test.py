"""Tests of the harness, and of the programs."""

import ast
import contextlib
import copy
import io
import json
import os
import signal
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path
from typing import Any

import boto3

import check
from engine import Account
from engine.automation import model
from engine.automation.execution import Call
from engine.errors import DrillError
from engine.harness import programs, runner

from .fixture import ACCOUNT, BUCKET, DOCUMENT, ROLE, refused


def checked(**resources: Any) -> list[str]:
    """Returns the problems that make drill-checks finds in the resources."""
    with tempfile.TemporaryDirectory() as directory, contextlib.redirect_stdout(io.StringIO()):
        write_assembly(Path(directory), resources)
        return check.check(Path(directory))


def write_assembly(directory: Path, resources: dict[str, Any]) -> None:
    (directory / "t.json").write_text(json.dumps({"Resources": resources}))
    (directory / "manifest.json").write_text(json.dumps({"artifacts": {"it": {
        "type": "aws:cloudformation:stack", "environment": "aws://1/eu-north-1", "displayName": "it",
        "properties": {"templateFile": "t.json"}}}}))


class Runner(unittest.TestCase):
    def test_each_drill_is_reported_by_its_name(self) -> None:
        def fails(_: Account) -> None:
            assert BUCKET == "another", "the wrong bucket"

        def breaks(_: Account) -> None:
            raise DrillError("no such thing")

        def hangs(_: Account) -> None:
            time.sleep(60)

        result = unittest.TestResult()
        functions = {"passes": lambda _: None, "fails": fails, "breaks": breaks, "hangs": hangs}
        with unittest.mock.patch.object(runner, "LONGEST_SECONDS", 1):
            runner.Drills(ACCOUNT, [runner.Drill("it", name, function) for name, function in functions.items()]).run(result)
        found = {str(test).split("  ")[1]: text for test, text in [*result.failures, *result.errors]}
        self.assertEqual((result.testsRun, len(result.failures), found.keys()), (4, 1, {"it: fails", "it: breaks", "it: hangs"}))
        self.assertIn("the wrong bucket", found["it: fails"])
        self.assertIn("DrillError: no such thing", found["it: breaks"])
        self.assertIn("no end after 1 s", found["it: hangs"])


class Programs(unittest.TestCase):
    def test_models_are_loaded_once_and_instance_types_never(self) -> None:
        assert boto3.Session()._session.get_component("data_loader") is model.LOADER
        moto = sys.modules["moto.core.utils"]
        of_moto, ours = moto.get_service_model("ecs"), model.LOADER.load_service_model("ecs", "service-2")
        assert of_moto.shape_for("Cluster")._shape_model is ours["shapes"]["Cluster"]
        added = moto.get_service_model("s3").shape_names  # moto adds to this one
        assert set(added) > set(model.LOADER.load_service_model("s3", "service-2")["shapes"])
        assert not sys.modules["moto.ec2.models.instance_types"].INSTANCE_TYPES

    def test_an_operation_that_the_emulator_lacks_stops_the_drills(self) -> None:
        for session in (ACCOUNT.bare, ACCOUNT.recorded):
            with ACCOUNT.calls.of_step(lambda *what: Call("it", "One", *what), lambda *_: None):
                refused(lambda: session.client("ecs").submit_task_state_change(), "the emulator cannot do ecs SubmitTaskStateChange")

    def test_an_interrupt_ends_a_program_and_its_drills(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            pids, theirs = os.pipe()
            program = os.fork()
            if not program:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
                drill = runner.Drill("it", "sleeps",
                    lambda _: (os.write(theirs, str(os.getpid()).encode()), time.sleep(runner.LONGEST_SECONDS)))
                os._exit(programs.main(lambda: len(runner.Drills(ACCOUNT, [drill]).run(unittest.TestResult()).failures)))
            sleeping = int(os.read(pids, 20))
            os.kill(program, number)
            assert os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]) == programs.INTERRUPTED
            with contextlib.suppress(ProcessLookupError):
                os.kill(sleeping, 0)
                raise AssertionError(f"{sleeping} outlives its program")

    def test_a_problem_of_one_runbook_fails_the_checks(self) -> None:
        step = {"name": "Wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}, "isEnd": True}
        document = copy.deepcopy(DOCUMENT)
        document["Properties"]["Content"] |= {"description": "Waits.", "mainSteps": [step]}
        assert checked(Role=ROLE, It=document) == []
        step["inputs"] = {"Duration": "soon"}
        problems = checked(Role=ROLE, It=document)
        assert len(problems) == 1 and "soon" in problems[0], problems

    def test_an_assembly_without_a_runbook_stops_the_checks(self) -> None:
        refused(lambda: checked(Role=ROLE), "no runbook in the assembly")

    def test_an_assembly_with_the_stacks_of_another_is_not_checked_again(self) -> None:
        with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(io.StringIO()):
            first, same, other = Path(root, "first"), Path(root, "same"), Path(root, "other")
            for directory, resources in ((first, {"Role": ROLE}), (same, {"Role": ROLE}), (other, {"Other": ROLE})):
                directory.mkdir()
                write_assembly(directory, resources)
            assert check.different([first, same, other]) == [first, other]


#: The parts of the engine from the lowest up, above what all of them share.
PARTS = ["automation", "account", "permissions", "harness"]
ENGINE = Path(__file__).resolve().parents[1] / "engine"


def parts_imported(path: Path) -> set[str]:
    """Returns the parts of the engine that a module of one of them imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("engine"):
            raise AssertionError(f"{path.name} imports {node.module}, want a relative import")
    return found


class Layers(unittest.TestCase):
    def test_each_part_imports_only_those_below_it(self) -> None:
        self.assertEqual(sorted(each.name for each in ENGINE.iterdir() if each.is_dir() and each.name != "__pycache__"), sorted(PARTS))
        for number, part in enumerate(PARTS):
            for path in (ENGINE / part).glob("*.py"):
                with self.subTest(f"{part}/{path.name}"):
                    self.assertLessEqual(parts_imported(path), {*PARTS[:number], "clock", "errors"})
