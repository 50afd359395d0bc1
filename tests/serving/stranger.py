"""Run as a script where this package is not: what SavedModels give for images.npy goes to 0.npz,
1.npz, ...
"""

import sys

import numpy as np
import tensorflow as tf

images = np.load("images.npy")
seeds = np.array([3 << 32, (3 << 32) + 1, 5 << 32])
for i, path in enumerate(sys.argv[1:]):
    model = tf.saved_model.load(path)
    drawn = model.signatures["sample"](
        seeds=tf.constant(seeds), temperature=tf.constant([1.0, 1.0, 0.7])
    )
    np.savez(
        f"{i}.npz",
        method=model.log_prob(images),
        signature=model.signatures["log_prob"](images=tf.constant(images))["log_prob"],
        default=model.signatures["serving_default"](images=tf.constant(images))["log_prob"],
        sample=model.sample(2, seed=3),
        drawn=drawn["images"],
        drawn_log_prob=drawn["log_prob"],
    )
assert not any(name.split(".")[0] == "tfflowgan" for name in sys.modules)
