"""The scripts of the runbooks and of our function, as the files that they are. What they do is drilled."""

import importlib
import sys
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[3]
FILES = [*sorted((ROOT / "stacks" / "response" / "runbooks" / "scripts").glob("*.py")), ROOT / "constructs" / "automation" / "claim_run.py",
         ROOT / "constructs" / "web" / "run_task.py"]


class Scripts(unittest.TestCase):
    def test_every_script_can_be_imported_by_itself(self) -> None:
        importlib.import_module("boto3")  # once, since it takes half a second
        self.assertGreater(len(FILES), 1)
        for file in FILES:
            # Each begins without the others.
            with self.subTest(file.name), mock.patch.object(sys, "path", [str(file.parent), *sys.path]), mock.patch.dict(sys.modules):
                for other in FILES:
                    sys.modules.pop(other.stem, None)
                module = importlib.import_module(file.stem)
                self.assertEqual(Path(str(module.__file__)), file)
                self.assertTrue(module.__doc__, f"{file.name} does not say what it is for")
