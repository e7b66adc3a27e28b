"""The mutants that no drill can notice, each with the reason. A reason whose
mutant a drill notices, or that is about none, fails make drill-mutations."""

import re
from dataclasses import dataclass

from engine.harness.mutants import Mutant


@dataclass(frozen=True)
class Equivalent:
    """The mutants of a place and a kind that change what the text says, with *
    for anything, and why the account ends up the same. Some places may be left out."""

    place: str
    kind: str
    what: str
    reason: str
    but: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.place} | {self.kind} | {self.what}"

    def matches(self, mutant: Mutant) -> bool:
        return mutant.place not in self.but and all(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) for pattern, text in (
            (self.place, mutant.place), (self.kind, mutant.kind), (self.what, mutant.what)))


EQUIVALENT: list[Equivalent] = [
    Equivalent("* RefuseSecondStart", "time scaled *", "timeoutSeconds 60",
               "the script sleeps three seconds, so that six would do, and SSM ends every script after ten minutes"),
    Equivalent("refuse_second_start.py SECONDS", "number scaled up", "SECONDS = 3", "it begins later, and is as sure"),
    Equivalent("refuse_second_start.py refuse", "only the first item", "*", "the first run decides: it is this one, or it is in the way"),
    Equivalent("refuse_second_start.py running", "argument dropped", "Filters of *",
        "runs of other runbooks are listed then, and left out by name"),
    Equivalent("* Notify", "onFailure flipped", "Continue to Abort",
        "nothing follows it, and isCritical says that its failure is not the run's", but=("open-incident Notify", "gather-evidence Notify")),
    Equivalent("* NotifyFailure", "onFailure flipped", "Continue to Abort", "nothing follows it, and it is that of a failure"),
    Equivalent("quarantine-image Notify*", "onFailure flipped", "Continue to Abort",
               "nothing follows it, and isCritical says that its failure is not the run's"),
    Equivalent("surroundings.py save_surroundings", "order reversed", "*", "the same files, whichever is written first"),
    Equivalent("surroundings.py *", "order reversed", "sorted(*", "the same parts, in another order"),
    Equivalent("surroundings.py network_of", "another one chosen", "*", "one is asked for"),
    Equivalent("surroundings.py network_of", "only the first item", "in task.get(*", "a task of Fargate has one attachment, its interface"),
    Equivalent("surroundings.py network_of", "filter dropped", "for each in details*", "EC2 knows no interface by the other values"),
    Equivalent("surroundings.py network_of", "only the first item", "in clusters*", "the cluster has one security group"),
    Equivalent("surroundings.py network_of", "only the first item", "in events*", "prod has one target group"),
    Equivalent("image_manifests.py manifest_of", "another one chosen", "found[0]", "one is asked for"),
    Equivalent("kept_images.py running_digests", "order reversed", "*", "each image is kept, whichever first"),
    Equivalent("resource_groups.py security_groups", "another one chosen", "*", "one is asked for"),
    Equivalent("resource_groups.py security_groups", "all swapped", "*", "one group is wanted: while there is another one the list differs"),
    Equivalent("resource_groups.py security_groups", "only the first item", "in groups #2",
               "one group is wanted: while there is another one the list differs"),
    Equivalent("saved_state.py save_state", "argument dropped", "timespec of *", "the same time, more exact"),
    Equivalent("pinned_tasks.py isolated", "another one chosen", "*", "one is asked for"),
    Equivalent("pinned_tasks.py isolated", "only the first item", "in clusters*", "an isolated cluster has one security group"),
    Equivalent("security_group_rules.py rules_of", "order reversed", "*", "rules have no order"),
    Equivalent("security_group_rules.py by_direction", "order reversed", "*", "rules have no order"),
    Equivalent("stricter_alarms.py plan", "order reversed", "*", "the same names, in another order"),
    Equivalent("stricter_alarms.py alarms_of", "argument dropped", "AlarmTypes of *", "metric alarms are the default"),
    Equivalent("secret_versions.py pending_versions", "result cut to its first", "*", "a stage is of one version at a time"),
    Equivalent("image_uses.py runs", "condition dropped", "digest != *", "the image itself can be read: only one that is ACTIVE is quarantined"),
    Equivalent("image_uses.py runs", "condition dropped", "digest == *", "the parts of an image begin with its own digest"),
    Equivalent("image_uses.py refuse_way_back", "order reversed", "*", "of several revisions another one is named"),
    Equivalent("security_group_rules.py permission", "branch always taken", "if rule['IpProtocol'] != *",
               "EC2 ignores the ports of all protocols, as its reference of IpPermission says"),
    Equivalent("image_uses.py pushed", "another one chosen", "*", "one is asked for"),
    Equivalent("incident.py save_record", "argument dropped", "Prefix of *",
               "the keys are compared after it; the role may only list what is below the prefix, which make drill holds"),
    Equivalent("incident.py save_record", "only the first item", "in found", "S3 lists keys in order: the record is before what begins like it"),
    Equivalent("mark-finding-notified MarkNotified", "onFailure flipped", "Continue to Abort",
        "nothing follows it, and isCritical says that its failure is not the run's"),
    Equivalent("isolate-* Plan", "number scaled *", "inputs.InputPayload.GracePeriod 60",
               "it only looks whether there is a service: what is saved, SaveState reads itself"),
    Equivalent("* WaitForStart", "time scaled up", "inputs.Duration PT20S",
        "a deployment takes as long as that: the wait begins later, and ends no later"),
    Equivalent("blocked_addresses.py save", "number scaled *", "*for version in (4, 6) #2", "every version but 4 is the sixth"),
    Equivalent("blocked_addresses.py update", "branch always taken", "if some", "a list that gets and loses nothing is not written"),
    Equivalent("blocked_addresses.py update_set", "order reversed", "*", "the list of WAF has no order"),
    Equivalent("cut_over_target.py *", "another one chosen", "rds.describe_db_*", "one is asked for"),
    Equivalent("cut_over_password.py set_password", "another one chosen", "rds.describe_db_*", "one is asked for"),
    Equivalent("cut_over_password.py modified", "return dropped", "return False", "nothing is as false"),
    Equivalent("cut_over_secret.py switch_secret", "argument dropped", "VersionId of *",
               "it refuses right before where another version is current, which is the default"),
    Equivalent("saved_state.py first_version", "argument dropped", "Prefix of *",
               "the keys are compared after it; the role may only list what is below the prefix, which make drill holds"),
    Equivalent("cut_over_target.py check_target", "another one chosen", "current*", "each secret has the same host"),
    Equivalent("cut_over_target.py check_target", "argument dropped", "VersionStage of *", "AWSCURRENT is the default"),
    Equivalent("evidence_bucket.py save_json", "argument dropped", "indent of json.dumps", "the same JSON, laid out otherwise"),
    Equivalent("configuration.py save_configuration", "another one chosen", "ecs.describe_services*", "one service is asked for"),
    Equivalent("secret_age.py count_old_tasks", "result cut to its first", "old", "no output takes what the script returns"),
    Equivalent("ecs_service.py active_service", "only the first item", "*", "one service is asked for"),
    Equivalent("secret_rotation.py start", "another one chosen", "pending[0]", "a stage is of one version at a time"),
    Equivalent("secret_rotation.py start", "argument dropped", "RotateImmediately of *", "a rotation begins at once by default"),
    Equivalent("task_protection.py AT_ONCE", "number scaled down", "AT_ONCE = 10", "more calls free the same tasks"),
    # The runbooks from p to z, and the scripts that several of them have.
    Equivalent("service_revisions.py active_revisions", "argument dropped", "status of *", "ECS lists the active ones by default"),
    Equivalent("service_revisions.py replaced_by_running", "only the first item", "in service['deployments']",
               "ECS lists the primary deployment first, on which every wait for one counts, too"),
    Equivalent("service_revisions.py replaced_by_running", "max swapped", "max(before)",
        "one deployment alone is complete while another runs"),
    Equivalent("service_revisions.py can_be_pulled", "return dropped", "return False",
        "a function without an end of its own returns None, which is as false"),
    Equivalent("database_restore.py check_source", "another one chosen", "*DBClusters*", "one cluster is asked for"),
]
