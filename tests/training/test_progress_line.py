"""The progress line, and the pictures of samples that a long run keeps."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from tfflowgan import image_grid
from tfflowgan.training.pictures import SampleGrid, spacing
from tfflowgan.training.progress_line import ProgressLine


def _line(terminal, seconds):
    """A line of a run of 100 steps, 10 in a period, whose clock is `seconds[0]`."""
    rule = SimpleNamespace(total_steps=100, period=10)
    row = {}
    line = ProgressLine(rule, 32, lambda: row, terminal, lambda: seconds[0])
    line.set_model(
        SimpleNamespace(
            step=0,
            optimizer=SimpleNamespace(learning_rate=np.float32(4.8e-4)),
            generator=SimpleNamespace(dims=2),
        )
    )
    return line, row


def _steps(line, seconds, count, each, logs):
    for _ in range(count):
        seconds[0] += each
        line.model.step += 1
        line.on_train_batch_end(0, logs)


def test_a_line_says_how_far_how_good_how_fast_and_how_long(capsys):
    seconds = [0.0]
    line, row = _line(False, seconds)
    line.on_epoch_begin(0)
    nll = {"nll": np.array([2 * np.log(2.0) * -5])}
    _steps(line, seconds, 1, 10.0, nll)  # compiles
    _steps(line, seconds, 9, 2.0, nll)
    assert not capsys.readouterr().out
    row["validation_bits_per_dim"] = 3.25
    seconds[0] += 10.0
    line.on_epoch_end(0, nll)
    # bits/dim = 8 + NLL / (D ln 2); 90 steps of 2 s and nine evaluations of 10 s are left
    expected = (
        "step 10/100, 3.000 bits/dim (validation 3.250), rate 0.00048, 16 images/s, 4 min left"
    )
    assert capsys.readouterr().out.splitlines() == [expected]
    line.on_epoch_begin(1)
    _steps(line, seconds, 20, 2.0, nll)
    assert len(capsys.readouterr().out.splitlines()) == 1  # after half a minute


def test_a_terminal_has_one_line_that_is_renewed(capsys):
    seconds = [0.0]
    line, _ = _line(True, seconds)
    line.on_epoch_begin(0)
    _steps(line, seconds, 10, 0.2, {"loss": 0.5, "distance": 0.25})
    out = capsys.readouterr().out
    assert out.count("\r") == 3 and "\n" not in out and "loss 0.5, distance 0.25" in out
    line.close()
    assert capsys.readouterr().out == "\n"


@pytest.mark.parametrize("evaluations, every", [(1, 1), (50, 1), (51, 1), (52, 2), (400, 8)])
def test_pictures_become_sparse(evaluations, every):
    assert spacing(evaluations) in (every, 2 * every)
    assert evaluations // spacing(evaluations) <= 50


def test_the_first_and_last_picture_stay_and_few_between(tmp_path, monkeypatch):
    monkeypatch.setattr(image_grid, "save_grid", lambda path, images: path.write_text(""))
    writer = SimpleNamespace(as_default=lambda step: nullcontext(), flush=lambda: None)
    grid = SampleGrid(SimpleNamespace(samples=tmp_path), writer, 0, period=3)
    sampled = SimpleNamespace(numpy=lambda: np.zeros((64, 4, 4, 1)))
    model = SimpleNamespace(step=0, generator=SimpleNamespace(sample=lambda count, seed: sampled))
    grid.set_model(model)
    for step in [*range(3, 600, 3), 601]:
        model.step = step
        grid.on_epoch_end(0)
    kept = sorted(int(path.stem[5:]) for path in tmp_path.iterdir())
    assert kept == [3, *range(12, 600, 12), 601]
