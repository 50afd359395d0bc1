"""What each part of a real NVP is worth: bits/dim of short runs that differ in it.

    python benchmarks/density.py --data_dir=DIR --output=docs/results/real_nvp/parts.json

Every run is `bin/train` with the flags of the table, so each row can be repeated by hand. Runs that
the output already holds are not repeated, so delete it after a default has changed. On two cores of
an AMD EPYC a row takes two minutes.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]

STEPS = 200
CIFAR10 = "--dataset=cifar10 --flow=real_nvp --batch_size=32 --learning_rate=2e-3 --clip_norm=0"
MNIST = "--dataset=mnist --flow=nvp --batch_size=50 --learning_rate=2e-3"
VARIANTS = {  # a name: the common flags, and what is changed
    "real_nvp, the default": (CIFAR10, ""),
    "no mixing of channels": (CIFAR10, "--nomixing"),
    "no layer normalization, clipped at 1,000": (CIFAR10, "--nolayer_norm --clip_norm=1000"),
    "blocks do not start at zero": (CIFAR10, "--zero_start=last"),
    "weight normalization, gains from 0": (CIFAR10, "--weight_norm"),
    "weight normalization, gains from 1": (CIFAR10, "--weight_norm --zero_start=none"),
    "gradients clipped at 1,000": (CIFAR10, "--clip_norm=1000"),
    "learning rate 1e-3": (CIFAR10, "--learning_rate=1e-3"),
    "Adam's beta2 0.99": (CIFAR10, "--beta2=0.99"),
    "nvp on CIFAR-10": ("--dataset=cifar10 --flow=nvp", ""),
    "nvp on CIFAR-10, layer normalization": ("--dataset=cifar10 --flow=nvp", "--layer_norm"),
    "nvp, the default": (MNIST, ""),
    "nvp, layer normalization": (MNIST, "--layer_norm"),
    "nvp, bounds fixed at 2": (MNIST, "--nolearned_bound"),
    "nvp, logit 1e-5": (MNIST, "--logit_alpha=1e-5"),
    "nvp, logit 0.01": (MNIST, "--logit_alpha=1e-2"),
    "nvp, learning rate 5e-4": (MNIST, "--learning_rate=5e-4"),
    "nvp, Adam's beta2 0.99": (MNIST, "--beta2=0.99"),
}


def measure(flags: str, seed: int, data_dir: str) -> dict:
    """Trains and returns the last evaluation, with the time of the training steps."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "bin" / "train"), *flags.split()]
        command += [f"--steps={STEPS}", f"--monitor_steps={STEPS}", "--objective=mle"]
        command += [f"--seed={seed}", f"--data_dir={data_dir}"]
        command += [f"--run={folder}/run", f"--output={folder}/model"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        rows = (pathlib.Path(folder) / "run" / "metrics.jsonl").read_text().splitlines()
        config = json.loads((pathlib.Path(folder) / "run" / "config.json").read_text())
    row, config["data_dir"] = json.loads(rows[-1]), "DIR"
    kept = ("step", "validation_bits_per_dim", "train_bits_per_dim", "seconds", "gradient_norm")
    return {name: row[name] for name in kept if name in row} | {"config": config}


def main() -> None:
    """Measures what the output lacks and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder of MNIST and CIFAR-10")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="JSON to add to")
    parser.add_argument("--only", default="", help="measure only variants whose name holds this")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to N - 1")
    options = parser.parse_args()
    found = json.loads(options.output.read_text()) if options.output.exists() else {}
    for seed in range(options.seeds):
        for name, (common, changed) in VARIANTS.items():
            flags = f"{common} {changed}".strip()
            key = f"{flags} --steps={STEPS} --seed={seed}"
            if options.only not in name or key in found:
                continue
            found[key] = {"name": name} | measure(flags, seed, options.data_dir)
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(json.dumps(found, indent=1) + "\n")
            print(f"| {name} | {seed} | {found[key]['validation_bits_per_dim']:.3f} |", flush=True)


if __name__ == "__main__":
    main()
