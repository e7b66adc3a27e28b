"""Drills of mark-finding-notified."""

from engine import Account, Execution, Fault, drill

FINDING = "arn:aws:securityhub:eu-north-1:111122223333:security-control/EC2.19/finding/0a1b2c3d-0000-4000-8000-000000000000"
PRODUCT = "arn:aws:securityhub:eu-north-1::product/aws/securityhub"


def _told(account: Account, faults: tuple[Fault, ...] = ()) -> Execution:
    return account.run("mark-finding-notified", {"FindingId": FINDING, "ProductArn": PRODUCT}, faults=faults)


@drill("mark-finding-notified", "marks the one finding, and nothing else", changes=["hub findings/"])
def marks(account: Account) -> None:
    account.hub_findings = {FINDING: "NEW", "another": "NEW"}
    run = _told(account).succeeded()
    # By these an operator finds the run.
    assert set(run.tags) == {"environment", "project"}, run.tags
    assert account.hub_findings == {FINDING: "NOTIFIED", "another": "NEW"}
    assert not account.messages()


@drill("mark-finding-notified", "what Security Hub refuses is no failed run, which would be a page")
def refused(account: Account) -> None:
    account.hub_findings = {FINDING: "NEW"}
    _told(account, faults=(Fault("securityhub", "BatchUpdateFindings", "AccessDeniedException"),)).succeeded()
    assert account.hub_findings == {FINDING: "NEW"}
