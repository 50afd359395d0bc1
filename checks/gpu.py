"""Checks a GPU against the CPU in at most ten minutes; writes one JSON to send in.

    python -m checks.gpu [--output=check-gpu.json] [--device=gpu] [--size=full]

densities    float32 without TF32 as close to float64 as the CPU's; TF32 and bfloat16 beside it
switching    without TF32 after with TF32, in one process: what the evaluations in training do
training     the NLL after some steps, on both devices
resuming     a run killed and resumed ends as one that was not, under --deterministic
step times   float32, TF32, bfloat16
program      many steps in one program of XLA as single steps
several      one step on all GPUs as on one, where there are several

`--device=cpu --size=tiny` runs every line on a machine without a GPU, which proves the lines alone.
"""

import argparse
import logging
import pathlib
import sys
import tempfile

import tensorflow as tf

from checks import gpu_numbers, gpu_runs
from checks.lines import Lines
from tfflowgan import devices, tf32
from tfflowgan.errors import UserError

__all__ = ["main"]

_SECONDS = 450.0  # a line that has begun is not stopped


def main() -> int:
    """Runs the check; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", default="check-gpu.json", help="the JSON file")
    parser.add_argument("--device", default="gpu", choices=["gpu", "cpu"], help="what to check")
    parser.add_argument("--size", default="full", choices=["full", "tiny"], help="of the models")
    values = parser.parse_args()
    try:
        devices.use(None if values.device == "gpu" else 0)
        if values.device == "gpu" and not devices.names():
            why = devices.unused_card() or "This machine has no NVIDIA card."
            raise UserError(f"--device=gpu needs a GPU that TensorFlow finds. {why}")
        with tf32.allowed(False):
            return _check(values)
    except UserError as error:
        print(f"checks.gpu: {error}", file=sys.stderr)
        return 1


def _check(values):
    device = "/gpu:0" if values.device == "gpu" else "/cpu:0"
    tiny = values.size == "tiny"
    lines = Lines(
        "gpu",
        pathlib.Path(values.output),
        _SECONDS,
        device=values.device,
        size=values.size,
        gpus=[
            tf.config.experimental.get_device_details(gpu) | {"name": gpu.name}
            for gpu in tf.config.get_visible_devices("GPU")
        ],
        built_with={k: str(v) for k, v in tf.sysconfig.get_build_info().items()},
        driver=_driver(),
    )
    for name in ("nice", "nvp", "real_nvp"):
        lines.run(f"densities of {name}", lambda n=name: gpu_numbers.densities(n, device, tiny))
    lines.run("switching TF32 off and on", lambda: gpu_numbers.switching(device, tiny))
    trained = [("nice", "mle"), ("nice", "wgan_gp"), *([] if tiny else [("real_nvp", "mle")])]
    for flow, objective in trained:
        lines.run(
            f"training {flow} by {objective}",
            lambda f=flow, o=objective: gpu_numbers.training(f, o, device, tiny),
        )
    gpus = "--gpus=0" if values.device == "cpu" else "--gpus=1"
    with tempfile.TemporaryDirectory() as folder:
        lines.run(
            "a run killed and resumed", lambda: gpu_runs.resuming(pathlib.Path(folder), gpus, tiny)
        )
        for name, flags in gpu_runs.PRECISIONS.items():
            lines.run(
                f"step time in {name}",
                lambda n=name, f=flags: gpu_runs.step_time(pathlib.Path(folder), n, f, gpus, tiny),
            )
        for flow, objective in trained[: 1 if tiny else None]:
            lines.run(
                f"program of {flow} by {objective}",
                lambda f=flow, o=objective: gpu_numbers.program(f, o, device, tiny),
            )
        if (count := len(devices.names())) > 1:
            lines.run(
                f"training on {count} GPUs",
                lambda: gpu_runs.several(pathlib.Path(folder), count, tiny),
            )
    return lines.finish()


def _driver():
    """The version of NVIDIA's driver, as its file says; None where there is no such file."""
    try:
        return pathlib.Path("/proc/driver/nvidia/version").read_text().splitlines()[0]
    except OSError:
        return None


if __name__ == "__main__":
    for name in ("tensorflow", "tfflowgan"):  # of retracing, and of the digits that are used
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.exit(main())
