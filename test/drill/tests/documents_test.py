"""Tests the documents: that drills run every command of the one on incidents,
that AWS takes those of all, and that the README of the drills is true."""

import json
import re
import shlex
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jmespath
from botocore import xform_name

from drills import documented
from engine.account import fakes, moto_patches
from engine.automation import model
from engine.automation.model import Shape

ROOT = Path(__file__).resolve().parents[3]
README = Path(__file__).resolve().parents[1] / "README.md"

#: Options of the CLI itself, and commands that are no operation of a service.
GLOBAL = {"query", "output", "region", "profile", "max-items", "cli-input-json"}
OF_THE_CLI = {("s3", "cp"), ("s3", "ls"), ("logs", "tail"), ("ecr", "get-login-password")}


def _aws_commands(line: str) -> list[list[str]]:
    """The words behind aws of each call of it in a line of the shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    calls: list[list[str]] = [[]]
    inner: list[list[str]] = []
    for word in lexer:
        if set(word) <= set("();<>|&"):
            calls.append([])
            continue
        calls[-1].append(word)
        for nested in re.findall(r"\$\((aws .*)\)", word):
            inner += _aws_commands(nested)
    return [call[1:] for call in calls if call and call[0] == "aws"] + inner


def _compare(words: list[str], whole: bool) -> None:
    """A command with what AWS takes; a whole one has all that is required."""
    service, operation, *rest = words
    if (service, operation) in OF_THE_CLI:
        return
    service, wanted, members = documented.operation_of(service, operation)
    shape = model.operation(service, wanted).input_shape
    options = documented.options_of(rest)
    for option in options.keys() - GLOBAL - members.keys():
        switched = members.get(option.removeprefix("no-"))
        assert shape and switched and shape.members[switched].type_name == "boolean", f"{operation} has no --{option}"
    for expression in options.get("query", []):
        jmespath.compile(expression)
    given = options.keys() | {option.removeprefix("no-") for option in options}
    missing = {name for name in (shape.required_members if shape else []) if xform_name(name, "-") not in given}
    assert not whole or not missing or "cli-input-json" in options, f"{operation} lacks {missing}"


def _written(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a document with AWS commands, and whether they are whole:
    within a sentence there is only what matters there."""
    fence = r"(?ms)^ *```sh\n(.*?)^ *```$"
    for block in re.findall(fence, text):
        yield from ((line, True) for line in block.splitlines() if "aws " in line)
    for line in re.findall(r"`(aws [a-z0-9]+ [a-z0-9-]+[^`]*)`", re.sub(r"(?ms)^ *```.*?^ *```$", "", text)):
        yield line, False


#: The operation that answers with the same findings as an event has, by the file
#: of its sample.
EVENTS = ROOT / "test" / "testdata" / "events"
FINDINGS = {
    "guardduty": ("guardduty", "GetFindings", "Findings"), "hub": ("securityhub", "GetFindings", "Findings"),
    "inspector": ("inspector2", "ListFindings", "findings"),
}


def _unknown(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """The fields that the shape does not have."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = {each.serialization.get("name", name): each for name, each in shape.members.items()}
        for name, part in value.items():
            if name in members:
                yield from _unknown(part, members[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    if shape.type_name == "list":
        for part in value:
            yield from _unknown(part, shape.member, path)


def rows() -> list[str]:
    """The rows of the README's tables."""
    return [f"| `{service} {operation}` | {_summary(function)} |" for (service, operation), function in fakes.FAKES.items()] + [
        f"| moto: {_summary(function)} |" for function in moto_patches.ALL]


def _summary(function: Any) -> str:
    """The first sentence of the docstring."""
    return re.split(r"(?<=\.)\s", " ".join(function.__doc__.split()))[0]


class Documents(unittest.TestCase):
    def test_each_aws_command_of_the_documents_is_one_that_aws_takes(self) -> None:
        compared = 0
        for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
            for line, whole in _written(file.read_text()):
                for words in _aws_commands(line):
                    compared += 1
                    try:
                        _compare(words, whole)
                    except AssertionError as error:
                        raise AssertionError(f"{file.name}: {line}: {error}") from None
        assert compared > 100, compared

    def test_the_samples_of_findings_have_the_fields_that_aws_models(self) -> None:
        for name, (service, operation, member) in FINDINGS.items():
            output = model.operation(service, operation).output_shape
            assert output
            shape = output.members[member].member
            detail = json.loads((EVENTS / f"{name}.json").read_text())["detail"]
            for finding in detail.get("findings", [detail]):
                unknown = list(_unknown(finding, shape, name))
                assert not unknown, unknown

    def test_every_command_of_the_document_of_incident_response_is_followed(self) -> None:
        text = documented.DOCUMENT.read_text()
        sections = documented.commands(text)
        followed = [command for title in (*documented.INCIDENT, documented.IMAGE, documented.RECOVERY) for command in sections[title]]
        every = [shlex.split(line) for line in text.splitlines() if line.lstrip().startswith("aws ")]
        left_out = [" ".join(command) for command in every if command not in followed]
        assert every and not left_out, "no drill types:\n" + "\n".join(left_out)

    def test_the_example_of_the_readme_is_a_drill_that_runs(self) -> None:
        example = README.read_text().split("```python\n")[1].split("```")[0]
        source = iter(Path(documented.__file__).with_name("replace_tasks.py").read_text().splitlines())
        # Each search goes on where the one before ended.
        missing = [line for line in example.splitlines() if line not in source]
        assert not missing, "replace_tasks.py does not have, in this order:\n" + "\n".join(missing)

    def test_the_readme_has_every_fake_and_repair(self) -> None:
        lines = README.read_text().splitlines()
        missing = [row for row in rows() if row not in lines]
        assert not missing, "the README lacks:\n" + "\n".join(missing)
        about = [line for line in lines if re.match(r"\| `[a-z0-9]+ [A-Z]", line) or line.startswith("| moto:")]
        stale = [line for line in about if line not in rows()]
        assert not stale, "the README has of old:\n" + "\n".join(stale)
