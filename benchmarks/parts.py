"""The parts of the benchmark, in the order in which they are measured.

Each imports what it measures when it runs: it has a process of its own, which holds nothing of the others.
"""

from collections.abc import Callable

from benchmarks.figures import Figure


def search(quick: bool) -> list[Figure]:
    """How fast the search answers: at a million passages, or, when quick, at a tenth and without other engines."""
    from benchmarks import search

    found = search.run(search.RIVAL_PASSAGES) if quick else search.run() + search.rivals()
    return [Figure(name, value) for name, value in found]


def recording(quick: bool) -> list[Figure]:
    """What recording costs."""
    from benchmarks import recording

    return recording.run(quick=quick)


def transcode(quick: bool) -> list[Figure]:
    """What encoding costs."""
    from benchmarks import transcode

    return transcode.run()


def speech(quick: bool) -> list[Figure]:
    """What speech recognition costs."""
    from benchmarks import speech

    return speech.run(quick=quick)


def memory(quick: bool) -> list[Figure]:
    """What the idle stack holds."""
    from benchmarks import memory

    return memory.run()


def live(quick: bool) -> list[Figure]:
    """How soon after a live stream its page is there."""
    from benchmarks import live

    return live.run(quick=quick)


def live_text(quick: bool) -> list[Figure]:
    """How soon a word on the air is read and found."""
    from benchmarks import live_text

    return live_text.run(quick=quick)


def pages(quick: bool) -> list[Figure]:
    """What the page of an episode weighs, and how soon it is there."""
    from benchmarks import pages

    return pages.run()


def notes(quick: bool) -> list[Figure]:
    """What the notes of a long broadcast cost."""
    from benchmarks import notes

    return notes.run()


def editor(quick: bool) -> list[Figure]:
    """How soon the editor is there, and what a keystroke costs."""
    from benchmarks import editor

    return editor.run()


def republish(quick: bool) -> list[Figure]:
    """How soon a correction of a long broadcast is seen everywhere."""
    from benchmarks import republish

    return republish.run()


def prefect(quick: bool) -> list[Figure]:
    """How the Prefect server stands much that is asked at a time."""
    from benchmarks import prefect

    return prefect.run()


def chapters(quick: bool) -> list[Figure]:
    """What the chapters of a long broadcast cost."""
    from benchmarks import chapters

    return chapters.run()


Part = Callable[[bool], list[Figure]]
PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (
        search,
        recording,
        transcode,
        speech,
        memory,
        live,
        live_text,
        pages,
        notes,
        chapters,
        editor,
        republish,
        prefect,
    )
}
