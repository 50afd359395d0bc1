"""Metadata and dependencies of tfflowgan."""

import pathlib
import re

from setuptools import find_packages, setup

HERE = pathlib.Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+?)"', (HERE / "tfflowgan/__init__.py").read_text()).group(1)
REQUIREMENTS = [
    line.split("#")[0].strip() for line in (HERE / "requirements.txt").read_text().splitlines() if line.split("#")[0].strip()
]
COMMANDS = ("train", "evaluate", "report", "compare", "sample", "export", "train_classifier", "train_avb", "demo", "reproduce")

setup(
    name="tfflowgan",
    version=VERSION,
    description="Invertible generators trained by likelihood, by an adversary, or by both, and judged exactly",
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["tfflowgan", "tfflowgan.*"]),
    package_data={"tfflowgan": ["report/*.j2"]},
    install_requires=REQUIREMENTS,
    extras_require={"test": ["pytest>=8", "pytest-xdist>=3", "ruff==0.17.6", "pre-commit>=4"]},
    entry_points={"console_scripts": [f"tfflowgan-{name}=tfflowgan.cli.{name}:main" for name in COMMANDS]},
    classifiers=[
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3.11",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
