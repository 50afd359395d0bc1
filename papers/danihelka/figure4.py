"""Figure 4: bits/dim of NVP1, NVP2 and NVP3 under maximum likelihood."""

from papers.danihelka import _curves

PUBLISHED = (
    "CelebA: NVP1 is the worst. There is a small amount of overfitting: the validation loss is "
    "slightly above the training loss (NVP3 ends at 4.27)."
)
IMAGES = "celeb_a"
RUNS = {f"NVP{level}": f"faces_nvp{level}_mle" for level in (1, 2, 3)}
NEEDS = [_curves.MLE]
render = _curves.mle
