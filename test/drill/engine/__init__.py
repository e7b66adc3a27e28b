"""What a scenario needs. See README.md."""

from .account import Account
from .execution import APPROVE, REJECT, TIMEOUT, Approval, Call, Execution, Fault
from .harness import drill
from .mutation import REMOVED, Mutation

__all__ = [
    "APPROVE", "Account", "Approval", "Call", "Execution", "Fault", "Mutation", "REJECT", "REMOVED", "TIMEOUT", "drill",
]
