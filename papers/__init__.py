"""Both papers by command: every table, figure and claim, drawn from runs that are trained for it.

    grover/*.py, danihelka/*.py   one artefact per file: what it needs, what was published, how it
                                  is drawn
    recipes/                      the runs, with their flags at each scale
    plan.py                       the runs and evaluations that artefacts need, each once, in order
    preflight.py, estimate.py     checks before the first run; how long the runs would take
    execute.py, slots.py          carries out a plan, several runs at a time
    finished_run.py               the files of a run, as artefacts read them
    claims.py, plots.py           what artefacts share
    log_dets.py                   mean log-determinants with their errors
    trained.py                    whether an adversary has trained, for claims that rest on it
    thumbnail.py, side_by_side.py small pictures, and several in one
    settings.py                   how settings differ from each other and from the paper's
    draw.py, page.py, summary.py  an artefact's figure and JSON; its page; all pages and the summary
    commands.py                   processes of the package's commands
    full_scale.md                 what is to run on a GPU, by hand

Data flow one way: recipes -> plan -> commands of `bin/` -> files of runs -> artefacts -> pages.
Nothing here computes a number except by those commands, so each number can be had by hand.
"""
