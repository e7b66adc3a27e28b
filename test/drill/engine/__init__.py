"""What a scenario needs. See README.md."""

import gc

# A collection looks through all that botocore and moto know, which is half of
# what loading them takes, and makes each fork copy it.
gc.disable()

from .account import Account
from .execution import APPROVE, REJECT, TIMEOUT, Approval, Call, Execution, Fault
from .harness import drill
from .mutation import REMOVED, Mutation
from .names import environment_name

__all__ = [
    "APPROVE", "Account", "Approval", "Call", "Execution", "Fault", "Mutation", "REJECT", "REMOVED", "TIMEOUT", "drill",
    "environment_name",
]
