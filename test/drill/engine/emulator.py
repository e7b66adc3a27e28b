"""The emulator of the AWS APIs: moto's server on loopback, in this process,
and clients that reach nothing else."""

import logging
import socket
import threading
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from moto.server import ThreadedMotoServer

from . import model, repairs
from .errors import DrillError

LOOPBACK = "127.0.0.1"


def guard_sockets() -> None:
    """Lets nothing in this process connect to anything but loopback."""
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
    """A running server. The state is that of the process: a fork has a copy."""

    def __init__(self) -> None:
        repairs.apply()
        self._error = _LastError()
        logger = logging.getLogger("werkzeug")
        logger.handlers, logger.propagate = [self._error], False
        logger.setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address=LOOPBACK, port=0, verbose=False)
        self._server.start()
        _, port = self._server.get_host_and_port()
        self.endpoint = f"http://{LOOPBACK}:{port}"

    def stop(self) -> None:
        self._server.stop()

    def session(self, region: str) -> "Session":
        return Session(self, region)

    def refuse_gap(self, model, http_response, **_: Any) -> None:
        """An operation that the emulator lacks, or fails at, is not the
        runbook's failure."""
        if http_response.status_code >= 500:
            self._error.came.wait(timeout=1)  # the server answers before it logs
            raise DrillError(f"the emulator cannot do {model.service_model.service_name} {model.name}: "
                             f"{self._error.message}. Give it a fake (fakes.py)")


class Session:
    """Clients of the emulator in a region, made once each."""

    def __init__(self, emulator: Emulator, region: str):
        core = botocore.session.Session()
        core.register_component("data_loader", model.LOADER)
        self._endpoint = emulator.endpoint
        self._clients: dict[str, Any] = {}
        self._boto3 = boto3.Session(
            botocore_session=core, region_name=region,
            aws_access_key_id="drill", aws_secret_access_key="drill",
        )
        self.events = self._boto3.events
        self.events.register("after-call.*.*", emulator.refuse_gap)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._boto3.client(service, endpoint_url=self._endpoint, config=Config(
                retries={"total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"},
                connect_timeout=5, read_timeout=30,
            ))
        return self._clients[service]
