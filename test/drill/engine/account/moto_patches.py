"""Corrections of moto's behaviour that the runbooks depend on.

Each patch says in its first sentence what moto 5.2.1 does otherwise, which the
README's table repeats, and then the upstream issue if there is one.
tests/moto_patches_test.py takes each patch away and asserts that moto is still
wrong: it fails for a patch that a newer moto no longer needs."""

import contextlib
import datetime
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ecs.models import Container, EC2ContainerServiceBackend, Task
from moto.rds.models import DBCluster
from moto.secretsmanager.models import SecretsManagerBackend

#: A patch returns the class and its new attributes.
Patch = Callable[[], tuple[type, dict[str, Any]]]

ALL: list[Patch] = []
_originals: dict[Patch, tuple[type, dict[str, Any]]] = {}
_MISSING = object()


def _patch(function: Patch) -> Patch:
    ALL.append(function)
    return function


def apply() -> None:
    """Patches moto, once in a process."""
    for patch in ALL:
        if patch not in _originals:
            owner, attributes = patch()
            _originals[patch] = owner, {name: vars(owner).get(name, _MISSING) for name in attributes}
            _set(owner, attributes)


@contextlib.contextmanager
def without(patch: Patch) -> Iterator[None]:
    """Restores moto's own behaviour for a while."""
    owner, originals = _originals[patch]
    patched = {name: vars(owner)[name] for name in originals}
    _set(owner, originals)
    try:
        yield
    finally:
        _set(owner, patched)


def _set(owner: type, attributes: dict[str, Any]) -> None:
    for name, value in attributes.items():
        if value is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, value)


@_patch
def rules_keep_descriptions() -> tuple[type, dict[str, Any]]:
    """Rules of prefix lists and of groups lose their description. See
    getmoto/moto#7915, which was closed when CIDR rules had theirs."""
    create = SecurityGroupRule.__init__

    def keep(self, *args, **kwargs) -> None:
        create(self, *args, **kwargs)
        prefix_list = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
        self.prefix_list_description = (prefix_list or {}).get("Description")

    def description(self):
        return (self.ip_range.get("Description") or self.source_group.get("Description")
                or getattr(self, "prefix_list_description", None))

    return SecurityGroupRule, {"__init__": keep, "description": property(description)}


@_patch
def containers_have_digests() -> tuple[type, dict[str, Any]]:
    """Containers do not say which image, by its digest, they run."""
    create = Container.__init__

    def with_digest(self, task_def) -> None:
        create(self, task_def)
        self.image_digest = self.image.partition("@")[2] or None

    return Container, {"__init__": with_digest}


@_patch
def tasks_know_their_age() -> tuple[type, dict[str, Any]]:
    """Tasks do not say when they were made."""
    create = Task.__init__

    def with_age(self, *args, **kwargs) -> None:
        create(self, *args, **kwargs)
        self.created_at = utcnow()

    return Task, {"__init__": with_age}


@_patch
def tasks_belong_to_services() -> tuple[type, dict[str, Any]]:
    """ListTasks gives the tasks of every service, whichever is asked for. See
    getmoto/moto#1785, which was closed when startedBy was compared."""
    every = EC2ContainerServiceBackend.list_tasks

    def of_service(self, *args, **kwargs):
        found = every(self, *args, **kwargs)
        name = kwargs.get("service_name") or (args[4] if len(args) > 4 else None)
        return [task for task in found if not name or task.group == f"service:{name.rsplit('/', 1)[-1]}"]

    return EC2ContainerServiceBackend, {"list_tasks": of_service}


@_patch
def tasks_end_with_their_service() -> tuple[type, dict[str, Any]]:
    """Tasks of a service that was deleted run on."""
    delete = EC2ContainerServiceBackend.delete_service

    def with_tasks(self, *args, **kwargs):
        service = delete(self, *args, **kwargs)
        tasks = self.tasks.get(service.cluster_name, {})
        for arn in [arn for arn, task in tasks.items() if task.group == f"service:{service.name}"]:
            del tasks[arn]
        return service

    return EC2ContainerServiceBackend, {"delete_service": with_tasks}


@_patch
def fargate_containers_need_no_limits() -> tuple[type, dict[str, Any]]:
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

    return EC2ContainerServiceBackend, {"_calculate_task_resource_requirements": staticmethod(with_default)}


@_patch
def versions_know_their_age() -> tuple[type, dict[str, Any]]:
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

    return SecretsManagerBackend, {"_add_secret": with_age, "list_secret_version_ids": with_ages}


@_patch
def one_version_is_current() -> tuple[type, dict[str, Any]]:
    """A version that UpdateSecretVersionStage made current stays so beside the next one."""
    update = SecretsManagerBackend.update_secret_version_stage

    def with_default(self, secret_id, version_stage, remove_from_version_id, move_to_version_id):
        answer = update(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == "AWSCURRENT" and move_to_version_id:
            self.secrets[secret_id].default_version_id = move_to_version_id
        return answer

    return SecretsManagerBackend, {"update_secret_version_stage": with_default}


@_patch
def clusters_take_their_time() -> tuple[type, dict[str, Any]]:
    """A new cluster is available as soon as somebody has looked."""
    def status(self) -> str:
        if getattr(self, "busy", ""):
            return self.busy
        return "available" if self._status == "creating" else self._status

    return DBCluster, {"status": property(status, DBCluster.status.fset)}


@_patch
def groups_of_clusters_take_their_time() -> tuple[type, dict[str, Any]]:
    """The security groups of a cluster are in effect at once."""
    active: Any = DBCluster.vpc_security_groups.fget

    def with_changes(self) -> list[dict[str, str]]:
        changing = getattr(self, "changing_groups", {})
        return [{"VpcSecurityGroupId": group, "Status": status} for group, status in changing.items()] or active(self)

    return DBCluster, {"vpc_security_groups": property(with_changes)}


@_patch
def backups_lag_behind() -> tuple[type, dict[str, Any]]:
    """A cluster can be restored to the present."""
    return DBCluster, {"latest_restorable_time": property(lambda self: utcnow() - datetime.timedelta(minutes=5))}
