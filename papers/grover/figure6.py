"""Figure 6: a Gaussian mixture over the training images is better than the adversary in NLL and MODE score, MNIST."""

from papers.grover import _mixtures

PUBLISHED = "As figure 3, on MNIST: the mixture is better than the adversary in both for the bandwidths that are shaded."
IMAGES = "mnist"
RUNS = {"ADV": "mnist_nice_adv", "ADV, from MLE": "mnist_nice_adv_from_mle"}
NEEDS = _mixtures.NEEDS
render = _mixtures.render
