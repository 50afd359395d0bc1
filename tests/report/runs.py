"""Folders with what is kept of runs, for the tests of reports."""

import json


def number(value, error=None):
    """A number of a result."""
    return {"value": value, "standard_error": error}


def kept_run(folder, rows=(), results=(), **settings):
    """Writes a run's config.json, data.json, metrics.jsonl and results/; returns the folder."""
    (folder / "results").mkdir(parents=True)
    config = {"format": 5, "dataset": "mnist", "objective": "mle", "flow": "nice", "preset": None}
    config |= {"seed": 0, "select": "last", "adversary": None, "nll_weight": None}
    (folder / "config.json").write_text(json.dumps(config | settings))
    data = {"name": "mnist", "source": "somewhere", "train": 3, "validation": 2, "test": 1}
    data |= {"fingerprint": "f" * 16, "image_shape": [4, 4, 1]}
    (folder / "data.json").write_text(json.dumps(data))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    recorded = {"format": 2, "options": {}, "weights": {"select": "last", "sha256": "0" * 64}}
    recorded |= {"provenance": {"date": "2026-01-01"}}
    for name, values in dict(results).items():
        result = recorded | {"evaluation": name} | values
        (folder / "results" / f"{name}.json").write_text(json.dumps(result))
    return folder
