"""Tests the gate over the templates: one that passes everything looks like one
that is passed.

usage: cfn_lint_test.py"""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import cfn_lint

TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}

#: What is wrong, in which template, and what is said of it.
WRONG = {
    "an error, also where the template excuses it": ({
        "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["E3002"]}}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayNme": "Alarms"}}},
    }, "E3002 Additional properties are not allowed ('DisplayNme' was unexpected"),
    "a warning": ({"Parameters": {"Forgotten": {"Type": "String"}}, **TOPIC}, "W2001 Parameter Forgotten not used"),
    "data that is lost with its stack": ({
        "Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"Engine": "aurora-postgresql"}}},
    }, "I3011"),
    "a type that the region does not have": ({
        "Resources": {"Topic": {"Type": "AWS::SNS::Subject"}},
    }, "does not exist in 'eu-north-1'"),
    "no template at all": ([], "E0000 Template needs to be an object"),
}


class Gate(unittest.TestCase):
    def assembly(self, template: Any) -> Path:
        """The directory of an assembly with one template."""
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        stack = {"environment": "aws://unknown-account/eu-north-1"}
        (directory / "manifest.json").write_text(json.dumps({"artifacts": {"data": stack, "Tree": {}}}))
        (directory / "data.template.json").write_text(json.dumps(template, indent=1))
        return directory

    def check(self, *directories: Path, **options: Any) -> tuple[int, str]:
        """The exit status of the gate, and what it says."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = cfn_lint.check(list(directories), **{"processes": 1, **options})
        return status, said.getvalue()

    def test_what_is_right_or_explained_passes(self) -> None:
        explained = {"Resources": {"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-north-1a"}}}}
        restored = {"Resources": {"Cluster": {
            "Type": "AWS::RDS::DBCluster", "DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot",
            "Properties": {
                "Engine": "aurora-postgresql", "BackupRetentionPeriod": 7, "SourceDBClusterIdentifier": "prod",
                "UseLatestRestorableTime": True,
                "MasterUserPassword": "{{resolve:secretsmanager:prod:SecretString:password}}"}}}}

        sometimes = cfn_lint.accepted() - cfn_lint.accepted(without="needs")
        self.assertEqual(sometimes, {"W3689"}, "what no reference environment has is in a template here")

        status, said = self.check(*map(self.assembly, [TOPIC, explained, TOPIC, restored]), explained=sometimes | {"W3010"})

        self.assertEqual((status, said), (0, "cfn-lint: no finding in 4 templates of 4 assemblies, 3 of them different\n"))

    def test_what_is_wrong_is_refused(self) -> None:
        for what, (template, finding) in WRONG.items():
            with self.subTest(what):
                status, said = self.check(self.assembly(template))
                self.assertEqual(status, 1, said)
                self.assertIn(finding, said)

    def test_several_processes_find_the_same(self) -> None:
        wrong = [self.assembly(template) for template, _finding in WRONG.values()]

        alone, together = self.check(*wrong), self.check(self.assembly(TOPIC), *wrong, processes=3)

        self.assertEqual(together, (1, alone[1].replace("in 5 of 5 templates", "in 5 of 6 templates")))

    def test_what_is_explained_and_never_found_is_refused(self) -> None:
        status, said = self.check(self.assembly(TOPIC), explained=cfn_lint.accepted(without="needs"))

        self.assertEqual(status, 1)
        self.assertIn("nothing is found any more by I1022, W3005, W3010: take it out of internal/exceptions", said)

    def test_nothing_to_check_is_refused(self) -> None:
        full, empty = self.assembly(TOPIC), self.assembly(TOPIC)
        (empty / "data.template.json").unlink()
        for what, directories, missing in (
            ("a directory without a template", [empty], empty),
            ("one such directory beside a better one", [full, empty], empty),
            ("a directory that is missing", [Path("none")], "none"),
        ):
            with self.subTest(what):
                self.assertEqual(self.check(*directories), (1, f"{missing}: no template to check\n"))

    def test_a_template_is_checked_for_the_regions_of_its_environment(self) -> None:
        here, there = self.assembly(TOPIC), self.assembly(TOPIC)
        manifest = (there / "manifest.json").read_text()
        (there / "manifest.json").write_text(manifest.replace("eu-north-1", "eu-west-1"))

        count, jobs = cfn_lint.different([here, there, here])

        self.assertEqual((count, [each.regions for each in jobs]), (3, [("eu-north-1",), ("eu-west-1",)]))


if __name__ == "__main__":
    sys.exit(cfn_lint.stoppable(unittest.main))
