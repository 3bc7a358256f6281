"""How well the search finds, beside other engines: ``python -m evaluation.search [DATA FOLDER]``.

- Municipalities: every one in every case, and words that only look like their names (evaluation.names).
- Universal Dependencies (TDT and PUD, gold lemmas): every query is one base form, or one part of compounds, and the
  right answers are all sentences that contain any inflected form of it. Recall and precision are over all answers.
- Kuntalaki: questions in Finnish about the Local Government Act. MRR@10 and nDCG@10 of the sections.
"""

import csv
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from config import catalogue
from core.language.finnish import Analyser, tokens
from core.models import Passage, SearchDocument
from core.search.index import SearchIndex
from evaluation import measures, names
from evaluation.rivals import FullText, Stemmed
from evaluation.sets import DATA

EVERYTHING = 5_000
"""More than any set has documents: recall is over all that is found, not over a page."""

Engine = Callable[[str, int], list[str]]
"""Gives the names of the texts that answer a query, best first, at most so many."""

Figures = list[tuple[str, str]]
Judgements = dict[str, set[str]]


def run(data: Path) -> Figures:
    """All figures of the sets, as (name, value); of the two in ``data``/search, where that is."""
    with tempfile.TemporaryDirectory() as folder, Analyser(Path(folder) / "vocabulary.sqlite") as analyser:
        work, search = Path(folder), data / "search"
        figures = _names(work, analyser)
        if search.is_dir():
            figures += [*_dependencies(search, work, analyser), *_kuntalaki(search, work, analyser)]
        return figures


def _engines(folder: Path, texts: Mapping[str, str], analyser: Analyser) -> Iterator[tuple[str, Engine]]:
    """Ours and the others, with the texts indexed."""
    with indexed(folder / "ours", texts, analyser) as index:

        def ours(query: str, limit: int) -> list[str]:
            return [hit.episode for hit in index.search(query, analyser.forms, limit=limit).hits]

        yield "ours", ours
    for kind in (FullText, Stemmed):
        rival = kind(folder / kind.__name__)
        rival.add(texts.items())
        yield rival.name, rival.found


def _names(work: Path, analyser: Analyser) -> Figures:
    wanted = names.made(analyser)
    return [
        (f"Municipalities, {name}", names.judged(wanted, {town: found(town, EVERYTHING) for town in wanted.right}).told)
        for name, found in _engines(work / "names", wanted.texts, analyser)
    ]


def _dependencies(search: Path, work: Path, analyser: Analyser) -> Figures:
    texts = {row["id"]: row["text"] for row in _lines(search / "ud_docs.jsonl")}
    queries = {"base form": ("lemma", ""), "compound part": ("part", "_compound")}
    figures = []
    for name, found in _engines(work / "ud", texts, analyser):
        for kind, (column, end) in queries.items():
            asked = {row["qid"]: row[column] for row in _table(search / f"ud_queries{end}.tsv")}
            right = _judgements(search / f"ud_qrels{end}.tsv")
            figures.append((f"UD {kind} ({len(asked)}), {name}", _coverage(found, asked, right)))
    return figures


def _kuntalaki(search: Path, work: Path, analyser: Analyser) -> Figures:
    texts = {row["id"]: f"{row['title']}. {row['text']}" for row in _lines(search / "kuntalaki_docs.jsonl")}
    right = _judgements(search / "kuntalaki_qrels_section.tsv")
    with (search / "kuntalaki_queries.tsv").open(encoding="utf-8") as file:
        questions = list(csv.reader(file, delimiter="\t"))
    asked = {row[0]: row[1] for row in questions if row[0] in right}
    figures = []
    for name, found in _engines(work / "kuntalaki", texts, analyser):
        sections = {key: _sections(found(question, EVERYTHING)) for key, question in asked.items()}
        reciprocal = _mean(measures.reciprocal_rank(sections[key][:10], right[key]) for key in asked)
        gain = _mean(measures.gain(sections[key][:10], right[key]) for key in asked)
        figures.append((f"Kuntalaki ({len(asked)}), {name}", f"MRR@10 {reciprocal:.3f}, nDCG@10 {gain:.3f}"))
    return figures


def _sections(found: Iterable[str]) -> list[str]:
    """The sections of subsections that were found, in order."""
    return list(dict.fromkeys(name.partition(":")[0] for name in found))


def indexed(folder: Path, texts: Mapping[str, str], analyser: Analyser) -> SearchIndex:
    """An index in which every text is an episode of one passage."""
    forms = analyser.forms(token.text for text in texts.values() for token in tokens(text))
    index = SearchIndex(folder, known=catalogue.thesaurus())
    with index.batch():
        for key, text in texts.items():
            index.apply(
                SearchDocument(
                    episode=key, version="1", title="", programme="test", starts_at=datetime(2026, 1, 1, tzinfo=UTC),
                    passages=(Passage(start_ms=0, end_ms=1, text=text),),
                    forms={word: forms[word] for token in tokens(text) if (word := token.folded) in forms},
                ),
                key,
            )  # fmt: skip
    return index


def _coverage(found: Engine, asked: Mapping[str, str], right: Judgements) -> str:
    """Means over the queries."""
    ranked = {key: found(word, EVERYTHING) for key, word in asked.items()}
    recall = _mean(len(right[key] & set(ranked[key])) / len(right[key]) for key in asked)
    precision = _mean(len(right[key] & set(ranked[key])) / max(1, len(ranked[key])) for key in asked)
    average = _mean(measures.average_precision(ranked[key], right[key]) for key in asked)
    gain = _mean(measures.gain(ranked[key][:10], right[key]) for key in asked)
    wrong = sum(len(set(ranked[key]) - right[key]) for key in asked)
    return f"recall {recall:.3f}, precision {precision:.3f}, MAP {average:.3f}, nDCG@10 {gain:.3f}, wrong {wrong}"


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def _judgements(file: Path) -> Judgements:
    """TREC's format: query, 0, document, relevance."""
    right: Judgements = defaultdict(set)
    for line in file.read_text(encoding="utf-8").splitlines():
        query, _, document, relevance = line.split("\t")
        if int(relevance):
            right[query].add(document)
    return right


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def main(data: Path) -> None:
    """Print the figures, and say what could not be measured because the data is absent."""
    if not (data / "search").is_dir():
        sys.stdout.write(f"The test data is absent: {data / 'search'} does not exist. Only names are measured.\n")
    for name, value in run(data):
        sys.stdout.write(f"{name:<44} {value}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
