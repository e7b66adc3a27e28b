"""Errors of the runbook, of the account, and of the drills themselves."""


class DrillError(BaseException):
    """The drills themselves cannot go on: they do not know an action, the
    emulator lacks an operation, a scenario did not say who approves.

    It is no Exception, so that neither a script's except clause nor onFailure
    can take it for a failure of the runbook."""


class ScenarioFailed(BaseException):
    """An assertion of the scenario failed while a runbook was running. It is
    no Exception either, so that no step is blamed for it."""


class StepFailed(Exception):
    """A step of the runbook failed, as it would in SSM."""


class StepTimedOut(StepFailed):
    """A step took longer than its timeoutSeconds."""


class Refused(Exception):
    """SSM would not have started the runbook with these parameters."""


class ApiError(Exception):
    """An error that a fake answers with, or that a scenario injects."""

    def __init__(self, code: str, message: str = "injected by the drill"):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message
