"""Cards are counted from files; hidden ones are no fault."""

import pytest

from tfflowgan import graphics_cards


def _files(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("names", "cards"),
    [
        ((), 0),
        (
            ("dev/null", "dev/nvidiactl", "dev/nvidia-uvm"),
            0,
        ),  # the driver, no card of this container
        (("dev/nvidia0", "dev/nvidiactl"), 1),
        (("dev/nvidia0", "dev/nvidia1", "dev/nvidia11"), 3),
        (("dev/dxg",), 0),  # WSL 2 on another maker's card
        (("dev/dxg", "usr/lib/wsl/lib/libcuda.so.1"), 1),
        (("usr/lib/wsl/lib/libcuda.so.1", "dev/null"), 0),
        (("proc/driver/nvidia/gpus/0000:01:00.0/information", "dev/null"), 0),  # the host's
    ],
)
def test_cards_are_counted_from_files(tmp_path, names, cards):
    assert graphics_cards.count(_files(tmp_path, *names)) == cards


@pytest.mark.parametrize(
    ("chosen", "visible", "hidden"),
    [
        (None, ["0", "1", "2"], False),
        ("2,0", ["2", "0"], False),
        ("", [], True),
        ("-1", [], True),
        ("1,-1,0", ["1"], False),  # as CUDA reads it
        ("GPU-8932f937, MIG-1", ["GPU-8932f937", "MIG-1"], False),
        ("NoDevFiles", [], True),
    ],
)
def test_cuda_visible_devices_chooses_among_them(tmp_path, monkeypatch, chosen, visible, hidden):
    _files(tmp_path, "dev/nvidia0", "dev/nvidia1", "dev/nvidia2")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert graphics_cards.visible(tmp_path) == visible and graphics_cards.hidden() is hidden


def test_a_machine_without_cards_has_none_to_choose(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert graphics_cards.visible(tmp_path) == []
