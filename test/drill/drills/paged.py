"""Drills again, in an account that has more than one page of everything."""

from engine import Account, drill
from engine.errors import DrillError
from engine.harness import runner
from helpers import paged

#: The drills, and what comes in pages meanwhile.
AGAIN = [
    ("replace-tasks", "protected tasks do not hold it up, also more than fit into one call", ["ecs ListTasks"]),
    ("replace-tasks", "an old task that is left is a failure, whichever it is", ["ecs ListTasks"]),
    ("check-secret-age", "counts the tasks that missed a rotation, and none once they are replaced", ["ecs ListTasks"]),
    ("preserve-evidence", "keeps the database, the tasks and the images, and changes nothing else", ["ecs ListTasks"]),
    ("preserve-evidence", "saves what surrounds the tasks, with the right hashes", ["ecs ListTasks", "ec2 DescribeSecurityGroupRules"]),
    ("roll-back-service", "goes to the revision before, and back again", ["ecs ListTaskDefinitions", "ecs ListTasks"]),
    ("isolate-rules", "twice, then release-rules gives back byte-identical rules of every kind", ["ec2 DescribeSecurityGroupRules"]),
    ("isolate-rules", "a dry run changes nothing, and lists the rules", ["ec2 DescribeSecurityGroupRules"]),
    ("set-alert-sensitivity", "an alarm that is on already goes off anew, the others stay as they are", ["cloudwatch DescribeAlarms"]),
    ("gather-evidence", "exports every log group, events and configuration, and changes nothing",
     ["ec2 DescribeSecurityGroupRules", "iam ListAttachedRolePolicies", "iam ListRolePolicies", "s3 ListObjectsV2",
         "logs DescribeExportTasks"]),
    ("gather-evidence", "saves what the tasks' roles may do, whoever wrote it",
        ["iam ListAttachedRolePolicies", "iam ListRolePolicies"]),
    ("review-access", "reports what Access Analyzer found and nobody settled",
        ["accessanalyzer ListFindingsV2", "accessanalyzer ListAnalyzers"]),
    ("quarantine-image", "one vulnerability in every image leaves the service a way back",
        ["ecs ListTasks", "ecs ListTaskDefinitions", "ecr DescribeImages"]),
]


def again(runbook: str, name: str, operations: list[str]) -> None:
    def in_pages(account: Account) -> None:
        for operation in operations:
            paged(account, *operation.split())
        found = [each for each in runner.DRILLS if (each.runbook, each.name) == (runbook, name)]
        if not found:
            raise DrillError(f"no drill of {runbook} is {name!r}")
        found[0].function(account)

    drill(runbook, f"in pages: {name}")(in_pages)


for each in AGAIN:
    again(*each)


@drill("rotate-secret", "in pages: sees the run behind those that are over")
def second_start(account: Account) -> None:
    paged(account, "ssm", "DescribeAutomationExecutions")
    for status in ("Success", "Failed", "TimedOut", "Cancelled"):
        account.pretend_running("rotate-secret").status = status
    running = account.pretend_running("rotate-secret")
    account.pretend_running("rotate-secret").status = "Success"
    account.run("rotate-secret").failed("RefuseSecondStart", because=running.id)
    running.status = "Success"
    account.run("rotate-secret").succeeded()
