"""Speed and memory on this machine: ``python -m benchmarks [--only live,speech] [--quick]``.

What is being done goes to the error output, so that the output is the machine and one table. Every figure is measured
in this run.
"""

import argparse
import sys

from benchmarks import machine
from benchmarks.figures import Figure, lines
from benchmarks.parts import PARTS
from benchmarks.process import alone
from core.errors import MaaseutuError


def measured(name: str, *, quick: bool) -> list[Figure]:
    """The figures of one part; what could not be measured is a figure that says why."""
    sys.stderr.write(f"Measuring: {name}\n")
    try:
        return alone(PARTS[name], quick)
    except MaaseutuError as error:
        sys.stderr.write(f"{error}\n")
        return [Figure(f"{name}: failed", error.what, "", False)]


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and memory.")
    parser.add_argument("--only", type=_names, default=list(PARTS), metavar="PARTS", help=f"of: {','.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="leave out the live stream of ten minutes")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    unknown = [name for name in text.split(",") if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; choose of {', '.join(PARTS)}")
    return text.split(",")


def main() -> int:
    """Measure and print; gives 1 when something could not be measured."""
    chosen = arguments()
    about = machine.description()
    figures = [figure for name in chosen.only for figure in measured(name, quick=chosen.quick)]
    about.append(("Busy afterwards", machine.busy()))
    for name, value in about:
        sys.stdout.write(f"{name:<18} {value}\n")
    sys.stdout.write("\n" + "\n".join(lines(figures)) + "\n")
    return int(any(figure.name.endswith("failed") for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
