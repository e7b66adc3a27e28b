"""What moto gets wrong and the drills depend on, put right in its classes.

Each repair says in its first line what moto does otherwise; the README's table
is tested against them."""

from collections.abc import Callable

from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ecs.models import Container, EC2ContainerServiceBackend

REPAIRS: list[Callable[[], None]] = []


def _repair(function: Callable[[], None]) -> Callable[[], None]:
    REPAIRS.append(function)
    return function


def apply() -> None:
    """Repairs moto, once in a process."""
    while REPAIRS:
        REPAIRS.pop()()


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
def tasks_belong_to_services() -> None:
    """ListTasks gives the tasks of every service, whichever is asked for."""
    every = EC2ContainerServiceBackend.list_tasks

    def of_service(self, *args, **kwargs):
        found = every(self, *args, **kwargs)
        name = kwargs.get("service_name") or (args[4] if len(args) > 4 else None)
        return [task for task in found if not name or task.group == f"service:{name.rsplit('/', 1)[-1]}"]

    EC2ContainerServiceBackend.list_tasks = of_service


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
