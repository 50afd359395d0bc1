"""Adversarial objectives against closed forms and quadrature, on two Gaussians."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from tests.helpers import perturb, random_images
from tfflowgan import critics, flows, objectives, plugins
from tfflowgan.errors import UserError
from tfflowgan.objectives.wgan_gp import gradient_penalty

DATA, MODEL = stats.norm(0.3, 1.0), stats.norm(-0.4, 1.2)
COUNT = 400_001
F_DIVERGENCES = ("gan", "hellinger", "kl", "reverse_kl", "total_variation", "lsgan")
ADVERSARIAL = [name for name in plugins.names("objectives") if name not in ("mle", "hybrid")]


def _log_ratio(x, model=MODEL):
    return DATA.logpdf(x) - model.logpdf(x)


OPTIMAL_CRITICS = {  # scores as functions of log p_data / p_model
    "gan": lambda r: r,
    "kl": lambda r: 1.0 + r,
    "reverse_kl": lambda r: r,
    "hellinger": lambda r: 0.5 * r,
    "total_variation": lambda r: 1e3 * np.sign(r),
    "lsgan": lambda r: 1.0 / (1.0 + np.exp(-r)),
}


def _kl(p, q):
    (m, s), (n, t) = [(d.mean(), d.std()) for d in (p, q)]
    return np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5


def _bhattacharyya(p, q):
    variance = p.var() + q.var()
    return np.sqrt(2 * p.std() * q.std() / variance) * np.exp(
        -((p.mean() - q.mean()) ** 2) / (4 * variance)
    )


def _integral(f):
    return integrate.quad(lambda x: f(DATA.pdf(x), MODEL.pdf(x)), -15, 15, limit=500)[0]


def _jensen_shannon(p, q):
    m = (p + q) / 2
    return 0.5 * p * np.log(p / m) + 0.5 * q * np.log(q / m)


EXPECTED = {
    "kl": lambda: _kl(DATA, MODEL),  # closed forms
    "reverse_kl": lambda: _kl(MODEL, DATA),
    "hellinger": lambda: 2.0 * (1.0 - _bhattacharyya(DATA, MODEL)),
    "gan": lambda: _integral(_jensen_shannon),  # quadratures
    "total_variation": lambda: _integral(lambda p, q: 0.5 * abs(p - q)),
    "lsgan": lambda: _integral(lambda p, q: (p - q) ** 2 / (p + q)),
}


def _grid(distribution):
    """Equally likely points: a mean over them is an integral over the distribution."""
    return distribution.ppf((np.arange(COUNT) + 0.5) / COUNT)


def _scores(name, x):
    return tf.constant(OPTIMAL_CRITICS[name](_log_ratio(x)), tf.float64)


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_the_optimal_critic_gives_the_divergence(name):
    distance = objectives.build(name).adversary.distance(
        _scores(name, _grid(DATA)), _scores(name, _grid(MODEL))
    )
    np.testing.assert_allclose(distance, EXPECTED[name](), rtol=2e-3)


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_other_critics_give_less(name):
    adversary = objectives.build(name).adversary
    x, y = _grid(DATA), _grid(MODEL)
    best = adversary.distance(_scores(name, x), _scores(name, y))
    for bend in (
        lambda s, x: s + 0.1 * np.sin(x),
        lambda s, x: s - 0.1 * np.tanh(x),
        lambda s, x: 0.9 * s + 0.05,
    ):
        if name == "total_variation":  # saturated: only a move of the sign's change matters
            bent = adversary.distance(
                *[tf.constant(1e3 * np.sign(_log_ratio(v) + 0.3), tf.float64) for v in (x, y)]
            )
        else:
            bent = adversary.distance(bend(_scores(name, x), x), bend(_scores(name, y), y))
        assert bent < best - 1e-6


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_equal_distributions_are_at_distance_nought(name):
    adversary = objectives.build(name).adversary
    scores = tf.fill([5], tf.constant(float(OPTIMAL_CRITICS[name](0.0)), tf.float64))
    assert abs(float(adversary.distance(scores, scores))) < 1e-9


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_the_critics_loss_falls_as_its_distance_grows(name):
    options = (
        {"penalty_weight": 1e-9} if name == "wgan_gp" else {}
    )  # a penalty may grow faster than the distance
    adversary = objectives.build(name, **options).adversary
    images = tf.constant(np.random.default_rng(0).uniform(size=(8, 2, 2, 1)), tf.float64)
    mix = tf.zeros([8], tf.float64)

    def measure(scale):
        def critic(x, training):
            return scale * tf.reduce_sum(x - 0.5, axis=(1, 2, 3))

        return [float(v) for v in adversary.critic_loss(critic, images, images - 0.4, mix)]

    (low_loss, low), (high_loss, high) = measure(0.1), measure(0.3)
    assert high != low and (high > low) == (high_loss < low_loss)


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_losses_are_means_over_images(name):
    """So that replicas may each take the mean over their own, at whatever number of replicas."""
    adversary = objectives.build(name).adversary
    generator = np.random.default_rng(0)
    real, generated = (tf.constant(generator.uniform(size=(8, 2, 2, 1))) for _ in range(2))
    mix = tf.constant(generator.uniform(size=8))

    def critic(x, training=True):
        return 3.0 * tf.reduce_sum((x - 0.4) ** 2, axis=(1, 2, 3))

    def losses(part):
        both = adversary.critic_loss(critic, real[part], generated[part], mix[part])
        return np.array([*both, adversary.generator_loss(critic(generated[part]))])

    np.testing.assert_allclose(
        losses(slice(None)), (losses(slice(4)) + losses(slice(4, 8))) / 2, rtol=1e-12
    )


@pytest.mark.parametrize("name", ["gan", "kl", "reverse_kl", "hellinger"])
def test_minimax_follows_the_gradient_of_the_divergence(name):
    # at the optimal critic for the present mean, d loss / d mean is the derivative of the
    # divergence (envelope theorem)
    adversary = objectives.build(name, generator_loss="minimax").adversary
    noise = tf.constant((_grid(MODEL) - MODEL.mean()) / MODEL.std())
    mean = tf.Variable(MODEL.mean(), dtype=tf.float64)
    with tf.GradientTape() as tape:
        x = mean + MODEL.std() * noise
        ratio = (
            0.5 * ((x - MODEL.mean()) / MODEL.std()) ** 2
            - 0.5 * (x - 0.3) ** 2
            + np.log(MODEL.std())
        )
        score = {"gan": ratio, "kl": 1.0 + ratio, "reverse_kl": ratio, "hellinger": 0.5 * ratio}[
            name
        ]
        loss = adversary.generator_loss(score)
    got = float(tape.gradient(loss, mean))

    def divergence(mu):
        q = stats.norm(mu, MODEL.std())
        return {
            "kl": lambda: _kl(DATA, q),
            "reverse_kl": lambda: _kl(q, DATA),
            "hellinger": lambda: 2.0 * (1.0 - _bhattacharyya(DATA, q)),
            "gan": lambda: (
                2.0
                * integrate.quad(
                    lambda x: _jensen_shannon(DATA.pdf(x), q.pdf(x)), -15, 15, limit=500
                )[0]
            ),
        }[name]()

    expected = (divergence(MODEL.mean() + 1e-4) - divergence(MODEL.mean() - 1e-4)) / 2e-4
    np.testing.assert_allclose(got, expected, rtol=2e-3)


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_the_generator_climbs_the_critics_scores(name):
    known = objectives.options(name)
    for choice in objectives.GENERATOR_LOSSES if "generator_loss" in known else (None,):
        adversary = objectives.build(
            name, **({"generator_loss": choice} if choice else {})
        ).adversary
        scores = tf.Variable([-0.5, 0.1, 0.4])
        with tf.GradientTape() as tape:
            loss = adversary.generator_loss(scores)
        assert (tape.gradient(loss, scores).numpy() < 0).all()


def test_wasserstein_is_the_difference_of_the_means_for_shifted_gaussians():
    # equal shapes: the optimal 1-Lipschitz critic is x itself, and W1 = |difference of means|
    other = stats.norm(0.3 - 1.7, 1.0)
    for name in ("wgan", "wgan_gp"):
        adversary = objectives.build(name).adversary
        distance = adversary.distance(tf.constant(_grid(DATA)), tf.constant(_grid(other)))
        np.testing.assert_allclose(
            distance, stats.wasserstein_distance(_grid(DATA), _grid(other)), rtol=1e-6
        )


class TestGradientPenalty:
    SHAPE = (3, 4, 2)

    def _linear(self, weights):
        return lambda x, training: tf.reduce_sum(x * weights, axis=(1, 2, 3))

    def _penalty(self, critic, **kwargs):
        real, generated = random_images(self.SHAPE, 6, seed=1), random_images(self.SHAPE, 6, seed=2)
        return gradient_penalty(
            critic, real, generated, tf.constant(np.linspace(0, 1, 6)), **kwargs
        )

    def test_a_linear_critic_gives_its_norm_minus_one_squared(self):
        weights = np.random.default_rng(0).normal(size=self.SHAPE)
        expected = (np.linalg.norm(weights) - 1.0) ** 2
        np.testing.assert_allclose(self._penalty(self._linear(weights)), expected, rtol=1e-9)

    def test_columns_take_the_norm_over_rows_alone(self):
        weights = np.random.default_rng(0).normal(size=self.SHAPE)
        expected = np.mean((np.sqrt((weights**2).sum(axis=0)) - 1.0) ** 2)
        np.testing.assert_allclose(
            self._penalty(self._linear(weights), axes=(1,)), expected, rtol=1e-9
        )

    def test_a_critic_of_slope_nought_has_a_gradient(self):
        weights = tf.Variable(np.zeros(self.SHAPE))
        with tf.GradientTape() as tape:
            loss = self._penalty(self._linear(weights))
        assert np.isfinite(tape.gradient(loss, weights)).all()

    def test_it_is_taken_between_real_and_generated(self):
        seen = []

        def critic(x, training):
            seen.append(x.numpy())
            return tf.reduce_sum(x, axis=(1, 2, 3))

        self._penalty(critic)
        real, generated = (
            random_images(self.SHAPE, 6, seed=1).numpy(),
            random_images(self.SHAPE, 6, seed=2).numpy(),
        )
        for i, e in enumerate(np.linspace(0, 1, 6)):
            np.testing.assert_allclose(seen[0][i], e * generated[i] + (1 - e) * real[i])

    def test_the_loss_holds_it_with_its_weight(self):
        weights = np.random.default_rng(0).normal(size=self.SHAPE)
        real, generated, mix = (
            random_images(self.SHAPE, 6, 1),
            random_images(self.SHAPE, 6, 2),
            tf.zeros([6], tf.float64),
        )
        adversary = objectives.build("wgan_gp", penalty_weight=7.0).adversary
        loss, distance = adversary.critic_loss(self._linear(weights), real, generated, mix)
        np.testing.assert_allclose(
            loss + distance, 7.0 * (np.linalg.norm(weights) - 1.0) ** 2, rtol=1e-9
        )


class TestHybrid:
    def test_the_loss_is_the_adversarys_plus_the_weighted_nll(self):
        flow = perturb(flows.build("nice", (4, 4, 1), width=6, layers=1, dtype="float64"))
        critic = critics.build("dcgan", (4, 4, 1), norm="none", width=4, dtype="float64")
        batch = {
            "images": random_images((4, 4, 1), 8),
            "latents": tf.random.stateless_normal([8, 16], (1, 2), dtype=tf.float64),
        }
        alone, _ = objectives.build("gan").generator_loss(flow, critic, batch)
        nll, _ = objectives.build("mle").generator_loss(flow, None, batch)
        loss, reports = objectives.build("hybrid", adversary="gan", nll_weight=0.3).generator_loss(
            flow, critic, batch
        )
        np.testing.assert_allclose(loss, alone + 0.3 * nll, rtol=1e-12)
        np.testing.assert_allclose(
            [reports["generator_loss"], reports["nll"]], [alone, nll], rtol=1e-12
        )

    @pytest.mark.parametrize("name", ADVERSARIAL)
    def test_it_wraps_every_adversary(self, name):
        objective = objectives.build("hybrid", adversary=name, nll_weight=2)
        assert (
            type(objective.adversary) is type(objectives.build(name).adversary)
            and objective.nll_weight == 2
        )

    def test_options_of_the_adversary_are_its_own(self):
        assert (
            objectives.build("hybrid", adversary="wgan", clip_weights=0.5).adversary.clip_weights
            == 0.5
        )
        assert objectives.options("hybrid", "wgan") == {
            "adversary": "wgan",
            "nll_weight": 0.1,
            "clip_weights": 0.01,
        }


def test_an_adversary_needs_its_critic():
    flow = flows.build("nice", (2, 2, 1), width=2, couplings=2, layers=1)
    with pytest.raises(ValueError, match="critic=None"):
        objectives.build("wgan").generator_loss(flow, None, {"latents": np.zeros([1, 4])})


def test_mle_has_no_adversary():
    objective = objectives.build("mle")
    assert objective.adversary is None and objective.reports == ("nll",)


@pytest.mark.parametrize(
    "name, options, message",
    [
        ("mle", {"clip_weights": 1.0}, "--clip_weights .*--objective=mle"),
        ("wgan", {"penalty_weight": 1.0}, "--penalty_weight .*--objective=wgan.* clip_weights"),
        ("wgan", {"clip_weights": -1.0}, r"--clip_weights=-1\.0 "),
        ("wgan_gp", {"penalty_axes": "rows"}, "--penalty_axes=rows .*image, columns"),
        ("wgan_gp", {"penalty_weight": 0.0}, r"--penalty_weight=0\.0 "),
        ("gan", {"generator_loss": "hinge"}, "--generator_loss=hinge .*minimax, non_saturating"),
        ("hybrid", {"adversary": "mle"}, "--adversary=mle .*wgan_gp"),
        ("hybrid", {"nll_weight": 0.0}, r"--nll_weight=0\.0 .*--objective=wgan_gp"),
    ],
)
def test_what_does_not_apply_is_refused(name, options, message):
    with pytest.raises(UserError, match=message):
        objectives.build(name, **options)
