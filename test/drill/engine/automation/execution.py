"""Executions of runbooks: steps, calls, approvals, outputs."""

from dataclasses import dataclass, field
from typing import Any

from ..errors import DrillError

#: What a scenario answers when a runbook asks for approval.
APPROVE, REJECT, TIMEOUT = "Approve", "Reject", "Timeout"

FINAL_FAILURES = ("Failed", "TimedOut", "Cancelled")


@dataclass
class Call:
    """A call of an AWS API that a step made, or that SSM makes for it."""

    runbook: str
    step: str
    service: str
    operation: str
    parameters: dict[str, Any]
    #: The code of the error that was answered, none if it succeeded.
    error: str = ""

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    def __str__(self) -> str:
        error = f" -> {self.error}" if self.error else ""
        return f"{self.runbook} {self.step}: {self.name}{error}"


@dataclass
class Approval:
    """A request for approval."""

    runbook: str
    step: str
    approvers: list[str]
    minimum: int
    message: str
    topic: str


@dataclass
class Fault:
    """Makes a call fail: the nth of the operation, and as many after it as
    times says. The code Timeout is no answer within botocore's patience; with
    after, the call was carried out all the same."""

    service: str
    operation: str
    code: str = "AccessDeniedException"
    nth: int = 1
    times: int = 1
    message: str = "injected by the drill"
    after: bool = False
    #: How often the operation was called so far.
    seen: int = 0

    def __post_init__(self) -> None:
        if self.after and self.code != "Timeout":
            raise DrillError(f"after a call only its answer can be lost: want the code Timeout, not {self.code}")

    def strikes(self, service: str, operation: str) -> bool:
        """Counts the call, and says whether it is one that shall fail."""
        if (service, operation) != (self.service, self.operation):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass
class StepRun:
    """A step that ran."""

    name: str
    action: str
    status: str = "InProgress"
    message: str = ""
    attempts: int = 0
    started: float = 0
    ended: float = 0
    #: Whether its failure is one of the run.
    critical: bool = True
    inputs: Any = None
    outputs: dict[str, Any] = field(default_factory=dict)
    #: What its script returned, which SSM's history shows, too.
    payload: Any = None


#: The default version of every document in the drills.
CURRENT_VERSION = "2"


@dataclass
class Execution:
    """A run of a runbook. status is SSM's word for it."""

    id: str
    runbook: str
    document: str
    parameters: dict[str, Any]
    #: When it was started, in seconds of virtual time.
    started: float = 0
    #: The number of the document's version that runs.
    version: str = CURRENT_VERSION
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "InProgress"
    steps: list[StepRun] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    children: list["Execution"] = field(default_factory=list)
    #: The run that started this one, empty if a person or an event did.
    parent: str = ""
    #: Seconds of virtual time until SSM lists it.
    unlisted: float = 2

    def step(self, name: str) -> StepRun:
        """The step of that name as it ran last."""
        for step in reversed(self.steps):
            if step.name == name:
                return step
        raise AssertionError(f"{self.runbook}: the step {name} did not run\n{self.history()}")

    def ran(self, name: str) -> bool:
        return any(step.name == name for step in self.steps)

    def succeeded(self) -> "Execution":
        """Checks that the runbook ended well."""
        assert self.status == "Success", f"{self.runbook} ended {self.status}, want Success\n{self.history()}"
        return self

    def failed(self, step: str = "", because: str = "") -> "Execution":
        """Checks that the runbook did not end well: in that step, and with
        these words in its message."""
        assert self.status in FINAL_FAILURES, f"{self.runbook} ended {self.status}, want a failure\n{self.history()}"
        if step:
            run = self.step(step)
            assert run.status not in ("Success", "InProgress"), f"step {step} ended {run.status}\n{self.history()}"
            assert because in run.message, f"step {step} failed with {run.message!r}, want {because!r}"
        elif because:
            messages = [run.message for run in self.steps]
            assert any(because in message for message in messages), f"no step says {because!r}\n{self.history()}"
        return self

    def called(self, service: str, operation: str) -> list[Call]:
        """The calls of the operation, by this runbook and its children."""
        return [call for call in self.calls if (call.service, call.operation) == (service, operation)]

    def changes(self) -> list[Call]:
        """The calls that change something but a run's own tags, as the service
        names them."""
        return [call for call in self.calls if not call.operation.startswith(READING) and call.name != "ssm:AddTagsToResource"]

    def history(self) -> str:
        """The steps, as one reads them in the console."""
        lines = [f"  {step.started:7.0f} s  {step.name:<24} {step.status:<10} {step.message}" for step in self.steps]
        for child in self.children:
            lines += [f"  child {child.runbook} ({child.status}):", child.history()]
        return "\n".join(lines)


#: How the operations begin that only read.
READING = ("Describe", "Get", "List", "Lookup", "Head", "BatchGet", "Generate", "Filter", "Search")
