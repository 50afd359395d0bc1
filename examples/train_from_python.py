#!/usr/bin/env python3
"""Trains a NICE on MNIST from Python, by a likelihood and an adversary, and draws from it.

    examples/train_from_python.py --data_dir=DIR --epochs=5

`tfflowgan.fit` takes the settings of `bin/train`; any uint8 images [N, H, W, C] will do.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import keras

import tfflowgan
from tfflowgan import datasets, image_grid


def main() -> None:
    """Trains, prints the likelihood of every epoch, writes samples and a SavedModel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", help="folder with MNIST's original files")
    parser.add_argument("--limit", type=int, help="use only the first N images")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--output", default="nice", help="folder of the SavedModel")
    values = parser.parse_args()
    digits = datasets.load("mnist", values.data_dir).first(values.limit)
    keras.utils.set_random_seed(0)
    flow = tfflowgan.build("nice", digits.image_shape, width=100, layers=2)
    settings = {"objective": "hybrid", "adversary": "wgan_gp", "nll_weight": 0.1, "critic_steps": 1}
    train, validation = digits.train.images, digits.validation.images
    history = tfflowgan.fit(
        flow, train, validation_data=validation, epochs=values.epochs, critic_width=8, **settings
    )
    for epoch, nll in zip(history.epoch, history.history["validation_nll"], strict=True):
        print(f"epoch {epoch}: {nll:.1f} nats per validation image")
    image_grid.save_grid(pathlib.Path(f"{values.output}.png"), flow.sample(100, seed=0).numpy())
    print(f"Written to {tfflowgan.export(flow, values.output)} and {values.output}.png.")


if __name__ == "__main__":
    main()
