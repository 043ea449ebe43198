"""What documents promise: a name that a reader may type exists, and every lock is one."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from typer.main import get_command

from digest.cli.main import GROUPS, answer, program
from digest.settings import KNOWN

ROOT = Path(__file__).parent.parent
GUIDES = ["README.md", "CONTRIBUTING.md", "docs/running.md"]
LOCKS = ["build.lock", "run.lock", "dev.lock"]
PLACES = [
    "/work/",
    "/opt/pypi",
    "/root/",
    "../shared",
    "pypi.org",
    "pythonhosted.org",
    "registry.npmjs",
    "index-url =",
    "find-links",
]


def code(guide: str) -> str:
    """The fenced and the quoted stretches of a guide, without comments: what a reader may copy."""
    copied = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", (ROOT / guide).read_text(), flags=re.DOTALL))
    return re.sub(r"\s# .*", "", copied)


def commands() -> set[str]:
    """`import`, `subscribers`, `subscribers add`, … as the command line has them."""
    top = get_command(program()).commands
    nested = (f"{name} {below}" for name, command in top.items() for below in getattr(command, "commands", ()))
    return set(chain(top, nested))


def groups() -> set[str]:
    return {name.split()[0] for name in commands() if " " in name}


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_target_of_a_guide_exists(guide: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", code(guide))) <= targets


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_of_a_guide_exists(guide: str) -> None:
    typed = re.findall(r"\bdigest ([a-z]+)(?: ([a-z]+)\b)?", code(guide))
    assert {f"{first} {second}" if first in groups() and second else first for first, second in typed} <= commands()


def test_every_test_file_that_a_guide_names_exists() -> None:
    named = set(re.findall(r"`((?:\w+/)*test_\w+\.py)`", (ROOT / "CONTRIBUTING.md").read_text()))
    assert len(named) > 20
    assert {name for name in named if not (ROOT / "tests" / name).is_file()} == set()


def test_every_command_stands_in_the_readme() -> None:
    readme = code("README.md")
    assert [name for name in commands() if " " not in name and f"digest {name}" not in readme] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_of_a_guide_exists(guide: str) -> None:
    named = re.findall(r"\b(?:DIGEST|SMTP|DKIM|IMAP|LMTP|LLM|WEB|DATABASE)_[A-Z_]+\b", code(guide))
    assert set(named) <= set(KNOWN)


def test_the_example_settings_are_the_settings() -> None:
    example = re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert sorted(example) == sorted(KNOWN)


def test_the_example_list_is_taken_whole(tmp_path: Path) -> None:
    settings = tmp_path / ".env"
    settings.touch()
    assert answer(["--env-file", str(settings), "subscribers", "import", str(ROOT / "subscribers/example.csv")]) == 0


def test_no_file_names_a_machine_or_a_registry(tracked: list[str]) -> None:
    here = Path(__file__).relative_to(ROOT).as_posix()
    texts = {name: (ROOT / name).read_text(errors="replace") for name in tracked if name != here}
    assert [(name, place) for name, text in texts.items() for place in PLACES if place in text] == []


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert _names(project["dependencies"]) <= locked("run.lock").keys()
    assert _names([*project["dependencies"], *extras["dev"], *extras["postgres"]]) <= locked("dev.lock").keys()


def _names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", requirement)[0].replace(".", "-") for requirement in requirements}


def locked(lock: str) -> dict[str, str]:
    """Each locked distribution with what stands behind its name: version, marker and hashes."""
    lines = (ROOT / "requirements" / lock).read_text().replace("\\\n", "").splitlines()
    pins = (re.match(r"([\w.-]+)(?:\[[\w,-]+\])?(.*)", line) for line in lines if not line.lstrip().startswith("#"))
    return {pin[1]: pin[2] for pin in pins if pin}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_archive_has_a_hash(lock: str) -> None:
    pins = locked(lock)
    assert pins
    assert [name for name, pin in pins.items() if not re.match(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)] == []


@pytest.mark.parametrize(("group", "commands"), GROUPS.items(), ids=GROUPS)
def test_each_command_lives_where_the_program_looks_for_it(group: str, commands: tuple[str, ...]) -> None:
    assert set(get_command(program(commands[0])).commands) == set(commands), group


def test_a_command_that_nobody_knows_is_looked_for_in_all() -> None:
    assert len(get_command(program("nonsense")).commands) == sum(map(len, GROUPS.values()))
