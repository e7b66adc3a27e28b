"""Evaluates IAM policies as AWS documents it, for the operators and keys that
the project's roles use. What it does not know is an error."""

import fnmatch
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..errors import DrillError

#: The keys of conditions that a call may answer.
KNOWN_KEYS = frozenset({
    "application-autoscaling:scalable-dimension", "application-autoscaling:service-namespace",
    "aws:PrincipalAccount", "aws:RequestTag/environment", "aws:RequestTag/project", "aws:RequestedRegion", "aws:ResourceAccount",
    "aws:SecureTransport", "aws:TagKeys",
    "cloudwatch:namespace", "ecs:cluster", "iam:PassedToService", "kms:EncryptionContext:SecretARN",
    "kms:GrantIsForAWSResource", "kms:ViaService", "s3:prefix", "securityhub:ASFFSyntaxPath/Workflow.Status",
})


@dataclass(frozen=True)
class Need:
    """An action on a resource that a call takes, and what it says of itself
    to conditions."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass
class Statement:
    """A statement of a policy, and what of it was used: actions, each with the
    resource it was used on."""

    where: str
    content: dict[str, Any]
    used: set[tuple[str, str]] = field(default_factory=set)

    @property
    def effect(self) -> str:
        return self.content["Effect"]

    @property
    def actions(self) -> list[str]:
        return as_list(self.content.get("Action", []))

    @property
    def resources(self) -> list[str]:
        return as_list(self.content.get("Resource", []))

    def pairs(self, need: Need) -> set[tuple[str, str]]:
        """The actions and resources by which the statement speaks of the need,
        none if it does not."""
        unknown = set(self.content) - {"Sid", "Effect", "Action", "NotAction", "Resource", "Condition"}
        if unknown:
            raise DrillError(f"{self.where}: the drills do not know {', '.join(unknown)} of a statement")
        actions = [action for action in self.actions if like(need.action.lower(), action.lower())]
        if "NotAction" in self.content:
            spared = any(like(need.action.lower(), each.lower()) for each in as_list(self.content["NotAction"]))
            actions = [] if spared else ["*"]
        resources = [resource for resource in self.resources if actions and like(need.resource, resource)]
        if not resources or not all(self._conditions(need)):
            return set()
        return set(itertools.product(actions, resources))

    def _conditions(self, need: Need) -> Iterator[bool]:
        for operator, keys in self.content.get("Condition", {}).items():
            for key, wanted in keys.items():
                if key not in KNOWN_KEYS:
                    raise DrillError(f"{self.where}: the drills do not know the condition key {key}")
                yield _holds(operator, need.context.get(key), [_text(value) for value in as_list(wanted)], self.where)


def is_allowed(need: Need, statements: list[Statement]) -> bool:
    """Reports whether a statement allows it and none denies it."""
    matching = {statement.effect for statement in statements if statement.pairs(need)}
    return "Allow" in matching and "Deny" not in matching


def _text(value: Any) -> str:
    """A value of a condition, which a template may have as a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(operator: str, value: Any, wanted: list[str], where: str) -> bool:
    """Reports whether a condition holds for the value, None if the call has none."""
    if operator == "Null":
        return (value is None) == (wanted == ["true"])
    name, if_exists = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    for_all, name = name.startswith("ForAllValues:"), name.removeprefix("ForAllValues:")
    if name not in _OPERATORS:
        raise DrillError(f"{where}: the drills do not know the operator {operator}")
    if for_all:
        return all(_OPERATORS[name](str(each), wanted) for each in as_list(value or []))
    if value is None:
        # What is not there is not equal to anything.
        return if_exists or "Not" in name
    return _OPERATORS[name](str(value), wanted)


def _equals(value: str, wanted: list[str]) -> bool:
    return value in wanted


def _is_like(value: str, wanted: list[str]) -> bool:
    return any(like(value, each) for each in wanted)


#: The operators of conditions, without ForAllValues: and IfExists.
_OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "ArnEquals": _is_like, "ArnLike": _is_like, "Bool": _equals, "StringEquals": _equals, "StringLike": _is_like,
    "StringNotEquals": lambda value, wanted: value not in wanted,
}


@cache
def like(text: str, pattern: str) -> bool:
    """Reports whether the text is like the pattern, with * and ?."""
    if "${" in pattern:
        raise DrillError(f"the drills do not know the policy variable in {pattern}")
    escaped = re.sub(r"[\[\]]", lambda bracket: f"[{bracket[0]}]", pattern)
    return fnmatch.fnmatchcase(text, escaped)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
