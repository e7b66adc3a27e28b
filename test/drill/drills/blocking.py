"""Drills of blocking addresses in the web ACL."""

from engine import APPROVE, REJECT, Account, Fault, drill, environment_name
from helpers import INCIDENT, OTHER, REAL, dry_run, saved, told

ADD = REAL | {"Addresses": ["203.0.113.9", "198.51.100.0/24", "2001:db8::/32"]}
REMOVE = ADD | {"Action": "remove"}
IPV4, IPV6 = (f"addresses/{environment_name()}-blocked-ipv{version}" for version in (4, 6))


def _set(account: Account, version: str) -> dict[str, str]:
    name, identifier, scope = account.one("AWS::WAFv2::IPSet", "Blocked" + version).ref.split("|")
    return {"Name": name, "Id": identifier, "Scope": scope}


def _blocked(account: Account) -> list[str]:
    sets = (account.client("wafv2").get_ip_set(**_set(account, version)) for version in ("IPv4", "IPv6"))
    return sorted(address for each in sets for address in each["IPSet"]["Addresses"])


def _fill(account: Account, version: str, addresses: list[str]) -> None:
    wafv2, reference = account.client("wafv2"), _set(account, version)
    wafv2.update_ip_set(**reference, Addresses=addresses, LockToken=wafv2.get_ip_set(**reference)["LockToken"])


@drill("block-addresses", "a dry run changes nothing, and names the addresses")
def names_addresses(account: Account) -> None:
    for parameters in ({**ADD, "DryRun": "true"}, {"IncidentId": INCIDENT, "Addresses": ADD["Addresses"]}):
        message = dry_run(account, "block-addresses", parameters)
        assert "blocks 198.51.100.0/24, 2001:db8::/32, 203.0.113.9/32" in message, message


@drill("block-addresses", "twice, then taken off, gives back exactly what was there")
def twice(account: Account) -> None:
    _fill(account, "IPv4", ["192.0.2.0/24"])
    _fill(account, "IPv6", ["2001:db9::/32"])
    before = account.snapshot()
    account.run("block-addresses", ADD).succeeded()
    assert _blocked(account) == ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32", "2001:db9::/32", "203.0.113.9/32"]
    account.unchanged(before, but=["objects/", IPV4, IPV6])
    message = told(account)["message"]
    assert INCIDENT in message and "203.0.113.9/32" in message, message
    state = saved(account, "block-addresses")
    assert state["addresses"] == ["192.0.2.0/24", "2001:db9::/32"]
    account.run("block-addresses", ADD).succeeded()
    assert saved(account, "block-addresses") == state
    account.run("block-addresses", REMOVE, approve=APPROVE).succeeded()
    account.unchanged(before, but=["objects/"])


@drill("block-addresses", "keeps blocked what was blocked before the incident")
def blocked_before(account: Account) -> None:
    _fill(account, "IPv4", ["203.0.113.9/32"])
    account.run("block-addresses", ADD).succeeded()
    blocked = _blocked(account)
    account.run("block-addresses", REMOVE, approve=APPROVE).failed("Plan", because="203.0.113.9/32 was blocked before " + INCIDENT)
    assert _blocked(account) == blocked
    # Under another incident, which blocked nothing, somebody may decide so.
    taken_off = REMOVE | OTHER | {"Addresses": ["203.0.113.9"]}
    account.run("block-addresses", taken_off, approve=REJECT).failed("Approve")
    account.run("block-addresses", taken_off, approve=APPROVE).succeeded()
    assert _blocked(account) == [address for address in blocked if address != "203.0.113.9/32"]


@drill("block-addresses", "names every address that cannot be blocked, and blocks none")
def refused(account: Account) -> None:
    for addresses, because in (
        (["203.0.113.9", "999.1.1.1"], "999.1.1.1: "),
        (["999.1.1.1", "10.1.2.3"], "; 10.1.2.3: not an address of the internet"),
        (["203.0.113.9/24"], "203.0.113.9/24: "),
        (["203.0.113.9/33"], "203.0.113.9/33: "),
        (["96.0.0.0/3", "2000::/15"], "96.0.0.0/3: wider than /8, which is nearly everybody; 2000::/15: wider than /16"),
        (["10.1.2.3", "192.168.0.0/16", "fc00::/16"],
            "10.1.2.3: not an address of the internet; 192.168.0.0/16: not an address of the internet; fc00::/16: no"),
        (["127.0.0.1", "169.254.169.254", "::ffff:cb00:7109"], "::ffff:cb00:7109: not an address of the internet"),
    ):
        account.run("block-addresses", ADD | {"Addresses": addresses}, changes=[]).failed("Plan", because=because)


