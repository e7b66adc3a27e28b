"""Executes a runbook step by step, as SSM Automation is documented to do it.

It knows the documented subset that reviewed runbooks use. What it does not
know is a DrillError, never ignored."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol

from botocore import xform_name

from ..clock import Clock, asserting
from ..errors import DrillError, StepFailed, StepTimedOut
from . import run_script
from .execution import APPROVE, CURRENT_VERSION, REJECT, TIMEOUT, Approval, Call, Execution, Fault, StepRun
from .flow import following
from .model import REFERENCE, select
from .parameters import parameters_of

#: How SSM calls a step's end in the execution's own status.
_STATUS = {"Failed": "Failed", "TimedOut": "TimedOut", "Rejected": "Failed", "Cancelled": "Cancelled"}

#: Steps that a runbook may take before it is taken for an endless loop.
_MOST_STEPS = 500

#: Seconds between two looks of a wait step.
POLL_SECONDS = 15

#: SSM's own limits: the seconds of a call of aws:executeAwsApi, the elements of a
#: list that a step gives, and the characters of a message of aws:approve.
LONGEST_CALL_SECONDS, MOST_ELEMENTS, LONGEST_MESSAGE = 25, 100, 4096

#: SSM's own limits, in seconds, where a step names none.
_DEFAULT_TIMEOUT = {
    "aws:waitForAwsResourceProperty": 3600,
    "aws:approve": 7 * 24 * 3600,
    "aws:executeScript": run_script.LONGEST_SECONDS,
}

#: The inputs of these actions that are the action's own, not the operation's.
OWN_INPUTS = ("Service", "Api", "PropertySelector", "DesiredValues")


class Account(Protocol):
    """The parts of an account that runbooks need."""

    id: str
    region: str
    clock: Clock
    executions: list[Execution]
    #: Attributes calls to a step.
    calls: Any
    #: The boto3 session of the runbooks.
    recorded: Any

    def script_client(self, service: str) -> Any: ...

    def document(self, name: str) -> dict[str, Any]: ...

    def full_name(self, name: str) -> str: ...

    def short_name(self, name: str) -> str: ...


class Interpreter:
    """Runs one document once, its children by interpreters of their own."""

    def __init__(self, account: Account, name: str, given: dict[str, Any], *,
                 approve: Any = None, faults: tuple[Fault, ...] = (), cancel_at: str = "",
                 version: str = CURRENT_VERSION):
        self._account = account
        self._approve, self._faults, self._cancel_at = approve, faults, cancel_at
        self._document = account.document(name)
        _refuse_unknown(self._document)
        parameters = parameters_of(self._document, given)
        self.execution = Execution(str(uuid.uuid4()), account.short_name(name), account.full_name(name), parameters, account.clock.now,
            version)
        self._steps = {step["name"]: step for step in self._document["mainSteps"]}
        self._values = {**self._variables(), **parameters}
        self._now: StepRun | None = None
        self._critical_failure = ""

    def _variables(self) -> dict[str, Any]:
        now = self._account.clock.datetime()
        return {
            "global:ACCOUNT_ID": self._account.id,
            "global:AWS_PARTITION": "aws",
            "global:DATE": now.strftime("%Y-%m-%d"),
            "global:DATE_TIME": now.strftime("%Y-%m-%d_%H.%M.%S"),
            "global:REGION": self._account.region,
            "automation:EXECUTION_ID": self.execution.id,
        }

    def run(self) -> Execution:
        """Runs the document to its end."""
        self._account.executions.append(self.execution)
        name: str | None = next(iter(self._steps))
        while name is not None:
            if len(self.execution.steps) >= _MOST_STEPS:
                raise DrillError(f"{self.execution.runbook} took {_MOST_STEPS} steps: an endless loop")
            name = self._run_step(self._steps[name])
        self.execution.status = self._critical_failure or "Success"
        self.execution.outputs = {name: self._values[name] for name in self._document.get("outputs", []) if name in self._values}
        return self.execution

    # One step.

    def _run_step(self, step: dict[str, Any]) -> str | None:
        """Runs the step, and returns the name of the one after it."""
        if step["name"] == self._cancel_at:
            return self._cancelled(step)
        run = StepRun(step["name"], step["action"], started=self._account.clock.now)
        self.execution.steps.append(run)
        chosen = None
        for run.attempts in range(1, step.get("maxAttempts", 1) + 1):
            chosen = self._attempt(step, run)
            if run.status == "Success":
                break
        run.ended = self._account.clock.now
        if run.status == "Success":
            return chosen or following(step, self._steps)
        return self._after_failure(step, run)

    def _attempt(self, step: dict[str, Any], run: StepRun) -> str | None:
        """Tries the step once. Returns the step that a branch chose."""
        action = self._ACTIONS.get(step["action"])
        if action is None:
            raise DrillError(f"{run.name}: the drills do not know {step['action']}")
        self._now, began = run, self._account.clock.now
        try:
            try:
                with self._account.calls.of_step(self._record, self._strike):
                    chosen = action(self, step)
            finally:  # what fails too late was ended before
                self._check_timeout(step, began)
            run.status, run.message = "Success", ""
            return chosen
        except StepTimedOut as error:
            run.status, run.message = "TimedOut", str(error)
        except _Rejected as error:
            run.status, run.message = "Rejected", str(error)
        except Exception as error:  # whatever a script raises is the step's failure
            run.status, run.message = "Failed", f"{type(error).__name__}: {error}"
        return None

    def _check_timeout(self, step: dict[str, Any], began: float) -> None:
        seconds = self._account.clock.now - began
        if seconds > self._timeout(step):
            raise StepTimedOut(f"{seconds:.0f} s, timeoutSeconds is {self._timeout(step):.0f}")

    def _timeout(self, step: dict[str, Any]) -> float:
        default = _DEFAULT_TIMEOUT.get(step["action"], float("inf"))
        return float(self._resolve(step.get("timeoutSeconds", default)))

    # What follows a step.

    def _after_failure(self, step: dict[str, Any], run: StepRun) -> str | None:
        """isEnd ends the automation when the step fails, too; onFailure says
        what happens otherwise, isCritical whether the whole has failed."""
        on_failure = step.get("onFailure", "Abort")
        run.critical = step.get("isCritical", on_failure != "Continue")
        if run.critical:
            self._critical_failure = self._critical_failure or _STATUS[run.status]
        if on_failure == "Abort" or step.get("isEnd"):
            return None
        if on_failure == "Continue":
            return following(step, self._steps)
        if not on_failure.startswith("step:"):
            raise DrillError(f"{step['name']}: the drills do not know onFailure: {on_failure}")
        return on_failure.removeprefix("step:")

    def _cancelled(self, step: dict[str, Any]) -> str | None:
        """Somebody stops the execution while the step runs: it has no effect,
        and onCancel says what follows."""
        self._cancel_at = ""
        self._critical_failure = "Cancelled"
        self.execution.steps.append(StepRun(step["name"], step["action"], "Cancelled", "stopped by a person"))
        on_cancel = step.get("onCancel", "Abort")
        return on_cancel.removeprefix("step:") if on_cancel.startswith("step:") else None

    # Values.

    def _inputs(self, step: dict[str, Any]) -> dict[str, Any]:
        inputs = self._resolve(step.get("inputs", {}))
        if self._now:
            self._now.inputs = inputs
        return inputs

    def _resolve(self, value: Any) -> Any:
        """Puts values where the references are. A reference that is all of the
        text keeps its type."""
        if isinstance(value, dict):
            return {key: self._resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = REFERENCE.fullmatch(value.strip())
        if whole:
            return self._value(whole[1])
        return REFERENCE.sub(lambda match: _as_text(self._value(match[1])), value)

    def _value(self, name: str) -> Any:
        if name not in self._values:
            raise StepFailed(f"{{{{ {name} }}}} has no value: the step that gives it did not run, or found nothing")
        return self._values[name]

    def _keep_outputs(self, step: dict[str, Any], response: Any) -> None:
        for output in step.get("outputs", []):
            found = select(output["Selector"], response)
            if found is not None:
                value = _typed(found, output.get("Type", "String"), output["Name"])
                self._give(f"{step['name']}.{output['Name']}", value)

    def _give(self, name: str, value: Any) -> None:
        self._values[name] = value
        if self._now:
            self._now.outputs[name.split(".", 1)[1]] = value

    # Calls.

    def _record(self, service: str, operation: str, parameters: dict[str, Any]) -> Call:
        assert self._now
        call = Call(self.execution.runbook, self._now.name, service, operation, parameters)
        self.execution.calls.append(call)
        return call

    def _strike(self, service: str, operation: str) -> Fault | None:
        # All count the call, although the first alone decides.
        striking = [fault for fault in self._faults if fault.strikes(service, operation)]
        return striking[0] if striking else None

    def _call(self, inputs: dict[str, Any]) -> Any:
        """Calls the operation that the inputs name. The response as JSON."""
        parameters = {key: value for key, value in inputs.items() if key not in OWN_INPUTS}
        client = self._account.recorded.client(inputs["Service"])
        return _as_json(getattr(client, xform_name(inputs["Api"]))(**parameters))

    # The actions.

    def _execute_api(self, step: dict[str, Any]) -> None:
        began, response = self._account.clock.now, self._call(self._inputs(step))
        if self._account.clock.now - began > LONGEST_CALL_SECONDS:
            raise StepTimedOut(f"the call took longer than {LONGEST_CALL_SECONDS} s")
        self._keep_outputs(step, response)

    def _wait_for_property(self, step: dict[str, Any]) -> None:
        inputs, deadline = self._inputs(step), self._account.clock.now + self._timeout(step)
        while True:
            response = self._call(inputs)
            found = select(inputs["PropertySelector"], response)
            if _is_desired(found, inputs):
                return self._keep_outputs(step, response)
            # In between nothing happens, so looking would find nothing new.
            looks = max(1, -(-self._account.clock.until_due() // POLL_SECONDS))
            if self._account.clock.now + looks * POLL_SECONDS > deadline:
                self._account.clock.sleep(deadline - self._account.clock.now)
                raise StepTimedOut(f"{inputs['PropertySelector']} is {found!r}, want {inputs['DesiredValues']}")
            self._account.clock.sleep(looks * POLL_SECONDS)

    def _assert_property(self, step: dict[str, Any]) -> None:
        inputs = self._inputs(step)
        response = self._call(inputs)
        found = select(inputs["PropertySelector"], response)
        if not _is_desired(found, inputs):
            raise StepFailed(f"{inputs['PropertySelector']} is {found!r}, want {inputs['DesiredValues']}")
        self._keep_outputs(step, response)

    def _execute_script(self, step: dict[str, Any]) -> None:
        inputs = self._inputs(step)
        if inputs["Runtime"] != run_script.RUNTIME:
            raise DrillError(f"{step['name']}: the drills do not know the runtime {inputs['Runtime']}")
        returned = run_script.run(inputs, self._account.script_client, self._account.clock)
        if self._now:
            self._now.payload = returned
        self._keep_outputs(step, {"Payload": returned})

    def _branch(self, step: dict[str, Any]) -> str | None:
        inputs = step["inputs"]
        for choice in inputs["Choices"]:
            if self._holds(choice):
                return choice["NextStep"]
        return inputs.get("Default")

    def _holds(self, choice: dict[str, Any]) -> bool:
        if "And" in choice:
            return all(self._holds(part) for part in choice["And"])
        if "Or" in choice:
            return any(self._holds(part) for part in choice["Or"])
        if "Not" in choice:
            return not self._holds(choice["Not"])
        operators = [key for key in choice if key in COMPARISONS]
        if len(operators) != 1:
            raise DrillError(f"the drills do not know the choice {choice}")
        kind, compare = COMPARISONS[operators[0]]
        value, want = self._resolve(choice["Variable"]), self._resolve(choice[operators[0]])
        if type(value) is not kind or type(want) is not kind:
            raise StepFailed(f"{operators[0]} compares {value!r} and {want!r}, want {kind.__name__}")
        return compare(value, want)

    def _ask(self, step: dict[str, Any]) -> None:
        """SSM sends the message to the topic in the name of the runbook's role
        and waits for as many approvals as the step wants."""
        inputs = self._inputs(step)
        approval = Approval(
            self.execution.runbook, step["name"], _as_list(inputs["Approvers"]),
            int(inputs.get("MinRequiredApprovals", 1)), inputs.get("Message", ""), inputs.get("NotificationArn", ""),
        )
        if len(approval.message) > LONGEST_MESSAGE:
            raise StepFailed(f"the message has {len(approval.message)} characters, SSM takes {LONGEST_MESSAGE}")
        if not 1 <= approval.minimum <= len(approval.approvers):
            raise StepFailed(f"{approval.minimum} approvals of {len(approval.approvers)} approvers")
        if approval.topic:
            self._tell(approval)
        self.execution.approvals.append(approval)
        self.execution.status = run_status = "Waiting"
        assert self._now
        self._now.status = run_status
        answer = self._answer(approval)
        self.execution.status = "InProgress"
        self._give(f"{step['name']}.ApprovalStatus", {APPROVE: "Approved", REJECT: "Rejected"}.get(answer, "TimedOut"))
        self._give(f"{step['name']}.ApproverDecisions", [] if answer == TIMEOUT else [
            {"Approver": approval.approvers[0], "Decision": answer}])
        if answer == REJECT:
            raise _Rejected("rejected")
        if answer == TIMEOUT:
            self._account.clock.sleep(self._timeout(step))
            raise StepTimedOut(f"nobody answered within {self._timeout(step):.0f} s")

    def _tell(self, approval: Approval) -> None:
        if not approval.topic.rsplit(":", 1)[1].startswith("Automation"):
            raise StepFailed(f"{approval.topic}: the name of a topic for approvals begins with Automation")
        self._account.recorded.client("sns").publish(
            TopicArn=approval.topic, Subject=f"Approval needed: {approval.runbook}"[:100], Message=approval.message,
        )

    def _answer(self, approval: Approval) -> str:
        with asserting():
            answer = self._approve(approval) if callable(self._approve) else self._approve
        if answer not in (APPROVE, REJECT, TIMEOUT):
            raise DrillError(f"{approval.runbook} asks in {approval.step} for approval: "
                             "the scenario must say approve=APPROVE, REJECT or TIMEOUT")
        return answer

    def _sleep(self, step: dict[str, Any]) -> None:
        inputs = self._inputs(step)
        if "Duration" not in inputs:
            raise DrillError(f"{step['name']}: the drills know no aws:sleep but with a Duration")
        self._account.clock.sleep(seconds_of(inputs["Duration"]))

    def _execute_automation(self, step: dict[str, Any]) -> None:
        """Starting a child and waiting for it takes permissions that no client
        call shows."""
        inputs = self._inputs(step)
        name = self._account.short_name(inputs["DocumentName"])
        started = {"DocumentName": inputs["DocumentName"], "DocumentVersion": inputs["DocumentVersion"]}
        self._record("ssm", "StartAutomationExecution", started)
        self._record("iam", "PassRole", {"RoleArn": self._account.document(name)["assumeRole"]})
        child = Interpreter(
            self._account, name, inputs.get("RuntimeParameters", {}), approve=self._approve, faults=self._faults,
        )
        child.execution.parent = self.execution.id
        self.execution.children.append(child.execution)
        self._record("ssm", "GetAutomationExecution", {"AutomationExecutionId": child.execution.id})
        ended = child.run()
        self.execution.calls += ended.calls
        self.execution.approvals += ended.approvals
        self._give(f"{step['name']}.ExecutionId", ended.id)
        self._give(f"{step['name']}.Status", ended.status)
        self._give(f"{step['name']}.Output", [_as_text(value) for value in ended.outputs.values()])
        if ended.status != "Success":
            raise StepFailed(f"{name} ended {ended.status}")

    _ACTIONS: dict[str, Callable[["Interpreter", dict[str, Any]], str | None]] = {
        "aws:approve": _ask,
        "aws:assertAwsResourceProperty": _assert_property,
        "aws:branch": _branch,
        "aws:executeAutomation": _execute_automation,
        "aws:executeAwsApi": _execute_api,
        "aws:executeScript": _execute_script,
        "aws:sleep": _sleep,
        "aws:waitForAwsResourceProperty": _wait_for_property,
    }


ACTIONS = frozenset(Interpreter._ACTIONS)


class _Rejected(StepFailed):
    """The approver said no."""


#: What the interpreter reads of a document and of a step.
DOCUMENT_KEYS = frozenset({"schemaVersion", "description", "assumeRole", "parameters", "mainSteps", "outputs"})
STEP_KEYS = frozenset({
    "name", "action", "description", "inputs", "outputs", "maxAttempts", "timeoutSeconds", "onFailure", "onCancel",
    "isCritical", "isEnd", "nextStep",
})

#: The inputs of the actions that are no calls: must be there, may be there.
INPUTS: dict[str, tuple[set[str], set[str]]] = {
    "aws:approve": ({"Approvers", "NotificationArn", "Message", "MinRequiredApprovals"}, set()),
    "aws:branch": ({"Choices"}, {"Default"}),
    "aws:executeAutomation": ({"DocumentName", "DocumentVersion"}, {"RuntimeParameters"}),
    "aws:executeScript": ({"Runtime", "Handler", "Script"}, {"InputPayload"}),
    "aws:sleep": ({"Duration"}, set()),
}


def _refuse_unknown(document: dict[str, Any]) -> None:
    """Raises for keys that the interpreter does not read: SSM might."""
    unknown = set(document) - DOCUMENT_KEYS
    for step in document["mainSteps"]:
        unknown |= {f"{step['name']}.{key}" for key in set(step) - STEP_KEYS}
        required, optional = INPUTS.get(step["action"], (set(), set(step.get("inputs", {}))))
        unknown |= {f"{step['name']}.inputs.{key}" for key in set(step.get("inputs", {})) - required - optional}
    if unknown:
        raise DrillError(f"the drills do not know {', '.join(sorted(unknown))}")


#: The type that each of a branch's operators compares, and how.
COMPARISONS: dict[str, tuple[type, Callable[[Any, Any], bool]]] = {
    "StringEquals": (str, lambda value, want: value == want),
    "EqualsIgnoreCase": (str, lambda value, want: value.lower() == want.lower()),
    "StartsWith": (str, lambda value, want: value.startswith(want)),
    "EndsWith": (str, lambda value, want: value.endswith(want)),
    "Contains": (str, lambda value, want: want in value),
    "NumericEquals": (int, lambda value, want: value == want),
    "NumericGreater": (int, lambda value, want: value > want),
    "NumericLesser": (int, lambda value, want: value < want),
    "NumericGreaterOrEquals": (int, lambda value, want: value >= want),
    "NumericLesserOrEquals": (int, lambda value, want: value <= want),
    "BooleanEquals": (bool, lambda value, want: value is want),
}


def seconds_of(duration: str) -> int:
    """The seconds of an ISO 8601 duration of hours, minutes and seconds."""
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration)
    if not match or not any(match.groups()):
        raise DrillError(f"the drills do not know the duration {duration!r}")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _is_desired(found: Any, inputs: dict[str, Any]) -> bool:
    return found is not None and _as_text(found) in [_as_text(want) for want in inputs["DesiredValues"]]


def _typed(value: Any, kind: str, name: str) -> Any:
    """The value as an output of that type, which SSM would refuse otherwise."""
    if kind == "String" and not isinstance(value, (list, dict)):
        return _as_text(value)
    value = value[:MOST_ELEMENTS] if isinstance(value, list) else value
    if value == []:
        raise StepFailed(f"output {name}: how SSM hands on an empty list is not documented")
    if kind == "StringList" and isinstance(value, list):
        return [_as_text(item) for item in value]
    wants = {"Integer": int, "Boolean": bool, "MapList": list, "StringMap": dict}
    if kind in wants and type(value) is wants[kind]:
        return value
    raise StepFailed(f"output {name}: {value!r} is no {kind}")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _as_json(response: Any) -> Any:
    """The response as SSM sees it: without what only Python knows."""
    def plain(value: Any) -> Any:
        if isinstance(value, (datetime, date)):
            return value.isoformat()
        raise DrillError(f"SSM takes no response with {type(value).__name__}")
    return json.loads(json.dumps(response, default=plain))


