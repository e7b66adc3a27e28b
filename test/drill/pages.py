"""Answers of an emulator that has little come on one page each. These come in
pages of one item, as those of an account that has much."""

from typing import Any

from botocore import xform_name

from engine import Account


def paged(account: Account, service: str, operation: str) -> None:
    """From now on a runbook gets one item of the operation's answer at a time."""
    client = account.recorded.client(service)
    paginator = client.get_paginator(xform_name(operation))
    given, taken = paginator._input_token[0], paginator._output_token[0].expression
    items, more = paginator.result_keys[0].expression, paginator._more_results

    def ask(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["drill_page"] = int(params.pop(given, 0))

    def answer(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        all_items, number = parsed.get(items, []), context["drill_page"]
        parsed[items] = all_items[number:number + 1]
        if number + 1 < len(all_items):
            parsed[taken] = str(number + 1)
        if more:
            parsed[more.expression] = number + 1 < len(all_items)

    client.meta.events.register_first(f"before-parameter-build.{service}.{operation}", ask)
    client.meta.events.register_last(f"after-call.{service}.{operation}", answer)
