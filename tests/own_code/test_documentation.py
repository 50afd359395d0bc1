"""The pages on parts of your own: their files are written, their commands and programs run."""

import re
import shlex

import pytest

from tests.helpers import ROOT, command, command_here, script_here

PAGES = [ROOT / "docs" / "guides" / name for name in ("extending.md", "extending-parts.md")]
TEXT = "\n".join(page.read_text() for page in PAGES)
SECTIONS = [part for part in TEXT.split("\n## ") if "```python" in part]


def test_there_are_three_complete_examples():
    assert len(SECTIONS) == 3 and all("```bash" in section for section in SECTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS, ids=lambda text: text.splitlines()[0])
def test_an_example_does_what_it_shows(section, tmp_path):
    files = re.findall(r"`(\w+\.py)`:\n\n```python\n(.*?)```", section, re.S)
    assert files
    for name, source in files:
        (tmp_path / name).write_text(source)
    lines = [
        line
        for block in re.findall(r"```bash\n(.*?)```", section, re.S)
        for line in block.splitlines()
    ]
    for line in lines:
        name, *flags = shlex.split(line)
        if name == "bin/train" and not any(flag.startswith("--dataset") for flag in flags):
            flags.append("--data_source=embedded")
        # nvp shares batches among cores, which needs a process of its own
        runs = command if "--flow=nvp" in flags else command_here
        done = runs(name.removeprefix("bin/"), *flags, cwd=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert "Traceback" not in done.stderr
    for source in re.findall(r"```python\n(.*?)```", section, re.S):
        if "def main():" in source:
            program = tmp_path / "program.py"
            program.write_text(source)
            done = script_here(program, cwd=tmp_path)
            assert done.returncode == 0 and "(4, 8, 8, 1)" in done.stdout, done.stderr
