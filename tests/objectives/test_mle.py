"""Maximum likelihood."""

import numpy as np

from tests.helpers import perturb, random_images
from tfflowgan import flows, objectives


def test_the_loss_is_the_mean_nll_of_a_gaussian_in_closed_form():
    flow = flows.build(
        "nvp", (2, 2, 1), width=2, logit_alpha=None, dtype="float64"
    )  # new, hence the identity: a standard normal
    images = random_images((2, 2, 1), count=5)
    loss, reports = objectives.build("mle").generator_loss(flow, None, {"images": images})
    expected = 2 * np.log(2 * np.pi) + 0.5 * (images.numpy() ** 2).sum(axis=(1, 2, 3)).mean()
    np.testing.assert_allclose(loss, expected, rtol=1e-12)
    np.testing.assert_allclose(reports["nll"], expected, rtol=1e-12)


def test_the_loss_is_the_mean_of_log_prob():
    flow = perturb(flows.build("nice", (4, 4, 1), width=6, dtype="float64"))
    images = random_images((4, 4, 1))
    loss, _ = objectives.build("mle").generator_loss(flow, None, {"images": images})
    np.testing.assert_allclose(loss, -np.mean(flow.log_prob(images)), rtol=1e-10)
