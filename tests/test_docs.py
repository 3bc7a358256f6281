"""The documentation names everything there is. ``python -m tests.test_docs`` writes its table of settings anew."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from pydantic import SecretStr

from config import settings
from config.settings import Settings
from maaseutu import cli

ROOT = Path(__file__).parents[1]
OPERATOR = ROOT / "docs" / "operator.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
TABLE = re.compile(r"(?<=<!-- settings: made by `python -m tests.test_docs` -->\n).*(?=<!-- /settings -->)", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def table() -> str:
    """All settings as Markdown."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = f"`{default}`" if str(default) else ""
        lines.append(f"| `{settings.PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def commands() -> dict[str, argparse.ArgumentParser]:
    """The commands of ``maaseutu`` by name."""
    found = [action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found[0].choices)


def links() -> Iterator[tuple[Path, str]]:
    """Every link to a file: the page, and what it links to."""
    for page in PAGES:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("#"):
                yield page, unquote(target.partition("#")[0])


def test_table_of_settings_is_fresh() -> None:
    found = TABLE.search(OPERATOR.read_text(encoding="utf-8"))
    assert found
    assert found.group() == table(), "run python -m tests.test_docs"


def test_example_of_settings_is_fresh() -> None:
    text = (ROOT / "config" / "settings.example.env").read_text(encoding="utf-8")
    assert text == settings.example(), "run python -m config.settings > config/settings.example.env"


def test_only_settings_that_exist_are_named() -> None:
    known = {f"{settings.PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(rf"\b{settings.PREFIX}[A-Z0-9_]+", TEXT)) <= known


@pytest.mark.parametrize("name", commands())
def test_command_is_documented(name: str) -> None:
    assert f"`maaseutu {name}" in OPERATOR.read_text(encoding="utf-8")
    assert commands()[name].description


def test_options_of_the_documented_commands_exist() -> None:
    for name, arguments in re.findall(r"`maaseutu ([a-z]+)([^`\n]*)`", TEXT):
        known = commands()[name].format_help()
        assert not [option for option in re.findall(r"--[a-z-]+", arguments) if option not in known], name


@pytest.mark.parametrize(
    "deployment",
    yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"],
    ids=lambda d: d["name"],
)
def test_flow_is_documented(deployment: dict[str, str]) -> None:
    flow = deployment["entrypoint"].rpartition(".")[2]
    producer = (ROOT / "docs" / "producer.md").read_text(encoding="utf-8")
    assert f"| `{flow}` | `{deployment['name']}` |" in producer


@pytest.mark.parametrize(
    "target", re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[0].split()
)
def test_make_target_has_help(target: str) -> None:
    assert re.search(rf"^{target}:.*## \S", (ROOT / "Makefile").read_text("utf-8"), re.M)


def test_documented_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {
        target
        for line in re.findall(r"(?:`|^ {4})make ([a-z]+(?: [a-z]+)*)(?:`|  )", TEXT, re.M)
        for target in line.split()
    }
    assert named
    assert not [target for target in named if not re.search(rf"^{target}:", makefile, re.M)]


def test_linked_files_exist() -> None:
    missing = [f"{page.name}: {target}" for page, target in links() if not (page.parent / target).exists()]
    assert not missing


def test_pictures_are_small() -> None:
    assert not [path.name for path in (ROOT / "docs" / "images").iterdir() if path.stat().st_size > 200_000]


if __name__ == "__main__":
    text = OPERATOR.read_text(encoding="utf-8")
    OPERATOR.write_text(TABLE.sub(lambda _: table(), text), encoding="utf-8")
