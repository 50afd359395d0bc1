"""Code of the user's own: `my_flow.py:build` is the function `build` in the file `my_flow.py`.

Such a name can stand wherever a flow, generator, critic, objective, dataset, evaluation or coupling
network is chosen. Its options are read from the source, as those of the package's own parts are;
nothing is executed for that. Executing needs consent (see `consent`): a name that the user typed
has it, a name that stands in a file which was loaded does not.
"""

from tfflowgan.own_code._checksums import digests, found_again, refuse_changed
from tfflowgan.own_code._consent import (
    allows,
    allows_everything,
    consent,
    require,
    source,
)
from tfflowgan.own_code._execution import function, module
from tfflowgan.own_code._names import absolute, is_code, label, name_of, shown, split
from tfflowgan.own_code._source import check, defaults

__all__ = [
    "absolute",
    "allows",
    "allows_everything",
    "check",
    "consent",
    "defaults",
    "digests",
    "found_again",
    "function",
    "is_code",
    "label",
    "module",
    "name_of",
    "refuse_changed",
    "require",
    "shown",
    "source",
    "split",
]
