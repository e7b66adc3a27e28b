"""Checks values of a document against the shapes of a service's model."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from .model import REFERENCE, Operation, Shape, type_of

#: Stands in static checks for what only a deployed environment knows, such as
#: an id, around what it is. SSM would have the value there.
UNKNOWN = "\N{REPLACEMENT CHARACTER}"

#: What each kind of member takes, and its name. All others take text.
_NUMBER = (int, float), "a number"
_TAKEN: dict[str, tuple[Any, str]] = {
    "integer": _NUMBER, "long": _NUMBER, "float": _NUMBER, "double": _NUMBER, "boolean": (bool, "true or false"),
    "list": (list, "a list"), "map": (dict, "a map"), "structure": (dict, ""),
}

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
    reference = REFERENCE.fullmatch(str(value).strip())
    if reference:  # that it leads nowhere is said elsewhere
        kind = types.get(reference[1], type_of(shape))
        if kind != type_of(shape):
            yield f"{path}: {reference[0]} is a {kind}, want {type_of(shape)}"
        return
    if wanted := _wanted(value, shape):
        yield f"{path}: got {value!r}, want {wanted}"
    elif shape.type_name == "structure":
        yield from _problems_of_structure(value, shape, path, types)
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from _problems(item, shape.member, f"{path}[{index}]", types)
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _problems(item, shape.value, f"{path}.{key}", types)
    elif shape.type_name == "string" and shape.enum and is_known(value) and value not in shape.enum:
        yield f"{path}: got {value!r}, want {', '.join(shape.enum)}"


def _wanted(value: Any, shape: Shape) -> str:
    """Returns what the shape takes in place of the value, empty if it takes it."""
    taken, name = _TAKEN.get(shape.type_name, (str, "text"))
    if isinstance(value, taken) and (taken is bool or not isinstance(value, bool)):
        return ""
    return f"a map with {', '.join(shape.members)}" if shape.type_name == "structure" else name


def _problems_of_structure(value: dict[str, Any], shape: Shape, path: str, types: TypeOf) -> Iterator[str]:
    for name, item in value.items():
        if name in shape.members:
            yield from _problems(item, shape.members[name], f"{path}.{name}", types)
        else:
            yield f"{path}: no parameter {name}, {allowed(name, shape.members)}"
    for name in shape.required_members:
        if name not in value:
            yield f"{path}: {name} is missing"


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
