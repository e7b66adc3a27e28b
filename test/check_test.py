"""Proves make check: that it runs every part, stops at the first that fails, and
leaves nothing behind when it is stopped.

usage: check_test.py"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = Path(__file__).with_name("check.py").resolve()

#: How long parts of the clock may take on a machine that is busy.
PATIENCE = 30

MAKEFILE = """
good later quick: ; @echo "it is $@"
bad: ; @while ! test -e waiting; do sleep 0.1; done; echo "it is bad"; exit 3
slow: ; @echo $$$$ > slow.pid; exec sleep 60
slower: ; @sleep 60 & echo $$! > slower.pid; wait
waits: ; @touch waiting; sleep 1
"""


class Check(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.directory / "Makefile").write_text(MAKEFILE)

    def start(self, *chains: str) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, PROGRAM, "make", *chains], cwd=self.directory, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def check(self, *chains: str) -> tuple[int, str]:
        """The exit status, and what is said."""
        process = self.start(*chains)
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def rows(self, said: str) -> dict[str, str]:
        """What the table says of each part."""
        table = said.split("\npart ")[1].split("\n\n")[0].splitlines()[1:]
        return {row.split()[0]: row.split(maxsplit=3)[3] for row in table}

    def test_every_part_is_run_and_shown(self) -> None:
        status, said = self.check("good,later", "quick")

        self.assertEqual(status, 0, said)
        self.assertEqual(self.rows(said), {"good": "passed", "later": "passed", "quick": "passed"})
        self.assertIn("passed   good: it is good\n", said)
        self.assertLess(said.index("passed   good"), said.index("running  later"))

    def test_nothing_is_started_after_a_failure(self) -> None:
        status, said = self.check("bad,later", "waits,quick", "good")

        self.assertEqual(status, 1, said)
        self.assertEqual(self.rows(said), {
            "bad": "failed", "later": "not run", "waits": "passed", "quick": "not run", "good": "not run"})
        self.assertIn("FAILED   bad\nit is bad\n", said)
        self.assertIn("failed: bad. Run make bad alone", said)

    def test_a_part_that_is_missing_fails(self) -> None:
        status, said = self.check("none")

        self.assertEqual(status, 1, said)
        self.assertIn("none", said)

    def test_it_ends_with_all_that_it_started(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                files = [self.directory / "slow.pid", self.directory / "slower.pid"]
                process = self.start("slow", "slower", "good")
                self.wait(lambda: all(each.exists() and each.read_text().strip() for each in files))

                process.send_signal(number)

                said, _ = process.communicate(timeout=PATIENCE)
                self.assertEqual(process.returncode, 128 + signal.SIGINT, said)
                self.assertNotIn("Traceback", said)
                self.assertNotIn("running  good", said)
                for each in files:
                    self.wait(lambda: not alive(int(each.read_text())))
                    each.unlink()

    def wait(self, holds) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    unittest.main()
