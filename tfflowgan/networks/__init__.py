"""Keras networks for coupling layers, encoders and discriminators."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow
from tfflowgan.networks.convolution import Conv2D
from tfflowgan.networks.dense import Dense
from tfflowgan.networks.layer_norm import LayerNorm
from tfflowgan.networks.masked_mlp import masked_mlp
from tfflowgan.networks.mlp import mlp, relu_layers
from tfflowgan.networks.resnet import resnet
from tfflowgan.networks.weight_norm import WeightNormConv2D

__all__ = ["Conv2D", "Dense", "LayerNorm", "WeightNormConv2D", "masked_mlp", "mlp", "relu_layers"]
__all__ += ["resnet"]
