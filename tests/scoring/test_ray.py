"""Scoring on a local cluster of Ray: the rows of one process, though a worker is killed."""

import collections
import importlib.util
import json
import os
import re
import subprocess
import sys
import types

import pytest
from PIL import Image

import tfflowgan
from tests.helpers import ROOT, small_flow
from tests.scoring import made, ray_killed_once
from tfflowgan import own_code
from tfflowgan.cli import score as cli
from tfflowgan.errors import SetupError, UserError
from tfflowgan.scoring import folders
from tfflowgan.scoring.ray_engine import RayEngine, _Attempts, _checked, _reason, _Worker
from tfflowgan.scoring.rows import Scorer, Settings
from tfflowgan.serving import saved_model

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason='ray is not installed: pip install "tfflowgan[ray]"',
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "flow"
    saved_model.export(small_flow("nice", made.SHAPE, logit_alpha=0.05), folder)
    return folder


@pytest.fixture
def images(tmp_path):
    """40 files, one of them no picture and one of two frames."""
    paths = made.write(tmp_path / "images", made.pixels(38))
    (tmp_path / "images" / "broken.png").write_text("no picture")
    frames = [Image.fromarray(image) for image in made.pixels(2, seed=1)]
    frames[0].save(paths[0].with_name("film.tif"), save_all=True, append_images=frames[1:])
    return tmp_path / "images"


def _on_ray(*arguments):
    """A process of its own: pytest makes errors of Ray's warnings."""
    return subprocess.run(
        [sys.executable, "-m", "tests.scoring.ray_killed_once", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )


@pytest.mark.slow
@pytest.mark.long
@needs_ray
def test_two_workers_of_which_one_is_killed_give_the_rows_of_one_process(
    model, images, tmp_path, monkeypatch
):
    monkeypatch.setattr(folders, "CHUNK", ray_killed_once.CHUNK)
    scorer, given = Scorer(Settings(str(model))), {"images": images}
    folders.score_folders(scorer, given, tmp_path / "whole.csv")

    def interrupted(scorer, chunks):
        yield scorer(chunks[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folders.score_folders(scorer, given, tmp_path / "scores.csv", interrupted)
    assert (tmp_path / "scores.csv.part").exists()
    done = _on_ray(model, images, tmp_path / "scores.csv", tmp_path / "killed", "020.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "killed").exists()
    noise = [line for line in done.stderr.splitlines() if re.search(r"\bray\b", line, re.I)]
    assert len(noise) <= 1 and "cluster left: False" in done.stdout
    for ending in ("csv", "errors.csv"):  # every path once, in order, and to the last digit
        whole, scores = ((tmp_path / f"{n}.{ending}").read_text() for n in ("whole", "scores"))
        assert scores == whole
    assert whole.count("broken.png") == 1 and "'several': 2" in done.stdout
    rows = (tmp_path / "scores.csv").read_text().splitlines()
    assert len(rows) == 1 + 38 + 2 and not (tmp_path / "scores.csv.part").exists()


@pytest.fixture
def worker(monkeypatch):
    """From a scorer and a version to what a worker gives for a chunk, in this process."""
    monkeypatch.setitem(sys.modules, "ray", types.SimpleNamespace(get=lambda found: found))
    attempts = _Attempts()
    begin = types.SimpleNamespace(begin=types.SimpleNamespace(remote=attempts.begin))

    def found(
        scorer, paths=("a.png", "b.png"), version=tfflowgan.__version__, folder=".", code=False
    ):
        worker = object.__new__(_Worker)  # without its threads, which are of a process
        worker._scorer, worker._attempts = scorer, begin
        worker._place = {"folder": folder, "version": version, "allow_code": code}
        answer = worker({"chunk": [3], "paths": [json.dumps(paths)]})
        return json.loads(answer["found"][0])

    return found


class _Fixed:
    """A scorer with one answer."""

    def __init__(self, answer):
        self.answer, self.done = answer, collections.Counter(deep=2)

    def __call__(self, paths):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_chunk_whose_workers_die_again_and_again_is_refused(worker):
    for _ in range(4):
        assert "rows" in worker(_Fixed(([], [])))
    with pytest.raises(UserError, match=r"--engine=ray.*4 workers died.*a.png to b.png"):
        _checked(worker(_Fixed(([], []))), None)


def test_a_worker_that_is_not_set_up_is_refused(worker):
    for found, sentence in (
        (worker(_Fixed(([], [])), version="0.0.1"), "0.0.1"),
        (worker(_Fixed(([], [])), folder="/nowhere"), "/nowhere"),
        (worker(_Fixed(UserError("--model=m is not a folder."))), "--model=m is not a folder"),
    ):
        with pytest.raises(UserError, match=f"--engine=ray: .*{sentence}"):
            _checked(found, None)


@pytest.mark.parametrize("code", [False, True])
def test_a_worker_may_execute_what_this_process_may(worker, code):
    class Asking(_Fixed):
        def __call__(self, paths):
            return [{"may": own_code.allows_everything()}], []

    assert worker(Asking(None), code=code)["rows"] == [{"may": code}]


def test_a_file_that_only_this_process_sees_is_refused(worker, tmp_path):
    there, gone = str(tmp_path / "there.png"), str(tmp_path / "gone.png")
    scorer = _Fixed(([], [{"path": there, "reason": "gone"}, {"path": gone, "reason": "gone"}]))
    found = worker(scorer)
    assert found["unseen"] == [there, gone] and not scorer.done
    assert _checked(found, _Fixed(None))[1] == scorer.answer[1]  # nobody sees them
    (tmp_path / "there.png").touch()
    with pytest.raises(UserError, match=f"--engine=ray: .* does not see {there}"):
        _checked(found, None)


def test_the_cause_is_found_in_what_ray_says():
    text = "The actor died in its creation task, ray::W()\n  File x\nOSError: no.\n\n"
    assert _reason(RuntimeError(text)) == "OSError: no"
    assert _reason(RuntimeError("one line.\nmore")) == "one line"


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"engine": "spark"}, "--engine=spark.*local, ray"),
        ({"ray_address": "auto"}, "--ray_address=auto.*--engine=ray"),
        ({"ray_workers": 2}, "--ray_workers=2.*--engine=ray"),
        ({"engine": "ray", "ray_workers": 0}, "--ray_workers=0"),
        ({"engine": "ray", "ray_address": "head"}, "--ray_address=head.*HOST:PORT"),
        ({"engine": "ray", "ray_address": "ray://head:1"}, "--ray_address=ray://head:1"),
        ({"engine": "ray", "ray_address": "127.0.0.1:1"}, "--ray_address=127.0.0.1:1 .*answer"),
    ],
)
def test_bad_flags_are_refused_at_once(flags, sentence, monkeypatch):
    monkeypatch.setattr("tfflowgan.scoring.ray_engine.require", lambda *_: None)
    values = {flag.name: flag.default for flag in cli._ROWS} | flags
    with pytest.raises(UserError, match=sentence):
        cli._engine(values)


def test_without_ray_the_sentence_has_the_command(monkeypatch):
    for name in [n for n in sys.modules if n.partition(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SetupError, match=r'--engine=ray.*pip install "tfflowgan\[ray\]"'):
        RayEngine()
