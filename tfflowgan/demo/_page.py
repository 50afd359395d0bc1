"""The page: four tabs, and a column a model in each, so that two can be compared on the same inputs."""

import functools
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # the page speaks to nobody but its visitor

import gradio as gr
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image

from tfflowgan import image_grid, units
from tfflowgan.demo._model import Shown
from tfflowgan.errors import UserError

__all__ = ["launch", "page"]

_STEPS = 9
_NO_CARD = "nothing is known to compare it with, for the model has no card of this version (bin/export --run=... --card)"
_HEAD = """# {names}

Density models of {height} x {width} images. Fewer bits/dim are more likely; noise costs 8."""


def page(models: list[Shown]) -> gr.Blocks:
    """The page of one or two models.

    Args:
      models: of images of the same shape.
    """
    height, width, _ = models[0].image_shape
    example, other = (PIL.Image.fromarray(_enlarged(image)) for image in models[0].sample(2, 0, 0.7)[0])
    with gr.Blocks(title="tfflowgan", analytics_enabled=False) as blocks:
        gr.Markdown(_HEAD.format(names=" and ".join(model.name for model in models), height=height, width=width))
        with gr.Tab("Samples"):
            with gr.Row():
                temperature = gr.Slider(0.0, 1.5, 1.0, step=0.05, label="temperature")
                seed = gr.Number(0, label="seed", precision=0, minimum=0, maximum=2**31 - 1)
                count = gr.Slider(1, 100, 36, step=1, label="images")
            _columns(models, "Draw", _samples, [temperature, seed, count], blocks, "samples")
        with gr.Tab("Score"):
            with gr.Row():
                picture = _upload(example, "image")
                invert = gr.Checkbox(False, label="invert (digits are white on black)")
            _columns(models, "Score", _score, [picture, invert], blocks, "score", plot=True)
        with gr.Tab("Reconstruct"):
            with gr.Row():
                picture = _upload(example, "image")
                with gr.Column():
                    invert = gr.Checkbox(False, label="invert (digits are white on black)")
                    keep = gr.Slider(0.0, 1.0, 0.5, step=0.05, label="share of latents kept")
                    seed = gr.Number(0, label="seed of the others", precision=0, minimum=0, maximum=2**31 - 1)
            _columns(models, "Reconstruct", _reconstruct, [picture, invert, keep, seed], blocks, "reconstruct")
        with gr.Tab("Interpolate"):
            with gr.Row():
                first = _upload(example, "from")
                second = _upload(other, "to")
                with gr.Column():
                    invert = gr.Checkbox(False, label="invert (digits are white on black)")
                    path = gr.Radio(["great circle", "straight"], value="great circle", label="path between the latents")
            _columns(models, "Interpolate", _interpolate, [first, second, invert, path], blocks, "interpolate")
    return blocks


def _columns(models, label, answer, inputs, blocks, identity, plot=False):
    """A button, and for each model a sentence, perhaps a plot, and a picture; filled when the page opens, too."""
    button = gr.Button(label, variant="primary", elem_id=f"{identity}-button")
    outputs = []
    with gr.Row():
        for i, model in enumerate(models):
            with gr.Column():
                gr.Markdown(f"### {model.name}")
                outputs.append(gr.Markdown(elem_id=f"{identity}-text-{i}"))
                if plot:
                    outputs.append(gr.Plot(show_label=False, elem_id=f"{identity}-plot-{i}"))
                height = 200 if plot else None
                outputs.append(
                    gr.Image(show_label=False, format="png", buttons=[], height=height, elem_id=f"{identity}-picture-{i}")
                )

    def all_models(*values):
        try:
            return [part for model in models for part in answer(model, *values)]
        except UserError as error:
            raise gr.Error(str(error)) from None

    gr.on([button.click, blocks.load], all_models, inputs, outputs, show_progress="minimal", api_name=identity)


