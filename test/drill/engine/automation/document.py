"""Static checks of a runbook: what SSM, or a service that it calls, would
refuse only when the runbook is needed. One line for each problem."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import DrillError, Refused
from . import model
from .check_script import problems_of_script
from .flow import Flow, targets
from .interpreter import ACTIONS, COMPARISONS, DOCUMENT_KEYS, INPUTS, OWN_INPUTS, STEP_KEYS, seconds_of
from .model import REFERENCE, ModelError
from .parameters import TYPES, parameters_of
from .values import UNKNOWN, is_known, problems_of_parameters

LARGEST_DOCUMENT = 64 * 1024

_PARAMETER_KEYS = {"type", "description", "default", "allowedValues", "allowedPattern",
                   "minItems", "maxItems", "minChars", "maxChars"}
_API_ACTIONS = ("aws:executeAwsApi", "aws:waitForAwsResourceProperty", "aws:assertAwsResourceProperty")
_OUTPUT_ACTIONS = (*_API_ACTIONS, "aws:executeScript")

#: Where SSM does not go after a cancellation.
_NOT_AFTER_CANCEL = ("aws:approve", "aws:sleep")

_VARIABLES = ("global:ACCOUNT_ID", "global:AWS_PARTITION", "global:DATE", "global:DATE_TIME", "global:REGION",
              "automation:EXECUTION_ID")

#: What the check of a document reads of the role that it runs as.
CONSTANT_ROLE = re.compile(rf"{UNKNOWN}AWS::IAM::Role [A-Za-z0-9]+\.Arn{UNKNOWN}")


def problems_of(name: str, document: dict[str, Any], others: dict[str, dict[str, Any]]) -> list[str]:
    """The problems of the document. others are those that it may start, by
    the names that it starts them by."""
    return [f"{name}: {problem}" for problem in _Check(document, others).problems()]


def problems_of_all(documents: dict[str, dict[str, Any]]) -> list[str]:
    """The problems of the documents of an environment, by their names."""
    return [problem for name, document in documents.items() for problem in problems_of(name, document, documents)]


@dataclass
class _Check:
    document: dict[str, Any]
    others: dict[str, dict[str, Any]]
    #: The types of parameters, variables and outputs, by reference.
    types: dict[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[str]:
        yield from self._of_document()
        parameters = {name: each.get("type", "") for name, each in self.document.get("parameters", {}).items()}
        self.types = {**dict.fromkeys(_VARIABLES, "String"), **parameters, **self._output_types()}
        yield from self._of_parameters()
        steps = self.document.get("mainSteps", [])
        names = [step.get("name", "") for step in steps]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{name}: two steps have the name"
        for step in steps:
            for problem in self._of_step(step, names):
                yield f"{step.get('name', '?')}: {problem}"
        yield from Flow(steps, self.types).problems()
        for output in self.document.get("outputs", []):
            if output not in self.types:
                yield f"outputs: {output} is the output of no step"

    # The document.

    def _of_document(self) -> Iterator[str]:
        for key in sorted(set(self.document) - DOCUMENT_KEYS):
            yield f"unknown key {key}, want {', '.join(sorted(DOCUMENT_KEYS))}"
        if self.document.get("schemaVersion") != "0.3":
            yield f"schemaVersion: got {self.document.get('schemaVersion')!r}, want 0.3"
        if not self.document.get("description"):
            yield "no description"
        if not CONSTANT_ROLE.fullmatch(str(self.document.get("assumeRole", ""))):
            yield f"assumeRole: got {self.document.get('assumeRole')!r}, want the ARN of a role of the stack and nothing else"
        size = len(json.dumps(self.document))
        if size > LARGEST_DOCUMENT:
            yield f"{size} bytes, want {LARGEST_DOCUMENT} at most"

    # Parameters.

    def _of_parameters(self) -> Iterator[str]:
        used = set(REFERENCE.findall(json.dumps(self.document.get("mainSteps", []))))
        for name, declaration in self.document.get("parameters", {}).items():
            for problem in self._of_parameter(name, declaration):
                yield f"parameter {name}: {problem}"
            if name not in used:
                yield f"parameter {name}: no step uses it"

    def _of_parameter(self, name: str, declaration: dict[str, Any]) -> Iterator[str]:
        for key in sorted(set(declaration) - _PARAMETER_KEYS):
            yield f"unknown key {key}, want {', '.join(sorted(_PARAMETER_KEYS))}"
        if not declaration.get("description"):
            yield "no description"
        kind = declaration.get("type")
        if kind not in TYPES:
            yield f"type: got {kind!r}, want {', '.join(TYPES)}"
            return
        if kind in ("String", "StringList") and not declaration.keys() & {"allowedPattern", "allowedValues"}:
            yield "anything is allowed, want allowedPattern or allowedValues"
        if "allowedPattern" in declaration:
            yield from _of_pattern(declaration["allowedPattern"])
        yield from self._of_default(name, declaration)

    def _of_default(self, name: str, declaration: dict[str, Any]) -> Iterator[str]:
        if "default" not in declaration or UNKNOWN in json.dumps(declaration["default"], ensure_ascii=False):
            return
        try:
            parameters_of({"parameters": {name: declaration}}, {})
        except (Refused, re.error) as error:
            yield f"default: {error}"

    # Outputs.

    def _output_types(self) -> dict[str, str]:
        types = {}
        for step in self.document.get("mainSteps", []):
            given = {each.get("Name"): each.get("Type", "String") for each in step.get("outputs", [])}
            if step.get("action") == "aws:approve":
                given = {"ApprovalStatus": "String", "ApproverDecisions": "MapList"}
            if step.get("action") == "aws:executeAutomation":
                given = {"ExecutionId": "String", "Status": "String", "Output": "StringList"}
            types.update({f"{step.get('name')}.{name}": kind for name, kind in given.items()})
        return types

    # Steps.

    def _of_step(self, step: dict[str, Any], names: list[str]) -> Iterator[str]:
        for key in sorted(set(step) - STEP_KEYS):
            yield f"unknown key {key}, want {', '.join(sorted(STEP_KEYS))}"
        if not re.fullmatch(r"[A-Za-z0-9_]{3,128}", step.get("name", "")):
            yield "name: want 3 to 128 letters, digits and _"
        if step.get("action") not in ACTIONS:
            yield f"action: got {step.get('action')!r}, want {', '.join(sorted(ACTIONS))}"
            return
        yield from self._of_targets(step, names)
        yield from self._of_limits(step)
        yield from self._of_references(step)
        if step.get("outputs") and step["action"] not in _OUTPUT_ACTIONS:
            yield f"outputs: {step['action']} has none to choose"
        yield from self._of_inputs(step)

    def _of_targets(self, step: dict[str, Any], names: list[str]) -> Iterator[str]:
        for key, target in targets(step):
            if target not in names:
                yield f"{key}: no step {target!r}, want one of {', '.join(names)}"
        on_failure, on_cancel = step.get("onFailure", "Abort"), step.get("onCancel", "Abort")
        if on_failure not in ("Abort", "Continue") and not on_failure.startswith("step:"):
            yield f"onFailure: got {on_failure!r}, want Abort, Continue or step:NAME"
        if on_cancel != "Abort" and not on_cancel.startswith("step:"):
            yield f"onCancel: got {on_cancel!r}, want Abort or step:NAME"
        actions = {each.get("name"): each.get("action") for each in self.document["mainSteps"]}
        if actions.get(on_cancel.removeprefix("step:")) in _NOT_AFTER_CANCEL:
            yield f"onCancel: SSM does not go to {actions[on_cancel.removeprefix('step:')]}"
        if step.get("isEnd") and on_failure.startswith("step:"):
            yield f"isEnd ends the automation when the step fails, too: {on_failure} is never reached"
        if step.get("isEnd") and "nextStep" in step:
            yield "isEnd and nextStep, want one of them"

    def _of_limits(self, step: dict[str, Any]) -> Iterator[str]:
        action, timeout = step["action"], step.get("timeoutSeconds")
        if timeout is None and action in ("aws:waitForAwsResourceProperty", "aws:approve"):
            yield "no timeoutSeconds, SSM would wait for an hour or a week"
        if isinstance(timeout, str) and self.types.get("".join(REFERENCE.findall(timeout))) != "Integer":
            yield f"timeoutSeconds: got {timeout!r}, want seconds or an Integer parameter"
        if isinstance(timeout, int) and action == "aws:executeScript" and timeout > 600:
            yield f"timeoutSeconds: got {timeout}, SSM ends a script after 600"
        attempts = step.get("maxAttempts", 1)
        if not isinstance(attempts, int) or attempts < 1:
            yield f"maxAttempts: got {attempts!r}, want 1 or more"
        for key in ("isEnd", "isCritical"):
            if not isinstance(step.get(key, False), bool):
                yield f"{key}: got {step[key]!r}, want true or false"

    def _of_references(self, step: dict[str, Any]) -> Iterator[str]:
        for name in sorted(set(REFERENCE.findall(json.dumps(_without_script(step))))):
            if name not in self.types:
                yield f"{{{{ {name} }}}} is no parameter, variable or output"
        unread = REFERENCE.sub("", json.dumps(_without_script(step)))
        if "{{" in unread:
            yield "{{ that SSM does not read as a reference"

    def _of_inputs(self, step: dict[str, Any]) -> Iterator[str]:
        action, inputs = step["action"], step.get("inputs", {})
        if action in _API_ACTIONS:
            yield from self._of_api(step, inputs)
        elif action == "aws:executeScript":
            yield from problems_of_script(inputs, [output.get("Selector", "") for output in step.get("outputs", [])])
            yield from self._of_script_outputs(step)
        else:
            yield from self._of_other(action, inputs)

    # Calls.

    def _of_api(self, step: dict[str, Any], inputs: dict[str, Any]) -> Iterator[str]:
        missing = [key for key in ("Service", "Api") if key not in inputs]
        if missing:
            yield f"inputs: {', '.join(missing)} is missing"
            return
        try:
            operation = model.operation(inputs["Service"], inputs["Api"])
        except ModelError as error:
            yield str(error)
            return
        own = OWN_INPUTS if step["action"] != "aws:executeAwsApi" else ("Service", "Api")
        parameters = {key: value for key, value in inputs.items() if key not in own}
        yield from problems_of_parameters(parameters, operation, self.types)
        for output in step.get("outputs", []):
            yield from self._of_output(output, operation.output_shape)
        if step["action"] != "aws:executeAwsApi":
            yield from self._of_property(inputs, operation.output_shape)

    def _of_output(self, output: dict[str, Any], shape: Any) -> Iterator[str]:
        problems = list(_of_output_keys(output))
        yield from problems
        if problems:
            return
        name, kind = output["Name"], output.get("Type", "String")
        try:
            found, _ = model.selected_type(output.get("Selector", ""), shape)
        except ModelError as error:
            yield f"output {name}: {error}"
            return
        if kind != found and not (kind == "String" and found in ("Integer", "Boolean")):
            yield f"output {name}: Type is {kind}, {output['Selector']} gives {found}"

    def _of_property(self, inputs: dict[str, Any], shape: Any) -> Iterator[str]:
        wanted = inputs.get("DesiredValues")
        if not isinstance(wanted, list) or not wanted:
            yield f"DesiredValues: got {wanted!r}, want a list"
            return
        try:
            kind, found = model.selected_type(inputs.get("PropertySelector", ""), shape)
        except ModelError as error:
            yield f"PropertySelector: {error}"
            return
        if kind not in ("String", "Integer", "Boolean"):
            yield f"PropertySelector: {inputs['PropertySelector']} gives {kind}, want one value"
        for value in wanted:
            if found.type_name == "string" and found.enum and is_known(str(value)) and value not in found.enum:
                yield f"DesiredValues: {value!r} never comes, only {', '.join(found.enum)}"

    def _of_script_outputs(self, step: dict[str, Any]) -> Iterator[str]:
        for output in step.get("outputs", []):
            yield from _of_output_keys(output)
            try:
                model.selector_tokens(output.get("Selector", ""))
            except ModelError as error:
                yield str(error)

    # Other actions.

    def _of_other(self, action: str, inputs: dict[str, Any]) -> Iterator[str]:
        required, optional = INPUTS[action]
        for key in sorted(required - set(inputs)):
            yield f"inputs: {key} is missing"
        for key in sorted(set(inputs) - required - optional):
            yield f"inputs: unknown {key}, want {', '.join(sorted(required | optional)) or 'none'}"
        if not required <= set(inputs):
            return
        if action == "aws:sleep":
            yield from _of_duration(inputs["Duration"])
        if action == "aws:branch":
            for choice in inputs["Choices"]:
                yield from self._of_choice(choice, nested=False)
        if action == "aws:executeAutomation":
            yield from self._of_child(inputs)
        if action == "aws:approve":
            yield from self._of_approval(inputs)

    def _of_choice(self, choice: dict[str, Any], nested: bool) -> Iterator[str]:
        rest = set(choice) - {"NextStep"}
        if not nested and "NextStep" not in choice:
            yield "a choice without NextStep"
        for key in rest & {"And", "Or", "Not"}:
            parts = choice[key] if isinstance(choice[key], list) else [choice[key]]
            for part in parts:
                yield from self._of_choice(part, nested=True)
        if rest & {"And", "Or", "Not"}:
            return
        operators = rest & set(COMPARISONS)
        if rest != {"Variable", *operators} or len(operators) != 1:
            yield f"choice {sorted(rest)}, want Variable and one of {', '.join(COMPARISONS)}"
            return
        yield from self._of_comparison(choice["Variable"], operators.pop(), choice)

    def _of_comparison(self, variable: Any, operator: str, choice: dict[str, Any]) -> Iterator[str]:
        match = REFERENCE.fullmatch(str(variable).strip())
        if not match:
            yield f"Variable: got {variable!r}, want one {{{{ reference }}}}"
            return
        wanted = {str: "String", int: "Integer", bool: "Boolean"}[COMPARISONS[operator][0]]
        if self.types.get(match[1], wanted) != wanted:
            yield f"{operator} compares {wanted}, {variable} is a {self.types[match[1]]}"
        value = choice[operator]
        if type(value) is not COMPARISONS[operator][0]:
            yield f"{operator}: got {value!r}, want a {wanted}"
        allowed = self.document.get("parameters", {}).get(match[1], {}).get("allowedValues")
        if operator == "StringEquals" and allowed and is_known(str(value)) and value not in allowed:
            yield f"{operator}: {variable} is never {value!r}, only {', '.join(allowed)}"

    def _of_child(self, inputs: dict[str, Any]) -> Iterator[str]:
        child = self.others.get(inputs["DocumentName"])
        if child is None:
            yield f"DocumentName: no runbook {inputs['DocumentName']!r}, want {', '.join(sorted(self.others))}"
            return
        if inputs.get("DocumentVersion") != "$DEFAULT":
            yield f"DocumentVersion: got {inputs.get('DocumentVersion')!r}, want $DEFAULT: another has another's safety steps"
        declared, given = child.get("parameters", {}), inputs.get("RuntimeParameters", {})
        for name in sorted(set(given) - set(declared)):
            yield f"RuntimeParameters: the child has no {name}, want {', '.join(declared) or 'none'}"
        for name, declaration in declared.items():
            if name not in given and "default" not in declaration:
                yield f"RuntimeParameters: the child needs {name}"
            elif name in given:
                yield from self._of_child_parameter(name, declaration, given[name])

    def _of_child_parameter(self, name: str, declaration: dict[str, Any], value: Any) -> Iterator[str]:
        match = REFERENCE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match:
            kind = self.types.get(match[1], declaration["type"])
            if kind != declaration["type"]:
                yield f"RuntimeParameters: {name} is a {declaration['type']}, {value} a {kind}"
        elif is_known(json.dumps(value, ensure_ascii=False)):
            try:
                parameters_of({"parameters": {name: declaration}}, {name: value})
            except Refused as refused:
                yield f"RuntimeParameters: {refused}"

    def _of_approval(self, inputs: dict[str, Any]) -> Iterator[str]:
        approvers, least = inputs["Approvers"], inputs["MinRequiredApprovals"]
        if not isinstance(approvers, list) and not REFERENCE.fullmatch(str(approvers).strip()):
            yield f"Approvers: got {approvers!r}, want a list"
        if not isinstance(least, int) or least < 1:
            yield f"MinRequiredApprovals: got {least!r}, want 1 or more"


def _of_output_keys(output: dict[str, Any]) -> Iterator[str]:
    if set(output) - {"Name", "Selector", "Type"} or not output.get("Name") or output.get("Type", "String") not in TYPES:
        yield f"outputs: got {output}, want Name, Selector and a Type of {', '.join(TYPES)}"


def _without_script(step: dict[str, Any]) -> dict[str, Any]:
    inputs = {key: value for key, value in step.get("inputs", {}).items() if key != "Script"}
    return {**step, "inputs": inputs}


def _of_pattern(pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"allowedPattern: {error}"
    if not (pattern.startswith("^") and pattern.endswith("$")):
        yield f"allowedPattern: got {pattern!r}, want it to begin with ^ and end with $"


def _of_duration(duration: str) -> Iterator[str]:
    try:
        seconds_of(duration)
    except DrillError as error:
        yield str(error)
