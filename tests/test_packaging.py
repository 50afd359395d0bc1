"""What an installed package has: commands, data, dependencies; a client without TensorFlow."""

import ast
import functools
import http.server
import importlib.metadata
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import tomllib
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import tfflowgan
from tests.helpers import ROOT, command
from tests.links import link_packages

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {
    name: [Requirement(r) for r in rows] for name, rows in PROJECT["optional-dependencies"].items()
}
REQUIRED = [Requirement(r) for r in PROJECT["dependencies"]]
SOURCES = ["pyproject.toml", "setup.py", "README.md", "LICENSE", "MANIFEST.in", "tfflowgan"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The unpacked wheel, built from an sdist, which is built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder)
    _build("sdist", folder)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "sdist", filter="data")
    (sources,) = (folder / "sdist").iterdir()
    _build("wheel", sources)
    (path,) = (sources / "dist").glob("*.whl")
    zipfile.ZipFile(path).extractall(folder / "unpacked")
    return folder / "unpacked"


def _build(kind, folder):
    program = f"from setuptools.build_meta import build_{kind}; build_{kind}('dist')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins():
    """Name -> version, of all files."""
    lines = [
        line.partition("#")[0].strip()
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-docs.txt")
        for line in (ROOT / name).read_text().splitlines()
    ]
    found = [Requirement(line) for line in lines if line and not line.startswith("-r")]
    versions = {
        normalized(r.name): [s.version for s in r.specifier if s.operator == "=="] for r in found
    }
    assert len(versions) == len(found)
    return {name: version for name, (version,) in versions.items()}


def third_party(folder):
    """Module -> the files under a folder that import it, wherever in them."""
    found = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "require":
                names = [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
            for name in names:
                found.setdefault(name.partition(".")[0], set()).add(path)
    ours = {"tfflowgan", "papers", "msvcrt"} | sys.stdlib_module_names
    return {name: paths for name, paths in found.items() if name not in ours}


@functools.cache
def distributions(module):
    return {normalized(name) for name in packages_distributions().get(module, [])}


packages_distributions = functools.cache(importlib.metadata.packages_distributions)


def test_every_command_has_a_script_a_file_in_bin_and_a_module():
    scripts = PROJECT["scripts"]
    names = {p.name for p in (ROOT / "bin").iterdir()}
    assert scripts == {f"tfflowgan-{name}": f"tfflowgan.cli.{name}:main" for name in names}
    assert names == {p.stem for p in (ROOT / "tfflowgan" / "cli").glob("*.py")} - {
        "__init__",
        "app",
        "run_settings",
    }


def test_the_files_in_bin_are_copies_of_one():
    files = list((ROOT / "bin").iterdir())
    assert len({p.read_bytes() for p in files}) == 1
    assert all(p.stat().st_mode & 0o111 and not p.is_symlink() for p in files)


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel):
    files = {p.relative_to(wheel) for p in wheel.rglob("*") if p.is_file()}
    packed = {p for p in files if not p.parts[0].endswith(".dist-info")}
    source = (ROOT / "tfflowgan").rglob("*")
    assert packed == {
        p.relative_to(ROOT) for p in source if p.is_file() and "__pycache__" not in p.parts
    }
    assert pathlib.Path("tfflowgan/py.typed") in packed


def test_the_wheel_has_the_version_and_the_bounds_of_python(wheel):
    (info,) = importlib.metadata.distributions(path=[str(wheel)])
    assert info.version == tfflowgan.__version__
    bounds = SpecifierSet(info.metadata["Requires-Python"])
    assert [v for v in ("3.10", "3.11", "3.12", "3.13", "3.14") if v in bounds] == [
        "3.11",
        "3.12",
        "3.13",
    ]
    assert {e.name for e in info.entry_points} == set(PROJECT["scripts"])


def test_every_import_is_of_a_dependency_or_of_an_extra():
    required = {normalized(r.name) for r in REQUIRED}
    extras = ("serving", "demo", "parquet", "ray")
    optional = {normalized(r.name) for name in extras for r in EXTRAS[name]}
    undeclared = {
        m: paths
        for m, paths in third_party(ROOT / "tfflowgan").items()
        if not distributions(m) & (required | optional)
    }
    assert not undeclared
    of_extras = {m for m in third_party(ROOT / "tfflowgan") if not distributions(m) & required}
    assert of_extras == {"gradio", "grpc", "pyarrow", "ray", "tensorflow_serving"}


def test_the_papers_import_nothing_but_dependencies():
    required = {normalized(r.name) for r in REQUIRED}
    assert not {
        m: paths
        for m, paths in third_party(ROOT / "papers").items()
        if not distributions(m) & required
    }


def test_the_lock_has_a_version_within_bounds_of_everything():
    locked = pins()
    bounds = [
        *REQUIRED,
        *(
            r
            for name in ("serving", "demo", "test", "docs")
            for r in EXTRAS[name]
            if r.name != "tfflowgan"
        ),
    ]
    assert {normalized(r.name) for r in bounds} == set(locked)
    outside = [
        f"{r} (locked {locked[normalized(r.name)]})"
        for r in bounds
        if locked[normalized(r.name)] not in r.specifier
    ]
    assert not outside


