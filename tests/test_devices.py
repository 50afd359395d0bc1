"""Which devices a command uses, and what it calls them; the GPUs are faked."""

import logging
import types

import pytest
import tensorflow as tf

from papers.commands import run_module
from tests.helpers import command, command_here
from tfflowgan import devices, graphics_cards
from tfflowgan.errors import UserError


class _Machine:
    """TensorFlow's view of GPUs by name."""

    def __init__(self, monkeypatch, *names):
        self.found = [types.SimpleNamespace(name=name, device_type="GPU") for name in names]
        self.visible, self.growing = self.found, []
        config, experimental = tf.config, tf.config.experimental
        monkeypatch.setattr(config, "list_physical_devices", lambda kind=None: self.found)
        monkeypatch.setattr(config, "get_visible_devices", lambda kind=None: self.visible)
        monkeypatch.setattr(config, "set_visible_devices", self._show)
        monkeypatch.setattr(
            experimental, "set_memory_growth", lambda gpu, on: self.growing.append((gpu.name, on))
        )
        monkeypatch.setattr(
            experimental, "get_device_details", lambda gpu: {"device_name": gpu.name}
        )

    def _show(self, chosen, kind):
        assert kind == "GPU"
        self.visible = chosen


def _on(*names, replicas=None):
    """A strategy on devices, of which this process has all, or those of one worker."""
    return types.SimpleNamespace(
        num_replicas_in_sync=replicas or len(names),
        extended=types.SimpleNamespace(worker_devices=names),
    )


GPUS = [f"/job:localhost/replica:0/task:0/device:GPU:{i}" for i in range(3)]
CPUS = ["/cpu:0", "/job:localhost/replica:0/task:0/device:CPU:1"]


@pytest.mark.parametrize(
    ("names", "strategy", "words"),
    [
        (["NVIDIA H100"], _on(GPUS[0]), "1 GPU (NVIDIA H100)"),
        (["NVIDIA H100"] * 3, _on(*GPUS), "3 GPUs (NVIDIA H100)"),
        (["A100", "H100", "A100"], _on(*GPUS), "3 GPUs (2 A100, 1 H100)"),
        (["A100", "H100", "A100"], _on(GPUS[1]), "1 GPU (H100)"),
        (["A100"], _on(*GPUS[:2]), "2 GPUs (A100)"),  # one card, divided by the program
        (["A100"], _on(CPUS[0]), "2 CPU cores"),
        ([], _on(*CPUS), "2 logical CPUs of 2 CPU cores"),
        (["A100"], _on(GPUS[0], replicas=2), "2 workers, each with 1 GPU (A100)"),
        ([], _on(CPUS[0], replicas=3), "3 workers, each with 2 CPU cores"),
        (["A100", "A100"], None, "1 GPU (A100)"),
        ([], None, "2 CPU cores"),
    ],
)
def test_devices_are_called_by_their_names(monkeypatch, names, strategy, words):
    _Machine(monkeypatch, *names)
    monkeypatch.setattr(devices, "cpu_cores", lambda: 2)
    assert devices.describe(strategy) == words


def test_strategies_of_tensorflow_are_described(monkeypatch):
    monkeypatch.setattr(devices, "cpu_cores", lambda: 1)
    mirrored = tf.distribute.MirroredStrategy(["/cpu:0"])
    assert devices.describe(mirrored) == devices.describe() == "1 CPU core"
    assert devices.describe(tf.distribute.OneDeviceStrategy("/cpu:0")) == "1 CPU core"


@pytest.mark.parametrize(("asked", "used"), [(None, "abc"), (2, "ab"), (0, ""), (3, "abc")])
def test_the_first_gpus_are_used_and_take_memory_as_they_need_it(monkeypatch, asked, used):
    machine = _Machine(monkeypatch, *"abc")
    devices.use(asked)
    assert [gpu.name for gpu in machine.visible] == [*used]
    assert machine.growing == [("a", True), ("b", True), ("c", True)]  # it may not differ
    assert devices.names() == [*used]


@pytest.mark.parametrize(
    ("names", "asked", "sentence"),
    [
        ("", 1, "--gpus=1 is more than there are: TensorFlow finds no GPU"),
        ("a", 2, "--gpus=2 is more than there are: TensorFlow finds 1 GPU on"),
        ("ab", 3, "--gpus=3 is more than there are: TensorFlow finds 2 GPUs on"),
        ("a", -1, "--gpus=-1 must not be negative"),
    ],
)
def test_more_gpus_than_there_are_is_one_sentence(monkeypatch, names, asked, sentence):
    _Machine(monkeypatch, *names)
    with pytest.raises(UserError, match=sentence):
        devices.use(asked)


def test_a_runtime_that_has_started_keeps_its_memory(monkeypatch):
    _Machine(monkeypatch, "a")

    def refuse(gpu, on):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuse)
    devices.use()


@pytest.fixture
def card(monkeypatch):
    """A card that TensorFlow does not find, and a TensorFlow that could use one."""
    _Machine(monkeypatch)
    monkeypatch.setattr(graphics_cards, "count", lambda: 1)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: True)
    monkeypatch.setattr(devices, "_has_cuda_libraries", lambda: False)


def test_a_card_that_is_not_found_is_a_warning_with_the_command(card, caplog):
    devices.use()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and record.message.count(". ") == 0
    assert 'pip install "tfflowgan[cuda]"' in record.message
    assert "make venv GPU=1" in record.message


def test_a_card_with_its_libraries_leads_to_tensorflows_own_words(card, monkeypatch):
    monkeypatch.setattr(devices, "_has_cuda_libraries", lambda: True)
    sentence = devices.unused_card()
    assert "although the CUDA libraries are installed" in sentence
    assert "TF_CPP_MIN_LOG_LEVEL=0" in sentence and "pip install" not in sentence


def test_a_tensorflow_without_cuda_gets_no_command(card, monkeypatch):
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: False)
    assert devices.unused_card().endswith("built without CUDA.")


def test_there_is_no_false_alarm(card, monkeypatch, caplog):
    devices.use(0)  # the CPU was asked for
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    devices.use()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(graphics_cards, "count", lambda: 0)
    devices.use()
    monkeypatch.setattr(graphics_cards, "count", lambda: 1)
    _Machine(monkeypatch, "a")  # found
    devices.use()
    assert not caplog.records


def test_commands_that_compute_have_the_flag(tmp_path):
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("for machines without a GPU")
    for name in ("train", "evaluate", "score", "sample", "compare", "export", "train_avb"):
        done = command_here(name, "--gpus=1", cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith(f"bin/{name}: --gpus=1 ") and "no GPU" in done.stderr
    done = command_here("report", "--gpus=1", cwd=tmp_path)
    assert "Unknown command line flag 'gpus'" in done.stderr


@pytest.mark.slow
def test_a_command_on_the_cpu_asks_for_no_gpu(tmp_path):
    done = command("sample", "--gpus=0", "--model=/nowhere", cwd=tmp_path)
    assert done.returncode == 1 and "--model=/nowhere" in done.stderr


@pytest.mark.slow
def test_as_a_program_it_counts_what_tensorflow_finds():
    found = int(run_module("tfflowgan.devices", []))
    assert found == len(tf.config.list_physical_devices("GPU"))
