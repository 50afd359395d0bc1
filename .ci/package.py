#!/usr/bin/env python3
"""Builds an sdist, and a wheel from it; installs the wheel in a new environment and uses it there.

    .venv/bin/python .ci/package.py [FOLDER]        # FOLDER: dist

The new environment has what the wheel requires as links to the packages installed here, and no
others, so nothing is downloaded, and a requirement that is missing or of another version is found.
"""

import importlib.metadata
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

from packaging.requirements import Requirement

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tests.links import link_packages

ROOT = pathlib.Path(__file__).resolve().parent.parent
USE = """
import pathlib, sys, tfflowgan
flow = tfflowgan.build("nice", image_shape=(4, 4, 1), width=4, layers=1)
assert flow.sample(2, seed=0).shape == (2, 4, 4, 1)
home = pathlib.Path(tfflowgan.__file__).resolve()
assert home.is_relative_to(pathlib.Path(sys.prefix).resolve()), f"{home} is not what was installed"
print("tfflowgan", tfflowgan.__version__, "is used from", home.parent)
"""


def main() -> None:
    """Builds, installs, uses; ends with an error if anything fails."""
    output = pathlib.Path(sys.argv[1] if sys.argv[1:] else ROOT / "dist").resolve()
    with tempfile.TemporaryDirectory() as folder:
        built = pathlib.Path(folder) / "built"
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", built, ROOT)
        (wheel,) = built.glob("*.whl")
        fresh = pathlib.Path(folder) / "fresh"
        venv.create(fresh, with_pip=True)
        (site,) = fresh.glob("lib/python*/site-packages")
        (info,) = importlib.metadata.distributions(path=[str(wheel)])
        needs = [text for text in info.requires or [] if not Requirement(text).marker]
        link_packages(site, *needs)
        python = fresh / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", "--no-index", wheel)
        run(python, "-I", "-c", USE, cwd=folder)
        helped = run(fresh / "bin" / "tfflowgan-train", "--help", cwd=folder, capture_output=True)
        if "--dataset" not in helped.stdout:
            sys.exit(f"tfflowgan-train --help does not list its flags: {helped.stdout}")
        output.mkdir(exist_ok=True)
        for path in built.iterdir():
            print(f"Built {path.replace(output / path.name)}.")


def run(*words, **options) -> subprocess.CompletedProcess:
    """Runs a command to its end; ends with an error if it fails."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([str(word) for word in words], text=True, env=environment, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words[:4]))} failed.\n{done.stderr or ''}")
    return done


if __name__ == "__main__":
    main()
