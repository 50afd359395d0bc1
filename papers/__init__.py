"""Both papers by command: every table, figure and claim is an artefact that names its runs and draws itself from them.

    grover/*.py, danihelka/*.py   an artefact a file: what it needs, what was published, what it makes of our runs
    recipes.py                    the runs, with their flags at each scale
    plan.py                       runs and evaluations that artefacts need, each once, in order
    trial.py                      how long a run would take here, and how much disk
    execute.py                    carries a plan out; what is done is skipped
    found.py                      what runs left behind, as artefacts read it
    page.py                       a page an artefact, a summary, one HTML report

Data flow one way: recipes -> plan -> commands of `bin/` -> files of runs -> artefacts -> pages. Nothing here computes a number by
itself but by those commands, so everything on a page can be had by hand.
"""
