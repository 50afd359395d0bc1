"""`python -m tfflowgan.datasets NAME ...`: looks for datasets and prints what was found as JSON.

For each name, in order: source, image shape, counts of the splits, and a fingerprint of all pixels.
"""

import argparse
import json
import sys

from tfflowgan import datasets, plugins
from tfflowgan.errors import UserError

__all__ = ["main"]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser("python -m tfflowgan.datasets", description=__doc__)
    known = ", ".join(plugins.names("datasets"))
    parser.add_argument("names", nargs="+", metavar="NAME", help=known)
    parser.add_argument("--data_dir", help="folder with the original files")
    parser.add_argument("--data_source", default="auto", help=", ".join(datasets.SOURCES))
    parser.add_argument(
        "--image_size", type=int, help="side of the images, for datasets of any size"
    )
    flags = parser.parse_args()
    try:
        found = [
            datasets.load(name, flags.data_dir, flags.data_source, flags.image_size).provenance()
            for name in flags.names
        ]
    except UserError as error:
        sys.exit(f"tfflowgan.datasets: {error}")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
