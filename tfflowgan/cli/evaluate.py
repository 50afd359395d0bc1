"""`bin/evaluate`: the exact likelihoods of a trained run, as a table and as JSON."""

import json
import pathlib
import time

from tfflowgan.cli._app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag("run", str, None, "the run's directory (required)", "what"),
    Flag("select", str, None, "which weights: nll, score, last or snapshot-N (default: what the run selects)", "what"),
    Flag("data_dir", str, None, "folder with the original files (default: the run's)", "what"),
    Flag("limit", int, None, "only the first N images of each split", "what"),
    Flag("draws", int, 1, "dequantisation draws an image", "how"),
    Flag("importance_weighted", bool, False, "also the importance-weighted bound over the draws", "how"),
    Flag("samples", int, 1000, "own samples to score", "how"),
    Flag("seed", int, 0, "of noise and samples", "how"),
    Flag("batch_size", int, 256, "images a pass; results do not depend on it", "how"),
]


def main() -> None:
    """Entry point of `bin/evaluate` and `tfflowgan-evaluate`."""
    run("evaluate", "Scores a run's weights on every split, in nats, bits/dim and code length.", _ROWS, _evaluate)


def _evaluate(values: dict) -> None:
    if values["run"] is None:
        raise UserError("--run is missing; give the directory of a trained run.")
    for name in ("draws", "samples", "batch_size", "limit"):
        if values[name] is not None and values[name] < 1:
            raise UserError(f"--{name}={values[name]} must be at least 1.")
    if not 0 <= values["seed"] < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    if values["importance_weighted"] and values["draws"] < 2:
        raise UserError("--importance_weighted needs --draws of at least 2.")
    from tfflowgan.training.run import Run

    directory = Run.open(pathlib.Path(values.pop("run")))
    import dataclasses

    from tfflowgan.evaluation import likelihood
    from tfflowgan.provenance import provenance
    from tfflowgan.training.load import load_flow, load_splits

    config = directory.config()
    if data_dir := values.pop("data_dir"):
        config = dataclasses.replace(config, data_dir=data_dir)
    select = values.pop("select")
    flow = load_flow(directory, select)
    splits = load_splits(config)
    directory.check_data(splits)
    start = time.monotonic()
    result = likelihood.evaluate(flow, splits, **values)
    result["checkpoint"] = str(directory.weights(select or config.select or "nll"))
    result["data"] = splits.provenance()
    result["provenance"] = provenance() | {"seconds": round(time.monotonic() - start, 1)}
    parts = ["likelihood", *([select] if select else []), *([f"first-{values['limit']}"] if values["limit"] else [])]
    name = "-".join(parts)
    path = directory.write(f"results/{name}.json", json.dumps(result, indent=2) + "\n")
    print(_table(result))
    print(f"Written to {path}.")


def _table(result: dict) -> str:
    lines = [
        f"{result['data']['name']} from {result['data']['source']}; {result['draws']} draw(s) of noise, {result['dtype']}",
        f"{'':<24}{'images':>8}{'NLL (nats)':>16}{'+-':>8}{'bits/dim':>11}{'+-':>9}{'code length (nats)':>20}",
    ]
    for name in ("train", "validation", "test", "own_samples"):
        lines.append(_row(name.replace("_", " "), result[name]))
        if "importance_weighted" in result[name]:
            lines.append(_row(f"  {name}, weighted", result[name]["importance_weighted"]))
    inverse = result["inverse"]
    errors = ", ".join(f"{inverse[d]:.1e} in {d}" for d in ("float32", "float64") if d in inverse)
    lines.append(f"greatest |decode(encode(x)) - x| over {inverse['count']} test images: {errors}")
    if "log_prob_difference" in inverse:
        lines.append(f"greatest relative difference of log_prob, float32 to float64: {inverse['log_prob_difference']:.1e}")
    return "\n".join(lines)


def _row(name, r):
    nats, bits = r["nll_standard_error"], r["bits_per_dim_standard_error"]
    nats, bits = ("-", "-") if nats is None else (f"{nats:.2f}", f"{bits:.4f}")
    code = r["code_length"]
    return f"{name:<24}{r['count']:>8}{r['nll']:>16.2f}{nats:>8}{r['bits_per_dim']:>11.4f}{bits:>9}{code:>20.2f}"
