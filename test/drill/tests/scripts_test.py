"""The scripts of the runbooks, as the files that they are. What they do is drilled."""

import importlib
import sys
import unittest
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parents[3] / "stacks" / "response" / "runbooks" / "scripts"


class Scripts(unittest.TestCase):
    def test_every_script_can_be_imported_by_itself(self) -> None:
        importlib.import_module("boto3")  # once, since it takes half a second
        names = [file.stem for file in sorted(SCRIPTS.glob("*.py"))]
        self.assertTrue(names)
        for name in names:
            # Each begins without the others.
            with self.subTest(name), mock.patch.object(sys, "path", [str(SCRIPTS), *sys.path]), mock.patch.dict(sys.modules):
                for other in names:
                    sys.modules.pop(other, None)
                module = importlib.import_module(name)
                self.assertEqual(Path(str(module.__file__)).parent, SCRIPTS)
                self.assertTrue(module.__doc__, f"{name}.py does not say what it is for")
