"""The emulator of the AWS APIs: moto's server on loopback, in this process,
and clients that reach nothing else: those of runbooks the server, those of
scenarios and of mutants moto itself."""

import logging
import os
import socket
import threading
from collections import Counter
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from ..automation import model
from ..automation.execution import READING
from ..errors import DrillError
from . import moto_patches, moto_speedups

LOOPBACK = "127.0.0.1"

#: What clients are made for. Where they really send is decided for each
#: request, as every fork has a server of its own.
_ENDPOINT = f"http://{LOOPBACK}:1"

_STUBBER = BotocoreStubber()
_STUBBER.enabled = True


def isolate() -> None:
    """Lets nothing in this process connect to anything but loopback, or know
    of anybody's account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="drill", AWS_SECRET_ACCESS_KEY="drill", AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, MOTO_EC2_LOAD_DEFAULT_AMIS="false",
    )
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in (LOOPBACK, "::1"):
            raise DrillError(f"the drills reach nothing but loopback, not {address}")
        return connect(self, address)

    socket.socket.connect = loopback_only


class _LastError(logging.Handler):
    """Keeps what the server logs when it fails, for the drill's message."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.message = ""
        self.came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.message = record.getMessage().strip().splitlines()[-1]
        self.came.set()


class Emulator:
    """The server. Its state is that of the process: a fork has a copy, and
    opens a server of its own over it."""

    def __init__(self, served: bool) -> None:
        moto_patches.apply()
        moto_speedups.apply()
        #: The calls of each service that did more than read.
        self.writes: Counter[str] = Counter()
        self._error = _LastError()
        logger = logging.getLogger("werkzeug")
        logger.handlers, logger.propagate = [self._error], False
        logger.setLevel(logging.ERROR)
        self._served = served
        self._application = DomainDispatcherApplication(create_backend_app)
        self.open()

    def open(self) -> None:
        if not self._served:
            return
        self._server = make_server(LOOPBACK, 0, self._application)
        self._address = f"http://{LOOPBACK}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self) -> None:
        if not self._served:
            return
        self._server.shutdown()
        self._server.server_close()

    def session(self, region: str) -> "Session":
        """New clients of the server, or of moto if there is none."""
        if not self._served:
            return self.direct_session(region)
        session = Session(region, _ENDPOINT)
        session.events.register("before-send.*.*", self._redirect)
        self._follow(session)
        return session

    def direct_session(self, region: str) -> "Session":
        """New clients that hand their requests to moto without the server,
        which takes a third of the time."""
        session = Session(region)
        session.events.register("before-send.*.*", self._deliver)
        self._follow(session)
        return session

    def _follow(self, session: "Session") -> None:
        session.events.register("after-call.*.*", self._count)
        session.events.register("after-call.*.*", self._refuse_gap)

    @staticmethod
    def _deliver(request: Any, event_name: str, **_: Any) -> Any:
        try:
            answer = _STUBBER(event_name, request)
        except Exception as error:  # of moto: it answers refusals
            service, operation = event_name.split(".")[1:]
            raise DrillError(f"the emulator cannot do {service} {operation}: {error!r}. Give it a fake (fakes.py)") from error
        if answer is None:
            raise DrillError(f"a call would leave the emulator: {request.url}")
        return answer

    def _redirect(self, request: Any, **_: Any) -> None:
        if not request.url.startswith(f"{_ENDPOINT}/"):
            raise DrillError(f"a call would leave the emulator: {request.url}")
        request.url = self._address + request.url.removeprefix(_ENDPOINT)

    def _count(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(READING):
            self.writes[model.service_model.service_name] += 1

    def _refuse_gap(self, model: Any, http_response: Any, **_: Any) -> None:
        """An operation that the emulator lacks, or fails at, is not the
        runbook's failure."""
        if http_response.status_code >= 500:
            self._error.came.wait(timeout=1)  # the server answers before it logs
            raise DrillError(f"the emulator cannot do {model.service_model.service_name} {model.name}: "
                             f"{self._error.message}. Give it a fake (fakes.py)")


class Session:
    """Clients of the emulator in a region, made once each."""

    def __init__(self, region: str, endpoint: str | None = None):
        self._endpoint = endpoint
        core = botocore.session.Session()
        core.register_component("data_loader", model.LOADER)
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._boto3 = boto3.Session(
            botocore_session=core, region_name=region,
            aws_access_key_id="drill", aws_secret_access_key="drill",
        )
        self.events = self._boto3.events

    def client(self, service: str, region_name: str | None = None) -> Any:
        """The client, of another region if one is named."""
        if (service, region_name) not in self._clients:
            self._clients[service, region_name] = self._boto3.client(service, region_name, endpoint_url=self._endpoint, config=Config(
                retries={"total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"}, user_agent="drill",
                connect_timeout=5, read_timeout=30,
            ))
        return self._clients[service, region_name]
