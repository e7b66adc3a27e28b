"""The AWS service models that botocore ships, and SSM's selectors over them.

Static checks and interpreter share it, so that what is checked is what runs."""

import difflib
import re
from functools import cache
from typing import Any, Protocol

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

#: SSM replaces {{ name }} by a parameter, an output of a step or a variable.
REFERENCE = re.compile(r"\{\{\s*([A-Za-z0-9_:.-]+)\s*\}\}")

#: Parsing the models is most of the cost of a client and, for a fork, of the
#: memory: everybody shares them, moto's own sessions too.
LOADER = Loader()
botocore.session.create_loader = lambda _search_path=None: LOADER
_session = botocore.session.get_session()


class Shape(Protocol):
    """The parts of botocore's shapes that are used here; botocore has no types."""

    name: str
    type_name: str
    serialization: dict[str, Any]
    #: Of a structure.
    members: dict[str, "Shape"]
    required_members: list[str]
    #: Of a list.
    member: "Shape"
    #: Of a map.
    value: "Shape"
    #: Of a string; empty if any is valid.
    enum: list[str]


class Operation(Protocol):
    """The parts of botocore's operations that are used here."""

    name: str
    input_shape: Shape | None
    output_shape: Shape | None
    has_streaming_input: bool
    has_streaming_output: bool


class ModelError(Exception):
    """A name in a document is missing from the service model."""


@cache
def operations(service: str) -> tuple[str, ...]:
    """The names of the service's operations."""
    try:
        return tuple(iter(_service_model(service).operation_names))
    except UnknownServiceError:
        raise ModelError(f"no service {service!r}") from None


@cache
def is_service(name: str | None) -> bool:
    """Reports whether botocore has a service of that name."""
    return name in _session.get_available_services()


@cache
def operation(service: str, name: str) -> Operation:
    """The operation of a service, both by the names that boto3 gives them."""
    if name not in operations(service):
        near = difflib.get_close_matches(name, operations(service), n=3, cutoff=0.8)
        hint = f", did you mean {' or '.join(near)}?" if near else ""
        raise ModelError(f"{service} has no operation {name!r}{hint}")
    return _service_model(service).operation_model(name)


def _service_model(service: str) -> Any:
    return _session.get_service_model(service)


_KEY = r"[A-Za-z0-9_-]+"
_TOKEN = re.compile(rf"\.\.(?P<deep>{_KEY})|\.(?P<key>{_KEY})|\[(?P<index>\d+)\]")


def selector_tokens(selector: str) -> list[tuple[str, Any]]:
    """Splits a selector into ('key', name), ('deep', name) and ('index', n),
    all that SSM documents: no filters, no slices, no wildcards."""
    if not selector.startswith("$"):
        raise ModelError(f"selector {selector!r} does not start with $")
    tokens, at = [], 1
    while at < len(selector):
        match = _TOKEN.match(selector, at)
        if not match:
            raise ModelError(f"selector {selector!r}: SSM knows .name, ..name and [n], not {selector[at:]!r}")
        kind = match.lastgroup or ""
        value = match[kind]
        tokens.append((kind, int(value) if kind == "index" else value))
        at = match.end()
    return tokens


def select(selector: str, data: Any) -> Any:
    """Returns the value that the selector finds in data, or None. After ..name it is a
    list of all that have the name, at any depth."""
    for kind, value in selector_tokens(selector):
        if kind == "deep":
            data = list(_descendants(data, value))
        elif kind == "key":
            data = data.get(value) if isinstance(data, dict) else None
        else:
            data = data[value] if isinstance(data, list) and value < len(data) else None
    return data


def _descendants(data: Any, name: str):
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, child in children:
        if key == name:
            yield child
        yield from _descendants(child, name)


def selected_type(selector: str, shape: Shape) -> tuple[str, Shape]:
    """The SSM type of what a selector finds in a response of that shape, and
    the shape itself. Raises if it can never find anything."""
    many = False
    for kind, value in selector_tokens(selector):
        if many:
            raise ModelError(f"selector {selector!r}: nothing may follow a deep scan")
        if kind == "deep":
            shape, many = _shape_below(shape, value, selector), True
        elif kind == "key":
            shape = _member(shape, value, selector)
        elif shape.type_name != "list":
            raise ModelError(f"selector {selector!r}: [n] on a {shape.type_name}")
        else:
            shape = shape.member
    return (_list_of(shape) if many else type_of(shape)), shape


def _member(shape: Shape, name: str, selector: str) -> Shape:
    if shape.type_name == "map":
        return shape.value
    if shape.type_name != "structure" or name not in shape.members:
        known = ", ".join(shape.members) if shape.type_name == "structure" else shape.type_name
        raise ModelError(f"selector {selector!r}: no {name!r} in {shape.name} ({known})")
    return shape.members[name]


def _shape_below(shape: Shape, name: str, selector: str) -> Shape:
    found = list(_members_named(shape, name, frozenset()))
    if not found:
        raise ModelError(f"selector {selector!r}: no {name!r} anywhere below {shape.name}")
    return found[0]


def _members_named(shape: Shape, name: str, seen: frozenset[str]):
    if shape.name in seen:
        return
    seen |= {shape.name}
    if shape.type_name == "list":
        yield from _members_named(shape.member, name, seen)
    elif shape.type_name == "map":
        yield from _members_named(shape.value, name, seen)
    elif shape.type_name == "structure":
        for key, member in shape.members.items():
            if key == name:
                yield member
            yield from _members_named(member, name, seen)


#: SSM's types of what is neither text nor a list.
_TYPES = {
    **dict.fromkeys(("integer", "long", "float", "double"), "Integer"), "boolean": "Boolean",
    **dict.fromkeys(("structure", "map"), "StringMap"),
}


def type_of(shape: Shape) -> str:
    """Returns SSM's type of a parameter or output of that shape."""
    if shape.type_name == "list":
        return _list_of(shape.member)
    return _TYPES.get(shape.type_name, "String")


def _list_of(member: Shape) -> str:
    return "MapList" if member.type_name in ("structure", "map") else "StringList"