def _samples(model, temperature, seed, count):
    images, bits = model.sample(int(count), _whole(seed), temperature)
    return f"{bits:.3f} bits/dim on average, by the density of temperature 1.", _picture(images)


def _score(model, picture, invert):
    pixels = model.pixels(_given(picture), invert)
    bits = model.bits_per_dim(pixels)
    shown = _picture(pixels[np.newaxis] / np.float32(units.LEVELS))
    shares = [(part, model.rank(bits, part)) for part in ("train", "test")]
    names = {"train": "training", "test": "test"}
    known = [f"{share:.1%} of the {names[part]} images" for part, share in shares if share is not None]
    where = f"; {' and '.join(known)} are more likely" if known else f"; {_NO_CARD}"
    return f"**{bits:.3f} bits/dim**{where}. The picture is what the model sees.", _figure(model, bits), shown


def _reconstruct(model, picture, invert, keep, seed):
    pixels = model.pixels(_given(picture), invert)
    made = model.reconstruct(pixels, keep, _STEPS - 1, _whole(seed))
    original = pixels[np.newaxis] / np.float32(units.LEVELS)
    return "The image, and eight draws of the latents that were not kept.", _picture(np.concatenate([original, made]), _STEPS)


def _interpolate(model, first, second, invert, path):
    ends = [model.pixels(_given(picture), invert) for picture in (first, second)]
    return f"Nine steps, {path}.", _picture(model.interpolate(*ends, _STEPS, path == "great circle"), _STEPS)


def _upload(example, label):
    return gr.Image(example, type="pil", image_mode=None, label=label, height=260, sources=["upload", "clipboard"], buttons=[])


def _given(picture):
    if picture is None:
        raise UserError("there is no image; upload one.")
    return picture


def _whole(seed):
    if seed is None or not 0 <= seed < 2**31:
        raise UserError(f"the seed must lie in 0..{2**31 - 1}.")
    return int(seed)


def _picture(images, columns=None):
    """A grid, its pixels large enough to see."""
    grid = image_grid.grid(np.nan_to_num(images), columns)
    scale = max(1, 720 // grid.shape[1])
    grid = grid.repeat(scale, axis=0).repeat(scale, axis=1)
    return grid[..., 0] if grid.shape[-1] == 1 else grid


def _enlarged(image):
    """One image as pixels large enough to see; the model's view of it is the image itself."""
    pixels = units.quantize(np.asarray(image))
    scale = max(1, 224 // max(pixels.shape[:2]))
    pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def _figure(model, bits):
    """Where a number of bits/dim stands among those of training and test images."""
    if model.histogram is None:
        return None
    figure, axes = plt.subplots(figsize=(5, 2.6), layout="constrained")
    for part, colour in (("train", "tab:blue"), ("test", "tab:orange")):
        edges, counts = (np.asarray(model.histogram[part][name], float) for name in ("edges", "counts"))
        axes.stairs(counts / counts.sum() / np.diff(edges), edges, label=f"{part} images", color=colour)
    axes.axvline(bits, color="black", label="this image")
    axes.set_xlabel("bits/dim")
    axes.set_ylabel("density")
    axes.legend(fontsize=8)
    plt.close(figure)
    return figure


_THEME = functools.partial(gr.themes.Default, font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])


def launch(blocks: gr.Blocks, port: int, browser: bool, announcement: str) -> None:
    """Serves the page on loopback, and prints the announcement, until it is interrupted."""
    for name in ("no_proxy", "NO_PROXY"):  # Gradio looks at its own page, and no proxy knows our loopback
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1"]))
    look = {"theme": _THEME(), "footer_links": []}
    where = {"server_name": "127.0.0.1", "server_port": port, "share": False, "inbrowser": browser}
    try:
        blocks.launch(**where, **look, quiet=True, prevent_thread_lock=True)
    except OSError:
        raise UserError(f"--port={port} is taken; give another one.") from None
    print(announcement, flush=True)
    blocks.block_thread()
