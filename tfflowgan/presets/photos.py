"""A folder of your own photos: Danihelka's real NVP by maximum likelihood, 6 minutes of steps.

    bin/train --preset=photos --data_dir=FOLDER

What it costs at other sizes: docs/guides/photos.md.
"""

PRESET = {
    "dataset": "image_folder",
    "image_size": 32,  # ours: at 64, twice the time found fewer defects (docs/guides/photos.md)
    "objective": "mle",
    "flow": "nvp",
    "levels": 3,  # Danihelka et al., section 2.1: NVP3
    "blocks": 2,  # ours: half of the paper's, and nearly half of the time
    "width": 16,  # ours
    "learned_bound": False,  # the architecture measured in docs/guides/photos.md
    "logit_alpha": 1e-5,  # the same
    "batch_size": 32,  # ours: fits a folder of a few hundred photos
    "epochs": 1000,  # more than fit into "minutes"
    "minutes": 6.0,  # ours: 2,508 steps for 600 photos on two cores of an AMD EPYC
    "optimizer": "adam",  # ours
    "learning_rate": 1e-3,  # ours
    "decay": "cosine",  # ours: ends where "minutes" do
}
