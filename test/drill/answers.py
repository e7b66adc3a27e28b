"""What AWS may answer and the emulator does not."""

from collections.abc import Callable
from typing import Any

from engine import Account


def answers(account: Account, service: str, operation: str, change: Callable[[dict[str, Any]], object]) -> None:
    """From now on the answers to runbooks are changed so."""
    account.recorded.client(service).meta.events.register_last(
        f"after-call.{service}.{operation}", lambda parsed, **_: change(parsed) and None)
