"""How values are kept: instants as milliseconds, the model's own values whole, as JSON. Knows no table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Column, Dialect, ForeignKey, Integer, MetaData
from sqlalchemy.types import TypeDecorator

NEWSLETTER = 1  # the one newsletter that a store holds today; the first migration makes its row
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MILLISECOND


def milliseconds(at: datetime) -> int:
    """As `Instant` keeps it. A naive datetime is a mistake, and raises TypeError."""
    return (at - _EPOCH) // _MILLISECOND


class Document(TypeDecorator[Any]):
    """One of the model's values, whole, as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type) -> None:
        super().__init__(none_as_null=True)
        self.kind = kind  # SQLAlchemy's cache tells two of these types apart by it

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        return None if value is None else _adapter(self.kind).dump_python(value, mode="json")

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        return None if value is None else _adapter(self.kind).validate_python(value)


@cache
def _adapter(kind: type) -> TypeAdapter[object]:
    """Made when the first value comes, since each takes a hundredth of a second, and most commands need but one."""
    return TypeAdapter(kind)


Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER key
metadata = MetaData()


def newsletter_id(*, primary_key: bool = False) -> Column[int]:
    return Column("newsletter_id", Integer, ForeignKey("newsletter.id"), nullable=False, primary_key=primary_key)
