"""The devices that a command computes on: chosen before TensorFlow starts them, and named in logs.

    use(gpus=2)        the first two GPUs; use(gpus=0) the CPU; use() all GPUs
    describe()         "1 GPU (NVIDIA H100)", "4 GPUs (NVIDIA H100)", "2 CPU cores"

GPUs take memory as they need it, so that several processes can share one. `python -m
tfflowgan.devices` prints how many GPUs TensorFlow finds, for programs that do not import it.
"""

import collections
import importlib.util
import logging
import os

import tensorflow as tf

from tfflowgan import graphics_cards
from tfflowgan.errors import UserError
from tfflowgan.extras import install_command

__all__ = ["cpu_cores", "describe", "names", "unused_card", "use"]

_log = logging.getLogger(__name__)


def use(gpus: int | None = None) -> None:
    """Chooses the GPUs of this process, and lets their memory grow.

    Call it before the first TensorFlow operation; later it changes nothing that is in use. A card
    that TensorFlow cannot use is a warning, unless the CPU was asked for.

    Args:
      gpus: how many, the first of those that TensorFlow finds; 0 for the CPU, None for all.

    Raises:
      UserError: there are not so many.
    """
    found = tf.config.list_physical_devices("GPU")
    if gpus is not None:
        if gpus < 0:
            raise UserError(f"--gpus={gpus} must not be negative; 0 computes on the CPU.")
        if gpus > len(found):
            has = f"{len(found)} GPU{'s' if len(found) != 1 else ''}" if found else "no GPU"
            sentence = f"--gpus={gpus} is more than there are: TensorFlow finds {has} on "
            sentence += "this machine."
            why = None if found else unused_card()
            raise UserError(f"{sentence} {why}" if why else sentence)
        tf.config.set_visible_devices(found[:gpus], "GPU")
    for device in found:
        try:
            tf.config.experimental.set_memory_growth(device, True)
        except (RuntimeError, ValueError):  # in use already, or divided by the program
            break
    if gpus != 0 and not found and (sentence := unused_card()):
        _log.warning("%s", sentence)


def unused_card() -> str | None:
    """Why TensorFlow, which finds no GPU, leaves a card of this machine unused, and what to do.

    Returns:
      One sentence; None if there is no NVIDIA card, or if CUDA_VISIBLE_DEVICES hides all of them.
    """
    if not graphics_cards.count() or graphics_cards.hidden():
        return None
    said = "This machine has an NVIDIA card that TensorFlow does not find, so the CPU computes"
    if not tf.test.is_built_with_cuda():
        return f"{said}; its package for this system is built without CUDA."
    if _has_cuda_libraries():
        probe = "import tensorflow as tf; tf.config.list_physical_devices('GPU')"
        return (
            f"{said}, although the CUDA libraries are installed; TF_CPP_MIN_LOG_LEVEL=0 "
            f'python -c "{probe}" says why.'
        )
    return (
        f"{said}; {install_command('cuda')} adds the CUDA libraries (in a checkout: make venv "
        "GPU=1), and --gpus=0 asks for the CPU."
    )


def describe(strategy: tf.distribute.Strategy | None = None) -> str:
    """The devices of a strategy in words, such as "2 GPUs (NVIDIA H100)" or "2 CPU cores".

    Args:
      strategy: where to compute; None for the current one.
    """
    where: tf.distribute.Strategy = strategy or tf.distribute.get_strategy()
    own = _devices(where)
    workers = where.num_replicas_in_sync // len(own)
    words = _words(own)
    return words if workers <= 1 else f"{workers} workers, each with {words}"


def names() -> list[str]:
    """The names of the GPUs that this process uses, in TensorFlow's order."""
    details = [
        tf.config.experimental.get_device_details(device)
        for device in tf.config.get_visible_devices("GPU")
    ]
    return [one.get("device_name", "GPU") for one in details]


def cpu_cores() -> int:
    """The CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _devices(strategy):
    """The strategy's devices in this process."""
    try:
        return [tf.DeviceSpec.from_string(device) for device in strategy.extended.worker_devices]
    except RuntimeError:  # the default strategy computes on the first GPU, if there is one
        kind = "GPU" if tf.config.get_visible_devices("GPU") else "CPU"
        return [tf.DeviceSpec(device_type=kind, device_index=0)]


def _words(devices):
    gpus = [device.device_index or 0 for device in devices if device.device_type == "GPU"]
    if not gpus:
        cores = _counted(cpu_cores(), "CPU core")
        return cores if len(devices) == 1 else f"{len(devices)} logical CPUs of {cores}"
    known = names()
    kinds = collections.Counter(known[min(i, len(known) - 1)] for i in gpus)
    if len(kinds) == 1:
        return f"{_counted(len(gpus), 'GPU')} ({next(iter(kinds))})"
    mixed = ", ".join(f"{count} {name}" for name, count in kinds.items())
    return f"{_counted(len(gpus), 'GPU')} ({mixed})"


def _counted(number, what):
    return f"{number} {what}{'s' if number != 1 else ''}"


def _has_cuda_libraries():
    try:
        return importlib.util.find_spec("nvidia.cudnn") is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    print(len(tf.config.list_physical_devices("GPU")))
