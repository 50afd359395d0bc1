"""Numbers of runs over a setting: names, places, errors, series, the CSV file."""

import csv
import io

import pytest
from matplotlib.figure import Figure

from tests.helpers import command_here
from tests.report.runs import kept_run, number
from tfflowgan.errors import UserError
from tfflowgan.report import differences
from tfflowgan.report.folders import find, read_run
from tfflowgan.report.quantities import Numbers
from tfflowgan.report.sweep import as_csv, figure, notes, sweep, table


def _rows(nll):
    return [
        {"step": 1, "epoch": 0.5, "seconds": 30.0, "validation_nll": nll - 1, "mode_score": 5.0},
        {"step": 2, "epoch": 1, "seconds": 60.0, "validation_nll": nll, "mode_score": 4.0},
    ]


@pytest.fixture
def folder(tmp_path):
    """Hybrids of three weights, two of them with two seeds, and one run by likelihood alone."""
    for weight, seed in ((0.01, 0), (0.01, 1), (1.0, 0), (1.0, 1), (100.0, 0)):
        likelihood = {"test": {"nll": number(-100 * weight - seed, 0.5)}, "limit": None}
        kept_run(
            tmp_path / "runs" / f"weight-{weight:g}-{seed}",
            _rows(10 * weight),
            {} if weight == 100.0 else {"likelihood": likelihood},
            objective="hybrid",
            adversary="wgan_gp",
            nll_weight=weight,
            seed=seed,
        )
    kept_run(tmp_path / "runs" / "mle", _rows(-7.0), {"likelihood": likelihood})
    (tmp_path / "runs" / "notes.txt").write_text("no run")
    return tmp_path / "runs"


@pytest.fixture
def runs(folder):
    return [read_run(path) for path in find(str(folder))]


def _axes(found):
    drawing = figure(found)
    drawing.draw_without_rendering()
    return drawing.axes


def test_runs_are_named_by_lists_folders_and_patterns(folder):
    names = [path.name for path in find(str(folder))]
    assert names == sorted(names) and len(names) == 6
    assert [p.name for p in find(f"{folder}/weight-1-*,{folder}/mle")] == [
        "weight-1-0",
        "weight-1-1",
        "mle",
    ]
    assert find(f"{folder.parent}/r*") == find(str(folder))
    with pytest.raises(UserError, match=r"--runs=.*/nothing\*.*config.json"):
        find(f"{folder}/nothing*")


def test_every_run_is_a_point_and_seeds_share_a_place(runs):
    found = sweep(runs, "nll_weight", ["test_nll", "validation_nll"])
    left, right = _axes(found)
    assert left.get_xscale() == "log" and left.get_xlabel() == "nll_weight"
    (bars,) = left.containers
    points, _, (errors,) = bars.lines
    assert list(points.get_xdata()) == [0.01, 0.01, 1.0, 1.0]
    assert [abs(b - a) for (_, a), (_, b) in errors.get_segments()] == pytest.approx([1.0] * 4)
    mean = next(line for line in left.lines if line.get_label() == "mean of seeds")
    assert list(mean.get_xdata()) == [0.01, 1.0]
    assert list(mean.get_ydata()) == pytest.approx([-1.5, -100.5])
    beside = next(line for line in right.lines if "without nll_weight" in line.get_label())
    assert list(beside.get_ydata()) == [-7.0, -7.0]
    assert any("test_nll" in note and "weight-100-0" in note for note in notes(found))


def test_other_settings_make_lines_of_their_own(folder, runs):
    kept_run(folder / "wide", _rows(3.0), objective="hybrid", nll_weight=0.01, width=64)
    runs = [run for run in runs if run["label"] != "mle"] + [read_run(folder / "wide")]
    assert list(differences.series(runs, "nll_weight")) == [
        "adversary=wgan_gp, width=-",
        "adversary=-, width=64",
    ]


def test_what_follows_from_the_setting_makes_no_lines(tmp_path):
    made = [
        kept_run(tmp_path / f"{batch}-{seed}", batch_size=batch, warmup_steps=batch, seed=seed)
        for batch in (10, 20)
        for seed in (0, 1)
    ]
    assert list(differences.series([read_run(path) for path in made], "batch_size")) == [""]


def test_a_category_is_a_place(runs):
    (axis,) = _axes(sweep(runs, "objective", ["last_validation_nll"]))
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["mle", "hybrid"]
    assert not [
        line for line in axis.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 1
    ]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ((0.0, 0.001, 0.1), "symlog"),
        ((0.001, 0.1), "log"),
        ((0.01, 0.9), "linear"),
        ((-1.0, 0.001, 10.0), "linear"),
        ((0.0, 0.1), "linear"),
        ((0.0,), "linear"),
    ],
)
def test_zeros_and_decades_choose_the_scale(values, scale):
    from tfflowgan.report.axes import spread

    axis = Figure().subplots()
    spread(axis, list(values))
    assert axis.get_xscale() == scale


