"""Feeds held against the rules of their formats (``atom.rng``, ``rss.rng``: RELAX NG)."""

from pathlib import Path

from lxml import etree

ATOM, RSS = (etree.RelaxNG(file=Path(__file__).with_name(name)) for name in ("atom.rng", "rss.rng"))


def faults(rules: etree.RelaxNG, feed: bytes) -> list[str]:
    """What is wrong with a feed; empty when nothing is."""
    tree = etree.fromstring(feed)
    return [] if rules.validate(tree) else [f"{each.line}: {each.message}" for each in rules.error_log]
