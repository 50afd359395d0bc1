"""The page in a real browser."""

import io
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import PIL.Image
import pytest

from tests.helpers import ROOT, command, command_here, small_flow
from tfflowgan import model_versions
from tfflowgan.demo import Shown
from tfflowgan.serving import model_card, saved_model

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on the PATH")
SHAPES = {"first": (8, 8, 1), "second": (6, 6, 3)}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two exported flows, the first of grey images and with a card, the second of colour."""
    folder = tmp_path_factory.mktemp("models")
    for name, shape in SHAPES.items():
        saved_model.export(small_flow("nice", shape, logit_alpha=0.05), folder / name)
    histogram = {"edges": [0.0, 5.0, 20.0], "counts": [30, 10]}
    histograms = {"train": histogram, "test": histogram}
    model_card.write(
        folder / "first",
        {
            "sha256": model_versions.digest(folder / "first" / "1"),
            "bits_per_dim_histogram": histograms,
        },
    )
    return folder


@pytest.fixture(scope="module")
def address(models):
    """Where `bin/demo` shows both."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["bin/demo", f"--models={models / 'first'},{models / 'second'}", f"--port={port}"]
    demo = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5).read()
                break
            except (urllib.error.URLError, OSError):
                assert demo.poll() is None, demo.stdout.read()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.kill()
        demo.communicate()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium that speaks to loopback alone."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=[*quiet, "--disable-sync", "--no-first-run"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.set_default_timeout(60_000)
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.goto(address)
    yield page
    assert page.wrong == []
    elsewhere = [url for url in page.asked if not url.startswith((address, "data:", "blob:"))]
    assert elsewhere == []  # nothing is fetched from other hosts
    page.close()


def _text(page, identity, pattern):
    """The sentence of an output, once it is there."""
    from playwright.sync_api import expect

    expect(page.locator(f"#{identity}")).to_contain_text(re.compile(pattern))
    return page.locator(f"#{identity}").inner_text()


def _score(page, path):
    """Uploads a file in place of the one that is there, and asks for its score."""
    panel = page.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_label("Remove Image", exact=False).or_(
        panel.get_by_label("Clear", exact=False)
    ).first.click()
    panel.locator("input[type=file]").first.set_input_files(path)
    panel.locator("img").first.wait_for()
    page.wait_for_timeout(500)
    page.locator("#score-button").click()


def _pixels(page, identity):
    """A picture on the page, as numbers."""
    return np.asarray(
        PIL.Image.open(io.BytesIO(page.locator(f"#{identity} img").screenshot())).convert("L")
    )


@pytest.mark.slow
@needs_browser
def test_samples_are_there_at_once_and_change_with_seed_and_temperature(page):
    first = _text(page, "samples-text-0", "bits/dim on average")
    _text(page, "samples-text-1", "bits/dim on average")
    before = _pixels(page, "samples-picture-0")
    page.get_by_label("seed").first.fill("5")
    page.locator("#samples-button").click()
    page.wait_for_function(
        f"document.querySelector('#samples-text-0').innerText.trim() != {first.strip()!r}"
    )
    after = _pixels(page, "samples-picture-0")
    assert after.std() > 10 and (after.shape != before.shape or (after != before).any())


@pytest.mark.slow
@needs_browser
def test_an_uploaded_image_is_scored_among_known_ones(page, tmp_path, models):
    page.get_by_role("tab", name="Score").click()
    before = _text(
        page,
        "score-text-0",
        r"bits/dim; [\d.]+% of the training images and [\d.]+% of the test images are more likely",
    )
    _text(page, "score-text-1", "bin/export .*--card")
    noise = np.random.default_rng(0).integers(0, 256, (50, 50), np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "noise.png")
    _score(page, tmp_path / "noise.png")
    page.wait_for_function(
        f"document.querySelector('#score-text-0').innerText.trim() != {before.strip()!r}"
    )
    shown = Shown(models / "first")
    bits = shown.bits_per_dim(shown.pixels(PIL.Image.open(tmp_path / "noise.png")))
    _text(page, "score-text-0", f"{bits:.3f} bits/dim")
    assert page.locator("#score-plot-0 img").is_visible()


@pytest.mark.slow
@needs_browser
def test_files_that_hold_no_single_picture_are_refused_on_the_page(page, tmp_path):
    page.get_by_role("tab", name="Score").click()
    _text(page, "score-text-0", "bits/dim")
    frames = [PIL.Image.new("L", (20, 20), 50 * i) for i in range(3)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    (tmp_path / "text.png").write_text("no picture")
    for name, sentence in (("film.gif", "it has 3 frames"), ("text.png", "not an image")):
        _score(page, tmp_path / name)
        page.get_by_text(f"the file cannot be read: {sentence}").first.wait_for()


@pytest.mark.slow
@needs_browser
def test_reconstructions_and_interpolations_are_drawn(page):
    page.get_by_role("tab", name="Reconstruct").click()
    _text(page, "reconstruct-text-1", "eight draws")
    assert all(_pixels(page, f"reconstruct-picture-{i}").std() > 10 for i in (0, 1))
    page.get_by_role("tab", name="Interpolate").click()
    _text(page, "interpolate-text-0", "great circle")
    page.get_by_label("straight").check()
    page.locator("#interpolate-button").click()
    _text(page, "interpolate-text-0", "straight")
    assert all(_pixels(page, f"interpolate-picture-{i}").std() > 10 for i in (0, 1))


@pytest.mark.slow
@needs_browser
def test_a_wrong_seed_is_said_on_the_page(page):
    _text(page, "samples-text-0", "bits/dim")
    page.get_by_label("seed").first.fill("")
    page.locator("#samples-button").click()
    page.get_by_text("the seed must lie in 0..2147483647").first.wait_for()


@pytest.mark.slow
def test_bad_arguments_are_one_sentence(models, tmp_path):
    for arguments, sentence in (
        ([], "--models is missing"),
        (["--models=a,b,c"], "names 3 models; the page shows one or two"),
        ([f"--models={tmp_path / 'nowhere'}"], "holds no SavedModel"),
        ([f"--models={models / 'first'}", "--port=0"], "--port=0 must lie in"),
        ([f"--models={models / 'first'}", "--host=192.0.2.1"], "--host=192.0.2.1 is no IPv4"),
    ):
        done = command_here("demo", *arguments)
        assert (
            done.returncode == 1
            and sentence in done.stderr
            and len(done.stderr.strip().splitlines()) == 1
        ), done.stderr


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_to_be(models):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command("demo", f"--models={models / 'first'}", f"--port={taken.getsockname()[1]}")
    assert done.returncode == 1 and "is taken" in done.stderr
