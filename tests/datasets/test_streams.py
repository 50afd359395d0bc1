"""What every stream draws: a change here breaks interrupted runs and published results.

The values were recorded from version 0.1.0.
"""

import types

import keras
import numpy as np
import pytest

from tests.helpers import small_flow, synthetic_split
from tfflowgan import datasets

BATCH, SEED = 8, 3

PINNED = {  # the first, the middle and the last value of the array, and the mean of all
    "training": [0.510058641, 0.393550307, 0.600428104, 0.509969247],
    "training flipped": [0.510058641, 0.393550307, 0.59746933, 0.509969247],
    "latent": [-0.426393151, 1.48576558, -0.643464446, -0.170967499],
    "latent extra": [-0.413711846, -2.84773803, -2.50956249, -0.0557017934],
    "critic 0 extra": [-0.657824397, -0.124771595, 2.55531669, 0.0501668557],
    "critic 0 latents": [3.90743518, -0.154428065, -0.543171465, -0.160574741],
    "critic 0 mix": [0.650345206, 0.836522222, 0.734252214, 0.569099098],
    "critic 0 real": [0.697019815, 0.0786512196, 0.745208979, 0.442087314],
    "critic 1 extra": [1.15186274, 2.10738945, -0.178580344, 0.0111735959],
    "critic 1 latents": [1.67776752, 1.25727391, -0.207390904, 0.126268366],
    "critic 1 mix": [0.449958205, 0.74084115, 0.0820333958, 0.399191037],
    "critic 1 real": [0.508608222, 0.217793956, 0.125482142, 0.511110855],
    "critic 2 extra": [-2.75334287, 7.41563034, -0.313589454, 0.0290628088],
    "critic 2 latents": [-3.28469038, -3.29794049, -3.49389982, 0.148978715],
    "critic 2 mix": [0.0838140249, 0.546801209, 0.824179888, 0.444908753],
    "critic 2 real": [0.415298492, 0.158088744, 0.41240567, 0.436937452],
    "evaluation": [0.156242162, 0.586709917, 0.746174693, 0.635907165],
    "evaluation block": [0.640886962, 0.84351474, 0.0952080116, 0.42716125],
    "rounds images": [0.158929974, 0.405082464, 0.665397763, 0.396136492],
    "rounds critic real": [0.585741997, 0.177107006, 0.177364394, 0.454277452],
    "rounds critic latents": [0.609241664, 7.10098124, 3.01367927, 0.0386387784],
    "rounds critic mix": [0.760808229, 0.702966452, 0.322119951, 0.52819261],
    "rounds critic extra": [-0.927670479, -1.73806763, -2.46391273, -0.00823025918],
    "rounds latents": [1.73939729, -0.231566191, -2.78322053, 0.362022688],
    "rounds extra": [-1.40262973, -0.649037302, 1.34542465, -0.216560723],
    "with_replacement 0": [0.715721965, 0.489664823, 0.0850914121, 0.517526296],
    "each_once 0": [0.355416209, 0.156058609, 0.707247436, 0.38678851],
    "from_generator 0": [0.471806973, -0.640118062, 0.523498416, -0.233763833],
    "with_replacement 1": [0.552191019, 0.923012495, 0.710190773, 0.543379161],
    "each_once 1": [0.178772852, 0.354647517, 0.349602103, 0.491950608],
    "from_generator 1": [2.46862769, 0.0619375706, 0.788463354, 0.175108397],
    "with_replacement 2": [0.666357398, 0.891788185, 0.664283216, 0.546427393],
    "each_once 2": [0.142546192, 0.338942289, 0.645107567, 0.391463876],
    "from_generator 2": [-1.22897613, -0.601167083, 1.46363425, 0.0262206576],
    "with_replacement 3": [0.58430934, 0.582991004, 0.593964219, 0.58477378],
    "each_once 3": [0.623991072, 0.178606227, 0.704843998, 0.408001393],
    "from_generator 3": [-2.62439775, -1.19702232, -0.205750346, -0.102337958],
    "binary images": [0.0, 0.0, 0.0, 0.484375],
    "binary noise": [-1.28576541, 0.400149584, 1.71763802, -0.146953245],
    "binary encoder_noise": [-2.09915543, 0.0607350431, -0.644421935, -0.00795647673],
    "binary prior": [-0.6529755, -1.46038055, -1.01725686, -0.131461882],
    "binary_images": [1.0, 0.0, 1.0, 0.4859375],
    "encoder_noise": [-0.937794209, -0.41396156, -1.9238317, -0.122436346],
    "labelled images": [0.337254912, 0.509803951, 0.815686285, 0.550091925],
    "labelled labels": [3.0, 3.0, 6.0, 4.625],
    "labelled images, second epoch": [0.549019635, 0.894117653, 0.823529422, 0.611642169],
}


