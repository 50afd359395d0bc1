"""The runs behind the artefacts: a command of `bin/` and its flags, at each scale.

    smoke    tiny networks on the 5,000 digits that a package ships, in place of all other images:
             this tests that everything runs
    laptop   minutes to 100 minutes per run on two cores; CIFAR-10 in place of CelebA, smaller
             networks
    paper    for GPUs: the papers' own settings where they are published; the others are ours, as
             comments here and in the presets note

Artefacts omit the runs that a scale lacks, and list them. Recipes with equal flags are one run (at
smoke scale, faces are digits). `From` stands for another run's folder.
"""

from papers.recipes import danihelka, grover
from papers.recipes.recipe import From, Recipe

__all__ = ["RECIPES", "From", "Recipe"]

RECIPES: dict[str, Recipe] = grover.RECIPES | danihelka.RECIPES
