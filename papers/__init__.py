"""Both papers by command: every table, figure and claim, drawn from runs that are trained for it.

    grover/*.py, danihelka/*.py   one artefact per file: what it needs, what was published, how it
                                  is drawn
    recipes/                      the runs, with their flags at each scale
    plan.py                       the runs and evaluations that artefacts need, each once, in order
    preflight.py, estimate.py     checks before the first run; how long the runs would take
    execute.py, slots.py          carries out a plan, several runs at a time
    finished_run.py               the files of a run, as artefacts read them
    claims.py, plots.py           what artefacts share
    settings.py                   how settings differ from each other and from the paper's
    draw.py, page.py, summary.py  an artefact's figure and JSON; its page; all pages and the summary
    thumbnail.py                  the small pictures of the summary
    commands.py                   processes of the package's commands

Data flow one way: recipes -> plan -> commands of `bin/` -> files of runs -> artefacts -> pages.
Nothing here computes a number except by those commands, so each number can be had by hand.
"""
