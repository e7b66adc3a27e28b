"""The function that runs a task once for CloudFormation, against the emulator on loopback and in virtual time."""

import http.server
import importlib
import json
import logging
import os
import sys
import threading
import time
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from botocore.awsrequest import AWSResponse
from moto.ecs.models import ecs_backends
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

from engine.account import emulator

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "constructs" / "web"))
run_task: Any = importlib.import_module("run_task")

REGION, ACCOUNT = "eu-north-1", "123456789012"
LOG = "aws logs tail /aws/ecs/shop --since 1d --log-stream-names migration/migration-container/"


class Clock:
    """Sleeping takes no time, and lets the test end the task."""

    strftime, gmtime = staticmethod(time.strftime), staticmethod(time.gmtime)

    def __init__(self, then: Any) -> None:
        self.now, self.then = 0.0, then

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.then(self.now)


class Replies(http.server.BaseHTTPRequestHandler):
    """CloudFormation's address for replies."""

    received: list[tuple[Any, dict[str, Any]]] = []
    refuse = 0

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).refuse -= 1
        if self.refuse >= 0:
            return self.send_error(503)
        self.received.append((self.headers["Content-Type"], body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class TaskRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        emulator.isolate()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.moto.start()
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1000})  # the test ends the tasks
        cls.answers = http.server.HTTPServer(("127.0.0.1", 0), Replies)
        threading.Thread(target=cls.answers.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @classmethod
    def tearDownClass(cls) -> None:
        state_manager.unset_transition("ecs::task")
        cls.moto.stop()
        cls.answers.shutdown()
        cls.answers.server_close()

    def setUp(self) -> None:
        Replies.received, Replies.refuse = [], 0
        self.denied, self.calls = 0, []
        ecs_backends[ACCOUNT][REGION].reset()
        ecs, ec2 = self.client("ecs"), self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})  # else moto fails
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="tasks", Description="Tasks", VpcId=vpc)["GroupId"]
        ecs.create_cluster(clusterName="shop")
        self.definition = ecs.register_task_definition(
            family="shop-migration", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            containerDefinitions=[{"name": "migration-container", "image": "shop:1", "memory": 512}])["taskDefinition"]["taskDefinitionArn"]
        self.task = {
            "cluster": "shop", "definition": self.definition, "family": "shop-migration", "container": "migration-container",
            "log": "/aws/ecs/shop", "stream": "migration/migration-container", "minutes": 10,
            "network": {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}}
        self.calls.clear()

    def client(self, service: str) -> Any:
        host, port = self.moto.get_host_and_port()
        client = boto3.Session().client(service, REGION, endpoint_url=f"http://{host}:{port}")
        client.meta.events.register("provide-client-params.ecs.*", self.record)
        client.meta.events.register("before-send.ecs.*", self.deny)
        return client

    def record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, params))

    def deny(self, request: Any, **_: Any) -> Any:
        self.denied -= 1
        if self.denied < 0:
            return None
        raw = mock.Mock(stream=lambda *_, **__: [b'{"__type": "AccessDeniedException", "message": "no"}'])
        return AWSResponse(request.url, 400, {}, raw)

    def tasks(self) -> list[Any]:
        return list(ecs_backends[ACCOUNT][REGION].tasks.get("shop", {}).values())

    def end(self, status: int | None, reason: str = "Essential container in task exited", after: int = 60) -> Any:
        """Ends the newest task after so many seconds. Without a status its container never began."""
        def then(now: float) -> None:
            if now >= after and self.tasks():
                task = self.tasks()[-1]
                task.last_status, task.stopped_reason = "STOPPED", reason
                task.containers[0].exitCode = status
        return then

    def handle(self, kind: str = "Create", then: Any = lambda _: None, **more: Any) -> dict[str, Any]:
        """Delivers an event, and returns the one reply."""
        Replies.received = []
        event = {"RequestType": kind, "RequestId": "3f2a7c1e-0000-4000-8000-000000000001", "StackId": "stack",
                 "LogicalResourceId": "MigrationRun", "ResponseURL": f"http://127.0.0.1:{self.answers.server_port}/reply", **more}
        self.clock = Clock(then)
        with mock.patch.object(run_task, "time", self.clock), mock.patch.object(run_task.boto3, "client", self.client), \
                mock.patch.dict(os.environ, TASK=json.dumps(self.task)), mock.patch("builtins.print") as printed:
            run_task.handle(event, None)
        self.line = json.loads(printed.call_args[0][0])
        ((content_type, reply),) = Replies.received
        self.assertEqual(content_type, "")  # else the signature of the address is wrong
        for key in ("RequestId", "StackId", "LogicalResourceId"):
            self.assertEqual(reply[key], event[key])
        self.assertTrue(reply["PhysicalResourceId"])
        return reply

    def assertFails(self, reply: dict[str, Any], *words: str) -> None:
        self.assertEqual(reply["Status"], "FAILED", reply)
        for word in words:
            self.assertIn(word, reply["Reason"])
        self.assertEqual((self.line["level"], self.line["event"]), ("error", "task_run"))
        self.assertIn(reply["Reason"], self.line["message"])

    def test_a_task_that_succeeds_is_run_once_on_fargate(self) -> None:
        self.assertEqual(self.handle(then=self.end(0))["Status"], "SUCCESS")
        self.assertEqual(self.line["level"], "info")
        (task,) = self.tasks()
        self.assertEqual((task.launch_type, task.task_definition_arn), ("FARGATE", self.definition))
        (sent,) = [params for name, params in self.calls if name == "RunTask"]
        self.assertEqual(sent["networkConfiguration"], {"awsvpcConfiguration": self.task["network"]})
        self.assertEqual({sent["clientToken"], sent["startedBy"]}, {"3f2a7c1e-0000-4000-8000-000000000001"})
        self.assertEqual({name for name, _ in self.calls}, {"ListTasks", "RunTask", "DescribeTasks"})

    def test_a_command_that_fails_says_where_its_log_is(self) -> None:
        reply = self.handle(then=self.end(1))
        self.assertFails(reply, "The task of shop-migration ended with exit status 1", LOG + self.tasks()[0].id)

    def test_a_task_that_cannot_start_says_why(self) -> None:
        reply = self.handle(then=self.end(None, "CannotPullContainerError: not found"))
        self.assertFails(reply, "ECS could not start the task of shop-migration: CannotPullContainerError: not found")
        self.assertNotIn("log", reply["Reason"])

    def test_only_the_task_s_own_container_counts(self) -> None:
        def then(now: float) -> None:
            self.end(0)(now)
            if self.tasks()[0].last_status == "STOPPED":
                agent = mock.Mock(spec_set=["name", "exitCode"])
                agent.name, agent.exitCode = "aws-guardduty-agent", 137
                self.tasks()[0].containers[:0] = [agent] * (len(self.tasks()[0].containers) == 1)
        self.assertEqual(self.handle(then=then)["Status"], "SUCCESS")

    def test_a_task_that_takes_too_long_is_stopped(self) -> None:
        self.task["minutes"] = 2
        self.assertFails(self.handle(), "was stopped after 2 minutes", LOG)
        self.assertEqual((self.tasks()[0].desired_status, self.tasks()[0].stopped_reason), ("STOPPED", "It took more than 2 minutes"))

    def test_it_replies_when_the_task_has_ended_that_it_stopped(self) -> None:
        self.task["minutes"] = 2
        # As in ECS, stopping takes some time.
        with mock.patch.object(type(ecs_backends[ACCOUNT][REGION]), "stop_task", lambda *_: self.tasks()[-1]):
            self.assertFails(self.handle(then=self.end(143, after=150)), "was stopped after 2 minutes")
            self.assertEqual(self.tasks()[0].last_status, "STOPPED")
            self.assertFails(self.handle(), "was stopped after 2 minutes")
        self.assertLess(self.clock.now, 3 * 60)

    def test_a_task_that_is_not_started_says_why(self) -> None:
        with mock.patch.object(type(ecs_backends[ACCOUNT][REGION]), "run_task", return_value=[]):
            self.assertFails(self.handle(), "ECS started no task of shop-migration: []")

    def test_an_update_or_a_deletion_runs_nothing(self) -> None:
        for kind in ("Update", "Delete"):
            reply = self.handle(kind, PhysicalResourceId="MigrationRun")
            self.assertEqual((reply["Status"], reply["PhysicalResourceId"]), ("SUCCESS", "MigrationRun"))
        self.assertEqual(self.calls, [])

    def test_no_task_starts_beside_one_of_an_earlier_deployment(self) -> None:
        self.client("ecs").run_task(cluster="shop", taskDefinition=self.definition, launchType="FARGATE", startedBy="earlier",
                                    networkConfiguration={"awsvpcConfiguration": self.task["network"]})
        (earlier,) = self.tasks()
        for desired, last in (("RUNNING", "RUNNING"), ("STOPPED", "DEACTIVATING")):
            earlier.desired_status, earlier.last_status = desired, last
            self.assertFails(self.handle(), earlier.task_arn, "of an earlier deployment still runs: deploy again when it has ended")
        self.assertEqual(len(self.tasks()), 1)
        earlier.started_by = "3f2a7c1e-0000-4000-8000-000000000001"  # the same request, delivered again
        with mock.patch.object(type(ecs_backends[ACCOUNT][REGION]), "run_task", return_value=[earlier]):
            self.assertEqual(self.handle(then=self.end(0))["Status"], "SUCCESS")
        self.assertEqual(self.handle(then=self.end(0))["Status"], "SUCCESS")

    def test_permissions_that_iam_does_not_know_yet_are_waited_for(self) -> None:
        self.denied = 3
        self.assertEqual(self.handle(then=self.end(0))["Status"], "SUCCESS")
        self.denied = 1000
        self.assertFails(self.handle(), "AccessDeniedException")
        self.assertLessEqual(self.clock.now, 60)

    def test_every_failure_is_replied_and_a_reply_is_tried_again(self) -> None:
        del self.task["cluster"]
        self.assertFails(self.handle(), "cluster")
        Replies.refuse = 2
        self.assertEqual(self.handle("Delete")["Status"], "SUCCESS")
        Replies.refuse = 3
        with self.assertRaises(OSError):  # then Lambda delivers the event again
            self.handle("Delete")
        with mock.patch.object(run_task, "run", side_effect=RuntimeError("x" * 5000)):
            self.assertEqual(len(self.handle()["Reason"]), 1000)
