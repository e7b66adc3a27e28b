"""Allowances: what roles may allow against the rules, each with its reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .required_permissions import Place

#: By a resource, the actions that may be allowed on it, and the reason. NAME is
#: any text without a wildcard, DATABASE the name of the environment's cluster.
Allowances = Mapping[str, tuple[str, str]]

#: Where the name of a resource may have a wildcard.
WILD: Allowances = {
    "*": ("ecs:ListTasks", "its only resource is a container instance; the condition ecs:cluster narrows it"),
    "access-analyzer:analyzer/*": ("access-analyzer:ListFindings", "the account has it, whatever it is called"),
    "application-autoscaling:scalable-target/*": (
        "application-autoscaling:RegisterScalableTarget", "the id is nowhere in CloudFormation; conditions narrow it"),
    "cloudwatch:alarm:*": ("cloudwatch:DescribeAlarms", "CloudWatch checks reading against every alarm"),
    "ec2:security-group-rule/*": (
        "ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress", "a rule has no id before it is written"),
    "ecs:service-deployment/NAME/*": ("ecs:StopServiceDeployment", "releases make deployments"),
    "ecs:task/NAME/*": ("ecs:DescribeTasks ecs:UpdateTaskProtection", "tasks come and go"),
    "iam:policy/*": ("iam:GetPolicy iam:GetPolicyVersion", "an intruder may have attached any"),
    "logs:log-group:NAME:*": ("logs:CreateExportTask", "the ARN of a log group ends like this"),
    "rds:cluster-snapshot:DATABASE-inc-*": (
        "rds:AddTagsToResource rds:CreateDBClusterSnapshot rds:DescribeDBClusterSnapshots", "each incident has its own"),
    "rds:cluster:DATABASE-inc-*": (
        "rds:AddTagsToResource rds:CreateDBInstance rds:DescribeDBClusters rds:ModifyDBCluster "
        "rds:RestoreDBClusterToPointInTime", "each incident has its own"),
    "rds:db:DATABASE-*": ("rds:DescribeDBInstances", "CloudFormation names the instances of the environment's cluster"),
    "rds:db:DATABASE-inc-*": ("rds:AddTagsToResource rds:CreateDBInstance", "each incident has its own"),
    "rds:og:default:*": ("rds:CreateDBInstance rds:RestoreDBClusterToPointInTime", "RDS's own, one for each version"),
    "rds:pg:default.*": ("rds:CreateDBInstance", "RDS's own, one for each version"),
    "s3:NAME/access-reviews/*": ("s3:PutObject", "what the reviews write"),
    "s3:NAME/incidents/*": ("s3:GetObjectVersion s3:PutObject", "what the runbooks write about incidents"),
    "ssm:automation-definition/NAME:*": (
        "ssm:StartAutomationExecution", "AWS may check the number in place of the version $DEFAULT that a runbook starts"),
    "ssm:automation-execution/*": (
        "ssm:AddTagsToResource ssm:GetAutomationExecution ssm:StartAutomationExecution", "an execution has no id before it starts"),
    "ssm:opsitem/*": ("ssm:AddTagsToResource", "an item has no id before it is opened"),
    "ssm:document/NAME*": ("ssm:DescribeDocument", "each runbook sees which version of it is current"),
}

#: What roles may allow although no call asks for it.
UNUSED: Allowances = {
    "rds:cluster:DATABASE": ("rds:DescribeDBClusterSnapshots", "the reference names the snapshot's cluster, too; no call does"),
}


@dataclass
class AllowanceUse:
    """Allowances, and which of them were used."""

    allowances: Allowances
    place: Place
    used: set[str] = field(default_factory=set)

    def covers(self, action: str, resource: str) -> bool:
        """Reports whether an allowance covers the pair, and marks it as used."""
        found = {each for each, form in self._all() if each.startswith(f"{action} on ") and re.fullmatch(self._pattern(form), resource)}
        self.used |= found
        return bool(found)

    def unneeded(self) -> list[str]:
        """Returns the allowances that nothing used."""
        return [each for each, _ in self._all() if each not in self.used]

    def _all(self) -> Iterator[tuple[str, str]]:
        for form, (actions, _) in self.allowances.items():
            for action in actions.split():
                yield f"{action} on {form}", form

    def _pattern(self, form: str) -> str:
        if form == "*":
            return re.escape(form)
        service, rest = form.split(":", 1)
        rest = re.escape(rest).replace("NAME", "[^*?:]+").replace("DATABASE", re.escape(self.place.database))
        # S3 has neither region nor account in its ARNs, IAM no region.
        return f"arn:aws:{service}:({self.place.region})?:({self.place.account})?:{rest}"
