#!/usr/bin/env python3
"""Which unusual images does a density model of digits find unusual?

    examples/unusual_images.py --model=saved_models/NAME --data_dir=DIR --fashion=FILE.gz

There are three scores, higher for more unusual images:

    likelihood    bits/dim
    typicality    |bits/dim - mean of the training images'|        (after Nalisnick et al., 2019)
    complexity    bits/dim - bits/dim of the image as a PNG file    (after Serra et al., 2020)

For each kind of image, it reports the AUROC against clean test images: 1 if every such image scores
above every clean one, 0.5 if the score does not tell them apart, below 0.5 if it takes them for
more usual than clean ones. docs/concepts/density.md discusses the results.
"""

import argparse
import gzip
import json
import pathlib
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import numpy as np
import scipy.ndimage
import tensorflow as tf

from tfflowgan import datasets, image_grid, units
from tfflowgan.errors import UserError
from tfflowgan.model_versions import newest_version
from tfflowgan.report.format import value
from tfflowgan.report.results import FORMAT
from tfflowgan.scoring.auroc import auroc
from tfflowgan.scoring.scores.complexity import png_bits_per_dim
from tfflowgan.serving.saved_model import check_output
from tfflowgan.serving.warmup import signature_defs
from tfflowgan.statistics import mean_with_error

_BATCH = 100


def main() -> None:
    """Scores all kinds of images; writes OUTPUT.json and OUTPUT.png."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="a SavedModel of a flow on MNIST")
    parser.add_argument("--data_dir", help="folder with MNIST's original files")
    parser.add_argument(
        "--fashion",
        help="Fashion-MNIST's t10k-images-idx3-ubyte.gz; without it that row is left out",
    )
    parser.add_argument("--limit", type=int, default=2000, help="images of each kind")
    parser.add_argument("--seed", type=int, default=0, help="of noise")
    parser.add_argument("--output", default="unusual", help="path without an ending")
    values = parser.parse_args()
    try:
        result, shown = score(values)
    except UserError as error:
        sys.exit(f"examples/unusual_images.py: {error}")
    table, picture = (pathlib.Path(values.output + ending) for ending in (".json", ".png"))
    table.write_text(json.dumps({"format": FORMAT} | result, indent=1) + "\n")
    image_grid.save_grid(picture, shown, columns=8)
    print(
        f"{'kind':<30}{'bits/dim':>16}{'likelihood':>12}{'typicality':>12}"
        f"{'complexity':>12}{'beyond 99 %':>12}"
    )
    for row in result["rows"]:
        bits = value(row["bits_per_dim"], 3)
        aurocs = "".join(
            f"{row['auroc'][name]:>12.3f}" for name in ("likelihood", "typicality", "complexity")
        )
        print(f"{row['kind']:<30}{bits:>16}{aurocs}{row['beyond_99']:>12.3f}")
    print(f"Written to {table} and {picture}.")


def score(values) -> tuple[dict, np.ndarray]:
    """The table, and eight images of each kind, row by row."""
    if values.limit < 2:
        raise UserError(f"--limit={values.limit} must be at least 2.")
    check_output(pathlib.Path(values.output).resolve().parent)
    version = newest_version(values.model)
    known = signature_defs(version).get("bits_per_dim")
    if known is None or [d.size for d in known.inputs["images"].tensor_shape.dim[1:]] != [
        28,
        28,
        1,
    ]:
        raise UserError(f"--model={values.model} is not a flow on images of 28 x 28 x 1.")
    function = tf.saved_model.load(str(version)).signatures["bits_per_dim"]
    splits = datasets.load("mnist", values.data_dir)
    test, train = splits.test.images[: values.limit], splits.train.images[: values.limit]
    kinds = {"test images": test, "training images": train} | damaged(
        test, np.random.default_rng(values.seed)
    )
    if values.fashion:
        kinds["Fashion-MNIST"] = read_idx(values.fashion)[: values.limit]
    bits = {kind: bits_per_dim(function, images) for kind, images in kinds.items()}
    typical, limit = bits["training images"].mean(), np.quantile(bits["training images"], 0.99)
    scores = {
        kind: {
            "likelihood": bits[kind],
            "typicality": np.abs(bits[kind] - typical),
            "complexity": bits[kind] - png_bits_per_dim(images),
        }
        for kind, images in kinds.items()
    }
    rows = [
        {
            "kind": kind,
            "count": len(bits[kind]),
            "bits_per_dim": mean_with_error(bits[kind]),
            "auroc": {
                name: auroc(found, scores["test images"][name])
                for name, found in scores[kind].items()
            },
            "beyond_99": float((bits[kind] > limit).mean()),
        }
        for kind in kinds
    ]
    result = {
        "model": f"{version.resolve().parent.name}/{version.name}",
        "data": splits.provenance(),
        "limit": values.limit,
        "seed": values.seed,
        "rows": rows,
    }
    return result, np.concatenate([images[:8] for images in kinds.values()]) / np.float32(
        units.LEVELS
    )


def read_idx(path: str) -> np.ndarray:
    """The images of a gz file in MNIST's format, uint8 `[N, 28, 28, 1]`."""
    try:
        content = gzip.decompress(pathlib.Path(path).read_bytes())
    except (OSError, EOFError, zlib.error):
        raise UserError(f"--fashion={path} cannot be read as a gz file.") from None
    header = np.frombuffer(content[:16], ">i4")
    if (
        len(header) < 4
        or header[0] != 2051
        or tuple(header[2:]) != (28, 28)
        or len(content) != 16 + 784 * header[1]
    ):
        raise UserError(f"--fashion={path} does not hold images of 28 x 28 in MNIST's format.")
    return np.frombuffer(content[16:], np.uint8).reshape(-1, 28, 28, 1)


