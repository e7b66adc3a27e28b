"""Images of ECR in virtual time: archiving one takes a while, and bringing it
back twenty minutes."""

import datetime
from typing import TYPE_CHECKING, Any

from moto.ecr.models import ecr_backends

from ..errors import ApiError

if TYPE_CHECKING:
    from .account import Account

#: Virtual seconds until an image is in the archive, and out of it.
ARCHIVE_SECONDS, ACTIVATE_SECONDS = 60, 1200


#: The media type that images of Docker have.
OLDEST_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class Images:
    """In which storage class the account's images are."""

    def __init__(self, account: "Account"):
        self._account = account
        #: By repository and digest, of those that were ever archived.
        self._status: dict[tuple[str, str], str] = {}

    @property
    def _backend(self):
        return ecr_backends[self._account.id][self._account.region]

    def begin(self) -> None:
        """Has the images pushed a day after one another, the last one yesterday."""
        for repository in self._backend.repositories.values():
            for days, image in enumerate(reversed(repository.images), start=1):
                image.image_pushed_at = int((self._account.clock.datetime() - datetime.timedelta(days=days)).timestamp())

    def push(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Notes when an image was pushed, which another tag does not change; moto has the machine's time."""
        images = self._backend.repositories[parameters["repositoryName"]].images
        before = {each.get_image_digest(): each.image_pushed_at for each in images}
        answer = self._account.bare.client("ecr").put_image(**parameters)
        for each in self._backend.repositories[parameters["repositoryName"]].images:
            now = int(self._account.clock.datetime().timestamp())
            each.image_pushed_at = before.get(each.get_image_digest(), now)
        return {"image": answer["image"]}

    def status(self, repository: str, digest: str) -> str:
        return self._status.get((repository, digest), "ACTIVE")

    def move(self, repository: str, digest: str, storage: str) -> str:
        """Moves the image to the storage class, and returns its status meanwhile:
        ECR has none for an image that is being archived."""
        meanwhile, then, seconds = (
            ("ACTIVE", "ARCHIVED", ARCHIVE_SECONDS) if storage == "ARCHIVE" else ("ACTIVATING", "ACTIVE", ACTIVATE_SECONDS))
        self._status[repository, digest] = meanwhile
        self._account.clock.after(seconds, lambda: self._status.update({(repository, digest): then}))
        return meanwhile

    def describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Returns which images UpdateImageStorageClass moved, and without a filter leaves out all that are not active."""
        wanted = parameters.get("filter", {}).get("imageStatus", "ACTIVE")
        plain = {key: value for key, value in parameters.items() if key != "filter"}
        found = self._account.bare.client("ecr").describe_images(**plain)["imageDetails"]
        known = [{**each, "imageStatus": self.status(parameters["repositoryName"], each["imageDigest"])} for each in found]
        matching = [each for each in known if wanted in ("ANY", each["imageStatus"])]
        if parameters.get("imageIds") and len(matching) < len(known):
            raise ApiError("ImageNotFoundException", f"The image with imageId {parameters['imageIds']} does not exist")
        return {"imageDetails": matching}

    def get(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Has no image that is archived, as if there were none. Of the media types that are
        accepted: whether ECR accepts another than its oldest one where none is named
        is not documented."""
        answer = self._account.bare.client("ecr").batch_get_image(**parameters)
        accepted = parameters.get("acceptedMediaTypes", [OLDEST_MANIFEST])
        pulled = [each for each in answer["images"] if each["imageManifestMediaType"] in accepted
                  and self.status(parameters["repositoryName"], each["imageId"]["imageDigest"]) == "ACTIVE"]
        missing = [{"imageId": each["imageId"], "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
                   for each in answer["images"] if each not in pulled]
        return {"images": pulled, "failures": [*answer["failures"], *missing]}
