"""Statements of the engine, written in DuckDB's dialect, in Spark's.

SQLGlot knows most differences. What it can't know are ours: what a hash is, how wide a shape is, how values are bound, and
what tables are called. Names are quoted, all of them; values stay markers, never text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp

from workbench.engine.spark.statements import Statement, view_name

_WIDE = "DECIMAL(38, 0)"  # HUGEINT


@functools.lru_cache(maxsize=512)
def rendered(
    sql: str, schema: str, lists: tuple[tuple[str, str], ...] = (), own: str = "own", temporary: tuple[str, ...] = ()
) -> Statement:
    """One statement over the tables of `schema`, and over those called `temporary`, which lie in the schema `own`. Its `?`
    become :p0, :p1 …; `lists`: name of a bound list -> kind of its values (they are bound as JSON)."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    made, name, passing = "", "", False
    if isinstance(tree, exp.Create):
        made = str(tree.args["kind"]).lower()
        passing = bool(tree.find(exp.TemporaryProperty))
        name = _name(tree.this, own if passing else schema)
        tree = tree.expression
    files = _read(tree)
    _bind(tree, dict(lists))
    places, kept = dict.fromkeys(temporary, own), f"{own}_kept"
    before = []
    for cte, body in _materialized(tree):
        before.append(Statement(_text(body, schema, places), "table", view_name(kept, cte), True))
        places[cte] = kept
    return Statement(_text(tree, schema, places), made, name, passing, files, tuple(before))