def listed(file):
    """The names in a file of pins, without those of the files that it includes."""
    lines = (ROOT / file).read_text().splitlines()
    rows = [line.partition("#")[0].strip() for line in lines if re.match(r"\w", line)]
    return {normalized(Requirement(row).name) for row in rows}


def test_what_make_test_needs_is_the_extra_test():
    extra = {normalized(r.name) for r in EXTRAS["test"]} - {"tfflowgan"}
    assert listed("requirements-dev.txt") | {"setuptools"} == extra


def test_what_make_docs_needs_is_the_extra_docs():
    assert listed("requirements-docs.txt") == {normalized(r.name) for r in EXTRAS["docs"]}


def test_the_package_lists_its_public_names():
    assert set(dir(tfflowgan)) == {
        "CheckerboardCoupling",
        "FDivergence",
        "Flow",
        "FlowGAN",
        "Level",
        "MultiScaleFlow",
        "OnePassBijector",
        "SplitCoupling",
        "UserError",
        "__version__",
        "build",
        "export",
        "fit",
        "load",
        "units",
    }
    assert dir(tfflowgan) == sorted(tfflowgan.__all__)
    for name in dir(tfflowgan):
        assert getattr(tfflowgan, name) is not None
    with pytest.raises(AttributeError, match="flow"):
        tfflowgan.flow  # noqa: B018


@pytest.mark.parametrize("flag", ["--again", "--noagain", "--again=true", "-again"])
def test_a_renamed_flag_is_refused_with_its_new_name(flag):
    done = command("evaluate", "--run=/nowhere", flag)
    assert done.returncode == 1 and not done.stdout
    assert "--again" in done.stderr and "--overwrite" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_installed_reproduce_says_where_to_find_it(wheel):
    program = "from tfflowgan.cli.reproduce import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=wheel, capture_output=True, text=True, timeout=60
    )
    assert (
        done.returncode == 1
        and "bin/reproduce" in done.stderr
        and len(done.stderr.strip().splitlines()) == 1
    )


@pytest.fixture(scope="module")
def only_requests_and_numpy(wheel, tmp_path_factory):
    """What `pip install --no-deps .` makes beside requests and numpy, as links to packages here."""
    folder = tmp_path_factory.mktemp("site-packages")
    (folder / "tfflowgan").symlink_to(wheel / "tfflowgan")
    link_packages(folder, "numpy", "requests")
    return folder


def run_isolated(folder, program, *arguments):
    """Runs a program with the standard library and one folder of packages alone."""
    start = "import sys; sys.path.append(sys.argv.pop(1))\n"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start + program, str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
    )


@pytest.fixture
def server():
    """A REST server whose model scores an image by its mean: its address, and the bodies sent."""
    bodies = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            signature = {"outputs": {"log_prob": {"dtype": "DT_FLOAT"}}}
            self._answer(
                {"metadata": {"signature_def": {"signature_def": {"log_prob": signature}}}}
            )

        def do_POST(self):
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            images = bodies[-1]["inputs"]["images"]
            self._answer(
                {
                    "outputs": [
                        sum(pixel for row in image for (pixel,) in row) / 4 for image in images
                    ]
                }
            )

        def _answer(self, content):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", bodies
        server.shutdown()


def test_the_rest_client_needs_only_requests_and_numpy(only_requests_and_numpy, server):
    address, bodies = server
    program = """
import numpy as np
from tfflowgan.client import Client
images = np.linspace(0.0, 1.0, 12).reshape(3, 2, 2, 1)
with Client("small", sys.argv[1], rows=2) as client:
    np.testing.assert_allclose(client.log_prob(images), images.mean(axis=(1, 2, 3)), rtol=1e-6)
assert not {"tensorflow", "absl", "grpc"} & set(sys.modules)
"""
    done = run_isolated(only_requests_and_numpy, program, address)
    assert done.returncode == 0, done.stderr
    assert [len(body["inputs"]["images"]) for body in bodies] == [2, 1]


def test_grpc_without_its_extra_is_refused_with_the_command(only_requests_and_numpy):
    program = """
from tfflowgan.client import Client
try:
    Client("small", protocol="grpc")
except ImportError as error:
    print(error)
"""
    done = run_isolated(only_requests_and_numpy, program)
    assert done.returncode == 0, done.stderr
    assert "protocol='grpc'" in done.stdout and 'pip install "tfflowgan[serving]"' in done.stdout


def test_nothing_else_can_be_imported_there(only_requests_and_numpy):
    """The environment is what the tests above take it for."""
    done = run_isolated(only_requests_and_numpy, "import absl")
    assert done.returncode != 0 and "No module named 'absl'" in done.stderr


@pytest.mark.parametrize(("gpu", "installs"), [([], False), (["GPU=1"], True)])
def test_make_installs_cuda_for_a_gpu_alone(gpu, installs):
    flags = ["VENV=/nowhere/venv", *gpu]
    done = subprocess.run(
        ["make", "--dry-run", "venv", *flags], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (".[cuda]" in done.stdout) is installs
    assert ("--constraint requirements.txt" in done.stdout) is installs
