"""Which steps a runbook reaches, and which outputs have a value there."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .model import REFERENCE


def following(step: dict[str, Any], names: Iterable[str]) -> str | None:
    """Returns the step after this one of those names, where no branch or failure leads elsewhere."""
    if step.get("isEnd"):
        return None
    if "nextStep" in step:
        return step["nextStep"]
    order = list(names)
    return next(iter(order[order.index(step.get("name", "")) + 1:]), None)


def targets(step: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the steps that a step names as what follows, by the key."""
    if "nextStep" in step:
        yield "nextStep", step["nextStep"]
    for key in ("onFailure", "onCancel"):
        if str(step.get(key, "")).startswith("step:"):
            yield key, step[key].removeprefix("step:")
    if step.get("action") == "aws:branch":
        inputs = step.get("inputs", {})
        for choice in inputs.get("Choices", []):
            if "NextStep" in choice:
                yield "NextStep", choice["NextStep"]
        if "Default" in inputs:
            yield "Default", inputs["Default"]


class Flow:
    """The steps as a graph. An edge is (from, to, whether from succeeded)."""

    def __init__(self, steps: list[dict[str, Any]], types: dict[str, str]):
        self._steps = {step.get("name", ""): step for step in steps}
        self._edges = [edge for step in steps for edge in self._edges_from(step) if edge[1] in self._steps]
        self._outputs = {name: {each for each in types if each.startswith(f"{name}.")} for name in self._steps}

    def problems(self) -> Iterator[str]:
        """Steps that nothing leads to, and references that may have no value."""
        available = self._available()
        for name, step in self._steps.items():
            if name not in available:
                yield f"{name}: no step leads to it"
                continue
            for reference in sorted(set(REFERENCE.findall(json.dumps(step)))):
                producer = reference.split(".", 1)[0]
                if producer in self._steps and reference not in available[name]:
                    yield (f"{name}: {{{{ {reference} }}}} has no value if {producer} fails or is passed over, "
                           "and the step fails with it")

    def _edges_from(self, step: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
        name, named = step.get("name", ""), list(targets(step))
        for key, target in named:
            yield name, target, key not in ("onFailure", "onCancel")
        after = following(step, self._steps)
        if after is not None and "Default" not in dict(named):
            yield name, after, True
        if after is not None and step.get("onFailure") == "Continue":
            yield name, after, False

    def _asks(self, name: str) -> bool:
        """An approval has its status whatever the answer."""
        return self._steps[name].get("action") == "aws:approve"

    def _available(self) -> dict[str, set[str]]:
        """The outputs that have a value at each step that is reached, whatever
        the way there."""
        available: dict[str, set[str]] = {name: set() for name in list(self._steps)[:1]}
        changed = True
        while changed:
            changed = False
            for origin, target, succeeded in self._edges:
                if origin not in available:
                    continue
                coming = available[origin] | (self._outputs[origin] if succeeded or self._asks(origin) else set())
                merged = coming & available[target] if target in available else coming
                if target not in available or merged != available[target]:
                    available[target], changed = merged, True
        return available
