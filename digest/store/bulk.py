"""Many rows as one parameter: a statement over them costs one parse and one round trip, whatever their number.

SQLite reads them from a JSON text (json_each), PostgreSQL from arrays (unnest).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, FromClause, Text, bindparam, cast, func, select
from sqlalchemy.types import TypeEngine

Shape = Mapping[str, TypeEngine[Any]]  # the columns' names and types, in order
PARAMETER = "rows"


def rows(shape: Shape, dialect: Dialect) -> FromClause:
    """Something to select from, with the columns of `shape`. Its content comes with `parameters` at execution."""
    return _unnested(shape) if dialect.name == "postgresql" else _from_json(shape)


def parameters(values: Sequence[Sequence[object]], shape: Shape, dialect: Dialect) -> dict[str, object]:
    """`values`, one sequence a row in the order of `shape`, as `rows` wants them."""
    if dialect.name != "postgresql":
        return {PARAMETER: json.dumps(values, separators=(",", ":"))}
    columns = zip(*values, strict=True)
    return {_array(name): list(column) for name, column in zip(shape, columns, strict=True)}


def _from_json(shape: Shape) -> FromClause:
    each = func.json_each(bindparam(PARAMETER, type_=Text)).table_valued("value")
    columns: list[ColumnElement[object]] = [
        func.json_extract(each.c.value, f"$[{place}]", type_=kind).label(name)
        for place, (name, kind) in enumerate(shape.items())
    ]
    return select(*columns).subquery("rows")


def _unnested(shape: Shape) -> FromClause:
    arrays = [cast(bindparam(_array(name), type_=ARRAY(kind)), ARRAY(kind)) for name, kind in shape.items()]
    return func.unnest(*arrays).table_valued(*shape).render_derived("rows")


def _array(name: str) -> str:
    return f"{PARAMETER}_{name}"
