"""A folder of your own photos: Danihelka's real NVP by maximum likelihood, 12 minutes of steps.

    bin/train --preset=photos --data_dir=FOLDER

What it costs at other sizes: docs/training.md.
"""

PRESET = {
    "dataset": "image_folder",
    "image_size": 64,  # ours: small parts and defects are still visible
    "objective": "mle",
    "flow": "nvp",
    "levels": 3,  # Danihelka et al., section 2.1: NVP3
    "blocks": 2,  # ours: half of the paper's, and nearly half of the time
    "width": 16,  # ours
    "batch_size": 32,  # ours: fits a folder of a few hundred photos
    "epochs": 1000,  # more than fit into "minutes"
    "minutes": 12.0,
    "optimizer": "adam",  # ours
    "learning_rate": 1e-3,  # ours
    "decay": "cosine",  # ours: ends where "minutes" do
}
