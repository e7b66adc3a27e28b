"""Posts a review as a comment on its pull request, in place of the comment with the review before.

The token may write comments. So nothing that the pull request made is trusted: its number
comes from the forge, its review is text of a limited size, and no file is unpacked.

usage: review_comment.py    in a job of the workflow "Comment", or of .gitlab-ci.yml"""

import io
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

MARKER = "<!-- the review of this repository's CI -->"

#: GitHub takes 65,536 characters.
MAX_CHARACTERS = 60_000
MAX_ARTIFACT_BYTES = 1 << 20
MAX_ANSWER_BYTES = 16 << 20

#: Of the 100 comments each in which the one before is looked for.
MAX_PAGES = 20


def comment_text(review: bytes, commit: str) -> str:
    """The comment: whose words it has, and the review, in which @name notifies nobody."""
    text = review.decode(errors="replace").replace("\0", "").replace("@", "@\u200b")
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS] + "\n\nThe rest is cut off: it is in the artifact."
    return f"{MARKER}\nWritten by the code of this pull request, at {commit}.\n\n{text}"


class Forge:
    """The API of a forge, with a token that no redirection takes along."""

    def __init__(self, url: str, header: str, token: str) -> None:
        self.url, self.header, self.token = url, header, token

    def request(self, method: str, path: str, content: dict | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, method=method, data=json.dumps(content).encode() if content else None)
        request.add_header("Content-Type", "application/json")
        request.add_unredirected_header(self.header, self.token)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read(MAX_ANSWER_BYTES)

    def get(self, path: str, **query: str | int):
        return json.loads(self.request("GET", f"{path}?{urllib.parse.urlencode(query)}"))

    def replace(self, path: str, is_own, method: str, text: str, address) -> None:
        """Changes the own comment of those at the path, or posts a first one."""
        for page in range(1, MAX_PAGES + 1):
            comments = self.get(path, per_page=100, page=page)
            for comment in comments:
                if is_own(comment) and comment["body"].startswith(MARKER):
                    self.request(method, address(int(comment["id"])), {"body": text})
                    return
            if len(comments) < 100:
                break
        self.request("POST", path, {"body": text})


def comment_on_github() -> str:
    """Comments on the pull request of which the event says that it was reviewed."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text())
    run, repository = event["workflow_run"], f"/repos/{os.environ['GITHUB_REPOSITORY']}"
    forge = Forge(os.environ["GITHUB_API_URL"], "Authorization", "Bearer " + os.environ["GITHUB_TOKEN"])

    # The event names no pull request of a fork. Each branch has one at most into main.
    requests = forge.get(f"{repository}/pulls", state="open", base=event["repository"]["default_branch"],
                         head=f"{run['head_repository']['owner']['login']}:{run['head_branch']}")
    numbers = [int(request["number"]) for request in requests if request["head"]["sha"] == run["head_sha"]]
    if len(numbers) != 1:
        return "Not posted: no open pull request into the default branch has the commit that was reviewed"
    artifacts = forge.get(f"{repository}/actions/runs/{int(run['id'])}/artifacts", name="review")["artifacts"]
    if len(artifacts) != 1 or artifacts[0]["size_in_bytes"] > MAX_ARTIFACT_BYTES:
        return f"Not posted: want one artifact named review of at most {MAX_ARTIFACT_BYTES} bytes"
    archive = forge.request("GET", f"{repository}/actions/artifacts/{int(artifacts[0]['id'])}/zip")
    with zipfile.ZipFile(io.BytesIO(archive)).open("review.md") as file:
        review = file.read(4 * MAX_CHARACTERS + 4)  # a character has four bytes at most
    forge.replace(f"{repository}/issues/{numbers[0]}/comments", lambda comment: comment["user"]["login"] == "github-actions[bot]",
                  "PATCH", comment_text(review, run["head_sha"]), lambda id: f"{repository}/issues/comments/{id}")
    return f"Posted on pull request {numbers[0]}"


def comment_on_gitlab() -> str:
    """Comments on the merge request of the pipeline."""
    forge = Forge(os.environ["CI_API_V4_URL"], "PRIVATE-TOKEN", os.environ["REVIEW_TOKEN"])
    number = int(os.environ["CI_MERGE_REQUEST_IID"])
    path = f"/projects/{int(os.environ['CI_MERGE_REQUEST_PROJECT_ID'])}/merge_requests/{number}/notes"
    user = forge.get("/user")["id"]
    with Path(".build/review.md").open("rb") as file:
        review = file.read(4 * MAX_CHARACTERS + 4)
    forge.replace(path, lambda note: note["author"]["id"] == user,
                  "PUT", comment_text(review, os.environ["CI_COMMIT_SHA"]), lambda id: f"{path}/{id}")
    return f"Posted on merge request {number}"


def main() -> None:
    if "GITHUB_EVENT_PATH" not in os.environ and "CI_MERGE_REQUEST_IID" not in os.environ:
        sys.exit("want GITHUB_EVENT_PATH of a run of the workflow Comment, or CI_MERGE_REQUEST_IID of a merge request's pipeline")
    try:
        print(comment_on_github() if "GITHUB_EVENT_PATH" in os.environ else comment_on_gitlab())
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.url}: got {error.code} {error.reason}")
    except (zipfile.BadZipFile, KeyError) as error:
        sys.exit(f"the artifact: got {error}, want an archive with review.md")


if __name__ == "__main__":
    main()
