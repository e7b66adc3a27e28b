"""Repeats a call while AWS is busy."""

import time

from botocore.exceptions import ClientError

# A script has ten minutes.
SECONDS = 540
PAUSE = 15


def until_accepted(busy, call):
    """Returns the answer of the call, which is repeated for nine minutes while AWS answers with the error code."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return call()
        except ClientError as error:
            if error.response["Error"]["Code"] != busy or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)
