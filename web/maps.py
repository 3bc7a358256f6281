"""A map of Finland in dots: where municipalities lie, and how often each was named. Pure."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asinh, atan2, cos, radians, sin, sqrt, tan
from pathlib import Path

MERIDIAN = 27
"""The middle of Finland's own projection (ETRS-TM35FIN), of which this is the one on a sphere."""
HEIGHT, EDGE = 600, 16
SMALLEST, LARGEST = 4.0, 15.0
"""Radii of circles."""

Seats = Mapping[str, tuple[float, float]]
"""Code of a municipality → latitude and longitude of its main place, in degrees."""


@dataclass(frozen=True)
class Map:
    """Where each municipality lies in a picture ``width`` wide and HEIGHT high, by its code: across, down."""

    width: int
    places: Mapping[str, tuple[float, float]]


def seats(file: Path) -> Seats:
    """Read config/seats.csv. Lines that begin with # are remarks."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in rows}


def drawn(found: Seats) -> Map:
    """The map on which these fill the height."""
    points = {code: _projected(*place) for code, place in found.items()}
    (west, east), (north, south) = ((min(axis), max(axis)) for axis in zip(*points.values(), strict=True))
    scale = (HEIGHT - 2 * EDGE) / (south - north)
    places = {
        code: (round(EDGE + (across - west) * scale, 1), round(EDGE + (down - north) * scale, 1))
        for code, (across, down) in points.items()
    }
    return Map(round(2 * EDGE + (east - west) * scale), places)


def _projected(latitude: float, longitude: float) -> tuple[float, float]:
    """Transverse Mercator on a sphere of radius 1; down is south."""
    across, up = radians(longitude - MERIDIAN), radians(latitude)
    return asinh(sin(across) / sqrt(tan(up) ** 2 + cos(across) ** 2)), -atan2(tan(up), cos(across))


def radii(counts: Sequence[int]) -> list[float]:
    """The radius of a circle for each count, whose area grows as the count does from the smallest on."""
    most = max(counts, default=1)
    return [round(max(SMALLEST, LARGEST * sqrt(count / most)), 1) for count in counts]
