"""Deployments of an ECS service in virtual time.

moto's services have tasks that nobody started and deployments that never end.
This drives moto's own state as ECS would: UpdateService starts a deployment,
which completes, fails, or waits for protected tasks."""

import uuid
from typing import TYPE_CHECKING, Any

from moto.ecs.models import Service, ecs_backends

from ..errors import ApiError, DrillError

if TYPE_CHECKING:
    from .account import Account

#: Virtual seconds until a deployment completes or the circuit breaker acts,
#: and between two looks at tasks that hold it up.
DEPLOYMENT_SECONDS, LOOK_SECONDS = 180, 60

#: Virtual seconds until whoever started a deployment sees it.
SHOWN_SECONDS = 15

#: What makes ECS start a deployment.
_CAUSES = ("forceNewDeployment", "taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers")


class Deployments:
    """The deployments of the account's services."""

    def __init__(self, account: "Account"):
        self._account = account
        #: What becomes of a deployment: "complete", "fail" or "hang".
        self.outcome = "complete"
        self.history: list[dict[str, Any]] = []
        #: What each of them deploys where, by its ARN.
        self._running: dict[str, tuple[Service, dict[str, Any]]] = {}
        self._protected: dict[str, float] = {}
        #: Why ECS changes nothing about the protection of a task, by its ARN.
        self.refusals: dict[str, str] = {}
        #: What a runbook still sees of a service that it deployed, and until when.
        self._stale: dict[str, tuple[float, dict[str, Any]]] = {}

    @property
    def _backend(self):
        return ecs_backends[self._account.id][self._account.region]

    # Task protection.

    def protect(self, arn: str, seconds: float) -> None:
        self._protected[arn] = self._account.clock.now + seconds

    def protected_for(self, arn: str) -> float:
        """The seconds that the task is protected for, 0 if it is not."""
        return max(0.0, self._protected.get(arn, 0.0) - self._account.clock.now)

    def task_arns(self, cluster: str) -> list[str]:
        return list(self._backend.tasks.get(cluster.rsplit("/", 1)[-1], {}))

    # Deployments.

    def update(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Starts a deployment where ECS would, of three minutes, that ends as account.deployments.outcome says."""
        cluster, name = parameters.get("cluster", "default"), parameters["service"]
        service = self.service(cluster, name)
        if parameters.get("desiredCount") not in (None, service.desired_count):
            raise DrillError("the fake UpdateService does not know desiredCount")
        if self._account.calls.by_runbook and any(parameters.get(cause) for cause in _CAUSES):
            before = self._account.bare.client("ecs").describe_services(cluster=cluster, services=[name])["services"][0]
            self._stale[service.name] = self._account.clock.now + SHOWN_SECONDS, before
        plain = {key: value for key, value in parameters.items() if key not in ("forceNewDeployment", "taskDefinition")}
        self._account.bare.client("ecs").update_service(**plain)
        if any(parameters.get(cause) for cause in _CAUSES):
            self._start(service, self._task_definition(parameters, service))
        described = self._account.bare.client("ecs").describe_services(cluster=cluster, services=[name])
        return {"service": described["services"][0]}

    def describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Shows a runbook the deployment that it started after a moment; moto shows it at once."""
        by_runbook = self._account.calls.by_runbook
        answer = self._account.bare.client("ecs").describe_services(**parameters)
        for at, each in enumerate(answer["services"]):
            until, before = self._stale.get(each["serviceName"], (0.0, each))
            if by_runbook and self._account.clock.now < until:
                answer["services"][at] = before
        return {"services": answer["services"], "failures": answer["failures"]}

    def service(self, cluster: str, name: str) -> Service:
        for service in self._backend.services.values():
            in_cluster = service.cluster_name == cluster.rsplit("/", 1)[-1]
            if in_cluster and name in (service.name, service.arn):
                return _active(service)
        raise ApiError("ServiceNotFoundException", name)

    def _task_definition(self, parameters: dict[str, Any], service: Service) -> str:
        wanted = parameters.get("taskDefinition", service.task_definition)
        definition = self._account.bare.client("ecs").describe_task_definition(taskDefinition=wanted)["taskDefinition"]
        if definition["status"] != "ACTIVE":
            raise ApiError("ClientException", f"{wanted} is {definition['status']}")
        return definition["taskDefinitionArn"]

    def _start(self, service: Service, task_definition: str) -> None:
        now = self._account.clock.datetime()
        for older in service.deployments:
            older["status"] = "ACTIVE"
        deployment = {
            **service.deployments[0],
            "id": f"ecs-svc/{uuid.uuid4().int % 10**19:019d}",
            "status": "PRIMARY",
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": "in progress",
            "taskDefinition": task_definition,
            "runningCount": 0,
            "pendingCount": service.desired_count,
            "createdAt": now,
            "updatedAt": now,
        }
        service.deployments.insert(0, deployment)
        service.task_definition = task_definition
        record = {
            "serviceDeploymentArn": f"{service.arn.replace(':service/', ':service-deployment/')}/{uuid.uuid4().hex[:20]}",
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": now,
            "status": "IN_PROGRESS",
        }
        self.history.append(record)
        self._running[record["serviceDeploymentArn"]] = service, deployment
        self._account.clock.after(DEPLOYMENT_SECONDS, lambda: self._settle(service, deployment, record))

    def _settle(self, service: Service, deployment: dict[str, Any], record: dict[str, Any]) -> None:
        """Completes or rolls back the deployment after its time."""
        if record["status"] != "IN_PROGRESS":
            return  # somebody stopped it
        if deployment is not service.deployments[0]:
            record["status"] = "STOPPED"  # a later one has taken over
        elif self.outcome == "fail":
            self._roll_back(service, record)
        elif self.outcome == "hang" or any(self.protected_for(arn) for arn in self._tasks(service)):
            self._account.clock.after(LOOK_SECONDS, lambda: self._settle(service, deployment, record))
        else:
            self._complete(service, deployment, record)

    def _complete(self, service: Service, deployment: dict[str, Any], record: dict[str, Any]) -> None:
        """Old tasks stop when new ones are healthy."""
        old = self._tasks(service)
        self.start_tasks(service, deployment["taskDefinition"])
        for arn in old:
            del self._backend.tasks[service.cluster_name][arn]
        deployment.update(
            rolloutState="COMPLETED", rolloutStateReason="completed", pendingCount=0, runningCount=service.desired_count,
            updatedAt=self._account.clock.datetime(),
        )
        service.deployments = [deployment]
        record["status"] = "SUCCESSFUL"

    def _roll_back(self, service: Service, record: dict[str, Any]) -> None:
        """The circuit breaker returns to the last deployment that completed,
        which is the primary one again and COMPLETED: who waits for that word
        alone takes the failure for success."""
        completed = next(each for each in service.deployments if each["rolloutState"] == "COMPLETED")
        completed["status"] = "PRIMARY"
        service.deployments = [completed]
        service.task_definition = completed["taskDefinition"]
        record["status"] = "ROLLBACK_SUCCESSFUL"

    def stop(self, arn: str) -> None:
        """Goes back to what the deployment replaces, after a while."""
        record = next((each for each in self.history if each["serviceDeploymentArn"] == arn), None)
        if record is None or record["status"] not in ("PENDING", "IN_PROGRESS"):
            raise ApiError("ClientException", f"{arn} is no deployment that could be stopped")
        service, deployment = self._running[arn]
        record["status"] = "ROLLBACK_REQUESTED"
        if deployment is service.deployments[0]:
            self._account.clock.after(LOOK_SECONDS, lambda: self._roll_back(service, record))

    def history_of(self, cluster: str, service: str) -> list[dict[str, Any]]:
        found = self.service(cluster, service).arn
        return [each for each in reversed(self.history) if each["serviceArn"] == found]

    # Tasks.

    def begin(self, service: Service) -> None:
        """Makes the service as it is after its last deployment completed."""
        self.start_tasks(service, service.task_definition)
        service.deployments[0].update(
            rolloutState="COMPLETED", rolloutStateReason="completed", pendingCount=0, runningCount=service.desired_count,
        )
        service.running_count, service.pending_count = service.desired_count, 0

    def start_tasks(self, service: Service, task_definition: str | None, count: int = 0) -> None:
        """Starts so many tasks, or as many as the service wants."""
        network = service.network_configuration
        placed = {"networkConfiguration": {"awsvpcConfiguration": network["awsvpcConfiguration"]}} if network else {}
        self._account.bare.client("ecs").run_task(
            cluster=service.cluster_name, taskDefinition=task_definition, count=count or service.desired_count,
            launchType="FARGATE", group=f"service:{service.name}", startedBy=service.deployments[0]["id"],
            **placed,
        )

    def stop_tasks(self, cluster: str, name: str) -> None:
        """Stops the service's tasks: ECS lists none of them any more."""
        service = self.service(cluster, name)
        for arn in self._tasks(service):
            del self._backend.tasks[service.cluster_name][arn]

    def _tasks(self, service: Service) -> list[str]:
        tasks = self._backend.tasks.get(service.cluster_name, {})
        return [arn for arn, task in tasks.items() if task.group == f"service:{service.name}"]


def _active(service: Service) -> Service:
    """ECS describes a service for a while that was deleted, and changes it no more."""
    if service.status != "ACTIVE":
        raise ApiError("ServiceNotActiveException", f"{service.name} is {service.status}")
    return service
