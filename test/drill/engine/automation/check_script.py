"""Checks the Python of an aws:executeScript step without running it."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from botocore import xform_name

from . import model, oldest_boto3, run_script
from .values import allowed

_INPUTS = {"Runtime", "Handler", "InputPayload", "Script"}
_FORBIDDEN_CALLS = {"eval", "exec", "compile", "open", "input", "__import__", "globals", "vars", "getattr", "setattr"}


def problems_of_script(inputs: dict[str, Any], selectors: list[str]) -> Iterator[str]:
    """Yields the problems of the inputs of the step."""
    for name in sorted(set(inputs) ^ _INPUTS):
        yield f"inputs: {name} is {'unknown' if name in inputs else 'missing'}, want {', '.join(sorted(_INPUTS))}"
    if not _INPUTS <= set(inputs):
        return
    if inputs["Runtime"] != run_script.RUNTIME:
        yield f"Runtime: got {inputs['Runtime']!r}, want {run_script.RUNTIME}"
    if "{{" in inputs["Script"]:
        yield "Script has {{ }}, which would put a parameter into code: use InputPayload"
    try:
        tree = ast.parse(inputs["Script"])
    except SyntaxError as error:
        yield f"Script line {error.lineno}: {error.msg}"
        return
    yield from _problems_of_code(tree)
    yield from _problems_of_handler(tree, inputs, selectors)
    yield from _problems_of_clients(tree)
    yield from _problems_of_age(tree)


def _problems_of_code(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        imported = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        for name in [node.module or "."] if isinstance(node, ast.ImportFrom) else imported:
            if name not in run_script.ALLOWED_IMPORTS:
                yield f"Script imports {name}, want {', '.join(sorted(run_script.ALLOWED_IMPORTS))}"
        if isinstance(node, ast.ExceptHandler) and (node.type is None or "BaseException" in ast.dump(node.type)):
            yield f"Script line {node.lineno} catches everything, want except Exception at most"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FORBIDDEN_CALLS:
            yield f"Script line {node.lineno} calls {node.func.id}"
        if isinstance(node, ast.Attribute) and _is_name(node.value, "boto3") and node.attr != "client":
            yield f"Script line {node.lineno} uses boto3.{node.attr}, want boto3.client"


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _text(node: ast.AST) -> str | None:
    """Returns the string that a constant is, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


# The handler and what goes in and out.

def _problems_of_handler(tree: ast.Module, inputs: dict[str, Any], selectors: list[str]) -> Iterator[str]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    handler = functions.get(inputs["Handler"])
    if handler is None:
        yield f"Handler {inputs['Handler']} is not defined, want {', '.join(functions) or 'a function'}"
        return
    arguments = [argument.arg for argument in handler.args.args]
    if arguments != ["events", "context"]:
        yield f"{handler.name}({', '.join(arguments)}), want (events, context)"
        return
    # The functions whose first argument is the events.
    takers = {name: each for name, each in functions.items() if [arg.arg for arg in each.args.args[:1]] == ["events"]}
    yield from _problems_of_payload(handler, takers, set(inputs["InputPayload"]))
    yield from _problems_of_returned(handler, selectors)


def _problems_of_payload(handler: ast.FunctionDef, takers: dict[str, ast.FunctionDef], given: set[str]) -> Iterator[str]:
    nodes = [node for reader in _readers(handler, takers) for node in ast.walk(reader)]
    keys = [node.slice for node in nodes if isinstance(node, ast.Subscript) and _is_events(node.value)]
    used = {_text(key) or "" for key in keys if isinstance(key, ast.Constant)}
    handed_on = sum(_hands_on(node) in takers for node in nodes)
    if sum(map(_is_events, nodes)) != len(keys) + handed_on or not all(isinstance(key, ast.Constant) for key in keys):
        yield 'Script uses events otherwise than events["name"]'
    for name in sorted(used - given):
        yield f"Script reads events[{name!r}], which InputPayload does not have"
    for name in sorted(given - used):
        yield f"InputPayload has {name}, which Script does not read"


