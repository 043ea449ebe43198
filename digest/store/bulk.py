"""Many rows as one parameter of a statement on PostgreSQL: one parse and one round trip, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, FromClause, bindparam, cast, func
from sqlalchemy.types import TypeEngine

Shape = Mapping[str, TypeEngine[Any]]  # the columns' names and types, in order


def rows(shape: Shape, *, called: str = "rows") -> FromClause:
    """Something to select from, with the columns of `shape`. Its content comes with `parameters` at execution."""
    arrays = [cast(bindparam(f"{called}_{name}", type_=ARRAY(kind)), ARRAY(kind)) for name, kind in shape.items()]
    return func.unnest(*arrays).table_valued(*shape).render_derived(called)


def parameters(values: Sequence[Sequence[object]], shape: Shape) -> dict[str, object]:
    """`values`, one sequence a row in the order of `shape`, as `rows` wants them."""
    columns = zip(*values, strict=True)
    return {f"rows_{name}": list(column) for name, column in zip(shape, columns, strict=True)}


def literals(values: Sequence[Sequence[object]], shape: Shape, *, called: str = "rows") -> dict[str, object]:
    """`parameters` as PostgreSQL writes arrays: the driver takes three times as long to write them."""
    columns = list(zip(*values, strict=True)) or [()] * len(shape)
    return {
        f"{called}_{name}": f"{{{','.join(map(_element, column))}}}"
        for name, column in zip(shape, columns, strict=True)
    }


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
