"""Figure 6: a Gaussian mixture on MNIST's training images beats the adversary in NLL and score."""

from papers.grover import _mixtures

PUBLISHED = (
    "As figure 3, on MNIST: the mixture is better than the adversary in both values at the shaded "
    "bandwidths."
)
IMAGES = "mnist"
RUNS = {
    "ADV": "mnist_nice_adv",
    "ADV, from MLE": "mnist_nice_adv_from_mle",
    "MLE": "mnist_nice_mle",
}
NEEDS = {label: _mixtures.NEEDS for label in RUNS if label != "MLE"}
render = _mixtures.render
