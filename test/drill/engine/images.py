"""Images of ECR in virtual time: archiving one takes a while, and bringing it
back twenty minutes."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import Account

#: Virtual seconds until an image is in the archive, and out of it.
ARCHIVE_SECONDS, ACTIVATE_SECONDS = 60, 1200


class Images:
    """In which storage class the account's images are."""

    def __init__(self, account: "Account"):
        self._account = account
        #: By repository and digest, of those that were ever archived.
        self._status: dict[tuple[str, str], str] = {}

    def status(self, repository: str, digest: str) -> str:
        return self._status.get((repository, digest), "ACTIVE")

    def move(self, repository: str, digest: str, storage: str) -> str:
        """Moves the image to the storage class, and gives its status meanwhile:
        ECR has none for an image that is being archived."""
        meanwhile, then, seconds = (
            ("ACTIVE", "ARCHIVED", ARCHIVE_SECONDS) if storage == "ARCHIVE" else ("ACTIVATING", "ACTIVE", ACTIVATE_SECONDS))
        self._status[repository, digest] = meanwhile
        self._account.clock.after(seconds, lambda: self._status.update({(repository, digest): then}))
        return meanwhile

    def describe(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """DescribeImages: without a filter those alone that can be pulled."""
        wanted = parameters.get("filter", {}).get("imageStatus", "ACTIVE")
        found = self._account.bare.client("ecr").describe_images(**parameters)["imageDetails"]
        known = [{**each, "imageStatus": self.status(parameters["repositoryName"], each["imageDigest"])} for each in found]
        return [each for each in known if wanted in ("ANY", each["imageStatus"])]
