"""Draws `docs/objectives.png`: samples by likelihood, by both, and by an adversary, side by side.

    python docs/draw_objectives.py

The three grids are cut from the first row of Figure 1, which `bin/reproduce grover/figure1` draws.
They are of the same latents: the last two runs began with the weights of the first.
"""

import pathlib

from PIL import Image

DOCS = pathlib.Path(__file__).resolve().parent
FIGURE = DOCS / "results" / "grover" / "figure1.jpg"
PANELS = (0, 2, 3)  # maximum likelihood, hybrid, adversary from the weights of the first
STEP, LEFT, TOP, SIZE = 300, 4, 22, 292  # pixels of Figure 1
ROWS, GAP = 6, 12  # rows of digits that are shown, and pixels between the grids


def draw() -> Image.Image:
    """The picture, grey on white."""
    figure = Image.open(FIGURE).convert("L")
    height = round(SIZE * ROWS / 10)
    picture = Image.new("L", (len(PANELS) * (SIZE + GAP) - GAP, height), 255)
    for i, column in enumerate(PANELS):
        left = LEFT + column * STEP
        picture.paste(figure.crop((left, TOP, left + SIZE, TOP + height)), (i * (SIZE + GAP), 0))
    return picture


if __name__ == "__main__":
    draw().save(DOCS / "objectives.png", optimize=True)
