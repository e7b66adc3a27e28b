"""Mutants of the steps and parameters of the runbooks, but for the scripts."""

import ast
import json
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from ..automation.interpreter import seconds_of
from ..automation.model import REFERENCE
from .mutants import Documents, Mutant
from .script_mutants import script_of, twins_of

_WAITS = ("aws:waitForAwsResourceProperty", "aws:approve", "aws:executeAutomation")

#: What a person reads. What it says is asserted where it matters, not mutated.
_TEXTS = ("Script", "Message", "Subject")

#: What takes everything.
ANYTHING = r"^(.|\n)*$"

#: How many times longer and shorter a time is made, and larger and smaller a number.
SCALE = 10

StepChange = Callable[[dict[str, Any]], None]
Made = Iterator[tuple[str, str, StepChange]]


def mutants_of(documents: Documents) -> Iterator[Mutant]:
    """Every change of every document."""
    for runbook, document in documents.items():
        for name, declaration in document.get("parameters", {}).items():
            for kind, what, change in _of_parameter(declaration):
                yield _mutant(runbook, f"{runbook} parameter {name}", runbook, kind, what,
                              lambda it, name=name, change=change: change(it["parameters"][name]))
        steps = document["mainSteps"]
        for index, step in enumerate(steps):
            place, needs = f"{runbook} {step['name']}", (runbook, step["name"])
            yield _mutant(runbook, place, needs, "step dropped", step["name"], lambda it, index=index: _drop(it["mainSteps"], index))
            following = steps[index + 1]["name"] if index + 1 < len(steps) else None
            for kind, what, change in _of_step(step, following):
                yield _mutant(runbook, place, needs, kind, what, lambda it, index=index, change=change: change(it["mainSteps"][index]))


def _mutant(runbook: str, place: str, needs: Hashable, kind: str, what: str, change: StepChange) -> Mutant:
    """A change of the runbook's document."""
    return Mutant(place, kind, what, frozenset({runbook}), frozenset({needs}), lambda documents: change(documents[runbook]))


# Whole steps.

def _drop(steps: list[dict[str, Any]], index: int) -> None:
    dropped = steps.pop(index)
    follows = dropped.get("nextStep") or dropped["inputs"].get("Default") or (
        steps[index]["name"] if index < len(steps) and not dropped.get("isEnd") else "")
    for step in steps:
        _retarget(step, dropped["name"], follows)
    # The step before goes on with what followed, or ends.
    if index > 0 and not {"nextStep", "isEnd"} & set(steps[index - 1]) and steps[index - 1]["action"] != "aws:branch":
        steps[index - 1].update({"nextStep": follows} if follows else {"isEnd": True})


def _retarget(step: dict[str, Any], old: str, new: str) -> None:
    """Leads the step to another than the old one; to nothing, ends it."""
    if step.get("nextStep") == old:
        del step["nextStep"]
        step.update({"nextStep": new} if new else {"isEnd": True})
    for key in ("onFailure", "onCancel"):
        if step.get(key) == f"step:{old}":
            step[key] = f"step:{new}" if new else "Abort"
    for choice in step["inputs"].get("Choices", []) if step["action"] == "aws:branch" else []:
        if choice["NextStep"] == old and new:
            choice["NextStep"] = new
    if step["action"] == "aws:branch" and step["inputs"].get("Default") == old:
        step["inputs"].update({"Default": new})


# Parts of a step.

def _of_step(step: dict[str, Any], following: str | None) -> Made:
    yield from _of_failure(step)
    yield from _of_order(step, following)
    yield from _of_limits(step)
    if step["action"] == "aws:branch":
        yield from _of_choices(step)
        return
    yield from _of_verification(step)
    yield from _of_value(step["inputs"], ("inputs",))
    yield from _of_outputs(step)


def _of_failure(step: dict[str, Any]) -> Made:
    on_failure = step.get("onFailure", "Abort")
    flipped = "Abort" if on_failure != "Abort" else "Continue"
    yield "onFailure flipped", f"{on_failure} to {flipped}", lambda it: it.update(onFailure=flipped)
    critical = step.get("isCritical", on_failure != "Continue")
    yield "isCritical flipped", f"{critical} to {not critical}", lambda it: it.update(isCritical=not critical)
    if "onCancel" in step:
        yield "onCancel dropped", step["onCancel"], lambda it: it.pop("onCancel")


