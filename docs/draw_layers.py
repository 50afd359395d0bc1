"""Draws `docs/layers.svg`: the layers of `pyproject.toml`, and who imports whom in the code.

    python docs/draw_layers.py

A box is a folder or module, with its modules and lines. An arrow runs from the importer down to
what it imports. An arrow that a longer way implies is left out, and so are the lowest layers, which
nearly every box imports. An import that went up would be red.
"""

import pathlib
import sys
import tomllib

import grimp

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PACKAGE, PAPERS = "tfflowgan", "papers"
WIDTH, ROW, HEIGHT, GAP, MARGIN = 1120, 78, 44, 16, 20
SHARED_LAYERS = 3  # the lowest ones, whose importers are not drawn
MINT, BLUE, RED, GREY = "#e8f4ee", "#35618f", "#c0392b", "#5f6b76"


def layers() -> list[list[str]]:
    """The layers from the top, each a list of packages and modules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]


def imports(boxes: list[str]) -> set[tuple[str, str]]:
    """Pairs of boxes (importer, imported), functions' and typing's imports included."""
    graph = grimp.build_graph(PACKAGE, PAPERS, cache_dir=None)

    def box(module: str) -> str | None:
        found = [b for b in boxes if module == b or module.startswith(f"{b}.")]
        return max(found, key=len, default=None)

    pairs = {
        (box(importer), box(imported))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    return {(a, b) for a, b in pairs if a and b and a != b}


def reduced(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The pairs that no longer way through the others implies."""
    onward: dict[str, set[str]] = {}
    for a, b in pairs:
        onward.setdefault(a, set()).add(b)

    def reach(start: str) -> set[str]:
        found, todo = set(), [*onward.get(start, ())]
        while todo:
            if (name := todo.pop()) not in found:
                found.add(name)
                todo += onward.get(name, ())
        return found

    return {(a, b) for a, b in pairs if not any(b in reach(c) for c in onward[a] - {b})}


def size(name: str) -> tuple[int, int]:
    """Modules and lines of a package or module."""
    path = ROOT / name.replace(".", "/")
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return len(files), sum(len(file.read_text().splitlines()) for file in files)


def draw() -> str:
    """The picture as SVG."""
    rows = layers()
    places: dict[str, tuple[float, float, float]] = {}
    for i, row in enumerate(rows):
        width = min(210.0, (WIDTH - 2 * MARGIN - GAP * (len(row) - 1)) / len(row))
        left = (WIDTH - len(row) * width - GAP * (len(row) - 1)) / 2
        for j, name in enumerate(row):
            places[name] = (left + j * (width + GAP), MARGIN + i * ROW, width)
    height = 2 * MARGIN + len(rows) * ROW - (ROW - HEIGHT)
    shared = {name for row in rows[-SHARED_LAYERS:] for name in row}
    level = {name: i for i, row in enumerate(rows) for name in row}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img" '
        'aria-label="Layers of the package from commands at the top to errors at the bottom">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<defs><marker id="a" markerWidth="7" markerHeight="7" refX="6" refY="3" orient="auto">'
        f'<path d="M0,0 L6,3 L0,6 z" fill="{BLUE}"/></marker></defs>',
    ]
    pairs = {(a, b) for a, b in imports([*places]) if b not in shared}
    for a, b in sorted(reduced(pairs)):
        (x, y, w), (u, v, t) = places[a], places[b]
        lean = max(-0.4, min(0.4, (u + t / 2 - x - w / 2) / WIDTH))
        x, y, u = x + w * (0.5 + lean), y + HEIGHT, u + t * (0.5 - lean)
        colour = BLUE if level[b] > level[a] else RED
        middle = (y + v) / 2
        lines.append(
            f'<path d="M{x:.0f},{y} C{x:.0f},{middle:.0f} {u:.0f},{middle:.0f} {u:.0f},{v - 2}" '
            f'fill="none" stroke="{colour}" stroke-opacity="0.6" marker-end="url(#a)"/>'
        )
    for name, (x, y, w) in places.items():
        modules, count = size(name)
        counted = f"{modules} modules, {count:,} lines" if modules > 1 else f"{count} lines"
        middle = x + w / 2
        lines += [
            f'<rect x="{x:.0f}" y="{y}" width="{w:.0f}" height="{HEIGHT}" rx="6" '
            f'fill="{MINT}" stroke="{BLUE}"/>',
            f'<text x="{middle:.0f}" y="{y + 19}" text-anchor="middle" font-weight="600">'
            f"{name.removeprefix('tfflowgan.')}</text>",
            f'<text x="{middle:.0f}" y="{y + 35}" text-anchor="middle" font-size="11" '
            f'fill="{GREY}">{counted}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "layers.svg").write_text(draw())
