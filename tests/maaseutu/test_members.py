"""The table of members: what is wrong in each line, and in and out again."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import stores
from config.settings import Settings
from core.errors import InvalidInput
from core.telling.members import Member
from maaseutu import members

HEADING = ";".join(members.COLUMNS)
ANNA = "anna@kunta.fi;Vieremä, Närpes;kyläkoulut;kunnanjohtaja;sv;;mentioned, published;2.10.2026;kokous"


def test_a_table_goes_in_and_out() -> None:
    lines = members.parse(
        f"{HEADING}\n{ANNA}\n\nhttps://kunta.fi/hook;;;;;maaseutu-live;live;2026-10-02T09:00;sähköposti\n"
    )
    made = {
        str(number): Member(**dict(line.asked), consented_at=line.at, consent=line.consent, since=datetime.now(UTC))
        for number, line in enumerate(lines)
    }
    text = members.table(made, {"1": "whsec_x"})
    assert (
        "anna@kunta.fi;Vieremä, Närpiö;kyläkoulut;kunnanjohtaja;sv;;mentioned, published;2026-10-02T00:00:00+03:00"
        in text
    )
    assert text.endswith("whsec_x\n")
    assert members.parse(text) == lines
    assert members.parse("\n".join(line.replace(",", " ").replace(";", ",") for line in (HEADING,))) == []


def test_every_wrong_line_is_named() -> None:
    wrong = {
        "eero@kunta.fi;Vierema;;;;;mentioned;2.10.2026;kokous": "Is it Vieremä?",
        "eero;;;;;;mentioned;2.10.2026;kokous": "'eero' is neither an e-mail address",
        "eero@kunta.fi;;;;de;;mentioned;2.10.2026;kokous": "language cannot be taken",
        "eero@kunta.fi;;;;;;;2.10.2026;kokous": "wishes cannot be taken",
        "eero@kunta.fi;;;;;;mention;2.10.2026;kokous": "There is no wish 'mention'",
        "eero@kunta.fi;;;;;other;mentioned;2.10.2026;kokous": "There is no programme 'other'",
        "eero@kunta.fi;;;;;;mentioned;32.10.2026;kokous": "is not a date",
        "eero@kunta.fi;;;;;;mentioned;2.10.2026;": "how they consented",
        "eero@kunta.fi;;x;;;;mentioned;2.10.2026;kokous": "topics cannot be taken",
        ANNA: "anna@kunta.fi is in line 2 already",
        "eero@kunta.fi": "how they consented",
    }
    with pytest.raises(InvalidInput) as raised:
        members.parse("\n".join([HEADING, ANNA, *wrong]))
    faults = raised.value.cure.splitlines()
    assert len(faults) == len(wrong)
    for number, (fault, words) in enumerate(zip(faults, wrong.values(), strict=True), 3):
        assert f"line {number}: " in fault
        assert words in fault
    with pytest.raises(InvalidInput, match="names no consented_at, consent"):
        members.parse("address,municipalities,topics,role,language,programmes,wishes\n")


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(f"{HEADING}\n{ANNA}\n".encode("cp1252"))
    with pytest.raises(InvalidInput, match="not in UTF-8"):
        members._text(path)


def test_the_list_goes_in_and_out_by_files_and_somebody_is_removed(stored: Settings, tmp_path: Path) -> None:
    stored = stored.model_copy(update={"archive_bucket": f"list-{uuid.uuid4().hex[:8]}"})
    stores.create(stored)
    given, made = tmp_path / "given.csv", tmp_path / "made.csv"
    given.write_text(f"\ufeff{HEADING}\n{ANNA}\n", encoding="utf-8")
    for _ in range(2):
        members.run(stored, "import", str(given))
    members.run(stored, "export", str(made))
    assert made.stat().st_mode & 0o077 == 0
    assert members.parse(members._text(made)) == members.parse(members._text(given))
    members.run(stored, "remove", "Anna@Kunta.fi")
    for action, what in (("remove", "anna@kunta.fi"), ("remove", ""), ("import", str(tmp_path / "nowhere"))):
        with pytest.raises(InvalidInput):
            members.run(stored, action, what)
    members.run(stored, "export", str(made))
    assert members.parse(members._text(made)) == []
