"""The names that scenarios import. See README.md."""

import gc
import signal

# A collection looks through all that botocore and moto know, which is half of
# what loading them takes, and makes each fork copy it.
gc.disable()

# Until programs.main takes over, an interrupt ends the process without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from .account.account import Account
from .automation.execution import APPROVE, REJECT, TIMEOUT, Approval, Call, Execution, Fault
from .harness.names import environment_name
from .harness.runner import drill

__all__ = [
    "APPROVE", "Account", "Approval", "Call", "Execution", "Fault", "REJECT", "TIMEOUT", "drill",
    "environment_name",
]
