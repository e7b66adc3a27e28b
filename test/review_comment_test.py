"""Proves that a review becomes one comment on the right pull request, whatever the
pull request has made of it: against the APIs of both forges, on loopback.

usage: review_comment_test.py"""

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PROGRAM = Path(__file__).parents[1] / "tools" / "review_comment.py"

MARKER = "<!-- the review of this repository's CI -->"
OWN = {"id": 7, "body": MARKER + "\nold", "user": {"login": "github-actions[bot]"}, "author": {"id": 3}}
FORGED = {"id": 8, "body": MARKER + "\nforged", "user": {"login": "mallory"}, "author": {"id": 4}}
OTHER = {"id": 9, "body": "Thanks", "user": {"login": "github-actions[bot]"}, "author": {"id": 3}}

EVENT = {
    "repository": {"default_branch": "main"},
    "workflow_run": {"id": 11, "head_sha": "abc", "head_branch": "main", "head_repository": {"owner": {"login": "mallory"}}},
}


def archive(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(name.replace("_", "."), text)
    return content.getvalue()


class Api(ThreadingHTTPServer):
    """A forge, and beside it the storage that its artifacts are redirected to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pulls = [{"number": 17, "head": {"sha": "abc"}}]
        self.artifact, self.size = archive(review_md=b"# Review of @team"), 100
        self.comments: list[dict] = [OTHER, FORGED]
        self.written: list[tuple[str, str, str]] = []
        self.queries: list[dict] = []
        self.tokens: dict[str, str | None] = {}


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        self.server.tokens[url.path] = self.headers["Authorization"] or self.headers["PRIVATE-TOKEN"]
        if url.path.endswith("/zip"):
            self.send_response(302)
            self.send_header("Location", "/storage")
            self.end_headers()
        elif url.path == "/storage":
            self.answer(self.server.artifact)
        elif url.path.endswith(("/comments", "/notes")):
            start = (int(query["page"]) - 1) * int(query["per_page"])
            self.answer(self.server.comments[start:start + int(query["per_page"])])
        elif url.path.endswith("/artifacts"):
            self.answer({"artifacts": [{"id": 5, "size_in_bytes": self.server.size}]})
        elif url.path == "/user":
            self.answer({"id": 3})
        else:
            self.server.queries.append({"path": url.path, **query})
            self.answer(self.server.pulls)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        self.server.written.append((self.command, self.path, body))
        self.answer({})

    do_PATCH = do_PUT = do_POST

    def answer(self, content: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content if isinstance(content, bytes) else json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Says nothing: a test looks at what was asked."""


class Comment(unittest.TestCase):
    def setUp(self) -> None:
        self.api = self.enterContext(Api())
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        self.addCleanup(self.api.shutdown)
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_program(self, **variables: str) -> tuple[int, str]:
        """The exit status, and what is said."""
        done = subprocess.run([sys.executable, PROGRAM], cwd=self.directory, text=True, capture_output=True,
                              env={"PATH": os.environ["PATH"], "no_proxy": "*", **variables})
        return done.returncode, (done.stdout + done.stderr).strip()

    def github(self) -> tuple[int, str]:
        (self.directory / "event.json").write_text(json.dumps(EVENT))
        return self.run_program(GITHUB_EVENT_PATH="event.json", GITHUB_REPOSITORY="us/infra", GITHUB_TOKEN="t",
                                GITHUB_API_URL=f"http://127.0.0.1:{self.api.server_port}")

    def gitlab(self) -> tuple[int, str]:
        (self.directory / ".build").mkdir()
        (self.directory / ".build/review.md").write_text("# Review of @team")
        return self.run_program(CI_API_V4_URL=f"http://127.0.0.1:{self.api.server_port}", REVIEW_TOKEN="t", CI_MERGE_REQUEST_IID="17",
                                CI_MERGE_REQUEST_PROJECT_ID="2", CI_COMMIT_SHA="abc")

    def test_a_first_review_is_a_new_comment_that_notifies_nobody(self) -> None:
        self.assertEqual((0, "Posted on pull request 17"), self.github())
        self.assertEqual([("POST", "/repos/us/infra/issues/17/comments",
                           MARKER + "\nWritten by the code of this pull request, at abc.\n\n# Review of @\u200bteam")], self.api.written)
        self.assertEqual([{"path": "/repos/us/infra/pulls", "state": "open", "base": "main", "head": "mallory:main"}], self.api.queries)

    def test_a_later_review_replaces_the_own_comment_and_no_other(self) -> None:
        self.api.comments = [OTHER, FORGED] * 50 + [OWN]
        self.assertEqual(0, self.github()[0])
        self.assertEqual([("PATCH", "/repos/us/infra/issues/comments/7")], [call[:2] for call in self.api.written])

    def test_the_token_is_not_sent_where_the_artifact_is_stored(self) -> None:
        self.github()
        self.assertEqual("Bearer t", self.api.tokens["/repos/us/infra/actions/artifacts/5/zip"])
        self.assertIsNone(self.api.tokens["/storage"])

    def test_a_pull_request_with_another_commit_gets_no_comment(self) -> None:
        for pulls in [], [{"number": 18, "head": {"sha": "newer"}}]:
            self.api.pulls = pulls
            self.assertEqual((0, "Not posted: no open pull request into the default branch has the commit that was reviewed"), self.github())
        self.assertEqual([], self.api.written)

    def test_a_long_review_is_cut_off(self) -> None:
        self.api.artifact = archive(review_md=b"\xf0\x9f\x92\xa3" * (64 << 20 >> 2))
        self.github()
        self.assertIn("The rest is cut off", self.api.written[0][2])
        self.assertLess(len(self.api.written[0][2]), 60_500)

    def test_an_artifact_that_is_no_review_is_refused(self) -> None:
        for artifact, size, said in [
            (b"", 2 << 20, "Not posted: want one artifact named review of at most 1048576 bytes"),
            (b"no archive", 10, "the artifact: got File is not a zip file, want an archive with review.md"),
            (archive(other_md=b""), 10, "want an archive with review.md"),
        ]:
            self.api.artifact, self.api.size = artifact, size
            self.assertIn(said, self.github()[1])
        self.assertEqual([], self.api.written)

    def test_gitlab_gets_one_note_that_is_replaced(self) -> None:
        self.assertEqual((0, "Posted on merge request 17"), self.gitlab())
        self.api.comments.append(OWN)
        (self.directory / ".build/review.md").unlink()
        (self.directory / ".build").rmdir()
        self.gitlab()
        self.assertEqual([("POST", "/projects/2/merge_requests/17/notes"), ("PUT", "/projects/2/merge_requests/17/notes/7")],
                         [call[:2] for call in self.api.written])
        self.assertIn("@\u200bteam", self.api.written[0][2])

    def test_elsewhere_it_says_what_it_needs(self) -> None:
        status, said = self.run_program()
        self.assertEqual(1, status)
        self.assertIn("want GITHUB_EVENT_PATH", said)


if __name__ == "__main__":
    unittest.main()