def _readers(handler: ast.FunctionDef, takers: dict[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    """The handler and the functions that it hands its events to."""
    found: list[ast.FunctionDef] = []
    pending = [handler]
    while pending:
        function = pending.pop()
        if function not in found:
            found.append(function)
            pending += [takers[_hands_on(node)] for node in ast.walk(function) if _hands_on(node) in takers]
    return found


def _hands_on(node: ast.AST) -> str:
    """The name of the function that the node calls with the events."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args and _is_events(node.args[0]):
        return node.func.id
    return ""


def _is_events(node: ast.AST) -> bool:
    return _is_name(node, "events")


def _problems_of_returned(handler: ast.FunctionDef, selectors: list[str]) -> Iterator[str]:
    """Outputs must be among the keys, where the script says what they are."""
    returned = [node.value for node in _own_nodes(handler) if isinstance(node, ast.Return)]
    if not returned and selectors:
        yield "Script returns nothing, but the step has outputs"
    dictionaries = [node for node in returned if isinstance(node, ast.Dict)]
    literal = [[key.value for key in node.keys if isinstance(key, ast.Constant)]
               for node in dictionaries if all(isinstance(key, ast.Constant) for key in node.keys)]
    for selector in selectors:
        match = re.match(r"\$\.Payload\.([A-Za-z0-9_]+)", selector)
        if not match:
            yield f"selector {selector!r}, want $.Payload.NAME"
        elif any(match[1] not in keys for keys in literal):
            yield f"selector {selector!r}: the script does not always return {match[1]}"


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of the function without those of functions inside it."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))


# Calls of AWS APIs.

def _problems_of_clients(tree: ast.Module) -> Iterator[str]:
    clients = dict(_clients(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        service = _service_of(node.func.value, clients)
        if service is not None:
            yield from _problems_of_call(node, service, node.func.attr)


def _clients(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a client is assigned to, and of which service."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = zip(target.elts, node.value.elts) if isinstance(target, ast.Tuple) and isinstance(
                    node.value, ast.Tuple) else [(target, node.value)]
                for name, value in pairs:
                    service = _service_of(value, {})
                    if isinstance(name, ast.Name) and service:
                        yield name.id, service


def _service_of(node: ast.AST, clients: dict[str, str]) -> str | None:
    """The service of boto3.client("service"), or of a name for it."""
    if isinstance(node, ast.Name):
        return clients.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_name(node.func.value, "boto3") and node.args:
        return _text(node.args[0])
    return None


def _problems_of_call(node: ast.Call, service: str, method: str) -> Iterator[str]:
    where = f"Script line {node.lineno}: {service}.{method}"
    if method in ("get_paginator", "get_waiter"):
        if method == "get_paginator" and (name := _text(node.args[0])):
            yield from _unless_operation(service, name, where)
        return
    problems = list(_unless_operation(service, method, where))
    yield from problems
    if not problems:
        yield from _problems_of_keywords(node, service, method, where)


def _unless_operation(service: str, method: str, where: str) -> Iterator[str]:
    try:
        if method not in _methods(service):
            yield f"{where}: no such operation, {allowed(method, _methods(service))}"
    except model.ModelError as error:
        yield f"{where}: {error}"


def _methods(service: str) -> dict[str, str]:
    return {xform_name(name): name for name in model.operations(service)}


#: What a call needs here although the service could do without. A bucket with
#: an object lock refuses what has no checksum, and only a new boto3 adds one.
WANTED = {("s3", "put_object"): ("ChecksumAlgorithm",)}


def _problems_of_keywords(node: ast.Call, service: str, method: str, where: str) -> Iterator[str]:
    shape = model.operation(service, _methods(service)[method]).input_shape
    members = list(shape.members) if shape is not None else []
    given = [keyword.arg for keyword in node.keywords if keyword.arg]
    for name in given:
        if name not in members:
            yield f"{where}: no parameter {name}, {allowed(name, members)}"
    if len(given) == len(node.keywords) and shape is not None:  # nothing comes by **
        for name in [*shape.required_members, *WANTED.get((service, method), ())]:
            if name not in given:
                yield f"{where}: {name} is missing"


# What an old boto3 does not know.

def operations_of(documents: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    """The operations that the scripts of documents use, by their services."""
    found: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for step in document["mainSteps"]:
            if step["action"] == "aws:executeScript":
                for _, service, method in _uses(ast.parse(step["inputs"]["Script"])):
                    if method in _methods(service):
                        found[service].add(_methods(service)[method])
    return found


def _uses(tree: ast.Module) -> Iterator[tuple[ast.Attribute | ast.Call, str, str]]:
    """Each method of a client that is named, called or not, and each paginator."""
    clients = {name: service for name, service in _clients(tree) if model.is_service(service)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            service = _service_of(node.value, clients)
            if service and model.is_service(service) and node.attr not in ("get_paginator", "exceptions"):
                yield node, service, node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_paginator":
            service, name = _service_of(node.func.value, clients), _text(node.args[0])
            if service and name and model.is_service(service):
                yield node, service, name


def _problems_of_age(tree: ast.Module) -> Iterator[str]:
    """Yields operations, parameters and errors that the oldest boto3 lacks."""
    spared = _with_a_fallback(tree)
    for node, service, method in _uses(tree):
        where, known = f"Script line {node.lineno}: {service}.{method}", oldest_boto3.operation(service, method)
        if method not in _methods(service) or node in spared:
            continue
        if not oldest_boto3.is_listed(service, method):
            yield f"{where}: nobody looked whether botocore {oldest_boto3.VERSION} has it, want test/drill/oldest_boto3.py to be run"
        elif known is None:
            yield f"{where}: botocore {oldest_boto3.VERSION} does not have it, want aws:executeAwsApi"
        elif isinstance(node, ast.Call) and not known["paged"]:
            yield f"{where}: botocore {oldest_boto3.VERSION} has no pages of it"
    yield from _problems_of_old_names(tree)


def _with_a_fallback(tree: ast.Module) -> set[ast.AST]:
    """What is in a try that goes on without a paginator: botocore raises a
    KeyError for one that it does not know."""
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)
             and any(isinstance(each.type, ast.Name) and each.type.id == "KeyError" for each in node.handlers)]
    return {inside for node in tries for part in node.body for inside in ast.walk(part) if isinstance(inside, ast.Call)}


def _problems_of_old_names(tree: ast.Module) -> Iterator[str]:
    """Parameters, as far as they are written down, and errors."""
    clients = dict(_clients(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            service, method = _called(node.func, clients)
            known = oldest_boto3.operation(service, method)
            given = {keyword.arg: _names_of(keyword.value) for keyword in node.keywords if keyword.arg}
            for name in sorted(oldest_boto3.unknown(known["input"], given)) if known else ():
                yield f"Script line {node.lineno}: {service}.{method}: botocore {oldest_boto3.VERSION} has no parameter {name}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "exceptions":
            service = _service_of(node.value.value, clients)
            if service and not oldest_boto3.has_error(service, node.attr):
                yield f"Script line {node.lineno}: {service}: botocore {oldest_boto3.VERSION} has no error {node.attr}"


def _called(function: ast.Attribute, clients: dict[str, str]) -> tuple[str, str]:
    """Returns the service and the operation that is called or paginated, empty
    strings if it is none."""
    paginator = function.value
    if function.attr == "paginate" and isinstance(paginator, ast.Call) and isinstance(paginator.func, ast.Attribute):
        return _service_of(paginator.func.value, clients) or "", _text(paginator.args[0]) or ""
    return _service_of(function.value, clients) or "", function.attr


def _names_of(node: ast.AST) -> Any:
    """A value as far as its keys are written in the script."""
    if isinstance(node, ast.Dict):
        return {key.value: _names_of(value) for key, value in zip(node.keys, node.values) if isinstance(key, ast.Constant)}
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_names_of(each) for each in node.elts]
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        return [_names_of(node.elt)]
    return None
