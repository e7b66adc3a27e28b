"""Every call of an API passes here: it is recorded, failed if a scenario wants
it to, and answered by a fake where the emulator cannot."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ReadTimeoutError

from ..automation.execution import Call, Fault
from ..errors import ApiError, DrillError
from . import fakes
from .emulator import Session

if TYPE_CHECKING:
    from .account import Account

Record = Callable[[str, str, dict[str, Any]], Call]
Strike = Callable[[str, str], Fault | None]


class Calls:
    """Listens to the clients of a session."""

    def __init__(self, account: "Account"):
        self._account = account
        self._steps: list[tuple[Record, Strike]] = []
        #: Which region the last call was sent to.
        self.region = ""
        #: Whether a runbook made it, not the scenario.
        self.by_runbook = False
        #: What somebody else does before and after a runbook's calls.
        self._meanwhile: dict[tuple[str, str, bool], Callable[[], object]] = {}

    def meanwhile(self, service: str, operation: str, action: Callable[[], object], *, after: bool = False) -> None:
        """Calls action right before, or after, each such call of a
        runbook: what somebody else does in the account at that moment."""
        self._meanwhile[service, operation, after] = action

    def _let_others_act(self, model: Any, after: bool) -> None:
        action = self._meanwhile.get((model.service_model.service_name, model.name, after))
        if action:
            action()

    @contextlib.contextmanager
    def of_step(self, record: Record, strike: Strike) -> Iterator[None]:
        """Attributes calls to a step meanwhile. Steps nest: a scenario may run
        another runbook while one waits."""
        self._steps.append((record, strike))
        try:
            yield
        finally:
            self._steps.pop()

    def listen(self, session: Session, recording: bool) -> None:
        """Follows the session's calls; recording those of steps."""
        session.events.register("before-parameter-build.*.*", self._record if recording else self._remember)
        session.events.register("before-call.*.*", self._answer)
        session.events.register("after-call.*.*", self._note)

    @staticmethod
    def _remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["drill_parameters"] = dict(params)

    def _record(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if not self._steps:
            raise DrillError(f"{model.name}: a runbook's client was used outside its steps")
        record, _strike = self._steps[-1]
        context["drill_parameters"] = dict(params)
        context["drill_call"] = record(model.service_model.service_name, model.name, dict(params))

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """The answer in place of the emulator's, none to let it answer."""
        service, operation = model.service_model.service_name, model.name
        self.region, self.by_runbook = context["client_region"], "drill_call" in context
        try:
            if "drill_call" in context:
                self._let_others_act(model, after=False)
                self._fail_if_wanted(service, operation, context)
            if (service, operation) in fakes.FAKES:
                output = fakes.answer(self._account, service, operation, context["drill_parameters"])
                return _Response(200), {**output, "ResponseMetadata": {"HTTPStatusCode": 200}}
        except ApiError as error:
            return _failed({"Code": error.code, "Message": error.message})
        except ClientError as error:  # of the emulator, asked by a fake
            return _failed(error.response["Error"])
        return None

    def _fail_if_wanted(self, service: str, operation: str, context: dict[str, Any]) -> None:
        _record, strike = self._steps[-1]
        fault = strike(service, operation)
        if fault is None:
            return
        if fault.after:
            context["drill_lost"] = fault
        elif fault.code == "Timeout":
            _lose_answer(context["drill_call"], fault)
        else:
            raise ApiError(fault.code, fault.message)

    def _note(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if "drill_call" not in context:
            return
        if parsed.get("Error"):
            context["drill_call"].error = parsed["Error"].get("Code", "")
        self._let_others_act(model, after=True)
        if "drill_lost" in context:
            _lose_answer(context["drill_call"], context["drill_lost"])


def _lose_answer(call: Call, fault: Fault) -> None:
    call.error = "Timeout"
    raise ReadTimeoutError(endpoint_url=f"https://{call.service}", error=fault.message)


def _failed(error: dict[str, Any]) -> tuple["_Response", dict[str, Any]]:
    return _Response(400), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}


class _Response:
    """As much of an HTTP response as botocore asks of one."""

    def __init__(self, status_code: int):
        self.status_code = status_code
        self.headers: dict[str, str] = {}
