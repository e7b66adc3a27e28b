"""What moto gets wrong and the drills depend on, put right in its classes.

Each repair says in its first line what moto does otherwise; the README's table
is tested against them."""

import datetime
import json
import time
from collections.abc import Callable

from moto.core.utils import utcnow
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ecs.models import Container, EC2ContainerServiceBackend, Task
from moto.rds.models import DBCluster
from moto.secretsmanager.models import SecretsManagerBackend

ALL: list[Callable[[], None]] = []
_applied: list[Callable[[], None]] = []


def _repair(function: Callable[[], None]) -> Callable[[], None]:
    ALL.append(function)
    return function


def apply() -> None:
    """Repairs moto, once in a process."""
    for function in ALL:
        if function not in _applied:
            function()
            _applied.append(function)


@_repair
def rules_keep_descriptions() -> None:
    """Rules of prefix lists and of groups lose their description."""
    create = SecurityGroupRule.__init__

    def keep(self, *args, **kwargs) -> None:
        create(self, *args, **kwargs)
        prefix_list = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
        self.prefix_list_description = (prefix_list or {}).get("Description")

    def description(self):
        return (self.ip_range.get("Description") or self.source_group.get("Description")
                or getattr(self, "prefix_list_description", None))

    SecurityGroupRule.__init__ = keep
    SecurityGroupRule.description = property(description)


@_repair
def containers_have_digests() -> None:
    """Containers do not say which image, by its digest, they run."""
    create = Container.__init__

    def with_digest(self, task_def) -> None:
        create(self, task_def)
        self.image_digest = self.image.partition("@")[2] or None

    Container.__init__ = with_digest


@_repair
def tasks_know_their_age() -> None:
    """Tasks do not say when they were made."""
    create = Task.__init__

    def with_age(self, *args, **kwargs) -> None:
        create(self, *args, **kwargs)
        self.created_at = utcnow()

    Task.__init__ = with_age


@_repair
def tasks_belong_to_services() -> None:
    """ListTasks gives the tasks of every service, whichever is asked for."""
    every = EC2ContainerServiceBackend.list_tasks

    def of_service(self, *args, **kwargs):
        found = every(self, *args, **kwargs)
        name = kwargs.get("service_name") or (args[4] if len(args) > 4 else None)
        return [task for task in found if not name or task.group == f"service:{name.rsplit('/', 1)[-1]}"]

    EC2ContainerServiceBackend.list_tasks = of_service


@_repair
def tasks_end_with_their_service() -> None:
    """Tasks of a service that was deleted run on."""
    delete = EC2ContainerServiceBackend.delete_service

    def with_tasks(self, *args, **kwargs):
        service = delete(self, *args, **kwargs)
        tasks = self.tasks.get(service.cluster_name, {})
        for arn in [arn for arn, task in tasks.items() if task.group == f"service:{service.name}"]:
            del tasks[arn]
        return service

    EC2ContainerServiceBackend.delete_service = with_tasks


@_repair
def fargate_containers_need_no_limits() -> None:
    """Tasks whose containers have no memory of their own cannot start."""
    calculate = EC2ContainerServiceBackend._calculate_task_resource_requirements

    def with_default(task_definition):
        for container in task_definition.container_definitions:
            container.setdefault("memory", 0)
        try:
            return calculate(task_definition)
        finally:
            for container in task_definition.container_definitions:
                if container["memory"] == 0:
                    del container["memory"]

    EC2ContainerServiceBackend._calculate_task_resource_requirements = staticmethod(with_default)


@_repair
def versions_know_their_age() -> None:
    """Every version of a secret was made just now."""
    add, list_ids = SecretsManagerBackend._add_secret, SecretsManagerBackend.list_secret_version_ids

    def with_age(self, secret_id, *args, **kwargs):
        secret, new = add(self, secret_id, *args, **kwargs)
        newest = list(secret.versions.values())[-1]
        newest.setdefault("made", time.time())
        return secret, new

    def with_ages(self, secret_id):
        answer, versions = json.loads(list_ids(self, secret_id)), self.secrets[secret_id].versions
        answer["Versions"] = [
            {**each, "CreatedDate": versions[each["VersionId"]]["made"]} for each in answer["Versions"] if each["VersionStages"]
        ]
        return json.dumps(answer)

    SecretsManagerBackend._add_secret, SecretsManagerBackend.list_secret_version_ids = with_age, with_ages


@_repair
def one_version_is_current() -> None:
    """A version that UpdateSecretVersionStage made current stays so beside the next one."""
    update = SecretsManagerBackend.update_secret_version_stage

    def with_default(self, secret_id, version_stage, remove_from_version_id, move_to_version_id):
        answer = update(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].default_version_id = move_to_version_id
        return answer

    SecretsManagerBackend.update_secret_version_stage = with_default


@_repair
def clusters_take_their_time() -> None:
    """A new cluster is available as soon as somebody has looked."""
    def status(self) -> str:
        if getattr(self, "busy", ""):
            return self.busy
        return "available" if self._status == "creating" else self._status

    DBCluster.status = property(status, DBCluster.status.fset)


@_repair
def groups_of_clusters_take_their_time() -> None:
    """The security groups of a cluster are in effect at once."""
    active = DBCluster.vpc_security_groups.fget

    def with_changes(self) -> list[dict[str, str]]:
        changing = getattr(self, "changing_groups", {})
        return [{"VpcSecurityGroupId": group, "Status": status} for group, status in changing.items()] or active(self)

    DBCluster.vpc_security_groups = property(with_changes)


@_repair
def backups_lag_behind() -> None:
    """A cluster can be restored to the present."""
    DBCluster.latest_restorable_time = property(lambda self: utcnow() - datetime.timedelta(minutes=5))


@_repair
def secrets_have_their_current_value() -> None:
    """GetSecretValue without a stage gives the newest version, not the current one."""
    every = SecretsManagerBackend.get_secret_value

    def current(self, secret_id, version_id, version_stage):
        stage = version_stage if version_id or version_stage else "AWSCURRENT"
        return every(self, secret_id, version_id, stage)

    SecretsManagerBackend.get_secret_value = current
