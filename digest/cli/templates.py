"""`digest template`: see what the digest is set with, begin a template of your own over it, have it checked."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import drafting
from digest.cli.house import House, nonce, now
from digest.cli.shelf import Json
from digest.cli.terminal import note, one_of, out, print_json, say, table
from digest.desk.palette import Look
from digest.desk.templates import Templates
from digest.errors import NotFound, RenderError, UsageError
from digest.model import Finding, Page
from digest.samples import samples

if TYPE_CHECKING:
    from digest.desk.checks import mjml

app = typer.Typer(help="Your own look: list, show, begin and check templates.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `digest template list` has it.")]
FOLDER = "templates"  # beside .env, where none is set
_BLOCK = re.compile(r"\{%-?\s*block (\w+)")
_TITLE = re.compile(r"\{#-?\s*(.+?[.:])(?=\s|$)", re.DOTALL)


def add_to(program: typer.Typer) -> None:
    program.add_typer(app, name="template")


def _templates(house: House) -> Templates:
    return Templates(house.settings.digest_templates, look=house.settings.look)


@app.command("list", epilog="Example: `digest template list`")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """The templates: where each comes from, and which of its blocks can be set."""
    templates = _templates(ctx.obj)
    rows = [(name, templates.origin(name), _blocks(templates.sources(name)[0])) for name in templates.names()]
    if json:
        print_json([{"name": name, "from": origin, "blocks": blocks} for name, origin, blocks in rows])
        return
    listed = [(name, origin, " ".join(blocks)) for name, origin, blocks in rows]
    table(["template", "from", "blocks"], listed, give="blocks")
    say()
    say("`digest template new NAME` begins your own over it; docs/templates.md has all that a template may say.")


def _blocks(source: str) -> list[str]:
    return list(dict.fromkeys(_BLOCK.findall(source)))


@app.command(epilog="Example: `digest template show palette.j2`")
def show(
    ctx: typer.Context,
    name: Name,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="The one that came along, though you have your own.")
    ] = False,
) -> None:
    """Print a template: your own where there is one."""
    from rich.syntax import Syntax

    found = _sources(ctx.obj, name)
    source = found[0 if shipped else -1]
    if out.is_terminal:
        out.print(Syntax(source, "jinja", background_color="default", word_wrap=True))
    else:
        out.file.write(source)


def _sources(house: House, name: str) -> list[str]:
    templates = _templates(house)
    if name not in templates.names():
        raise NotFound("there is no such template", where=name, then="`digest template list` has them.")
    return templates.sources(name)


@app.command(epilog="Example: `digest template new digest.mjml.j2`")
def new(ctx: typer.Context, name: Name) -> None:
    """Begin your own template over a shipped one, in the folder of DIGEST_TEMPLATES. Overwrites nothing."""
    house: House = ctx.obj
    source = _sources(house, name)[0]
    folder = house.settings.digest_templates or house.env_file.absolute().parent / FOLDER
    file = folder / name
    if file.exists():
        raise UsageError("you have it already", where=str(file), then="Edit it, or move it away first.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_begun(name, source, house.settings.look), encoding="utf-8")
    except OSError as trouble:
        raise UsageError(
            f"cannot write there ({trouble.strerror})", where=str(file), then="Check the folder."
        ) from trouble
    say(f"{file} is yours to edit.")
    if not house.settings.digest_templates:
        note(f"Set DIGEST_TEMPLATES={FOLDER} in {house.env_file}, or it is not read.")


def _begun(name: str, source: str, look: Look) -> str:
    """As little as can be changed with sense: one block, the colours in force, a word; or a copy where nothing less
    will do."""
    blocks = _blocks(source)
    if name == "palette.j2":
        return _colours(look)
    if name == "words.toml":
        return '# What is not said here stays as it is.\n[en]\nunsubscribe = "Unsubscribe"\n'
    if not blocks:
        return source
    first = "footer" if "footer" in blocks else blocks[0]
    listed = f"{{# Set only the blocks that you want otherwise: {', '.join(blocks)}. #}}"
    body = f"{{% block {first} %}}\n{{{{ super() }}}}\n{{% endblock %}}"
    return f'{{% extends "shipped/{name}" %}}\n{listed}\n{body}\n'


def _colours(look: Look) -> str:
    """The palette in force, written out."""
    parts = ["{# Your colours, six digits each, by day and by night. `digest check` says which cannot be read. #}"]
    for name, colours in (("light", look.day), ("dark", look.night)):
        rows = "".join(f'  "{field}": "{getattr(colours, field)}",\n' for field in colours.__slots__)
        parts.append(f"{{% set {name} = {{\n{rows}}} %}}")
    return "\n".join([*parts, f'{{% set face = "{look.face}" %}}']) + "\n"


@app.command(epilog="Example: `digest template check`")
def check(ctx: typer.Context, json: Json = False) -> None:
    """Print every sample with your templates: what does not parse, what MJML does not know, what the checks find."""
    from digest import sources

    house: House = ctx.obj
    faults: dict[tuple[str, str], None] = {}
    try:
        faults |= dict.fromkeys((what, where) for where, what in _templates(house).strays())
        for sample in samples():
            thread = sources.read(sources.fetch(str(sample)))
            unsent = drafting.unshelved(thread, now=now())
            drafted = drafting.draft(unsent, desk=house.desk(marked="Test"), nonce=nonce())
            faults |= dict.fromkeys(_faults(house, drafted.page, drafted.findings))
    except RenderError as stopped:  # nothing can be printed past it
        faults[stopped.what, stopped.where] = None
    if json:
        print_json([{"what": what, "where": where} for what, where in faults])
    else:
        for what, where in faults:
            say(f"{where}: {what}" if where else what)
        say(f"{one_of(len(faults), 'fault')} in {one_of(len(samples()), 'sample')}.")
    if faults:
        raise typer.Exit(3)


def _faults(house: House, page: Page, findings: tuple[Finding, ...]) -> Iterator[tuple[str, str]]:
    from digest.desk.checks import mjml

    for fault in mjml.faults(page.mjml):
        yield fault.what, _place(house, fault)
    for what in _by_reference(page.mjml):
        yield f"the reference MJML: {what}", ""
    for finding in findings:
        unset = finding.rule == "postal-address" and not house.settings.digest_postal_address
        if finding.level != "note" and finding.rule != "mjml" and not unset:
            yield f"{finding.what} [{finding.rule}]", finding.where


def _place(house: House, fault: mjml.Fault) -> str:
    """The line of the owner's template that says it, or that of the MJML where none does."""
    folder = house.settings.digest_templates
    for file in sorted(folder.rglob("*.j2")) if folder else ():
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(rf"<{fault.tag}\b", line) and fault.attribute in line:
                return f"{file}:{number}"
    return f"line {fault.line} of digest.mjml"


def _by_reference(source: str) -> list[str]:
    """What the reference validator says, where it is installed (npm install mjml)."""
    here = Path("node_modules/.bin/mjml")
    command = str(here.absolute()) if here.exists() else shutil.which("mjml")
    if not command or not shutil.which("node"):
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".mjml", encoding="utf-8") as file:
        file.write(source)
        file.flush()
        done = subprocess.run([command, "--validate", file.name], capture_output=True, text=True, check=False)  # noqa: S603
        said = (done.stdout + done.stderr).replace(f" of {file.name}", "").splitlines()
    return [line for line in said if line.startswith("Line ")]
