#!/usr/bin/env python3
"""Lets KerasTuner choose the width, the rate and the weight of the likelihood of a small flow.

    pip install keras-tuner
    examples/sweep_with_keras_tuner.py --trials=8 --folder=runs/tuned
    bin/report --runs=runs/tuned/trials --x=learning_rate --y=best_validation_nll

Each trial is one call of `tfflowgan.fit`, and its folder is a run like those of `bin/train`. The
last command draws a point per trial, without a line, since other settings differ too. A search that
was stopped goes on. Any of KerasTuner's searches takes the place of the random one.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import keras
import keras_tuner

import tfflowgan
from tfflowgan import datasets


class FlowTuner(keras_tuner.RandomSearch):
    """A random search whose trials train a flow."""

    def run_trial(self, trial: keras_tuner.engine.trial.Trial, digits, epochs, folder) -> float:
        """Trains one flow.

        Args:
          trial: holds the values to try.
          digits: the images.
          epochs: of training.
          folder: where the trial's run goes.

        Returns:
          What the search minimizes: the best validation NLL.
        """
        values = trial.hyperparameters
        keras.utils.set_random_seed(0)
        width = values.Int("width", 32, 128, step=32)
        flow = tfflowgan.build("nice", digits.image_shape, width=width, layers=2)
        history = tfflowgan.fit(
            flow,
            digits.train.images,
            validation_data=digits.validation.images,
            objective="hybrid",
            adversary="wgan_gp",
            critic_width=8,
            critic_steps=1,
            nll_weight=values.Float("nll_weight", 0.01, 10.0, sampling="log"),
            learning_rate=values.Float("learning_rate", 1e-4, 3e-3, sampling="log"),
            epochs=epochs,
            batch_size=50,
            run=folder / f"trial-{trial.trial_id}",
            verbose=0,
        )
        return min(history.history["validation_nll"])


def main() -> None:
    """Searches, and prints the best values."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--limit", type=int, help="use only the first N images")
    parser.add_argument("--folder", default="runs/tuned")
    values = parser.parse_args()
    digits = datasets.load("mnist", data_source="embedded").first(values.limit)
    folder = pathlib.Path(values.folder)
    tuner = FlowTuner(
        max_trials=values.trials, seed=0, directory=folder, project_name="search", overwrite=False
    )
    tuner.search(digits, values.epochs, folder / "trials")
    (best,) = tuner.oracle.get_best_trials(1)
    print(f"Best validation NLL: {best.score:.1f} nats, with {best.hyperparameters.values}.")


if __name__ == "__main__":
    main()
