"""The settings: the environment, over `.env`, over defaults, checked whole and refused in plain words.

Only the command line calls `load`. Nothing below reads the environment; the rooms get their own options from here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv.parser import parse_stream
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from digest.desk import adornments, palette
from digest.desk.adornments import Logo, Support
from digest.desk.palette import LOOKS, Look
from digest.errors import SettingsError

DATABASE = "sqlite:///data/digest.sqlite3"
PARTS = ("wait", "novelty", "length", "author", "quality", "engagement", "readers", "followers")  # of the pick's score
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    """ "90s", "15m", "6h" or "2d" as a timedelta."""
    match = re.fullmatch(r"\s*(\d+)\s*([smhd])\s*", value) if isinstance(value, str) else None
    if not match and not isinstance(value, timedelta):
        raise ValueError("is no length of time; write 90s, 15m, 6h or 2d")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else value


def _no_slash(value: object) -> object:
    if isinstance(value, str) and value and not re.match(r"https?://[^/\s]+", value):
        raise ValueError("should start with https:// (or http://)")
    return value.rstrip("/") if isinstance(value, str) else value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError("is no time zone; names look like Europe/Berlin") from unknown
    return value


def _shares(value: object) -> object:
    """ "wait=30 novelty=25 …", checked and kept as it is written."""
    for part in value.replace(",", " ").split() if isinstance(value, str) else ():
        name, _, share = part.partition("=")
        if name not in PARTS or not re.fullmatch(r"\d+(\.\d+)?", share):
            raise ValueError(f"holds “{part}”; write {' '.join(f'{name}=…' for name in PARTS)}")
    return value


def is_address(value: str) -> bool:
    """Whether it is a mail address, bare or with a name."""
    return "@" in parseaddr(value)[1]


def _networks(value: str) -> str:
    for part in _commas(value):
        try:
            ip_network(part)
        except ValueError as wrong:
            raise ValueError("should be addresses or networks, like 127.0.0.1, 10.0.0.0/8") from wrong
    return value


def _lang(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", value):
        raise ValueError("is no language; write en, de, pt-BR …")
    return value


def _folder(value: Path | None) -> Path | None:
    if value and not value.is_dir():
        raise ValueError("is no folder; make it first")
    return value


Lang = Annotated[str, AfterValidator(_lang)]
Folder = Annotated[Path | None, AfterValidator(_folder)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
BaseUrl = Annotated[str, BeforeValidator(_no_slash)]
Zone = Annotated[str, BeforeValidator(_zone)]
Networks = Annotated[str, BeforeValidator(_networks)]
Shares = Annotated[str, BeforeValidator(_shares)]


class Settings(BaseModel):
    """Every setting, by group. A field's description is its comment in `.env.example`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    # the digest
    digest_name: str = Field("The Digest", description="What the digest is called: sender name, masthead, List-Id.")
    digest_from: str = Field("", description="Who sends it: digest@example.org, or Name <digest@example.org>.")
    digest_reply_to: str = Field("", description="Where a person's reply goes. Default: DIGEST_FROM.")
    digest_address: str = Field(
        "", description="Where readers write to (subscribe, unsubscribe). Default: DIGEST_FROM."
    )
    digest_postal_address: str = Field("", description="Your postal address. The law wants it in every issue.")
    digest_base_url: BaseUrl = Field("", description="Public address of the web pages, if you have them: https://…")
    digest_archive: Literal["public", "unlisted", "off"] = Field(
        "unlisted", description="The archive on the web: public, unlisted (search engines are kept out), off."
    )
    digest_lang: Lang = Field("en", description="Language of threads that do not say theirs (en, de, ar …).")
    digest_templates: Folder = Field(None, description="A folder of your own templates, laid over the default ones.")
    digest_theme: Literal["card", "letter", "bulletin"] = Field(
        "card", description="The look: card, letter (a book face on warm paper), bulletin (a band of dark ink)."
    )
    digest_accent: str = Field("", description="Your colour, as #3a45c0; words in it must be readable on white.")
    digest_accent_dark: str = Field("", description="The same by night. Default: DIGEST_ACCENT, lightened.")
    digest_logo: str = Field(
        "", description="A picture for the name, and its size: https://example.org/logo.png 120x32."
    )
    digest_support: str = Field("", description="A line before the footer that asks readers for help. Off by default.")
    digest_support_links: str = Field("", description="Links after it: Ko-fi https://example.org/tip, Shop https://…")
    digest_images: Literal["archive", "inline", "link"] = Field(
        "archive",
        description="Pictures come from your archive, where there is one on https, else along in the letter; or inline, "
        "always along; or link, not at all.",
    )
    digest_images_budget: int = Field(
        400, ge=0, le=10_000, description="How many KB of pictures a letter may carry; the others become links."
    )
    digest_secret: SecretStr = Field(
        SecretStr(""), description="Signs unsubscribe links. Default: one kept in the store; never change it later."
    )
    # the clock
    digest_schedule: str = Field("0 9 * * 2", description="When issues go out, as a crontab line. Sunday is 0 or 7.")
    digest_timezone: Zone = Field("UTC", description="The schedule's time zone, as in Europe/Berlin.")
    digest_late_limit: Duration = Field(timedelta(hours=6), description="How late a missed issue may still go out.")
    digest_approve: str = Field(
        "off", description="off, or the editor's address, who then approves each issue by mail."
    )
    digest_proof_before: Duration = Field(
        timedelta(hours=24), description="How long before its slot an issue is shown to the editor."
    )
    digest_silence: Literal["send", "hold"] = Field(
        "send", description="What happens when the editor says nothing until the slot: send or hold."
    )
    digest_report: Literal["on", "off"] = Field(
        "on", description="A short report to the editor by mail after each issue: on or off."
    )
    digest_follow_every: Duration = Field(
        timedelta(hours=1),
        ge=timedelta(minutes=5),
        description="How often `digest serve` looks at each author who is followed.",
    )
    digest_follow_quiet: Duration = Field(
        timedelta(hours=6), description="How long nothing was added to a followed author's thread before it comes."
    )
    digest_deleted: Literal["hold", "summary", "send"] = Field(
        "hold",
        description="A thread that its author deleted: hold it, send only its summary, or send what we have.",
    )
    pick_weights: Shares = Field(
        "wait=30 novelty=25 length=20 author=15 quality=10 engagement=10 readers=10 followers=10",
        description="What counts how much in the pick; only their proportion matters, what is left out stays as it is.",
    )
    # outgoing mail
    smtp_host: str = Field(
        "", description="The SMTP server; or several with shares and ports: mx1.example.org*3, mx2.example.org:2525."
    )
    smtp_port: int | None = Field(
        None, ge=1, le=65535, description="Default: 587 for starttls, 465 for tls, 25 for none."
    )
    smtp_username: str = Field("", description="Name for the SMTP login, if it wants one.")
    smtp_password: SecretStr = Field(
        SecretStr(""), description="Password for it; or SMTP_PASSWORD_FILE, a file with it."
    )
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls (from the first byte), none."
    )
    smtp_ca_file: Path | None = Field(None, description="Certificates to trust instead of the system's, as a PEM file.")
    smtp_connections: int = Field(4, ge=1, le=100, description="How many connections to keep open at once.")
    smtp_per_connection: int = Field(0, ge=0, description="Letters on one connection before a new one; 0: no limit.")
    smtp_window: int = Field(
        1,
        ge=1,
        le=100,
        description="Whole letters under way on one connection, where the server takes CHUNKING: faster, above all to a "
        "server that is far away. When a connection breaks, each of them may have arrived.",
    )
    smtp_rate: float = Field(0, ge=0, description="Letters a second at most; 0: as fast as the server takes them.")
    smtp_doubt: Literal["retry", "hold"] = Field(
        "retry", description="A letter whose answer was lost: retry it once, later, or hold it for you to decide."
    )
    smtp_doubt_after: Duration = Field(timedelta(minutes=15), description="How long to wait before that one retry.")
    smtp_give_up: Duration = Field(timedelta(days=4), description="How long to retry after temporary failures.")
    dkim_domain: str = Field("", description="Signs every letter for this domain; it should be DIGEST_FROM's.")
    dkim_selector: str = Field("", description="The key's selector in the DNS; two with a comma for two keys.")
    dkim_key_file: str = Field("", description="The private key as PEM (RSA or Ed25519); two with a comma.")
    # incoming mail
    imap_host: str = Field("", description="The mailbox of DIGEST_ADDRESS.")
    imap_port: int | None = Field(None, ge=1, le=65535, description="Default: 993 for tls, 143 otherwise.")
    imap_username: str = Field("", description="Name for the IMAP login.")
    imap_password: SecretStr = Field(SecretStr(""), description="Password for it; or IMAP_PASSWORD_FILE.")
    imap_tls: Literal["starttls", "tls", "none"] = Field(
        "tls", description="tls (from the first byte), starttls, none."
    )
    imap_ca_file: Path | None = Field(None, description="Certificates to trust instead of the system's, as a PEM file.")
    lmtp_listen: str = Field("", description="Take mail by LMTP on this host:port, from your own mail server.")
    authserv_id: str = Field(
        "",
        description="The name in Authentication-Results of the mail server that you trust; `digest doctor` finds it out.",
    )
    # the rest
    database_url: SecretStr = Field(
        SecretStr(DATABASE),
        description="The store. Relative SQLite paths start at the folder of .env; or postgresql://user:password@host/name.",
    )
    digest_lease: Duration = Field(
        timedelta(minutes=5),
        ge=timedelta(seconds=1),
        description="With PostgreSQL: after how long a silence a machine's letters are taken over by the others.",
    )
    web_listen: str = Field("127.0.0.1:8080", description="Where the public pages listen.")
    web_metrics: Literal["off", "on"] = Field(
        "off", description="on: /metrics beside the public pages, for Prometheus. Keep it from strangers in the proxy."
    )
    log_format: Literal["logfmt", "json"] = Field("logfmt", description="How `digest serve` logs: key=value, or JSON.")
    web_proxies: Networks = Field(
        "127.0.0.0/8, ::1",
        description="Your own proxies, whose X-Forwarded-For counts: addresses or networks, with commas.",
    )
    llm_url: BaseUrl = Field(
        "", description="An OpenAI-compatible server (http://localhost:11434/v1), if a model shall write the summary."
    )
    llm_model: str = Field("", description="Which model it shall use.")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key for it; or LLM_API_KEY_FILE.")

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        """Whoever is written to can be: an issue would wait forever for the OK of an editor called “yes”."""
        addresses = {
            "DIGEST_FROM": self.digest_from,
            "DIGEST_REPLY_TO": self.digest_reply_to,
            "DIGEST_ADDRESS": self.digest_address,
            "DIGEST_APPROVE": "" if self.digest_approve == "off" else self.digest_approve,
        }
        for name, value in addresses.items():
            if value and not is_address(value):
                or_off = ", or off" if name == "DIGEST_APPROVE" else ""
                then = f"Write digest@example.org{or_off}."
                raise SettingsError(f"“{value}” is not an address", where=name, then=then)
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Each may be right and all of them wrong together."""
        if self.llm_url and not self.llm_model:
            raise SettingsError(
                "is missing, though LLM_URL is set", where="LLM_MODEL", then="Name the model, or drop LLM_URL."
            )
        dkim = {
            "DKIM_DOMAIN": self.dkim_domain,
            "DKIM_SELECTOR": self.dkim_selector,
            "DKIM_KEY_FILE": self.dkim_key_file,
        }
        if any(dkim.values()) and not all(dkim.values()):
            missing = next(name for name, value in dkim.items() if not value)
            raise SettingsError(
                "is missing, though DKIM is set up in part", where=missing, then="Set all three or none."
            )
        if len(_commas(self.dkim_selector)) != len(_commas(self.dkim_key_file)):
            raise SettingsError(
                "has not as many entries as DKIM_KEY_FILE", where="DKIM_SELECTOR", then="Name one for each key."
            )
        return self

    @property
    def shares(self) -> dict[str, float]:
        """What each part of the pick counts for: they add up to 1."""
        default: str = type(self).model_fields["pick_weights"].default
        parts = f"{default} {self.pick_weights}".replace(",", " ").split()
        named = {name: float(share) for name, _, share in (part.partition("=") for part in parts)}
        total = sum(named.values())
        return {name: share / total for name, share in named.items()}

    @model_validator(mode="after")
    def _adorned(self) -> Self:
        """What adorns the page can be shown, and read."""
        for name, read in (
            ("digest_accent", lambda: palette.dressed(LOOKS[self.digest_theme], accent=self.digest_accent)),
            ("digest_accent_dark", lambda: self.look),
            ("digest_logo", lambda: self.logo),
            ("digest_support_links", lambda: self.support),
        ):
            written = getattr(self, name)
            try:
                _ = read() if written else None
            except ValueError as wrong:
                then = KNOWN[name.upper()].description or ""
                raise SettingsError(f"“{written}” {wrong}", where=name.upper(), then=then) from wrong
        return self

    @property
    def look(self) -> Look:
        """The theme, in the owner's colours."""
        theme = LOOKS[self.digest_theme]
        if not (self.digest_accent or self.digest_accent_dark):
            return theme
        return palette.dressed(theme, accent=self.digest_accent or theme.day.accent, night=self.digest_accent_dark)

    @property
    def logo(self) -> Logo | None:
        return adornments.logo(self.digest_logo)

    @property
    def support(self) -> Support | None:
        return adornments.support(self.digest_support, self.digest_support_links)

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of WEB_PROXIES."""
        return tuple(ip_network(part) for part in _commas(self.web_proxies))

    @property
    def dkim_keys(self) -> tuple[tuple[str, Path], ...]:
        """(selector, key file) for each DKIM key."""
        return tuple(zip(_commas(self.dkim_selector), map(Path, _commas(self.dkim_key_file)), strict=True))


def _commas(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


KNOWN = {name.upper(): field for name, field in Settings.model_fields.items()}
_SECRETS = [name for name, field in KNOWN.items() if field.annotation is SecretStr]


def load(*, environ: Mapping[str, str], env_file: Path) -> Settings:
    """The settings in force. Raises SettingsError for an unknown, wrong or half-given one, by its name."""
    written = _written(env_file) if env_file.is_file() else {}
    for name in written:
        _refuse_unknown(name, place=str(env_file))
    for name in environ:
        if name.startswith("DIGEST_") or (name not in KNOWN and _nearest(name, cutoff=0.85)):
            _refuse_unknown(name, place="the environment")
    values = {name: value for name, value in {**written, **environ}.items() if value and _is_known(name)}
    values = _read_secret_files(values, home=env_file.parent)
    if "DIGEST_TEMPLATES" in values:
        values["DIGEST_TEMPLATES"] = str(env_file.absolute().parent / values["DIGEST_TEMPLATES"])
    values["DATABASE_URL"] = _anchored(values.get("DATABASE_URL", DATABASE), home=env_file.absolute().parent)
    return _validated({name.lower(): value for name, value in values.items()})


def _written(env_file: Path) -> dict[str, str]:
    """What `.env` says, by name. A line that says nothing is refused, and not repeated: it may hold a password."""
    try:
        with env_file.open(encoding="utf-8-sig") as file:
            lines = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as trouble:
        reason = getattr(trouble, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError(f"cannot be read ({reason})", where=str(env_file), then="Check the file.") from trouble
    for line in lines:
        if line.error:
            then = "Write NAME=value, and put a value with blanks, # or quotes between '…'."
            raise SettingsError("this line is no setting", where=f"{env_file}:{line.original.line}", then=then)
    return {line.key: line.value or "" for line in lines if line.key}


def _is_known(name: str) -> bool:
    return name in KNOWN or name.removesuffix("_FILE") in _SECRETS


@cache  # an environment has a hundred names, and the studio reads the settings at each save
def _nearest(name: str, *, cutoff: float = 0.6) -> str:
    return next(iter(difflib.get_close_matches(name.upper(), KNOWN, n=1, cutoff=cutoff)), "")


def _refuse_unknown(name: str, *, place: str) -> None:
    if not _is_known(name):
        near = _nearest(name)
        then = f"Did you mean {near}?" if near else "See .env.example for all of them."
        raise SettingsError(f"there is no such setting (in {place})", where=name, then=then)


def _read_secret_files(values: dict[str, str], *, home: Path) -> dict[str, str]:
    """NAME_FILE gives NAME, for the secrets; a path that is not absolute starts at the folder of `.env`."""
    read = dict(values)
    for name in _SECRETS:
        if path := read.pop(f"{name}_FILE", ""):
            try:
                read[name] = (home / path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as trouble:
                reason = getattr(trouble, "strerror", None) or "not text"
                raise SettingsError(
                    f"cannot read {path} ({reason})", where=f"{name}_FILE", then="Check the path."
                ) from trouble
    return read


def _anchored(url: str, *, home: Path) -> str:
    """A relative SQLite path starts at the folder of `.env`, wherever the command is called from."""
    path = url.removeprefix("sqlite:///")
    return f"sqlite:///{home / path}" if path != url else url


def _validated(values: Mapping[str, Any]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = str(first["loc"][0]).upper()
        secret = name in _SECRETS
        given = "" if secret else f"“{first['input']}” "
        message = str(first["msg"]).removeprefix("Value error, ")
        then = KNOWN[name].description or ""
        raise SettingsError(f"{given}{_plain(message)}", where=name, then=then) from None


def _plain(message: str) -> str:
    """pydantic's English, without its vocabulary."""
    return message.replace("Input should be", "should be").replace(
        "a valid integer, unable to parse string as an integer", "a whole number"
    )


_GROUPS = {
    "digest_name": "The digest",
    "digest_schedule": "The clock",
    "smtp_host": "Outgoing mail",
    "imap_host": "Incoming mail",
    "database_url": "The rest",
}


def example(values: Mapping[str, str]) -> str:
    """The text of a `.env` with every setting and its comment; those without a value are commented out."""
    lines = ["# Settings of digest. The environment goes before this file. NAME_FILE reads a secret from a file."]
    for name, field in Settings.model_fields.items():
        if title := _GROUPS.get(name):
            lines += ["", f"# ── {title} " + "─" * (90 - len(title))]
        lines += ["", f"# {field.description}"]
        value = values.get(name.upper(), "")
        lines.append(f"{name.upper()}={_quoted(value)}" if value else f"# {name.upper()}={_shown(field.default)}")
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """As python-dotenv reads it back."""
    return value if re.fullmatch(r"[\w.@:/+-]+", value) else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, timedelta):
        size = next(size for size in ("d", "h", "m", "s") if default.total_seconds() % _UNITS[size] == 0)
        return f"{int(default.total_seconds()) // _UNITS[size]}{size}"
    return "" if default is None else f"{default:g}" if isinstance(default, float) else str(default)
