"""Which steps a runbook reaches, and which outputs have a value there."""

import json
from collections.abc import Iterator
from typing import Any

from .model import REFERENCE


class Flow:
    """The steps as a graph. An edge is (from, to, whether from succeeded)."""

    def __init__(self, steps: list[dict[str, Any]], types: dict[str, str]):
        self._steps = {step.get("name", ""): step for step in steps}
        self._order = list(self._steps)
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
        name, on_failure = step.get("name", ""), step.get("onFailure", "Abort")
        successors = list(self._successors(step))
        for successor in successors:
            yield name, successor, True
        if on_failure.startswith("step:"):
            yield name, on_failure.removeprefix("step:"), False
        elif on_failure == "Continue" and not step.get("isEnd"):
            for successor in self._sequel(step):
                yield name, successor, False
        if step.get("onCancel", "Abort").startswith("step:"):
            yield name, step["onCancel"].removeprefix("step:"), False

    def _successors(self, step: dict[str, Any]) -> Iterator[str]:
        if step.get("action") == "aws:branch":
            inputs = step.get("inputs", {})
            for choice in inputs.get("Choices", []):
                yield choice.get("NextStep", "")
            if "Default" in inputs:
                yield inputs["Default"]
                return
        yield from self._sequel(step)

    def _sequel(self, step: dict[str, Any]) -> Iterator[str]:
        """The step after this one, where it says nothing else."""
        if step.get("isEnd"):
            return
        if "nextStep" in step:
            yield step["nextStep"]
            return
        after = self._order.index(step.get("name", "")) + 1
        if after < len(self._order):
            yield self._order[after]

    def _asks(self, name: str) -> bool:
        """An approval has its status whatever the answer."""
        return self._steps[name].get("action") == "aws:approve"

    def _available(self) -> dict[str, set[str]]:
        """The outputs that have a value at each step that is reached, whatever
        the way there."""
        if not self._order:
            return {}
        available: dict[str, set[str]] = {self._order[0]: set()}
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
