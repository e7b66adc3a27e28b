"""Checks values of a document against the shapes of a service's model."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from .model import REFERENCE, Operation, Shape

#: Stands in static checks for what only a deployed environment knows, such as
#: an id, around what it is. SSM would have the value there.
UNKNOWN = "\N{REPLACEMENT CHARACTER}"

#: The types of parameters and outputs that each kind of member takes.
_ACCEPTED = {
    "string": ("String",),
    "timestamp": ("String",),
    "blob": ("String",),
    "integer": ("Integer",),
    "long": ("Integer",),
    "float": ("Integer",),
    "double": ("Integer",),
    "boolean": ("Boolean",),
    "list": ("StringList", "MapList"),
    "map": ("StringMap",),
    "structure": ("StringMap",),
}

_NUMBERS = ("integer", "long", "float", "double")

#: Returns the type of what a reference stands for, None if there is no such.
TypeOf = dict[str, str]


def problems_of_parameters(parameters: dict[str, Any], operation: Operation, types: TypeOf) -> Iterator[str]:
    """Yields the parameters of a call that the service would refuse."""
    if operation.has_streaming_output or operation.has_streaming_input:
        yield f"{operation.name} streams, which aws:executeAwsApi cannot do"
    if operation.input_shape is not None:
        yield from _problems(parameters, operation.input_shape, operation.name, types)
    elif parameters:
        yield f"{operation.name} takes no parameters, got {', '.join(parameters)}"


def _problems(value: Any, shape: Shape, path: str, types: TypeOf) -> Iterator[str]:
    if isinstance(value, str) and REFERENCE.fullmatch(value.strip()):
        yield from _problems_of_reference(value.strip(), shape, path, types)
    elif shape.type_name == "structure":
        yield from _problems_of_structure(value, shape, path, types)
    elif shape.type_name == "list":
        yield from _problems_of_list(value, shape, path, types)
    elif shape.type_name == "map":
        yield from _problems_of_map(value, shape, path, types)
    else:
        yield from _problems_of_scalar(value, shape, path)


def _problems_of_reference(value: str, shape: Shape, path: str, types: TypeOf) -> Iterator[str]:
    match = REFERENCE.fullmatch(value)
    kind = types.get(match[1]) if match else None
    if kind is None:
        return  # that the reference leads nowhere is said elsewhere
    accepted = _ACCEPTED[shape.type_name]
    if shape.type_name == "list":
        accepted = ("MapList",) if shape.member.type_name in ("structure", "map") else ("StringList",)
    if kind not in accepted:
        yield f"{path}: {value} is a {kind}, want {' or '.join(accepted)}"


def _problems_of_structure(value: Any, shape: Shape, path: str, types: TypeOf) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: got {value!r}, want a map with {', '.join(shape.members)}"
        return
    for name, item in value.items():
        if name in shape.members:
            yield from _problems(item, shape.members[name], f"{path}.{name}", types)
        else:
            yield f"{path}: no parameter {name}, {allowed(name, shape.members)}"
    for name in shape.required_members:
        if name not in value:
            yield f"{path}: {name} is missing"


def _problems_of_list(value: Any, shape: Shape, path: str, types: TypeOf) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: got {value!r}, want a list"
        return
    for index, item in enumerate(value):
        yield from _problems(item, shape.member, f"{path}[{index}]", types)


def _problems_of_map(value: Any, shape: Shape, path: str, types: TypeOf) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: got {value!r}, want a map"
        return
    for name, item in value.items():
        yield from _problems(item, shape.value, f"{path}.{name}", types)


def _problems_of_scalar(value: Any, shape: Shape, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{path}: got {value!r}, want a number"
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: got {value!r}, want true or false"
    elif not isinstance(value, str):
        yield f"{path}: got {value!r}, want text"
    elif kind == "string" and shape.enum and is_known(value) and value not in shape.enum:
        yield f"{path}: got {value!r}, want {', '.join(shape.enum)}"


def allowed(name: str, names: Iterable[str]) -> str:
    """Returns which names are allowed instead: all, or the nearest of many."""
    listed = list(names)
    near = [each for each in listed if each.lower() == name.lower()] or difflib.get_close_matches(name, listed, n=3)
    if len(listed) > 12 and near:
        return f"did you mean {' or '.join(near)}?"
    if len(listed) > 12:
        return f"want one of {', '.join(listed[:12])} ..."
    return f"want {', '.join(listed)}"


def is_known(text: str) -> bool:
    """Reports whether the text has neither references nor unknown parts."""
    return UNKNOWN not in text and not REFERENCE.search(text)
