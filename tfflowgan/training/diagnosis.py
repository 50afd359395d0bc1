"""Which layer made a number that is not finite."""

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.bijectors import leaves
from tfflowgan.critics import ConditionalCritic, condition_on
from tfflowgan.generators import Generator
from tfflowgan.objectives import Objective

__all__ = ["first_non_finite"]


def first_non_finite(generator: Generator, critic: keras.Model | None, objective: Objective, batch: dict) -> str:
    """Names the first place where something is not finite, as the noun of a sentence.

    Args:
      generator: as it is after the bad step, which took no step along a gradient that is not finite.
      critic: the training critic, or None.
      objective: what was trained for.
      batch: what `FlowGAN.train_step` was given.
    """
    names = _weight_names(generator)
    for weight in generator.weights:
        if _bad(keras.ops.convert_to_numpy(weight)):
            return f"the weight {names[id(weight)]}"
    for weight in critic.weights if critic else []:
        if _bad(keras.ops.convert_to_numpy(weight)):
            return f"the critic's weight {weight.path}"
    batch = tf.nest.map_structure(lambda tensor: tf.cast(tensor, generator.dtype), batch)
    if _bad(batch["images"]):
        return "the batch of images"
    culprit = None
    if objective.adversary:
        culprit = _in_adversary(generator, critic, batch)
    if not culprit and objective.nll_weight:
        culprit = _in_likelihood(generator, batch["images"])
    return culprit or _in_gradients(generator, critic, objective, batch, names)


def _in_adversary(generator, critic, batch):
    updates = batch["critic"]
    names = ("real", "latents", "extra") if isinstance(critic, ConditionalCritic) else ("real", "latents")
    columns = [[updates[name][:, i] for name in names] for i in range(updates["real"].shape[1])]
    for real, latents, *extra in [*columns, [columns[0][0], *(batch[name] for name in names[1:])]]:
        if generator.has_density:
            chain, watched = generator.bijector(training=True), []
            _watch(chain, watched, "_forward_and_log_det")
            generated = chain.forward(tf.identity(latents))
            for name, values in watched:
                if _bad(values):
                    return f"the output of layer {name} (sampling)"
        else:
            generated = generator.generate(latents, training=True)
        if _bad(generated):
            return "a generated image"
        if _bad(real):
            return "a real image"
        for kind, images in (("generated", generated), ("real", real)):
            parts = critic.parts(images, generator.generate_untracked(extra[0])) if extra else [(critic, images)]
            for network, inputs in parts:
                if name := _bad_layer(network, inputs):
                    return f"the output of the critic's layer {name} on {kind} images"
    return None


def _bad_layer(network, inputs):
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
    outputs = keras.Model(network.inputs, [layer.output for layer in layers])(inputs, training=True)
    return next((layer.name for layer, output in zip(layers, outputs, strict=True) if _bad(output)), None)


def _in_likelihood(flow, images):
    chain, watched = flow.bijector(training=True), []
    _watch(chain, watched, "_inverse_and_log_det")
    chain.inverse(tf.identity(images))
    for name, values in watched:
        if _bad(values):
            return f"the output of layer {name}"
    if _bad(flow.distribution(training=True).log_prob(tf.identity(images))):
        return "the prior's density of the latents"
    return None


def _in_gradients(generator, critic, objective, batch, names):
    weights = generator.trainable_variables
    if "extra" in batch:
        critic = condition_on(critic, generator.generate_untracked(batch["extra"]))
    with tf.GradientTape() as tape:
        loss, _ = objective.generator_loss(generator, critic, batch)
    for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
        if _bad(gradient):
            return f"the gradient of {names[id(weight)]}"
    return "no layer when the step was repeated"


def _bad(values):
    return not np.isfinite(values).all()


def _weight_names(generator):
    """By identity: a network's name, then the weight's path within it."""
    names = {id(weight): weight.path for weight in generator.weights}
    for network in generator.layers:
        names |= {id(weight): f"{network.name}/{weight.path}" for weight in network.weights}
    return names


def _watch(chain, watched, method):
    """Makes every bijector of a tree note its values, in the order of computation."""
    for leaf in leaves(chain):
        leaf_method = getattr(leaf, method, None)
        if leaf_method:
            setattr(leaf, method, _noting(leaf.name, leaf_method, watched))


def _noting(name, method, watched):
    def noting(values):
        result, log_det = method(values)
        watched.append((name, np.concatenate([np.ravel(result), np.ravel(log_det)])))
        return result, log_det

    return noting
