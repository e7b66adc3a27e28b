"""Drills of review-access."""

from engine import APPROVE, REJECT, TIMEOUT, Account, Fault, drill
from helpers import evidence

DAY = 24 * 3600


def _findings(account: Account) -> dict:
    return evidence(account, account.run("review-access", approve=APPROVE), "report.json")["findings"]


def _user(account: Account, name: str, password: bool = False, mfa: bool = False, key: bool = False) -> None:
    iam = account.client("iam")
    iam.create_user(UserName=name)
    if password:
        iam.create_login_profile(UserName=name, Password="a-Long-enough-1")
    if mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    if key:
        iam.create_access_key(UserName=name)


@drill("review-access", "finds who has no second factor")
def finds_users_without_mfa(account: Account) -> None:
    _user(account, "anna", password=True, mfa=True)
    _user(account, "bert", password=True)
    _user(account, "robot", key=True)
    findings = _findings(account)
    assert findings["without second factor"] == ["bert"], findings
    assert findings["root"] == ["no second factor"], findings


@drill("review-access", "finds keys and passwords that are old or unused")
def finds_what_is_old(account: Account) -> None:
    _user(account, "bert", password=True, key=True)
    assert _findings(account)["old keys"] == []
    account.clock.sleep(89 * DAY)
    assert _findings(account)["old keys"] == []
    account.clock.sleep(2 * DAY)
    findings = _findings(account)
    assert findings["old keys"] == ["bert key 1"], findings
    assert findings["unused"] == ["bert key 1", "bert password"], findings


@drill("review-access", "finds what root should not have, and nothing where it has none")
def finds_root(account: Account) -> None:
    for mfa, keys, found in ((1, 0, []), (0, 0, ["no second factor"]), (1, 1, ["access keys"]),
        (0, 1, ["no second factor", "access keys"])):
        account.account_summary = {"AccountMFAEnabled": mfa, "AccountAccessKeysPresent": keys}
        assert _findings(account)["root"] == found, (mfa, keys)


@drill("review-access", "finds nobody who has a second factor, and keys that are not in use")
def finds_unused_keys(account: Account) -> None:
    _user(account, "anna", password=True, mfa=True, key=True)
    account.client("iam").update_access_key(
        UserName="anna", AccessKeyId=account.client("iam").list_access_keys(UserName="anna")["AccessKeyMetadata"][0]["AccessKeyId"],
            Status="Inactive")
    account.client("iam").create_access_key(UserName="anna")
    account.clock.sleep(91 * DAY)
    findings = _findings(account)
    assert findings["old keys"] == ["anna key 2"] and findings["without second factor"] == [], findings
    assert findings["unused"] == ["anna key 2", "anna password"], findings


def _analyzer_findings(account: Account) -> None:
    """One of each kind and status."""
    now = account.clock.datetime()
    account.access_findings = [{
        "id": f"{kind}{status}", "analyzedAt": now, "createdAt": now, "updatedAt": now, "resourceType": "AWS::S3::Bucket",
        "resourceOwnerAccount": account.id, "status": status, "findingType": kind, "resource": f"arn:aws:s3:::{status.lower()}",
    } for status in ("ACTIVE", "ARCHIVED", "RESOLVED") for kind in ("ExternalAccess", "UnusedIAMRole")]


@drill("review-access", "reports what Access Analyzer found and nobody settled")
def reports_findings(account: Account) -> None:
    _analyzer_findings(account)
    account.old_boto3 = False
    one = ["ExternalAccess arn:aws:s3:::active", "UnusedIAMRole arn:aws:s3:::active"]
    assert sorted(_findings(account)["access analyzer"]) == one
    account.more_analyzers[f"arn:aws:access-analyzer:{account.region}:{account.id}:analyzer/unused"] = "ACCOUNT_UNUSED_ACCESS"
    assert sorted(_findings(account)["access analyzer"]) == sorted(one * 2), "each analyzer is asked, of whichever type"


@drill("review-access", "says what the boto3 of scripts is too old to read")
def old_boto3(account: Account) -> None:
    _analyzer_findings(account)
    arn = f"arn:aws:access-analyzer:{account.region}:{account.id}:analyzer/unused"
    account.more_analyzers[arn] = "ACCOUNT_UNUSED_ACCESS"
    found = _findings(account)["access analyzer"]
    assert sorted(found) == ["ExternalAccess arn:aws:s3:::active", f"not read, look in IAM: {arn}"], found
    account.more_analyzers[arn.replace("unused", "last")] = "ACCOUNT"
    assert len(_findings(account)["access analyzer"]) == 3, "the one after it is read"


@drill("review-access", "asks for an attestation, records it and changes nothing")
def attested(account: Account) -> None:
    _user(account, "bert", password=True)
    before = account.snapshot()
    run = account.run("review-access", approve=APPROVE).succeeded()
    [asked] = run.approvals
    assert "without second factor: 1" in asked.message and "report.json" in asked.message, asked
    result = evidence(account, run, "result.json")
    assert result["result"] == "attested" and result["decisions"] and result["execution"] == run.id, result
    assert result["time"].startswith(account.clock.datetime().date().isoformat()), result
    account.unchanged(before, but=["objects/"])


@drill("review-access", "a review that is rejected, or that nobody answers, is recorded as not attested")
def not_attested(account: Account) -> None:
    for answer in (REJECT, TIMEOUT):
        run = account.run("review-access", approve=answer).failed("Approve")
        assert evidence(account, run, "result.json")["result"] == "not attested"


@drill("review-access", "without a report it fails, and nobody is asked")
def report_fails(account: Account) -> None:
    missing = Fault("iam", "GetCredentialReport", "ReportNotPresent")
    assert not account.run("review-access", approve=APPROVE, faults=missing, changes=[]).failed("SaveReport").approvals
