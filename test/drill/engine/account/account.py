"""The emulated account of an environment: what scenarios act on and look at."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from ..automation import model, oldest_boto3, run_script
from ..automation.execution import CURRENT_VERSION, FINAL_FAILURES, Execution, Fault
from ..automation.interpreter import Interpreter
from ..clock import Clock
from ..errors import DrillError, Refused, ScenarioFailed
from . import deploy, snapshot
from .calls import Calls
from .databases import Databases
from .deployments import Deployments
from .emulator import Emulator
from .images import Images
from .resolve import ACCOUNT, Physical, Resolver, Stack, is_runbook
from .snapshot import Change, Snapshot

#: What CDK puts after the path of a resource.
_HASH = re.compile(r"[0-9A-F]{8}$")

#: Where a runbook may send the value of a secret.
_MAY_HAVE_SECRETS = ("rds", "secretsmanager")

#: A queue that hears what the topics say.
PROBE = "drill-probe"


class Account:
    """An environment that was just deployed, and has run for a while. Unless it
    is served, runbooks too call moto without the server."""

    id = ACCOUNT

    def __init__(self, stacks: list[Stack], served: bool = True):
        self.stacks = stacks
        self.region = stacks[0].region
        self.clock = Clock()
        self.databases = Databases(self)
        self.deployments = Deployments(self)
        self.executions: list[Execution] = []
        #: What becomes of a rotation, and of an export of logs: "succeed" or "fail".
        self.rotation = self.export = "succeed"
        #: What becomes of the task of the application's user: "succeed", "fail", "hang" or "refuse".
        self.user_task = "succeed"
        #: What each such task was given: the address and the user's credentials.
        self.user_tasks: list[dict[str, str]] = []
        #: Virtual seconds that a rotation takes.
        self.rotation_seconds = 45
        #: Whether scripts have the oldest boto3 that they may meet, or the newest.
        self.old_boto3 = True
        self.ops_items: list[dict[str, Any]] = []
        #: CloudTrail's, by region.
        self.trail_events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        #: What IAM's summary of the account says otherwise than moto.
        self.account_summary: dict[str, int] = {}
        #: When CloudTrail was asked, by region.
        self.lookups: dict[str, list[float]] = defaultdict(list)
        self.access_findings: list[dict[str, Any]] = []
        #: Analyzers that somebody else made: their types, by their ARNs.
        self.more_analyzers: dict[str, str] = {}
        #: The workflow status of Security Hub's findings, by id.
        self.hub_findings: dict[str, str] = {}
        self.images = Images(self)
        self.calls = Calls(self)
        self.meanwhile = self.calls.meanwhile
        #: What was found by a look, at which age.
        self._remembered: dict[str, tuple[Any, Any]] = {}
        self._made: dict[tuple[str, str], Physical] = {}
        self.resolver = Resolver(stacks, self._resource)
        self._open(served)
        self._deploy()
        self.documents = self._read_documents()

    # The emulator.

    def _open(self, served: bool) -> None:
        self._emulator = Emulator(served)
        #: For deployers and fakes: neither recorded nor faked.
        self.bare = self._emulator.direct_session(self.region)
        #: For the steps of runbooks.
        self.recorded = self._emulator.session(self.region)
        self.calls.listen(self.recorded, recording=True)
        self._looking = self._emulator.direct_session(self.region)
        self.calls.listen(self._looking, recording=False)

    def close(self) -> None:
        """Stops the server. The state stays, for forks to open again."""
        self._rehearse()
        self._emulator.close()

    def _rehearse(self) -> None:
        """Does for every fork what is slow the first time: compiles the scripts,
        makes the clients, asks the server, makes the key of each topic's
        messages, and looks."""
        for document in self.documents.values():
            for step in document["mainSteps"]:
                if step["action"] == "aws:executeScript":
                    run_script.compiled(step["inputs"]["Script"], step["inputs"]["Handler"])
        for service in _services_of(self.documents):
            for session in (self.bare, self.recorded, self._looking):
                session.client(service)
        model.LOADER.list_available_services("paginators-1")
        direct, self._looking = self._looking, self._emulator.session(self.region)
        self.snapshot()
        for topic in self.all("AWS::SNS::Topic"):
            self.client("sns").publish(TopicArn=topic.ref, Message="The account is ready.")
        self._looking = direct
        self.messages()
        self._remembered.clear()
        self.snapshot()

    def reopen(self) -> None:
        """Starts a server over the same state, after a fork."""
        self._emulator.open()

    def script_client(self, service: str, **how: Any) -> Any:
        """A client as the boto3 of scripts makes it."""
        client = self.recorded.client(service, **how)
        return oldest_boto3.Client(client, service) if self.old_boto3 else client

    def client(self, service: str) -> Any:
        """A client for the scenario's own looks and changes."""
        return self._looking.client(service)

    # Resources.

    def _deploy(self) -> None:
        for stack in self.stacks:
            for logical_id, resource in stack.resources.items():
                if not deploy.is_absent(resource["Type"]):
                    self._resource(stack, logical_id)
        self._start_tasks()
        self.databases.begin()
        self.images.begin()
        self._listen()

    def _resource(self, stack: Stack, logical_id: str) -> Physical:
        """The resource, made now if it was not needed before."""
        key = stack.name, logical_id
        if key not in self._made:
            resource = stack.resources[logical_id]
            lazy = resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
            properties = {} if lazy else resource.get("Properties", {})
            if resource["Type"] == "AWS::SSM::Document":
                properties = {"Name": properties["Name"]}
            self._made[key] = deploy.make(deploy.Resource(
                stack, logical_id, resource["Type"], self.resolver.resolve(stack, properties),
                self.bare, self.resolver, self.stacks,
            ))
        return self._made[key]

    def _start_tasks(self) -> None:
        for service in self.all("AWS::ECS::Service"):
            found = self.deployments.service(service.properties["Cluster"], service.attributes["Name"])
            self.deployments.begin(found)

    def _listen(self) -> None:
        queue = self.bare.client("sqs").create_queue(QueueName=PROBE)["QueueUrl"]
        self._probe = queue
        arn = f"arn:aws:sqs:{self.region}:{self.id}:{PROBE}"
        for topic in self.all("AWS::SNS::Topic"):
            self.bare.client("sns").subscribe(TopicArn=topic.ref, Protocol="sqs", Endpoint=arn)

    def all(self, kind: str) -> list[Physical]:
        """The resources of a CloudFormation type."""
        return [physical for physical in self._made.values() if physical.type == kind]

    def one(self, kind: str, containing: str = "") -> Physical:
        """The resource of the type whose logical id is this without its hash,
        or the only one whose logical id has these letters."""
        found = [each for each in self.all(kind) if _HASH.sub("", each.logical_id).lower() == containing.lower()]
        found = found or [each for each in self.all(kind) if containing.lower() in each.logical_id.lower()]
        if len(found) != 1:
            raise DrillError(f"{len(found)} resources are a {kind} with {containing!r} in the logical id: "
                             f"{[physical.logical_id for physical in self.all(kind)]}")
        return found[0]

    def image(self, repository: str, image: dict[str, str]) -> dict[str, Any]:
        """The image by its digest or tag, as ECR describes it."""
        return self.bare.client("ecr").describe_images(repositoryName=repository, imageIds=[image])["imageDetails"][0]

    # Runbooks.

    def _read_documents(self) -> dict[str, dict[str, Any]]:
        """The Automation documents by their short names, resolved."""
        documents, self._full_names, self.sources = {}, {}, {}
        for stack in self.stacks:
            environment = stack.name.rsplit("-", 1)[0] + "-"
            for logical_id, resource in stack.resources.items():
                if is_runbook(resource):
                    properties = resource["Properties"]
                    name = self.resolver.resolve(stack, properties["Name"])
                    short = name.removeprefix(environment)
                    documents[short] = self.resolver.resolve(stack, properties["Content"])
                    self._full_names[short] = name
                    self.sources[short] = (stack, logical_id)
        return documents

    def full_name(self, name: str) -> str:
        """The document's name, with the environment's."""
        return self._full_names[self.short_name(name)]

    def short_name(self, name: str) -> str:
        """The document's name without the environment's."""
        for short, full in self._full_names.items():
            if name in (short, full):
                return short
        raise DrillError(f"no runbook {name!r}, only {', '.join(sorted(self._full_names))}")

    def document(self, name: str) -> dict[str, Any]:
        return self.documents[self.short_name(name)]

    def run(self, name: str, parameters: dict[str, Any] | None = None, *, approve: Any = None,
            faults: Fault | Sequence[Fault] = (), cancel_at: str = "", version: str = CURRENT_VERSION,
            changes: Sequence[str] | None = None) -> Execution:
        """Runs a runbook to its end. approve answers when it asks a person:
        APPROVE, REJECT, TIMEOUT, or a function of the Approval. changes are how
        all that the run may change begins. Default: it may change anything."""
        before = None if changes is None else self.snapshot()
        listed = (faults,) if isinstance(faults, Fault) else tuple(faults)
        interpreter = Interpreter(self, name, parameters or {}, approve=approve, faults=listed, cancel_at=cancel_at, version=version)
        try:
            execution = interpreter.run()
        except ScenarioFailed as failed:
            raise failed.__cause__ or failed
        self._check_secrecy(execution)
        _check_refusal(execution)
        unused = [fault for fault in listed if fault.seen < fault.nth]
        if unused:
            raise DrillError(f"{name} never made the call that should have failed: {unused}\n{execution.history()}")
        if before is not None:
            self.unchanged(before, but=changes or ())
        return execution

    def refuses(self, name: str, parameters: dict[str, Any], because: str) -> None:
        """Checks that SSM would not start the runbook with the parameters."""
        try:
            Interpreter(self, name, parameters)
        except Refused as refused:
            assert because in str(refused), f"{name} was refused: {refused}, want {because!r}"
        else:
            raise AssertionError(f"{name} starts with {parameters}")

    def pretend_running(self, name: str, parameters: dict[str, Any] | None = None) -> Execution:
        """Lists, at once, an execution of the runbook that somebody started and
        that does not end."""
        identifier = f"00000000-0000-4000-8000-{len(self.executions):012d}"
        execution = Execution(identifier, self.short_name(name), self.full_name(name), parameters or {}, self.clock.now, unlisted=0)
        self.executions.append(execution)
        return execution

    # Looking.

    def snapshot(self) -> Snapshot:
        """The account as it is now, to compare with later."""
        return snapshot.take(self)

    def remembered(self, what: str, services: tuple[str, ...], look: Callable[[], Any]) -> Any:
        """What look gives, asked again only after something that may have
        changed what belongs to the services: a call that does more than read, or
        something that was due."""
        age = self.clock.happened, *(self._emulator.writes[service] for service in services)
        if what not in self._remembered or self._remembered[what][0] != age:
            self._remembered[what] = age, look()
        return self._remembered[what][1]

    def changes(self, before: Snapshot) -> dict[str, Change]:
        """Returns the differences since the snapshot, by "area/name"."""
        return snapshot.changes(before, self.snapshot())

    def unchanged(self, before: Snapshot, but: Sequence[str] = ()) -> None:
        """Checks that nothing is different now, but for what begins so."""
        found = {path: change for path, change in self.changes(before).items() if not path.startswith(tuple(but))}
        assert not found, "changed:\n" + "\n".join(f"  {path}: {change}" for path, change in found.items())

    def messages(self) -> list[dict[str, str]]:
        """Returns the messages published since the last call: topic, subject, message."""
        sqs, found = self.bare.client("sqs"), []
        while batch := sqs.receive_message(QueueUrl=self._probe, MaxNumberOfMessages=10).get("Messages"):
            for each in batch:
                body = json.loads(each["Body"])
                found.append({"topic": body["TopicArn"], "subject": body.get("Subject", ""), "message": body["Message"]})
                sqs.delete_message(QueueUrl=self._probe, ReceiptHandle=each["ReceiptHandle"])
        return found

    def object(self, bucket: str, key: str) -> bytes:
        """The contents of an object."""
        return self.bare.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()

    def objects(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys below the prefix."""
        found = self.bare.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in found]

    def secret(self, identifier: str) -> dict[str, Any]:
        """The current value of a secret that holds JSON."""
        current = self.bare.client("secretsmanager").get_secret_value(SecretId=identifier, VersionStage="AWSCURRENT")
        return json.loads(current["SecretString"])

    def _check_secrecy(self, execution: Execution) -> None:
        """No step's inputs, outputs or message may hold a secret's value, nor
        what it stores or sends: more people may read these than the secret."""
        shown = [execution.parameters, execution.outputs]
        shown += [[step.inputs, step.outputs, step.payload, step.message] for step in execution.steps]
        shown += [call.parameters for call in execution.calls if call.service not in _MAY_HAVE_SECRETS]
        text = repr(shown)
        for name, value in self.remembered("confidential", ("secretsmanager",), self._confidential).items():
            assert value not in text, f"{execution.runbook} shows the value of {name}\n{execution.history()}"

    def _confidential(self) -> dict[str, str]:
        """Returns the secret values, by the logical ID of the secret."""
        client, found = self.bare.client("secretsmanager"), {}
        for physical in self.all("AWS::SecretsManager::Secret"):
            value = client.get_secret_value(SecretId=physical.ref)["SecretString"]
            found[physical.logical_id] = json.loads(value)["password"] if value.startswith("{") else value
        return found


#: How a script's message begins where the environment lacks what every run needs:
#: that is told as a failure, whatever was changed.
_BROKEN = ("there is no service", "no service", "there are no alarms", "no version of the secret")


def _check_refusal(execution: Execution) -> None:
    """What the runbook's own check ended before anything was changed must say
    so: it is told as a refusal then, and pages nobody."""
    failed = [step for step in execution.steps if step.status in FINAL_FAILURES]
    if not failed or any(call.name != "sns:Publish" for call in execution.changes()):
        return
    kind, _, message = failed[-1].message.partition(": ")
    if kind == "RuntimeError" and not message.startswith(_BROKEN):
        assert message.startswith("Refused: "), f"{execution.runbook} changed nothing, and does not say Refused: {message}"


def _services_of(documents: dict[str, dict[str, Any]]) -> set[str]:
    """The services that the runbooks call."""
    text = json.dumps(list(documents.values()))
    return set(re.findall(r'"Service": "([a-z0-9-]+)"', text)) | set(re.findall(r'boto3\.client\(\\"([a-z0-9-]+)\\"', text))