def test_numbers_go_by_several_names(runs):
    def values(name):
        return [n and n.value for n in Numbers(runs).of(name)]

    assert values("last_mode_score") == [4.0] * 6 and values("best_mode_score") == [5.0] * 6
    assert values("mode_score") == values("last_mode_score")  # nothing has been evaluated
    assert values("best_validation_nll")[0] == -8.0 and values("last_validation_nll")[0] == -7.0
    assert values("likelihood.test.nll") == values("test_nll")
    assert values("test_nll")[-1] is None and values("test_nll")[-2] == -101.0
    assert Numbers(runs).headline() == ["test_nll"]


def test_results_come_before_metrics(folder):
    scores = {"samples": {"mode_score": number(8.0, 0.1), "fid": 3.0}}
    run = kept_run(folder / "scored", _rows(0.0), {"sample_scores": scores})
    found = Numbers([read_run(run), read_run(folder / "mle")]).of("mode_score")
    assert found[0].value == 8.0 and found[0].error == 0.1 and found[1] is None
    assert Numbers([read_run(run)]).of("fid")[0].error is None


def test_unknown_names_are_one_sentence_with_what_is_known(runs):
    with pytest.raises(UserError, match=r"--y=mode_scores .*mean mode_score\?.*test_nll, .*step"):
        sweep(runs, "nll_weight", ["mode_scores"])
    with pytest.raises(UserError, match="--y=fid .*--evaluations=sample_scores"):
        sweep(runs, "nll_weight", ["fid"])
    with pytest.raises(UserError, match=r"--x=nll_wait .*mean nll_weight\?.*objective, .*seed"):
        sweep(runs, "nll_wait", [])
    with pytest.raises(UserError, match="--x=levels has no value"):
        sweep(runs, "levels", [])


def test_a_csv_file_has_a_row_per_run(runs, folder):
    found = sweep(runs, "nll_weight", ["test_nll"])
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert list(rows[0]) == [
        *("run", "nll_weight", "objective", "seed", "adversary", "test_nll"),
        *("test_nll_standard_error", "folder"),
    ]
    by_run = {row["run"]: row for row in rows}
    assert by_run["mle"]["nll_weight"] == "" and by_run["mle"]["folder"] == str(folder / "mle")
    assert float(by_run["weight-1-1"]["test_nll"]) == -101.0
    assert by_run["weight-1-1"]["test_nll_standard_error"] == "0.5"
    assert by_run["weight-100-0"]["test_nll"] == ""
    header, lines = table(found)
    assert header[1] == "nll_weight" and lines[0][0] == "mle" and lines[0][1] == "-"


@pytest.mark.slow
def test_the_command_writes_a_page_a_figure_and_a_table(folder, tmp_path):
    for path in folder.glob("*/results/*.json"):
        path.unlink()
    arguments = [f"--runs={folder}/weight*", "--x=nll_weight", "--y=validation_nll,best_mode_score"]
    done = command_here("report", *arguments, f"--output={tmp_path}/page")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page" / "index.html").read_text()
    assert (tmp_path / "page" / "sweep.png").exists() and 'alt="numbers over nll_weight"' in page
    assert len((tmp_path / "page" / "runs.csv").read_text().splitlines()) == 6
    assert 'href="../runs/weight-1-0/metrics.jsonl"' in page
    for flags, sentence in (
        (["--y=loss"], "--y=loss needs --x"),
        (["--x=seed", "--y=,"], "--y=, names no number"),
        (["--curves_over=days"], "--curves_over=days"),
        (["--x=x"], "--x=x is not a setting"),
    ):
        done = command_here("report", f"--runs={folder}", *flags, f"--output={tmp_path}/no")
        assert done.returncode == 1 and sentence in done.stderr, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1 and not (tmp_path / "no").exists()


def _trials(tmp_path, *settings):
    made = [
        kept_run(tmp_path / f"trial-{i}", _rows(float(i)), **chosen)
        for i, chosen in enumerate(settings)
    ]
    return sweep([read_run(path) for path in made], "learning_rate", ["validation_nll"])


def test_a_random_search_is_points_without_a_line(tmp_path):
    found = _trials(
        tmp_path,
        {"learning_rate": 0.1, "width": 8, "nll_weight": 3.0},
        {"learning_rate": 0.2, "width": 16, "nll_weight": 1.0},
        {"learning_rate": 0.4, "width": 8, "nll_weight": 2.0},
    )
    (axis,) = _axes(found)
    (bars,) = axis.containers
    assert list(bars.lines[0].get_xdata()) == [0.1, 0.2, 0.4]
    assert not [line for line in axis.lines if line.get_linestyle() == "-"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == [
        "nll_weight, width differ too"
    ]
    assert any("(nll_weight, width), so the points have no line" in note for note in notes(found))


def test_a_sweep_of_one_setting_is_a_line(tmp_path):
    found = _trials(tmp_path, {"learning_rate": 0.1}, {"learning_rate": 0.2, "seed": 1})
    (axis,) = _axes(found)
    assert [line for line in axis.lines if line.get_linestyle() == "-"]
    assert not [note for note in notes(found) if "differ too" in note]


def test_the_best_of_a_column_without_better_values_is_said_to_be_unknown(runs):
    with pytest.raises(UserError, match="best_NAME where lower or higher is better"):
        sweep(runs, "nll_weight", ["best_step"])
