"""What an installed package must have."""

import ast
import sys

from tests.helpers import ROOT
from tfflowgan import environment


def _setup():
    """The names that setup.py assigns, and the arguments that it gives, as source."""
    tree = ast.parse((ROOT / "setup.py").read_text())
    assigned = {n.targets[0].id: n.value for n in tree.body if isinstance(n, ast.Assign)}
    (call,) = [n.value for n in tree.body if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call)]
    return assigned, {k.arg: k.value for k in call.keywords}


def _foreign():
    """The packages of others that this one imports anywhere."""
    imported = set()
    for path in (ROOT / "tfflowgan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0].lower() for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0].lower())
    return imported - {name.lower() for name in sys.stdlib_module_names} - {"tfflowgan"}


def test_every_command_is_installed():
    assigned, _ = _setup()
    assert set(ast.literal_eval(assigned["COMMANDS"])) == {p.name for p in (ROOT / "bin").iterdir()}


def test_files_that_are_no_modules_are_installed_too():
    _, arguments = _setup()
    patterns = ast.literal_eval(arguments["package_data"])["tfflowgan"]
    found = {p for pattern in patterns for p in (ROOT / "tfflowgan").glob(pattern)}
    others = {p for p in (ROOT / "tfflowgan").rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")}
    assert others == found


def test_the_environment_is_checked_for_every_package_that_is_imported():
    needed = {name.lower() for name in environment._NEEDED}
    assert _foreign() <= needed | {"google"}  # protobuf comes with TensorFlow


def test_every_package_that_is_imported_is_required():
    required = {line.split("==")[0].lower() for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line}
    names = {"absl": "absl-py", "pil": "pillow", "tensorflow_probability": "tensorflow-probability"}
    names |= {"tensorflow_datasets": "tensorflow-datasets", "tensorflow_serving": "tensorflow-serving-api"}
    names |= {"grpc": "grpcio", "google": "protobuf"}
    assert {names.get(name, name) for name in _foreign()} <= required
