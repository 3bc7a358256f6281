"""The bundled speech model as it is, and damaged in every way."""

import os
from pathlib import Path

import pytest

from core.errors import DiskFull, ModelDamaged
from core.speech import model
from core.speech.engines import faster

SMALL = ("config.json", "tokenizer.json", "vocabulary.txt")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, joined."""
    return model.locate("", tmp_path_factory.mktemp("state"))


@pytest.fixture
def state(whole: Path, tmp_path: Path) -> Path:
    """A state folder with a model whose small files may be altered."""
    folder = tmp_path / "models" / model.NAME
    folder.mkdir(parents=True)
    os.link(whole / "model.bin", folder / "model.bin")
    for name in SMALL:
        (folder / name).write_bytes((whole / name).read_bytes())
    return tmp_path


def _folder(state: Path) -> Path:
    return state / "models" / model.NAME


def _replace(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def test_the_bundled_model_is_whole(whole: Path) -> None:
    model.verify(whole)
    assert {path.name for path in whole.iterdir()} == {"model.bin", *SMALL}


def test_it_is_joined_once(whole: Path) -> None:
    before = (whole / "model.bin").stat().st_mtime_ns
    assert model.locate("", whole.parents[1]) == whole
    assert (whole / "model.bin").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_missing_file_is_named(name: str, state: Path) -> None:
    (_folder(state) / name).unlink()
    with pytest.raises(ModelDamaged, match=f"{model.NAME} lacks {name}") as raised:
        model.locate("", state)
    assert str(_folder(state)) in raised.value.cure


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_damaged_file_is_named(name: str, state: Path) -> None:
    _replace(_folder(state) / name, b'{"half": ')
    with pytest.raises(ModelDamaged, match=f"{name} of the speech model .* is damaged") as raised:
        model.verify(model.locate("", state))
    assert raised.value.cure


def test_one_altered_byte_of_the_weights_is_seen(state: Path) -> None:
    path = _folder(state) / "model.bin"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    _replace(path, bytes(data))
    with pytest.raises(ModelDamaged, match="is damaged"):
        model.verify(_folder(state))


def test_truncated_weights_do_not_load(state: Path) -> None:
    path = _folder(state) / "model.bin"
    _replace(path, path.read_bytes()[:1000])
    with pytest.raises(ModelDamaged, match="cannot be loaded") as raised:
        faster.load(_folder(state), 1, "auto")
    assert raised.value.cure


def test_a_folder_that_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"lacks model\.bin, config\.json, tokenizer\.json") as raised:
        model.locate(str(tmp_path), tmp_path / "state")
    assert raised.value.cure == "Correct MAASEUTU_MODEL."


def test_the_halves_are_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "HALVES", ("no_such_half_1", "no_such_half_2"))
    with pytest.raises(ModelDamaged, match="no_such_half_1 is not installed") as raised:
        model.locate("", tmp_path)
    assert "MAASEUTU_MODEL" in raised.value.cure


def _halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **files: bytes) -> None:
    for half in ("half_one", "half_two"):
        (tmp_path / half / "data").mkdir(parents=True)
        (tmp_path / half / "__init__.py").touch()
    for name, data in files.items():
        (tmp_path / f"half_{name}" / "data" / f"model.bin.part{1 if name == 'one' else 2}").write_bytes(data)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(model, "HALVES", ("half_one", "half_two"))


@pytest.mark.parametrize(
    ("files", "said"), [({"one": b"x", "two": b"y"}, "is damaged"), ({"one": b"x"}, "cannot be read .*model.bin.part2")]
)
def test_damaged_halves(files: dict[str, bytes], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _halves(tmp_path, monkeypatch, **files)
    with pytest.raises(ModelDamaged, match=f"The bundled speech model {said}") as raised:
        model.locate("", tmp_path / "state")
    assert "half_one and half_two" in raised.value.cure
    assert list(_folder(tmp_path / "state").iterdir()) == []


if os.geteuid() == 0:

    def test_no_room_to_join_it(small_disk: Path) -> None:
        with pytest.raises(DiskFull, match="is full"):
            model.locate("", small_disk)
        assert list(_folder(small_disk).iterdir()) == []
