"""The page: four tabs with one column per model, to compare two models on the same inputs."""

import functools
import os
import pathlib

import gradio as gr
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
from gradio.themes import Default

from tfflowgan import image_grid, units
from tfflowgan.demo._model import Shown
from tfflowgan.errors import UserError
from tfflowgan.images import formats, read

__all__ = ["launch", "page"]

_STEPS = 9
_NO_CARD = "without a model card of this version there are no ranks (bin/export --run=... --card)"
_HEAD = """# {names}

Normalizing flows for {kinds}. Fewer bits per dimension mean a higher density; uniform noise
needs 8."""
_APART = """ Each model sees a picture in its own size and colours, so their bits per dimension
do not compare."""


def page(models: list[Shown]) -> gr.Blocks:
    """Builds the page.

    Args:
      models: one or two; their images may differ in size and colour.

    Returns:
      The page, not yet served.
    """
    drawn = models[0].sample(2, 0, 0.7)[0]
    example, other = (PIL.Image.fromarray(_enlarged(image)) for image in drawn)
    with gr.Blocks(title="tfflowgan", analytics_enabled=False) as blocks:
        gr.Markdown(_head(models))
        with gr.Tab("Samples"):
            with gr.Row():
                temperature = gr.Slider(0.0, 1.5, 1.0, step=0.05, label="temperature")
                seed = _seed("seed")
                count = gr.Slider(1, 100, 36, step=1, label="images")
            inputs = [temperature, seed, count]
            _columns(models, "Draw", _samples, inputs, blocks, "samples")
        with gr.Tab("Score"):
            with gr.Row():
                picture = _upload(example, "image")
                invert = _invert(models)
            _columns(models, "Score", _score, [picture, invert], blocks, "score", plot=True)
        with gr.Tab("Reconstruct"):
            with gr.Row():
                picture = _upload(example, "image")
                with gr.Column():
                    invert = _invert(models)
                    keep = gr.Slider(0.0, 1.0, 0.5, step=0.05, label="share of latents kept")
                    seed = _seed("seed of the other latents")
            inputs = [picture, invert, keep, seed]
            _columns(models, "Reconstruct", _reconstruct, inputs, blocks, "reconstruct")
        with gr.Tab("Interpolate"):
            with gr.Row():
                first = _upload(example, "from")
                second = _upload(other, "to")
                with gr.Column():
                    invert = _invert(models)
                    path = gr.Radio(
                        ["great circle", "straight"],
                        value="great circle",
                        label="path between the latents",
                    )
            inputs = [first, second, invert, path]
            _columns(models, "Interpolate", _interpolate, inputs, blocks, "interpolate")
    return blocks


def _head(models):
    kinds = list(dict.fromkeys(_kind(model) for model in models))
    names = " and ".join(model.name for model in models)
    text = _HEAD.format(names=names, kinds=" and ".join(kinds))
    return text + _APART if len(kinds) > 1 else text


def _kind(model):
    height, width, _ = model.image_shape
    return f"{height} x {width} {'colour' if model.colour else 'grey'} images"


def _seed(label):
    return gr.Number(0, label=label, precision=0, minimum=0, maximum=2**31 - 1)


def _invert(models):
    """Whether to swap black and white, which is asked for grey models only."""
    grey = [model.name for model in models if not model.colour]
    which = "" if len(grey) == len(models) else f" for {' and '.join(grey)}"
    label = f"invert{which} (digits are white on black)"
    return gr.Checkbox(False, label=label, visible=bool(grey))


def _columns(models, label, answer, inputs, blocks, identity, plot=False):
    """A button, and per model a sentence, a plot if asked for, and a picture.

    They are filled when the page opens and when the button is pressed.
    """
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
                picture = gr.Image(
                    show_label=False,
                    format="png",
                    buttons=[],
                    height=height,
                    elem_id=f"{identity}-picture-{i}",
                )
                outputs.append(picture)

    def all_models(*values):
        try:
            return [part for model in models for part in answer(model, *values)]
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None

    gr.on(
        [button.click, blocks.load],
        all_models,
        inputs,
        outputs,
        show_progress="minimal",
        api_name=identity,
    )


def _samples(model, temperature, seed, count):
    images, bits = model.sample(int(count), _integer(seed), temperature)
    text = f"{bits:.3f} bits/dim on average, by the density at temperature 1."
    return text, _picture(images)