@drill("block-addresses", "takes off nothing if one of the addresses is not blocked")
def not_blocked(account: Account) -> None:
    account.run("block-addresses", ADD).succeeded()
    account.run("block-addresses", REMOVE | {"Addresses": ["203.0.113.9", "203.0.113.10"]}, approve=APPROVE, changes=[]).failed(
        "Plan", because="203.0.113.10/32 is not blocked")


@drill("block-addresses", "blocks no more than WAF takes")
def too_many(account: Account) -> None:
    _fill(account, "IPv4", [f"11.{i // 256}.{i % 256}.0/24" for i in range(9999)])
    account.run("block-addresses", ADD, changes=[]).failed("Plan", because="10001 IPv4 addresses would be blocked, WAF takes 10000")
    account.run("block-addresses", ADD | {"Addresses": ["203.0.113.9"]}).succeeded()
    _fill(account, "IPv6", [f"2600:{i:x}::/32" for i in range(9999)])
    sixth = ADD | {"Addresses": ["2001:db8::/32", "2001:db9::/32"]}
    account.run("block-addresses", sixth).failed("Plan", because="10001 IPv6 addresses would be blocked, WAF takes 10000")


@drill("block-addresses", "says of the addresses only what changes, and asks before it takes one off")
def says_what_changes(account: Account) -> None:
    one, two = (ADD | {"Addresses": addresses} for addresses in (["203.0.113.9"], ["203.0.113.9", "192.0.2.7"]))
    for given, change in ((one, "blocks 203.0.113.9/32"), (two, "blocks 192.0.2.7/32"), (two, "blocks nothing new"),
                          (two | {"Action": "remove"}, "no longer blocks 192.0.2.7/32, 203.0.113.9/32")):
        run = account.run("block-addresses", given, approve=APPROVE).succeeded()
        assert run.step("Plan").outputs["Text"] == f"{INCIDENT}: the web ACL {change}.", run.step("Plan").outputs
        assert len(run.approvals) == (1 if "Action" in given else 0), run.approvals


@drill("block-addresses", "saves every address of before, in order, and takes off none of them")
def saves_all(account: Account) -> None:
    _fill(account, "IPv4", ["203.0.113.9/32", "192.0.2.0/24"])
    account.run("block-addresses", ADD).succeeded()
    assert saved(account, "block-addresses")["addresses"] == ["192.0.2.0/24", "203.0.113.9/32"]
    for address in ("192.0.2.0/24", "203.0.113.9/32"):
        off = REMOVE | {"Addresses": [address]}
        account.run("block-addresses", off, approve=APPROVE).failed("Plan", because=f"{address} was blocked before {INCIDENT}")


@drill("block-addresses", "the lists keep their descriptions")
def keeps_descriptions(account: Account) -> None:
    wafv2 = account.client("wafv2")
    want = {wafv2.get_ip_set(**_set(account, version))["IPSet"]["Description"] for version in ("IPv4", "IPv6")}
    written = {call.parameters.get("Description") for call in account.run("block-addresses", ADD).succeeded().called(
        "wafv2", "UpdateIPSet")}
    assert written == want, written


@drill("block-addresses", "loses nothing of what somebody else blocks at the same time")
def optimistic_lock(account: Account) -> None:
    lost = Fault("wafv2", "UpdateIPSet", "WAFOptimisticLockException")
    update = account.run("block-addresses", ADD, faults=lost).succeeded().step("UpdateList")
    assert len(_blocked(account)) == 3
    assert update.ended - update.started >= 1, "somebody else is at work on it"
    always = Fault("wafv2", "UpdateIPSet", "WAFOptimisticLockException", times=5)
    account.run("block-addresses", ADD | {"Addresses": ["203.0.113.77"]}, faults=always).failed(
        "UpdateList", because="came first, five times")


@drill("block-addresses", "reads the list anew after somebody else wrote it")
def reads_anew(account: Account) -> None:
    theirs = ["192.0.2.0/24"]

    def write_first() -> None:
        if theirs:
            _fill(account, "IPv4", [theirs.pop()])

    account.meanwhile("wafv2", "UpdateIPSet", write_first)
    account.run("block-addresses", ADD).succeeded()
    assert _blocked(account) == ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32", "203.0.113.9/32"]


@drill("block-addresses", "without its list it changes nothing")
def missing(account: Account) -> None:
    account.run("block-addresses", ADD, faults=Fault("wafv2", "GetIPSet", "WAFNonexistentItemException"), changes=[]).failed("Plan")
