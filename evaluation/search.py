"""How well the search finds, on two Finnish test sets: ``python -m evaluation.search [DATA FOLDER]``.

- Universal Dependencies (TDT and PUD, gold lemmas): every query is one base form, or one part of compounds, and the
  right answers are all sentences that contain any inflected form of it. Recall and precision are over all answers.
- Kuntalaki: questions in Finnish about the Local Government Act. MRR@10 of the first subsection of a right section.
"""

import csv
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from core.finnish import Analyser, tokens
from core.index import Forms, SearchIndex
from core.models import Passage, SearchDocument
from evaluation.sets import DATA

EVERYTHING = 5_000
"""More than any set has documents: recall is over all that is found, not over a page."""

Figures = list[tuple[str, str]]
Judgements = dict[str, set[str]]


def run(data: Path) -> Figures:
    """All figures of the two sets in ``data``/search, as (name, value)."""
    with tempfile.TemporaryDirectory() as folder, Analyser(Path(folder) / "vocabulary.sqlite") as analyser:
        work, search = Path(folder), data / "search"
        return [*_dependencies(search, work, analyser), *_kuntalaki(search, work, analyser)]


def _dependencies(search: Path, work: Path, analyser: Analyser) -> Figures:
    texts = {row["id"]: row["text"] for row in _lines(search / "ud_docs.jsonl")}
    began = time.monotonic()
    with _index(work / "ud", texts, analyser) as index:
        figures = [("UD sentences", f"{len(texts)} indexed in {time.monotonic() - began:.0f} s")]
        queries = {"base form": "lemma", "compound part": "part"}
        for (name, column), end in zip(queries.items(), ("", "_compound"), strict=True):
            asked = {row["qid"]: row[column] for row in _table(search / f"ud_queries{end}.tsv")}
            right = _judgements(search / f"ud_qrels{end}.tsv")
            recall, precision = _coverage(index, asked, right, analyser.forms)
            figures.append((f"UD {name} queries ({len(asked)})", f"recall {recall:.3f}, precision {precision:.3f}"))
    return figures


def _kuntalaki(search: Path, work: Path, analyser: Analyser) -> Figures:
    texts = {row["id"]: f"{row['title']}. {row['text']}" for row in _lines(search / "kuntalaki_docs.jsonl")}
    right = _judgements(search / "kuntalaki_qrels_section.tsv")
    with (search / "kuntalaki_queries.tsv").open(encoding="utf-8") as file:
        questions = list(csv.reader(file, delimiter="\t"))
    asked = {row[0]: row[1] for row in questions if row[0] in right}
    with _index(work / "kuntalaki", texts, analyser) as index:
        ranks = [_reciprocal_rank(index, asked[key], right[key], analyser.forms) for key in asked]
    return [(f"Kuntalaki questions ({len(asked)})", f"MRR@10 {sum(ranks) / len(ranks):.3f}")]


def _index(folder: Path, texts: Mapping[str, str], analyser: Analyser) -> SearchIndex:
    """An index in which every text is an episode of one passage."""
    forms = analyser.forms(token.text for text in texts.values() for token in tokens(text))
    index = SearchIndex(folder)
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


def _coverage(index: SearchIndex, asked: Mapping[str, str], right: Judgements, forms: Forms) -> tuple[float, float]:
    """Mean recall and mean precision over the queries."""
    recalls, precisions = [], []
    for key, word in asked.items():
        found = {hit.episode for hit in index.search(word, forms, limit=EVERYTHING).hits}
        recalls.append(len(found & right[key]) / len(right[key]))
        precisions.append(len(found & right[key]) / max(1, len(found)))
    return sum(recalls) / len(recalls), sum(precisions) / len(precisions)


def _reciprocal_rank(index: SearchIndex, question: str, right: set[str], forms: Forms) -> float:
    hits = index.search(question, forms, limit=10).hits
    sections = dict.fromkeys(hit.episode.partition(":")[0] for hit in hits)
    return next((1 / rank for rank, section in enumerate(sections, start=1) if section in right), 0.0)


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
    """Print the figures, or say that the data is absent."""
    if not (data / "search").is_dir():
        sys.stdout.write(f"The test data is absent: {data / 'search'} does not exist. Nothing was measured.\n")
        return
    for name, value in run(data):
        sys.stdout.write(f"{name:<36} {value}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
