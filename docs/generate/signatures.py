"""The table of a served model's signatures, from the functions that an export traces."""

import functools
import os

__all__ = ["signatures", "table"]

_SHAPE = (6, 6, 1)  # of the flow that is traced; only the number of axes shows
_AXES = {4: "[B, H, W, C]", 2: "[B, D]", 1: "[B]"}


@functools.cache
def signatures() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Inputs and outputs of every signature by name, as "float32 [B, H, W, C]"."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tfflowgan import flows
    from tfflowgan.serving import signatures as served

    flow = flows.build("nice", _SHAPE, width=2, layers=1)
    found = {}
    for name, function in served.signatures(flow, draws=1).items():
        traced = function.get_concrete_function()
        arguments, named = traced.structured_input_signature
        inputs = [*arguments, *named.values()]
        found[name] = (
            {spec.name: _said(spec) for spec in inputs},
            {key: _said(spec) for key, spec in traced.structured_outputs.items()},
        )
    return found


def table() -> str:
    """The table in Markdown."""
    lines = ["| signature | inputs | outputs |", "|---|---|---|"]
    for name, (inputs, outputs) in signatures().items():
        cells = [
            "<br>".join(f"`{key}` {said}" for key, said in part.items())
            for part in (inputs, outputs)
        ]
        lines.append(f"| `{name}` | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _said(spec):
    return f"{spec.dtype.name} {_AXES[spec.shape.rank]}"
