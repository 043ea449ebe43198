"""The templates, shipped and the owner's own: text of strangers goes in, and comes out as markup that is safe, or as plain text.
Knows no page."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.bccache import Bucket
from markupsafe import Markup

from digest.desk import furniture, plain, rich
from digest.desk.palette import CARD, Look
from digest.desk.shipped import shipped
from digest.errors import RenderError
from digest.text import clean, direction


class Templates:
    """Holds them, compiled. `own` is the owner's folder: a file there stands in for the shipped one of the same name,
    and may build on it by `{% extends "shipped/…" %}`. In the same way the files of a theme stand in for the default
    ones, and build on them by `{% extends "default/…" %}`. Every template knows the `look`."""

    def __init__(self, own: Path | None = None, *, look: Look = CARD) -> None:
        self._theme = look.theme
        default = FileSystemLoader(shipped())
        self._shipped = ChoiceLoader([FileSystemLoader(shipped() / "themes" / look.theme), default])
        self._own = FileSystemLoader(own) if own else None
        named = PrefixLoader({"shipped": self._shipped, "default": default})
        loader = ChoiceLoader([*filter(None, [self._own]), self._shipped, named])
        self._markup = _environment(loader, look=look, autoescape=True)
        self._text = _environment(loader, look=look, autoescape=False)

    def markup(self, template: str, values: Mapping[str, object]) -> str:
        """The template filled in, every value escaped. RenderError names the template and line that failed."""
        return _set(self._markup, template, values)

    def text(self, template: str, values: Mapping[str, object]) -> str:
        """The same for plain text: nothing is escaped."""
        return _set(self._text, template, values)

    def names(self) -> list[str]:
        """Every template that is in force; those of the themes by the name that they stand in for."""
        found = {*self._shipped.list_templates(), *(self._own.list_templates() if self._own else ())}
        return sorted(name for name in found if not name.startswith("themes/"))

    def origin(self, name: str) -> str:
        """Where the template of that name comes from: "yours", the theme's name, or "default"."""
        if self._own and name in self._own.list_templates():
            return "yours"
        return self._theme if (shipped() / "themes" / self._theme / name).is_file() else "default"

    def has(self, name: str) -> bool:
        return any(name in loader.list_templates() for loader in (self._shipped, self._own) if loader)

    def sources(self, name: str) -> list[str]:
        """The shipped file of that name and the owner's after it, as far as they exist."""
        folders = [folder for folder in (self._shipped, self._own) if folder and name in folder.list_templates()]
        return [folder.get_source(self._markup, name)[0] for folder in folders]

    def strays(self) -> Iterator[tuple[str, str]]:
        """Blocks of the owner's that no page has room for, so that nothing of them is ever printed: ("file:line", what)."""
        if self._own is None:
            return
        for name in filter(lambda name: name.endswith(".j2"), self._own.list_templates()):
            source, file, _ = self._own.get_source(self._markup, name)
            page = _parsed(self._markup, source, file=file)
            known = self._blocks_above(page)
            for block in page.body if known else ():
                if isinstance(block, nodes.Block) and block.name not in known:
                    yield f"{file}:{block.lineno}", f"there is no block “{block.name}”; there are {', '.join(known)}"

    def _blocks_above(self, page: nodes.Template) -> list[str]:
        """The names of the blocks of all that `page` builds on; none where it stands alone."""
        names: dict[str, None] = {}
        for extends in page.find_all(nodes.Extends):
            if isinstance(extends.template, nodes.Const) and self._markup.loader:
                source, file, _ = self._markup.loader.get_source(self._markup, extends.template.value)
                above = _parsed(self._markup, source, file=file or "")
                names |= dict.fromkeys(block.name for block in above.find_all(nodes.Block))
                names |= dict.fromkeys(self._blocks_above(above))
        return list(names)


def _parsed(environment: Environment, source: str, *, file: str) -> nodes.Template:
    try:
        return environment.parse(source, filename=file)
    except TemplateSyntaxError as error:
        raise _misprint(error, file) from error


def _set(environment: Environment, template: str, values: Mapping[str, object]) -> str:
    try:
        return environment.get_template(template).render(values)
    except Exception as error:  # a template may raise anything; its author needs the line, whatever it was
        raise _misprint(error, template) from error


class _Compiled(BytecodeCache):
    """What was compiled stays compiled for as long as its text does, whoever opens the templates next: it takes longer
    than filling them, and the studio opens them at each save."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code  # noqa: S101 - Jinja has just compiled it
        self._kept[bucket.key] = bucket.checksum, bucket.code


_COMPILED = {True: _Compiled(), False: _Compiled()}  # by what is escaped, which is compiled in


def _environment(loader: BaseLoader, *, look: Look, autoescape: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=autoescape,  # noqa: S701 - off for plain text only; select_autoescape would leave *.j2 unescaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_cleaned,
        bytecode_cache=_COMPILED[autoescape],
    )
    for name in ("web", "brief", "breaks", "rich", "still", "caption", "box", "shares"):
        environment.filters[name] = getattr(rich, name)
    environment.globals["look"] = look
    environment.filters |= {"direction": direction, "many": furniture.many}
    environment.filters |= {
        "plain": plain.plain,
        "fill": plain.fill,
        "columns": plain.columns,
        "cites": plain.cites,
        "door": plain.door,
    }
    return environment


def _cleaned(value: object) -> object:
    """Whatever a template prints, without the characters that would stop the translator."""
    if isinstance(value, Markup):
        return Markup(clean(value))  # noqa: S704 - it was markup before, and only lost characters
    return clean(value) if isinstance(value, str) else value


def _misprint(error: Exception, template: str) -> RenderError:
    """The error of a template, led back to the file, the line and what stands there."""
    if isinstance(error, TemplateNotFound):
        return RenderError(f"there is no template {error}", where=template, then="Check the name after the tag.")
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).suffix == ".j2"]
    file, line = (places[-1].filename, places[-1].lineno or 1) if places else (template, 1)
    if isinstance(error, TemplateSyntaxError):
        file, line = error.filename or error.name or template, error.lineno
    excerpt = _line_of(Path(file), line)
    return RenderError(f"{_said(error)}{excerpt}", where=f"{file}:{line}", then="Mend that line of the template.")


def _said(error: Exception) -> str:
    """Jinja's words; but who writes a template has not heard of our classes."""
    absent = re.search(r"has no attribute '(\w+)'", str(error)) if isinstance(error, UndefinedError) else None
    return f"there is nothing called “{absent[1]}”" if absent else str(error)


def _line_of(file: Path, number: int) -> str:
    """ " (what stands there)", or "" when the file cannot be read."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return f" ({lines[number - 1].strip()[:160]})" if 0 < number <= len(lines) else ""