def _of_order(step: dict[str, Any], following: str | None) -> Made:
    if step["action"] == "aws:branch":
        return
    if step.get("isEnd") and following:
        yield "end dropped", f"{following} follows", lambda it: it.pop("isEnd")
    if step.get("nextStep") not in (None, following):
        yield "nextStep dropped", step["nextStep"], lambda it: it.pop("nextStep")


def _of_limits(step: dict[str, Any]) -> Made:
    seconds = step.get("timeoutSeconds")
    if isinstance(seconds, int) and (step["action"] in _WAITS or _sleeps(step)):
        yield "time scaled up", f"timeoutSeconds {seconds}", lambda it: it.update(timeoutSeconds=seconds * SCALE)
        yield "time scaled down", f"timeoutSeconds {seconds}", lambda it: it.update(timeoutSeconds=max(1, seconds // SCALE))
    attempts = step.get("maxAttempts", 1)
    if attempts > 1:
        yield "number scaled up", f"maxAttempts {attempts}", lambda it: it.update(maxAttempts=attempts * SCALE)
        yield "number scaled down", f"maxAttempts {attempts}", lambda it: it.update(maxAttempts=max(1, attempts // SCALE))


def _sleeps(step: dict[str, Any]) -> bool:
    """Reports whether the step's script may sleep, in the handler or what that calls."""
    functions = {node.name: node for node in ast.parse(script_of(step)).body if isinstance(node, ast.FunctionDef)}
    pending, seen = [str(step["inputs"].get("Handler"))], set()
    while pending:
        name = pending.pop()
        if name in functions and name not in seen:
            seen.add(name)
            nodes = list(ast.walk(functions[name]))
            if any(isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep" for node in nodes):
                return True
            pending += [node.id for node in nodes if isinstance(node, ast.Name)]
    return False


def _of_verification(step: dict[str, Any]) -> Made:
    """What waits or asserts only makes the call, and what asks is answered."""
    if step["action"] in ("aws:waitForAwsResourceProperty", "aws:assertAwsResourceProperty"):
        def always_true(it: dict[str, Any]) -> None:
            it["action"] = "aws:executeAwsApi"
            del it["inputs"]["PropertySelector"], it["inputs"]["DesiredValues"]

        yield "verification made true", str(step["inputs"]["PropertySelector"]), always_true
    if step["action"] == "aws:approve":
        yield "approval goes to no topic", "", lambda it: it["inputs"].update(NotificationArn="")


def _of_choices(step: dict[str, Any]) -> Made:
    for index, choice in enumerate(step["inputs"]["Choices"]):
        def at(it: dict[str, Any], index: int = index) -> dict[str, Any]:
            return it["inputs"]["Choices"][index]

        what = _condition(choice)

        def negated(it: dict[str, Any], at: Any = at) -> None:
            condition = {key: value for key, value in at(it).items() if key != "NextStep"}
            for key in condition:
                del at(it)[key]
            at(it)["Not"] = condition

        yield "condition negated", what, negated
        for operator, others in _OPERATORS.items():
            for other in others if operator in choice else ():
                yield "operator swapped", f"{what}: {other}", lambda it, at=at, one=operator, other=other: at(it).update(
                    {other: at(it).pop(one)})
        for operator in ("And", "Or"):
            for part in range(len(choice.get(operator, []))):
                yield "condition dropped", f"{_condition(choice[operator][part])} of {what}", lambda it, at=at, one=operator, part=part: at(it)[one].pop(part)
        if len(step["inputs"]["Choices"]) > 1:
            yield "choice dropped", what, lambda it, index=index: it["inputs"]["Choices"].pop(index)


_OPERATORS = {
    "And": ("Or",), "Or": ("And",), "NumericEquals": ("NumericGreater", "NumericLesser"),
        "NumericGreater": ("NumericGreaterOrEquals", "NumericLesser"),
    "NumericLesser": ("NumericLesserOrEquals", "NumericGreater"), "NumericGreaterOrEquals": ("NumericGreater",),
    "NumericLesserOrEquals": ("NumericLesser",),
}


def _condition(choice: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in choice.items() if key != "NextStep"})


def _of_outputs(step: dict[str, Any]) -> Made:
    for index, output in enumerate(step.get("outputs", [])):
        for twin in twins_of(output.get("Selector", "")):
            yield "like name", f"{output['Selector']}, {twin}", lambda it, index=index, twin=twin: it["outputs"][index].update(
                Selector=twin)


# Values of inputs, at any depth.

def _of_value(value: Any, path: tuple[Any, ...]) -> Made:
    if isinstance(value, dict):
        yield from _of_entries(value, path)
        for key, item in value.items():
            if key == "Message":
                yield from _of_message(item, path)
            if key not in (*_TEXTS, "Service", "Runtime", "Handler"):
                yield from _of_value(item, (*path, key))
    elif isinstance(value, list):
        yield from _of_list(value, path)
        for index, item in enumerate(value):
            yield from _of_value(item, (*path, index))
    else:
        yield from _of_scalar(value, path)


def _of_entries(value: dict[Any, Any], path: tuple[Any, ...]) -> Made:
    # A script that reads what the payload lacks is refused without a drill.
    always = path == ("inputs", "InputPayload")
    optional = [key for key in value if not always and key not in (
        *_TEXTS, "Service", "Api", "Runtime", "Handler", "InputPayload", "PropertySelector", "DesiredValues")]
    for key in optional:
        yield "argument dropped", _text((*path, key)), lambda it, key=key: _get(it, path).pop(key)
    for key in value:
        for twin in twins_of(str(key)):
            if twin in value and twin > str(key):
                yield "like name", f"{_text((*path, key))}, {twin}", lambda it, key=key, twin=twin: _exchange(_get(it, path), key, twin)
            elif twin not in value and not always:
                yield "like name", f"{_text((*path, key))}, {twin}", lambda it, key=key, twin=twin: _get(it, path).update(
                    {twin: _get(it, path).pop(key)})


def _of_message(message: str, path: tuple[Any, ...]) -> Made:
    for what, name in dict.fromkeys((each[0], each[1]) for each in REFERENCE.finditer(message)):
        yield "left out of the message", name, lambda it, what=what: _get(it, path).update(Message=message.replace(what, ""))


def _exchange(value: dict[Any, Any], one: Any, other: Any) -> None:
    value[one], value[other] = value[other], value[one]


def _of_list(value: list[Any], path: tuple[Any, ...]) -> Made:
    if len(value) > 1:
        yield "list cut to its first", _text(path), lambda it: _set(it, path, _get(it, path)[:1])


def _of_scalar(value: Any, path: tuple[Any, ...]) -> Made:
    if isinstance(value, bool):
        yield "switch flipped", f"{_text(path)} {value}", lambda it: _set(it, path, not value)
    elif value in ("true", "false"):
        yield "switch flipped", f"{_text(path)} {value}", lambda it: _set(it, path, "false" if value == "true" else "true")
    elif isinstance(value, int) and value > 0:
        yield "number scaled up", f"{_text(path)} {value}", lambda it: _set(it, path, value * SCALE)
        if value > 1:
            yield "number scaled down", f"{_text(path)} {value}", lambda it: _set(it, path, max(1, value // SCALE))
    elif isinstance(value, str) and path[-1] == "Duration":
        seconds = seconds_of(value)
        yield "time scaled up", f"{_text(path)} {value}", lambda it: _set(it, path, f"PT{seconds * SCALE}S")
        if seconds > 1:
            yield "time scaled down", f"{_text(path)} {value}", lambda it: _set(it, path, f"PT{max(1, seconds // SCALE)}S")
    elif isinstance(value, str) and not REFERENCE.search(value):
        for twin in twins_of(value) if value.isidentifier() or value.startswith("$.") else ():
            yield "like name", f"{_text(path)} {value}, {twin}", lambda it, twin=twin: _set(it, path, twin)


def _get(step: dict[str, Any], path: tuple[Any, ...]) -> Any:
    value: Any = step
    for key in path:
        value = value[key]
    return value


def _set(step: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    _get(step, path[:-1])[path[-1]] = value


def _text(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))


# Parameters.

def _allow_anything(declaration: dict[str, Any], key: str) -> None:
    del declaration[key]
    declaration["allowedPattern"] = ANYTHING


def _of_parameter(declaration: dict[str, Any]) -> Made:
    for key in ("minItems", "maxItems", "minChars", "maxChars"):
        if key in declaration:
            yield "limit dropped", f"{key} {declaration[key]}", lambda it, key=key: it.pop(key)
    for key in ("allowedPattern", "allowedValues"):
        if key in declaration:
            yield "limit dropped", f"{key} {declaration[key]}", lambda it, key=key: _allow_anything(it, key)
    if "default" not in declaration:
        return
    value, allowed = declaration["default"], declaration.get("allowedValues", [])
    others = [each for each in allowed if each != value]
    if others:
        yield "switch flipped", f"default {value} to {others[0]}", lambda it: it.update(default=others[0])
    yield "default dropped", f"default {value}", lambda it: it.pop("default")