def _nth(dataset, n):
    """The batch of index n of a dataset."""
    return next(iter(dataset.skip(n)))


@pytest.fixture(scope="module")
def drawn():
    """By name as in `PINNED`: batches of every stream."""
    split, flow = synthetic_split(40), small_flow("nice")
    latents = datasets.prior_draws(flow)
    result = {
        "training": _nth(datasets.training_batches(split, BATCH, SEED), 6),
        "training flipped": _nth(datasets.training_batches(split, BATCH, SEED, flips=True), 6),
        "latent": datasets.latents_at(2, latents, BATCH, SEED),
        "latent extra": datasets.latents_at(2, latents, BATCH, SEED, extra=True),
        "evaluation": _nth(datasets.evaluation_batches(split, BATCH, SEED, draw=1), 1)[0],
        "binary_images": datasets.binary_images(split, SEED),
        "encoder_noise": datasets.encoder_noise(BATCH, 2, SEED),
    }
    large = synthetic_split(1010, (2, 2, 1))
    second_block = datasets.evaluation_batches(large, 10, SEED, draw=0, start=1000)
    result["evaluation block"] = _nth(second_block, 0)[0]
    for stream in (datasets.BURST, datasets.INDEPENDENT, datasets.READING):
        draw = datasets.critic_draws(split, latents, BATCH, SEED, True, stream, extra=True)
        result |= {f"critic {stream} {name}": value for name, value in draw(5, 1, 2).items()}
    step = _nth(datasets.rounds(split, flow, BATCH, SEED, 4, True, 2, extra=True), 0)
    result |= {f"rounds critic {name}": value for name, value in step.pop("critic").items()}
    result |= {f"rounds {name}": value for name, value in step.items()}
    result |= _independent_critic(split.images, flow)
    step = _nth(datasets.binary_batches(split, BATCH, SEED, latents=2, updates=3, first_step=6), 0)
    result |= {f"binary {name}": value for name, value in step.items()}
    return result | _labelled(split)


def _independent_critic(images, flow):
    prior = types.SimpleNamespace(prior=flow.prior, dims=flow.dims, decode=lambda latents: latents)
    result = {}
    for stream in (
        datasets.CRITIC_REAL,
        datasets.CRITIC_GENERATED,
        datasets.READING_REAL,
        datasets.READING_GENERATED,
    ):
        result |= {
            f"with_replacement {stream}": datasets.with_replacement(images, BATCH, SEED, stream)(5),
            f"each_once {stream}": datasets.each_once(images, BATCH, 4, SEED, stream)(2),
            f"from_generator {stream}": datasets.from_generator(prior, BATCH, SEED, stream)(5),
        }
    return result


def _labelled(split):
    def batches():
        keras.utils.set_random_seed(SEED)
        return datasets.labelled_batches(split, BATCH, SEED, lambda images: images)

    first = list(batches())[1]
    several = batches()
    list(several)
    second = list(several)[1]
    return {
        "labelled images": first[0],
        "labelled labels": first[1],
        "labelled images, second epoch": second[0],
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", PINNED)
def test_a_stream_draws_what_it_always_drew(drawn, name):
    flat = np.asarray(drawn[name], np.float64).ravel()
    found = [flat[0], flat[len(flat) // 2], flat[-1], flat.mean()]
    np.testing.assert_allclose(found, PINNED[name], rtol=2e-5, atol=1e-7)


@pytest.mark.slow
def test_every_stream_is_pinned(drawn):
    assert set(drawn) == set(PINNED)