def _materialized(tree: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    # name and query of each MATERIALIZED part of the statement's WITH, in their order; none of them stays in the tree. Spark
    # would reckon them anew wherever they are read
    within = tree.args.get("with_")
    plain = []
    for one in list(within.expressions) if within else ():
        if one.args.get("materialized"):
            one.pop()
            body = one.this
            if plain:
                own = body.args.get("with_")
                parts = [part.copy() for part in plain] + (own.expressions if own else [])
                body.set("with_", exp.With(expressions=parts))
            yield one.alias, body
        else:
            plain.append(one)
    if within and not within.expressions:
        tree.set("with_", None)


def _text(tree: exp.Expression, schema: str, places: Mapping[str, str]) -> str:
    _tables(tree, schema, places)
    for rewrite in (_asked, _hashes, _shifts, _elements, _quantiles, _interpolated, _ordered, _functions, _wide, _unnested):
        tree = tree.transform(rewrite, copy=False)
    for one in tree.find_all(exp.CTE):
        one.set("materialized", None)
    return tree.sql("spark", identify=True, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _name(table: exp.Table, schema: str) -> str:
    return view_name(table.db or schema, table.name)


def _read(tree: exp.Expression) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    found = []
    for number, table in enumerate(list(tree.find_all(exp.Table))):
        if isinstance(table.this, exp.ReadParquet):
            listed, *options = table.this.expressions
            placed = any(one.this.name == "file_row_number" for one in options)
            view = f"files{number}"
            found.append((view, tuple(one.name for one in listed.expressions), placed))
            table.set("this", exp.to_identifier(view))
            table.set("db", exp.to_identifier("read"))
    return tuple(found)


def _bind(tree: exp.Expression, lists: Mapping[str, str]) -> None:
    number = 0
    for one in list(tree.find_all(exp.Placeholder, bfs=False)):
        if not one.this:
            one.set("this", f"p{number}")
            number += 1
        if one.name in lists:
            kind = exp.Literal.string(f"array<{lists[one.name]}>")
            one.replace(exp.Anonymous(this="FROM_JSON", expressions=[one.copy(), kind]))


def _tables(tree: exp.Expression, schema: str, places: Mapping[str, str]) -> None:
    within = {one.alias for one in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or (not table.db and table.name in within):
            continue
        name = _name(table, places.get(table.name, schema))
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
        table.set("this", exp.to_identifier(name))
        table.set("db", None)
        table.set("catalog", None)
        table.set("alias", alias)


def _call(node: exp.Expression, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == name


def _spark(name: str, *of: exp.Expression) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(of))


def _asked(node: exp.Expression) -> exp.Expression:
    # IN ((SELECT …)): to Spark a single value
    if isinstance(node, exp.In) and isinstance(node.args.get("query"), exp.Subquery):
        while isinstance(node.args["query"].this, exp.Subquery):
            node.set("query", node.args["query"].this)
    return node


def _hashes(node: exp.Expression) -> exp.Expression:
    # DuckDB's are unsigned, Spark's signed: as numbers of 63 bits they serve alike, and their sums need room
    if isinstance(node, exp.BitwiseRightShift) and _call(node.this, "hash"):
        return _spark("SHIFTRIGHTUNSIGNED", _spark("XXHASH64", *node.this.expressions), node.expression)
    if _call(node, "hash") and not isinstance(node.parent, exp.BitwiseRightShift):
        return exp.cast(_spark("XXHASH64", *node.expressions), exp.DataType.build("DECIMAL(20, 0)"))
    return node


def _shifts(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.BitwiseLeftShift):
        return _spark("SHIFTLEFT", node.this, exp.cast(node.expression, exp.DataType.build("INT")))
    return node


def _elements(node: exp.Expression) -> exp.Expression:
    # counted from 1; a number that stands there SQLGlot has already counted from 0, anything else it leaves alone
    if isinstance(node, exp.Bracket) and len(node.expressions) == 1:
        (index,) = node.expressions
        if isinstance(index, exp.Literal):
            index = exp.Literal.number(int(index.name) + 1)
        return _spark("TRY_ELEMENT_AT", node.this, exp.cast(index, exp.DataType.build("INT")))
    return node


def _quantiles(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.PercentileDisc):
        asked = node.expression
        if isinstance(asked, exp.Array):
            return exp.Array(expressions=[_quantile(node.this, one) for one in asked.expressions])
        if not isinstance(node.parent, exp.WithinGroup):
            return _quantile(node.this, asked)
    return node


def _interpolated(node: exp.Expression) -> exp.Expression:
    # exact, and between two values as DuckDB has it
    if isinstance(node, exp.PercentileCont) and not isinstance(node.parent, exp.WithinGroup):
        return _spark("PERCENTILE", node.this, node.expression)
    return node


def _ordered(node: exp.Expression) -> exp.Expression:
    # a list in the order of something else: of pairs with that, sorted; SQLGlot would forget the order
    if isinstance(node, exp.ArrayAgg) and isinstance(node.this, exp.Order):
        what, (by,) = node.this.this, node.this.expressions
        pairs = _spark(
            "COLLECT_LIST", _spark("NAMED_STRUCT", exp.Literal.string("by"), by.this, exp.Literal.string("what"), what)
        )
        last = exp.Dot(this=exp.column("one"), expression=exp.to_identifier("what"))
        return _spark("TRANSFORM", _spark("ARRAY_SORT", pairs), exp.Lambda(this=last, expressions=[exp.to_identifier("one")]))
    return node


def _quantile(of: exp.Expression, share: exp.Expression) -> exp.Expression:
    order = exp.Order(expressions=[exp.Ordered(this=of.copy(), nulls_first=True)])
    found = exp.WithinGroup(this=exp.PercentileDisc(this=share.copy()), expression=order)
    return exp.cast(found, exp.DataType.build("BIGINT"))


def _functions(node: exp.Expression) -> exp.Expression:
    if _call(node, "epoch_us"):
        return _spark("UNIX_MICROS", exp.cast(node.expressions[0], exp.DataType.build("TIMESTAMPTZ")))
    if isinstance(node, exp.JarowinklerSimilarity):
        return exp.Neg(this=_spark("LEVENSHTEIN", node.this, node.expression))
    return node


def _wide(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.INT128, exp.DataType.Type.UINT128):
        return exp.DataType.build(_WIDE)
    return node


def _unnested(node: exp.Expression) -> exp.Expression:
    # DuckDB unnests several lists side by side, inside other expressions too; Spark one, and standing alone
    if not isinstance(node, exp.Select):
        return node
    lists = [one for each in node.expressions for one in each.find_all(exp.Explode) if one.find_ancestor(exp.Select) is node]
    if not lists:
        return node
    names = [f"u{number}" for number in range(len(lists))]
    zipped = _spark("ARRAYS_ZIP", *(one.this.copy() for one in lists))
    for name, one in zip(names, lists, strict=True):
        parent = one.parent
        column = exp.column(name, table="each")
        if parent is node:
            column = exp.alias_(column, "unnest")
        one.replace(column)
    lateral = exp.Lateral(
        this=exp.Inline(this=zipped) if hasattr(exp, "Inline") else _spark("INLINE", zipped),
        view=True,
        alias=exp.TableAlias(this=exp.to_identifier("each"), columns=[exp.to_identifier(name) for name in names]),
    )
    if not node.args.get("from_"):
        one = exp.select(exp.alias_(exp.Literal.number(1), "one")).subquery("once")
        node.set("from_", exp.From(this=one))
    node.append("laterals", lateral)
    return node
