"""The parameters that a runbook is started with, checked as SSM does it."""

import re
from typing import Any

from ..errors import Refused

TYPES = {
    "String": str,
    "StringList": list,
    "Boolean": bool,
    "Integer": int,
    "MapList": list,
    "StringMap": dict,
}


def parameters_of(document: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The value of every parameter: given or default. Raises Refused."""
    declared = document.get("parameters", {})
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise Refused(f"unknown parameter {', '.join(unknown)}")
    values = {}
    for name, declaration in declared.items():
        if name not in given and "default" not in declaration:
            raise Refused(f"missing parameter {name}")
        values[name] = _value(name, declaration, given.get(name, declaration.get("default")))
    return values


def _value(name: str, declaration: dict[str, Any], value: Any) -> Any:
    value = _typed(name, declaration["type"], value)
    items = value if isinstance(value, list) else [value]
    if not declaration.get("minItems", 0) <= len(items) <= declaration.get("maxItems", len(items)):
        raise Refused(f"{name}: {len(items)} items")
    for item in items:
        _check_item(name, declaration, item)
    return value


def _typed(name: str, kind: str, value: Any) -> Any:
    """The value in the parameter's type. The command line has strings only,
    and lists of them; SSM reads them as what the parameter is."""
    if kind != "StringList" and kind != "MapList" and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if kind == "StringList" and isinstance(value, str):
        value = [value]
    if kind == "Boolean" and value in ("true", "false", "True", "False"):
        value = value.lower() == "true"
    if kind == "Integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        value = int(value)
    if not isinstance(value, TYPES[kind]) or (kind == "Integer" and isinstance(value, bool)):
        raise Refused(f"{name}: {value!r} is no {kind}")
    return value


def _check_item(name: str, declaration: dict[str, Any], item: Any) -> None:
    pattern, allowed = declaration.get("allowedPattern"), declaration.get("allowedValues")
    # All of the value: Python's $ matches before a line break at the end, too.
    if pattern is not None and isinstance(item, str) and not re.fullmatch(pattern, item):
        raise Refused(f"{name}: {item!r} does not match {pattern}")
    if allowed is not None and item not in allowed:
        raise Refused(f"{name}: {item!r} is none of {allowed}")
    if isinstance(item, str):
        if not declaration.get("minChars", 0) <= len(item) <= declaration.get("maxChars", len(item)):
            raise Refused(f"{name}: {item!r} has {len(item)} characters")
