"""Runs the Python of an aws:executeScript step, in this process: with the
drill's clients, in virtual time, and without anything else of the machine."""

import builtins
import contextlib
import datetime
import functools
import importlib
import io
import json
import time
import types
from collections.abc import Callable
from typing import Any

from ..clock import Clock
from ..errors import StepFailed

RUNTIME = "python3.11"

#: What a script may import: what the runtime is documented to have, as far as
#: it cannot reach the machine or the network.
ALLOWED_IMPORTS = frozenset({
    "base64", "boto3", "botocore.exceptions", "collections", "csv", "datetime", "decimal", "hashlib",
    "io", "ipaddress", "itertools", "json", "math", "re", "string", "time", "urllib.parse",
})

#: SSM's own limits.
LONGEST_SECONDS = 600
LARGEST_PAYLOAD = 100 * 1024


class _Context(dict):
    """The second argument. Nothing of it is documented well enough to use."""

    def __missing__(self, key: str) -> Any:
        raise StepFailed(f"context[{key!r}] is nothing that the drills know")


def run(inputs: dict[str, Any], client: Callable[[str], Any], clock: Clock) -> Any:
    """Calls the handler and gives what it returned, as JSON would give it."""
    payload = _as_json(inputs.get("InputPayload", {}), "InputPayload")
    names = {"__name__": "ssm_script", "__builtins__": {**vars(builtins), "__import__": _importer(client, clock)}}
    began = clock.now
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compiled(inputs["Script"], inputs["Handler"]), names)
        try:
            returned = names[inputs["Handler"]](payload, _Context())
        finally:  # what raises too late was ended before
            if clock.now - began > LONGEST_SECONDS:
                raise StepFailed(f"the script ran for {clock.now - began:.0f} s, SSM ends it after {LONGEST_SECONDS}")
    return _as_json(returned, "what the script returned")


@functools.cache
def compiled(script: str, handler: str) -> types.CodeType:
    """The script as Python runs it, under the name of its handler."""
    return compile(script, f"<{handler}>", "exec")


def _as_json(value: Any, what: str) -> Any:
    try:
        text = json.dumps(value)
    except TypeError as error:
        raise StepFailed(f"{what} is no JSON: {error}") from None
    if len(text) > LARGEST_PAYLOAD:
        raise StepFailed(f"{what} has {len(text)} bytes, SSM takes {LARGEST_PAYLOAD}")
    return json.loads(text)


def _importer(client: Callable[[str], Any], clock: Clock) -> Callable[..., Any]:
    """An import statement that knows ALLOWED_IMPORTS alone."""
    replaced = {"boto3": _boto3(client), "time": _time(clock), "datetime": _datetime(clock)}

    def load(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        # What an allowed module imports itself is its own business.
        ours = globals is not None and globals.get("__name__") == "ssm_script"
        if not ours:
            return builtins.__import__(name, globals, locals, fromlist, level)
        if name not in ALLOWED_IMPORTS:
            raise ImportError(f"a runbook's script may not import {name}")
        if name in replaced:
            return replaced[name]
        importlib.import_module(name)
        return builtins.__import__(name, globals, locals, fromlist, level)

    return load


def _boto3(client: Callable[[str], Any]) -> types.ModuleType:
    return _module("boto3", client=client)


def _time(clock: Clock) -> types.ModuleType:
    return _module(
        "time", sleep=clock.sleep, monotonic=lambda: clock.now, time=lambda: clock.datetime().timestamp(),
        strftime=time.strftime, gmtime=lambda: time.gmtime(clock.datetime().timestamp()))


def _datetime(clock: Clock) -> types.ModuleType:
    class VirtualDatetime(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime.datetime:
            return clock.datetime().astimezone(tz) if tz else clock.datetime().replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> datetime.datetime:
            return clock.datetime().replace(tzinfo=None)

    public = {name: value for name, value in vars(datetime).items() if not name.startswith("__")}
    return _module("datetime", **public | {"datetime": VirtualDatetime})


def _module(name: str, **members: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(members)
    return module
