"""What ships: the wheel holds the tracked files of the package and nothing else, and works far away from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
STRAYS = [
    "templates/.env",
    "templates/node_modules/x/index.js",
    "digest/.env",
    "digest/dkim.pem",
    "data/digest.sqlite3",
]


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tracked: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tracked files, beside which a careless person left secrets and litter."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in tracked:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    for name in STRAYS:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("must not ship")
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", "dist", ".", folder=checkout)
    return next(checkout.glob("dist/*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel, and with the dependencies lent by this one: no network needed."""
    venv = tmp_path_factory.mktemp("venv")
    run(BIN / "uv", "venv", "--quiet", "--clear", "--offline", "--python", sys.executable, venv, folder=venv)
    run(
        BIN / "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        venv / "bin/python",
        wheel,
        folder=venv,
    )
    packages = next(venv.glob("lib/python*/site-packages"))
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return venv / "bin"


def test_the_wheel_is_the_tracked_package_and_nothing_else(wheel: Path, tracked: list[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert shipped == set(_package_files(tracked))


def _package_files(tracked: list[str]) -> Iterator[str]:
    for name in tracked:
        if name.startswith("digest/"):
            yield name
        if name.startswith("templates/"):
            yield f"digest/{name}"


@pytest.mark.parametrize("part", ["digest/templates/digest.mjml.j2", "digest/samples/", "digest/store/migrations/"])
def test_the_wheel_holds_what_is_read_at_run_time(wheel: Path, part: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert any(name.startswith(part) for name in archive.namelist())


def test_the_wheel_carries_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [licence] = [name for name in archive.namelist() if name.endswith("/licenses/LICENSE")]
        assert "MIT License" in archive.read(licence).decode()


def test_the_installed_command_is_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import digest; print(digest.__file__)", folder=tmp_path)
    assert Path(where).is_relative_to(installed.parent)


def test_the_installed_command_knows_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "digest", "--version", folder=tmp_path) == "digest 0.1.0\n"


def test_the_installed_command_shows_its_help(installed: Path, tmp_path: Path) -> None:
    assert "subscribers" in run(installed / "digest", "--help", folder=tmp_path)


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    run(installed / "digest", "demo", "--no-open", folder=tmp_path)