def damaged(images: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Images that are not digits as they should be, uint8 `[N, H, W, 1]` each."""
    wide = images.astype(np.float64)
    height, width = images.shape[1:3]
    spots = random.random(images.shape)

    def whole(values):
        return values.clip(0, 255).round().astype(np.uint8)

    return {
        "Gaussian noise, deviation 25": whole(wide + random.normal(0, 25, images.shape)),
        "2 % of pixels black or white": np.where(
            spots < 0.01, 0, np.where(spots > 0.99, 255, images)
        ).astype(np.uint8),
        "inverted": 255 - images,
        "upside down": images[:, ::-1, ::-1],
        "mirrored": images[:, :, ::-1],
        "shifted by 4 pixels": np.roll(images, (4, 4), axis=(1, 2)),
        "right half black": images
        * (np.arange(width) < width // 2)[:, np.newaxis].astype(np.uint8),
        "pixels in random order": images.reshape(len(images), -1)[
            :, random.permutation(height * width)
        ].reshape(images.shape),
        "blurred, 3 x 3 mean": whole(scipy.ndimage.uniform_filter(wide, (0, 3, 3, 0))),
        "thinner, 3 x 3 minimum": scipy.ndimage.minimum_filter(images, (1, 3, 3, 1)),
        "thicker, 3 x 3 maximum": scipy.ndimage.maximum_filter(images, (1, 3, 3, 1)),
        "half the contrast": images // 2,
        "all black": np.zeros_like(images),
        "all grey, 128": np.full_like(images, 128),
        "uniform noise": random.integers(0, 256, images.shape, np.uint8),
    }


def bits_per_dim(function, images: np.ndarray) -> np.ndarray:
    """Of uint8 images `[N, H, W, C]`, by a SavedModel's signature; image i has noise seed i."""
    parts = []
    for start in range(0, len(images), _BATCH):
        batch = images[start : start + _BATCH]
        seeds = tf.range(start, start + len(batch), dtype=tf.int64)
        parts.append(function(images=tf.constant(batch), seeds=seeds)["bits_per_dim"].numpy())
    return np.concatenate(parts).astype(np.float64)


if __name__ == "__main__":
    main()
