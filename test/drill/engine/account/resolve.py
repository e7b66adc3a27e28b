"""Reads a synthesized assembly and turns CloudFormation's intrinsics into the
ids of the emulated account, so that what runs is what would be deployed."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..automation.values import UNKNOWN
from ..errors import DrillError

ACCOUNT = "123456789012"
PARTITION = "aws"


@dataclass
class Stack:
    """A synthesized stack."""

    name: str
    region: str
    template: dict[str, Any]

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return self.template["Resources"]


@dataclass
class Physical:
    """What a resource became: the value of Ref, those of Fn::GetAtt, and its
    properties as they were resolved."""

    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)
    type: str = ""
    logical_id: str = ""
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return self.ref if self.ref.startswith("arn:") else self.attributes["Arn"]


def read_assembly(directory: Path) -> list[Stack]:
    """The stacks of the assembly, in the order of their dependencies."""
    manifest = json.loads((directory / "manifest.json").read_text())
    stacks = []
    for artifact in manifest["artifacts"].values():
        if artifact["type"] == "aws:cloudformation:stack":
            properties = artifact["properties"]
            template = json.loads((directory / properties["templateFile"]).read_text())
            stacks.append(Stack(
                name=properties.get("stackName", artifact.get("displayName")),
                region=artifact["environment"].rsplit("/", 1)[1],
                template=template,
            ))
    if not stacks:
        raise DrillError(f"{directory}: no stack in the assembly")
    return stacks


#: Values that CloudFormation itself fetches, such as a generated password.
_DYNAMIC = re.compile(r"\{\{resolve:secretsmanager:[^}]*\}\}")

#: Returns the resource with a logical id of a stack; it may have to make it.
Lookup = Callable[[Stack, str], Physical]


class Resolver:
    """Resolves the values of templates. lookup gives the resources."""

    def __init__(self, stacks: list[Stack], lookup: Lookup):
        self._lookup = lookup
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack in stacks
            for output in stack.template.get("Outputs", {}).values()
            if "Export" in output
        }

    def resolve(self, stack: Stack, value: Any) -> Any:
        """The value without intrinsics."""
        if isinstance(value, list):
            resolved = [self.resolve(stack, item) for item in value]
            return [item for item in resolved if item is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return self._intrinsic(stack, name, argument)
        resolved = {key: self.resolve(stack, item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}

    def _intrinsic(self, stack: Stack, name: str, argument: Any) -> Any:
        functions = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._item,
            "Fn::Split": self._split,
            "Fn::ImportValue": self._import,
            "Fn::FindInMap": self._find_in_map,
        }
        if name not in functions:
            raise DrillError(f"{stack.name}: the drills do not know {name}")
        return functions[name](stack, argument)

    def _ref(self, stack: Stack, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": PARTITION,
            "AWS::Region": stack.region,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name == "AWS::NoValue":
            return None
        if name in pseudo:
            return pseudo[name]
        return self._lookup(stack, name).ref

    def _attribute(self, stack: Stack, argument: Any) -> Any:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        resource = self._lookup(stack, logical_id)
        if attribute not in resource.attributes:
            raise DrillError(f"{stack.name}: the drills do not know {attribute} of {logical_id} ({resource.type})")
        return resource.attributes[attribute]

    def _join(self, stack: Stack, argument: list[Any]) -> str:
        separator, items = argument
        return separator.join(str(item) for item in self.resolve(stack, items))

    def _sub(self, stack: Stack, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def replace(match: re.Match) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(self.resolve(stack, own[name]))
            function = "Fn::GetAtt" if "." in name else "Ref"
            return str(self._intrinsic(stack, function, name))

        return re.sub(r"\$\{([^}]+)\}", replace, text)

    def _item(self, stack: Stack, argument: list[Any]) -> Any:
        index, items = argument
        return self.resolve(stack, items)[int(index)]

    def _split(self, stack: Stack, argument: list[Any]) -> list[str]:
        separator, text = argument
        return self.resolve(stack, text).split(separator)

    def _import(self, _: Stack, name: str) -> Any:
        if name not in self._exports:
            raise DrillError(f"no stack exports {name}")
        return self.resolve(*self._exports[name])

    def _find_in_map(self, stack: Stack, argument: list[Any]) -> Any:
        mapping, first, second = self.resolve(stack, argument)
        return stack.template["Mappings"][mapping][first][second]


def without_dynamic_references(value: str, replacement: str) -> str:
    """Replaces what only CloudFormation may read by something harmless."""
    return _DYNAMIC.sub(replacement, value)


class _Anything(dict):
    """The attributes of a resource that is not made: each says what it is."""

    def __init__(self, what: str):
        super().__init__()
        self._what = what

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"{UNKNOWN}{self._what}.{name}{UNKNOWN}"


def documents_of(stacks: list[Stack]) -> dict[str, dict[str, Any]]:
    """The Automation documents of the stacks by their names, for the static
    checks: what only a deployed environment knows is UNKNOWN in them."""
    def lookup(stack: Stack, logical_id: str) -> Physical:
        resource = stack.resources[logical_id]
        what = f"{resource['Type']} {logical_id}"
        if resource["Type"] == "AWS::SSM::Document":
            return Physical(resource["Properties"]["Name"])
        return Physical(f"{UNKNOWN}{what}{UNKNOWN}", _Anything(what))

    resolver = Resolver(stacks, lookup)
    return {
        resource["Properties"]["Name"]: resolver.resolve(stack, resource["Properties"]["Content"])
        for stack in stacks
        for resource in stack.resources.values()
        if is_runbook(resource)
    }


def is_runbook(resource: dict[str, Any]) -> bool:
    return resource["Type"] == "AWS::SSM::Document" and resource["Properties"].get("DocumentType") == "Automation"
