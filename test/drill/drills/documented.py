"""Runs docs/incident-response.md: every command of it, in its order."""

import re
import shlex
from pathlib import Path
from typing import Any

import jmespath
from botocore import xform_name
from botocore.validate import ParamValidator

from engine import APPROVE, Account, drill, environment_name
from engine.automation import model
from engine.automation.model import Shape

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "incident-response.md"

#: The environment that the document is about, by the name that the project was
#: given first. The document may keep it.
DOCUMENTED = "catalog-api-prod"


def commands(text: str) -> dict[str, list[list[str]]]:
    """The commands of the sh blocks, in words, by section."""
    sections: dict[str, list[list[str]]] = {}
    for section in re.split(r"(?m)^## ", text):
        title = section.partition("\n")[0]
        for block in re.findall(r"(?s)```sh\n(.*?)```", section):
            sections.setdefault(title, []).extend(shlex.split(line) for line in block.splitlines())
    return sections


def _listed(value: str) -> dict[str, list[str]]:
    """A map of lists in the CLI's shorthand: a=1,b=2,3."""
    lists: dict[str, list[str]] = {}
    for part in value.split(","):
        key, equals, first = part.partition("=")
        if equals:
            lists[name := key] = [first]
        else:
            lists[name].append(part)
    return lists


def _value(shape: Shape, words: list[str]) -> Any:
    """Returns the words after an option as the operation's parameter."""
    if shape.type_name == "list" and shape.member.type_name == "structure":
        return [{key: found if key == "Values" else found[0] for key, found in _listed(word).items()} for word in words]
    if shape.type_name == "map" and shape.value.type_name == "list":
        return _listed(words[0])
    assert shape.type_name == "string" and len(words) == 1, f"{shape.name} {words}"
    return words[0]


def options_of(words: list[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            options[name := word.removeprefix("--")] = []
        else:
            options[name].append(word)
    return options


def operation_of(service: str, word: str) -> tuple[str, str, dict[str, str]]:
    """Returns boto3's service and operation of a command, and the parameters of its options."""
    service = {"s3api": "s3"}.get(service, service)
    wanted = next((name for name in model.operations(service) if xform_name(name, "-") == word), None)
    assert wanted, f"{service} has no operation {word}"
    shape = model.operation(service, wanted).input_shape
    return service, wanted, {xform_name(name, "-"): name for name in shape.members} if shape else {}


class Operator:
    """Types the commands of the document, with real ids for the words in
    capitals."""

    def __init__(self, account: Account):
        self._account = account
        #: The first command looks at what is started next.
        self._last = account.pretend_running("open-incident")
        self._last.status = "Success"

    def type(self, command: list[str]) -> None:
        program, service, operation, *rest = command
        assert program == "aws", command
        service, wanted, members = operation_of(service, operation)
        options = options_of([self._real(word) for word in rest])
        options.pop("output", None)
        for expression in options.pop("query", []):
            jmespath.compile(expression)
        self._perform(service, wanted, self._parameters(service, wanted, members, options))

    def _real(self, word: str) -> str:
        if word == "ID":
            return self._last.id
        if word == "EVIDENCE":
            return self._account.one("AWS::S3::Bucket", "Evidence").ref
        if "DIGEST" in word:
            image = self._account.image(self._account.one("AWS::ECR::Repository").ref, {"imageTag": "v3"})
            return word.replace("DIGEST", image["imageDigest"])
        return word

    @staticmethod
    def _parameters(service: str, operation: str, members: dict[str, str], options: dict[str, list[str]]) -> dict[str, Any]:
        shape = model.operation(service, operation).input_shape
        assert shape, f"{operation} takes no parameters"
        unknown = options.keys() - members.keys()
        assert not unknown, f"{operation} has no {unknown}"
        parameters = {members[name]: _value(shape.members[members[name]], words) for name, words in options.items()}
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), f"{operation}: {report.generate_report()}"
        return parameters

    def _perform(self, service: str, operation: str, parameters: dict[str, Any]) -> None:
        if operation == "StartAutomationExecution":
            # Operator may start no other, and without it AWS may check another.
            assert parameters.get("DocumentVersion") == "$DEFAULT", parameters
            self._start(parameters["DocumentName"], parameters.get("Parameters", {}))
        elif operation == "SendAutomationSignal":
            # The signal was given while the runbook ran.
            assert self._last.approvals, f"{self._last.runbook} asked nobody"
            assert parameters["SignalType"] == "Approve"
        elif operation == "DescribeStacks":
            # The emulator has no stacks; test/app_resources_test.go looks for the output.
            assert parameters["StackName"] in {stack.name for stack in self._account.stacks}, parameters
        else:
            getattr(self._account.client(service), xform_name(operation))(**parameters)

    def _start(self, name: str, given: dict[str, list[str]]) -> None:
        assert name == self._account.full_name(name), name
        types = {key: declared["type"] for key, declared in self._account.document(name).get("parameters", {}).items()}
        parameters = {key: value if types.get(key) == "StringList" else value[0] for key, value in given.items()}
        assert all(len(value) == 1 for key, value in given.items() if types.get(key) != "StringList"), given
        self._last = self._account.run(name, parameters, approve=APPROVE).succeeded()


def _follow(account: Account, *titles: str) -> None:
    operator, sections = Operator(account), commands(DOCUMENT.read_text().replace(DOCUMENTED, environment_name()))
    for title in titles:
        assert sections[title], title
        for command in sections[title]:
            operator.type(command)


#: The chapters of one incident, and those that stand alone.
INCIDENT = ("What you need", "0 to 15 minutes", "15 minutes to 2 hours", "2 to 8 hours")
IMAGE, RECOVERY = "An image with a critical vulnerability", "Disaster recovery"

#: What an incident leaves behind: evidence, a new password with its tasks, an
#: address that stays blocked.
LEFT = ("objects/", "snapshots/", "images/", "ops items", "secrets/", "tasks/", "services/", "addresses/")


@drill("open-incident", "the document of incident response is followed to its end, and all is given back")
def incident(account: Account) -> None:
    _open_a_door(account)
    before = account.snapshot()
    _follow(account, *INCIDENT)
    account.unchanged(before, but=LEFT)


def _open_a_door(account: Account) -> None:
    """A rule that no template defines: the document undoes its tightening."""
    door = {"IpProtocol": "tcp", "FromPort": 4444, "ToPort": 4444, "IpRanges": [{"CidrIp": "203.0.113.9/32", "Description": "Door"}]}
    group = account.one("AWS::EC2::SecurityGroup", "Database").attributes["GroupId"]
    account.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[door])


@drill("quarantine-image", "the document of incident response is followed")
def image(account: Account) -> None:
    _follow(account, IMAGE)


@drill("restore-database", "the document of incident response is followed, to the new cluster and back")
def recovery(account: Account) -> None:
    _follow(account, RECOVERY)
