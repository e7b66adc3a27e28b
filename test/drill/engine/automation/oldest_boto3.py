"""The oldest boto3 that the script of a runbook may meet.

AWS documents no version of it for aws:executeScript, and declined to
(awsdocs/aws-systems-manager-user-guide#211); that of aws:executeAwsApi is
"regularly updated". boto3 1.27.1, of 5 July 2023, is what the image of Lambda's
python3.11 had in October and November 2023, the oldest that any runtime of
that name is known to have had (boto/botocore#3082). oldest_boto3.json has what its
botocore knows of the operations that scripts use; oldest_boto3.py beside this
directory writes it."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import ParamValidationError

TABLE_FILE = Path(__file__).with_name("oldest_boto3.json")

#: What the names below a value are: none of a plain one, those of a structure,
#: those of a list's elements, and under "*" those of a map's values.
Names = dict[str, Any] | None

_TABLE: dict[str, Any] = json.loads(TABLE_FILE.read_text())
VERSION: str = _TABLE["botocore"]


def is_listed(service: str, method: str) -> bool:
    """Reports whether oldest_boto3.json says anything of the operation, by the name that
    boto3 gives it."""
    return method in _operations(service)


def operation(service: str, method: str) -> dict[str, Any] | None:
    """What that botocore knows of an operation: its input, its output and
    whether it is paged; none if it has no such."""
    return _operations(service).get(method)


@cache
def _operations(service: str) -> dict[str, Any]:
    listed = _TABLE["services"].get(service, {}).get("operations", {})
    return {xform_name(name): known for name, known in listed.items()}


def has_error(service: str, name: str) -> bool:
    """Reports whether a client has the error as one of its exceptions."""
    return name in (*_TABLE["services"].get(service, {}).get("errors", ()), "ClientError")


def unknown(names: Names, value: Any, path: str = "") -> Iterator[str]:
    """The names in a value that are none of the names."""
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from unknown(names, each, path)
    elif isinstance(value, dict) and names is not None:
        for key, below in value.items():
            if key in names or "*" in names:
                yield from unknown(names.get(key, names.get("*")), below, f"{path}{key}.")
            else:
                yield f"{path}{key}"


def pruned(names: Names, value: Any) -> Any:
    """The value without what an old botocore would not read of a response."""
    if isinstance(value, list):
        return [pruned(names, each) for each in value]
    if not isinstance(value, dict) or names is None:
        return value
    return {key: pruned(names.get(key, names.get("*")), below) for key, below in value.items() if key in names or "*" in names}


class Client:
    """A client as that boto3 would make it."""

    def __init__(self, client: Any, service: str):
        self._client, self._service = client, service
        self.exceptions = _Exceptions(client.exceptions, service)

    def __getattr__(self, method: str) -> Any:
        call, known = getattr(self._client, method), operation(self._service, method)
        if not is_listed(self._service, method):
            return call  # make drill-checks refuses it
        if known is None:
            raise AttributeError(f"botocore {VERSION} has no {self._service}.{method}")
        return lambda **parameters: pruned(known["output"], call(**_checked(known, parameters)))

    def get_paginator(self, method: str) -> "_Paginator":
        known = operation(self._service, method)
        if not is_listed(self._service, method):
            return self._client.get_paginator(method)
        if known is None or not known["paged"]:
            raise KeyError(method)
        return _Paginator(self._client.get_paginator(method), known)


class _Paginator:
    def __init__(self, paginator: Any, known: dict[str, Any]):
        self._paginator, self._known = paginator, known

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        for page in self._paginator.paginate(**_checked(self._known, parameters)):
            yield pruned(self._known["output"], page)


class _Exceptions:
    def __init__(self, exceptions: Any, service: str):
        self._exceptions, self._service = exceptions, service

    def __getattr__(self, name: str) -> Any:
        if not has_error(self._service, name):
            raise AttributeError(f"botocore {VERSION} has no error {name} of {self._service}")
        return getattr(self._exceptions, name)


def _checked(known: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    if names := sorted(unknown(known["input"], parameters)):
        raise ParamValidationError(report=f"Unknown parameter in input: {', '.join(names)}")
    return parameters