def _score(model, picture, invert):
    pixels = _pixels(model, picture, invert)
    bits = model.bits_per_dim(pixels)
    shown = _picture(pixels[np.newaxis] / np.float32(units.LEVELS))
    shares = [(part, model.rank(bits, part)) for part in ("train", "test")]
    names = {"train": "training", "test": "test"}
    known = [
        f"{share:.1%} of the {names[part]} images" for part, share in shares if share is not None
    ]
    rank = f"{' and '.join(known)} are more likely" if known else _NO_CARD
    text = f"**{bits:.3f} bits/dim**; {rank}. The picture is what the model sees."
    return text, _figure(model, bits), shown


def _reconstruct(model, picture, invert, keep, seed):
    pixels = _pixels(model, picture, invert)
    made = model.reconstruct(pixels, keep, _STEPS - 1, _integer(seed))
    original = pixels[np.newaxis] / np.float32(units.LEVELS)
    text = "The image, and eight draws of the latents that were not kept."
    return text, _picture(np.concatenate([original, made]), _STEPS)


def _interpolate(model, first, second, invert, path):
    start, end = (_pixels(model, picture, invert) for picture in (first, second))
    images = model.interpolate(start, end, _STEPS, path == "great circle")
    return f"Nine steps, {path}.", _picture(images, _STEPS)


def _upload(example, label):
    formats.endings()  # lets Pillow open HEIC, if there is a library for it
    image = gr.Image(
        example,
        type="filepath",
        format="png",
        image_mode=None,
        label=label,
        height=260,
        sources=["upload", "clipboard"],
        buttons=[],
    )
    # Gradio's own opens the file, and where it cannot, the page says "Error" and no more
    image.preprocess = lambda payload: None if payload is None else payload.path
    return image


def _pixels(model, path, invert):
    """What a model sees of an uploaded file."""
    if path is None:
        raise UserError("upload an image first.")
    try:
        picture = read.single(pathlib.Path(path))
    except read.Unreadable as error:
        raise UserError(f"the file cannot be read: {error}.") from None
    return model.pixels(picture, invert and not model.colour)


def _integer(seed):
    if seed is None or not 0 <= seed < 2**31:
        raise UserError(f"the seed must lie in 0..{2**31 - 1}.")
    return int(seed)


def _picture(images, columns=None):
    """A grid of images, with pixels large enough to see."""
    grid = image_grid.grid(np.nan_to_num(images), columns)
    scale = max(1, 720 // grid.shape[1])
    grid = grid.repeat(scale, axis=0).repeat(scale, axis=1)
    return grid[..., 0] if grid.shape[-1] == 1 else grid


def _enlarged(image):
    """One image, with pixels large enough to see; scaled down again it is the same image."""
    pixels = units.quantize(np.asarray(image))
    scale = max(1, 224 // max(pixels.shape[:2]))
    pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def _figure(model, bits):
    """The image's bits/dim among those of training and test images; None without a model card."""
    if model.histogram is None:
        return None
    figure, axes = plt.subplots(figsize=(5, 2.6), layout="constrained")
    for part, colour in (("train", "tab:blue"), ("test", "tab:orange")):
        edges = np.asarray(model.histogram[part]["edges"], float)
        counts = np.asarray(model.histogram[part]["counts"], float)
        density = counts / counts.sum() / np.diff(edges)
        axes.stairs(density, edges, label=f"{part} images", color=colour)
    axes.axvline(bits, color="black", label="this image")
    axes.set_xlabel("bits/dim")
    axes.set_ylabel("density")
    axes.legend(fontsize=8)
    plt.close(figure)
    return figure


_THEME = functools.partial(
    Default,
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
)


def launch(blocks: gr.Blocks, host: str, port: int, browser: bool, announcement: str) -> None:
    """Serves the page until it is interrupted.

    Args:
      blocks: the page.
      host: the address of this machine that is listened on; 0.0.0.0 stands for all of them.
      port: 1 to 65535.
      browser: whether to open the page in the browser.
      announcement: what to print once the page is up.

    Raises:
      UserError: the port is taken.
    """
    for name in ("no_proxy", "NO_PROXY"):  # Gradio requests its own page, which no proxy can reach
        known = [os.environ.get(name), "127.0.0.1", "localhost", host]
        os.environ[name] = ",".join(filter(None, known))
    look = {"theme": _THEME(), "footer_links": []}
    where = {"server_name": host, "server_port": port, "share": False, "inbrowser": browser}
    try:
        blocks.launch(**where, **look, quiet=True, prevent_thread_lock=True)
    except OSError:
        raise UserError(f"--port={port} is taken; give another port.") from None
    print(announcement, flush=True)
    blocks.block_thread()
