#!/usr/bin/env python3
"""Does a fast learning critic use its embedding? Its distance under three embeddings.

    examples/fast_learning_embedding.py --runs=runs/A,runs/B --data_dir=DIR

For the newest checkpoint of each run of `--critic=fast_learning`, over test images x and samples
G(z):

    E f(x, xe) - E f(G(z), xe)

The extra images xe are the generator's own samples, as in training, then test images; the third
embedding is zeros. If the first two distances are equal, the embedding says nothing about the
generator: it is a bias. docs/results/fast_learning_critic.md discusses the results.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import tensorflow as tf

from tfflowgan.critics import ConditionalCritic
from tfflowgan.datasets import evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation import RunEvaluator
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training.build import build_components

_COUNT, _EXTRA = 640, 64


def main() -> None:
    """Prints one line per run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", required=True, help="directories of runs, with commas between")
    parser.add_argument("--data_dir", help="folder with the dataset's original files")
    parser.add_argument("--seed", type=int, default=0, help="of samples")
    values = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    print(
        f"{'run':<32}{'xe generated':>14}{'xe test images':>16}{'zeros':>10}{'embedding, rms':>16}"
    )
    try:
        for path in values.runs.split(","):
            run = Run.open(pathlib.Path(path), "runs")
            print(
                f"{run.path.name:<32}"
                + "{:>14.4f}{:>16.4f}{:>10.4f}{:>16.4f}".format(*distances(run, values))
            )
    except UserError as error:
        sys.exit(f"examples/fast_learning_embedding.py: {error}")


def distances(run: Run, values) -> tuple[float, float, float, float]:
    """The distances under the three embeddings, and the root mean square of the generator's."""
    splits = RunEvaluator(run, data_dir=values.data_dir).splits
    parts = build_components(run.config(), splits.image_shape, 1)
    critic = getattr(parts.model.critic_trainer, "critic", None)
    if not isinstance(critic, ConditionalCritic):
        raise UserError(f"--runs={run.path} was not trained with --critic=fast_learning.")
    saved = {"independent": parts.independent} if parts.independent else {}
    saved |= {
        "generator": parts.model.generator,
        "critic": parts.model.critic_trainer,
        "optimizer": parts.model.optimizer,
    }
    Checkpoints(
        run.checkpoints, means=parts.model.means, progress=parts.progress, **saved
    ).restore()
    generator = parts.model.generator
    images = next(iter(evaluation_batches(splits.test.first(_COUNT), _COUNT, values.seed)))[0]
    samples, extra = (
        generator.sample(_COUNT, values.seed),
        generator.sample(_EXTRA, values.seed + 1),
    )
    embedding = critic.embed(extra)

    def distance(embedding):
        scores = [critic(batch, embedding=embedding, training=True) for batch in (images, samples)]
        return float(tf.reduce_mean(scores[0]) - tf.reduce_mean(scores[1]))

    others = (critic.embed(images[:_EXTRA]), tf.zeros_like(embedding))
    return distance(embedding), *map(distance, others), float(tf.sqrt(tf.reduce_mean(embedding**2)))


if __name__ == "__main__":
    main()
