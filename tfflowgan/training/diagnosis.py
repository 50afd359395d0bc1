"""Finding the layer that produced a value that is not finite."""

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.bijectors import leaves
from tfflowgan.critics import ConditionalCritic, condition_on
from tfflowgan.generators import Generator
from tfflowgan.objectives import Objective

__all__ = ["first_non_finite"]


def first_non_finite(
    generator: Generator, critic: keras.Model | None, objective: Objective, batch: dict
) -> str:
    """Repeats a step and names the first value in it that is not finite.

    Args:
      generator: in its state after the failed step, which did not apply gradients that are not
        finite.
      critic: the training critic, or None.
      objective: the objective of the step.
      batch: the argument of `FlowGAN.train_step`.

    Returns:
      A noun phrase, such as "the output of layer coupling_2".
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
    names = ["real", "latents", *(["extra"] if isinstance(critic, ConditionalCritic) else [])]
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
            networks = [(critic, images)]
            if extra:
                networks = critic.parts(images, generator.generate_untracked(extra[0]))
            for network, inputs in networks:
                if name := _bad_layer(network, inputs):
                    return f"the output of the critic's layer {name} on {kind} images"
    return None


def _bad_layer(network, inputs):
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
    outputs = keras.Model(network.inputs, [layer.output for layer in layers])(inputs, training=True)
    return next(
        (layer.name for layer, output in zip(layers, outputs, strict=True) if _bad(output)), None
    )


def _in_likelihood(flow, images):
    chain, watched = flow.bijector(training=True), []
    _watch(chain, watched, "_inverse_and_log_det")
    chain.inverse(tf.identity(images))
    for name, values in watched:
        if _bad(values):
            return f"the output of layer {name}"
    if _bad(flow.distribution(training=True).log_prob(tf.identity(images))):
        return "the prior density of the latents"
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
    return "unknown: every layer is finite when the step is repeated"


def _bad(values):
    return not np.isfinite(values).all()


def _weight_names(generator):
    """Names of weights by their `id`: NETWORK/PATH, or PATH outside any network."""
    names = {id(weight): weight.path for weight in generator.weights}
    for network in generator.layers:
        names |= {id(weight): f"{network.name}/{weight.path}" for weight in network.weights}
    return names


def _watch(chain, watched, method):
    """Wraps every bijector of a chain so that it appends its values to `watched` as it runs."""
    for leaf in leaves(chain):
        leaf_method = getattr(leaf, method, None)
        if leaf_method:
            setattr(leaf, method, _recording(leaf.name, leaf_method, watched))


def _recording(name, method, watched):
    def recording(values):
        result, log_det = method(values)
        watched.append((name, np.concatenate([np.ravel(result), np.ravel(log_det)])))
        return result, log_det

    return recording
