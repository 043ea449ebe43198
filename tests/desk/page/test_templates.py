"""The shipped templates against the reference MJML, since our translator takes any typing mistake in silence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MJML = Path(__file__).parents[2] / "mjml"


@pytest.fixture(scope="session")
def reference():
    """The reference validator: MJML in, its complaints out."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node is missing: apt-get install nodejs npm")
    if not (MJML / "node_modules" / "mjml").is_dir():
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(["npm", "ci", *quiet], cwd=MJML, capture_output=True, text=True, check=False, timeout=240)
        if done.returncode:
            pytest.skip(
                f"npm could not fetch the reference MJML: cd tests/mjml && npm ci ({done.stderr[-200:].strip()})"
            )

    def complaints(mjml: str) -> list[str]:
        command = ["node", str(MJML / "validate.js")]
        done = subprocess.run(command, input=mjml, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.splitlines()

    return complaints


@pytest.mark.parametrize("name", ["everything", "hostile", "hebrew", "150 posts", "bare"])
def test_the_reference_has_nothing_against_them(reference, press, threads, name):
    assert reference(press(threads[name]).mjml) == []


def test_the_reference_is_awake(reference):
    assert reference("<mjml><mj-body><mj-sektion /></mj-body></mjml>")
