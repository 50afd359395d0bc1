"""Extreme log-scales."""

import numpy as np
import pytest

from tests.helpers import random_images, small_flow
from tfflowgan import flows
from tfflowgan.metrics.log_scales import LogScales


def test_nice_reports_its_scaling_from_latents_to_images():
    flow = flows.build("nice", (4, 4, 1), width=4, layers=1)
    flow.log_scale.assign(np.linspace(-0.3, 0.7, 16))  # z = h exp(s) is x -> z
    result = LogScales(flow)(random_images((4, 4, 1)))
    assert result == {"min_log_scale": pytest.approx(-0.7), "max_log_scale": pytest.approx(0.3)}


def test_a_new_real_nvp_scales_nothing():
    result = LogScales(flows.build("nvp", (4, 4, 1), width=4, blocks=1))(random_images((4, 4, 1)))
    assert result == {"min_log_scale": 0.0, "max_log_scale": 0.0}


def test_a_coupling_that_runs_away_stops_at_the_clamp():
    flow = small_flow("nvp", learned_bound=False, logit_alpha=None)
    last = flow.networks[1].layers[-1]
    last.bias.assign(np.full(last.bias.shape, 1e3))
    result = LogScales(flow)(random_images((4, 4, 1)))
    assert result["max_log_scale"] == pytest.approx(2.0, rel=1e-5)
