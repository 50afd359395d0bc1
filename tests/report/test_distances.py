"""Independent critics through training: runs that differ in their seed alone are one line."""

from tfflowgan.report import distances


def _run(label, critic, seed, offset=0.0, known=True):
    rows = [
        {
            "step": s,
            **{
                f"independent_{p}": s + offset if known else None
                for p in ("train", "validation", "test")
            },
        }
        for s in (1, 2, 3)
    ]
    return {
        "label": label,
        "config": {"critic": critic, "seed": seed},
        "data": {"fingerprint": "f"},
        "rows": rows,
    }


RUNS = [
    _run("a0", "dcgan", 0),
    _run("b0", "fast", 0, 5.0),
    _run("a1", "dcgan", 1, 2.0),
    _run("none", "dcgan", 2, known=False),
]


def test_seeds_are_grouped():
    groups = distances.groups(RUNS)
    assert {label: [run["label"] for run in group] for label, group in groups.items()} == {
        "a0 (seeds 0, 1)": ["a0", "a1"],
        "b0": ["b0"],
    }


def test_the_table_has_means_and_spread():
    _, rows = distances.table(RUNS)
    assert rows[0] == ["a0 (seeds 0, 1)", "3", *["4.0000 (3.0000 to 5.0000)"] * 3]
    assert rows[1] == ["b0", "3", *["8.0000"] * 3]


def test_only_steps_that_all_have_are_drawn():
    short = _run("a2", "dcgan", 3)
    short["rows"] = short["rows"][:2]
    (axes,) = distances.figure([*RUNS, short]).axes
    assert [len(line.get_xdata()) for line in axes.lines] == [2, 2, 3, 3]
    assert len(axes.collections) == 1  # the band of the group with several seeds


def test_there_is_no_figure_without_an_independent_critic():
    assert distances.figure(RUNS[3:]) is None
