"""Orders, made at declared touchpoints, and loyalty points that they earn and use up.

[orders]
at            touchpoints at which an order is made
pieces        pieces in an order, on average
spread        standard deviation of the logarithm of a price
factor        what prices are multiplied with, by an attribute; it is 1 for at least one value
[[orders.products]]   name, share, price (the median)
[orders.points]   members = share of customers; per_money = points for a unit of money; least = points it takes to use them;
              redeem = share of members' orders in which, with at least so many points, all of them are used
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import stats
from workbench.worlds.company import Company, numbered
from workbench.worlds.estimates import Z
from workbench.worlds.people import counted, draw
from workbench.worlds.reader import By, Reader
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.declaration import World


@dataclasses.dataclass(frozen=True)
class Points:
    """The loyalty programme."""

    members: By
    per_money: float
    least: int
    redeem: float


@dataclasses.dataclass(frozen=True)
class Orders:
    """The section."""

    at: tuple[str, ...]
    pieces: float
    spread: float
    factor: By
    shares: Mapping[str, float]  # by product
    prices: Mapping[str, float]
    points: Points | None


def read(reader: Reader, declared: Mapping, world: World) -> Orders | None:
    """The section [orders]; None where there is none."""
    if "orders" not in declared:
        return None
    table = reader.get(declared, "orders", dict)
    reader.only(table, "orders", "at", "pieces", "spread", "factor", "products", "points")
    at = reader.get(table, "orders.at", list)
    reader.known(at, "orders.at", world.touchpoints)
    prices, shares = {}, {}
    for number, one in enumerate(reader.get(table, "orders.products", list), start=1):
        entry = f"orders.products[{number}]"
        reader.only(one, entry, "name", "share", "price")
        name = reader.get(one, f"{entry}.name", str)
        prices[name] = reader.number(one, f"{entry}.price", 0.01, 1e7)
        shares[name] = reader.number(one, f"{entry}.share", 0, 1)
    factor = reader.by(table, "orders.factor", world.attributes, 0.01, 100, 1.0)
    if 1.0 not in (*factor.values.values(), factor.other):
        raise reader.wrong("orders.factor", "no_reference")
    return Orders(
        tuple(at),
        reader.number(table, "orders.pieces", 1, 100, 1.0),
        reader.number(table, "orders.spread", 0.01, 3, 0.4),
        factor,
        reader.shares(shares, "orders.products"),
        prices,
        _points(reader, table, world) if "points" in table else None,
    )


def _points(reader: Reader, table: Mapping, world: World) -> Points:
    points = reader.get(table, "orders.points", dict)
    reader.only(points, "orders.points", "members", "per_money", "least", "redeem")
    return Points(
        reader.by(points, "orders.points.members", world.attributes, 0, 1),
        reader.number(points, "orders.points.per_money", 0.0001, 1000),
        # with none there is nothing to use
        int(reader.number(points, "orders.points.least", 1, 1e9, 1)),
        reader.number(points, "orders.points.redeem", 0, 1),
    )


def make(company: Company, rng: np.random.Generator) -> None:
    """Fills the table of orders, and people's `loyalty_member`."""
    own, people, events = company.world.orders, company.people, company.events
    if own is None:
        return
    if own.points:
        people["loyalty_member"] = rng.random(company.n) < own.points.members.of(people)
    made = np.flatnonzero(np.isin(events["code"].to_numpy(), [company.code(name) for name in own.at]))
    person, n = events["person"].to_numpy()[made], len(made)
    product = draw(own.shares, n, rng)
    quantity = 1 + rng.poisson(own.pieces - 1, size=n)
    price = np.array(list(own.prices.values()))[product.codes] * own.factor.of(people)[person]
    amount = np.maximum(0.01, np.round(price * np.exp(own.spread * rng.standard_normal(n)), 2)) * quantity
    frame = pd.DataFrame(
        {
            "order_id": numbered("o", n, 8),
            "customer_id": people["customer_id"].to_numpy()[person],
            "ordered_at": company.utc(events["at_s"].to_numpy()[made]),
            "amount": np.round(amount, 2),
            "product": product,
            "quantity": quantity,
        }
    )
    if own.points:
        member = people["loyalty_member"].to_numpy()[person]
        frame["points_earned"], frame["points_redeemed"] = _balance(own.points, person, member, frame["amount"], rng)
    company.tables["orders"] = frame


def _balance(points: Points, person: np.ndarray, member: np.ndarray, amount: pd.Series, rng) -> tuple[np.ndarray, np.ndarray]:
    earned = np.where(member, np.floor(amount * points.per_money), 0).astype(np.int64)
    uses = rng.random(len(person)) < points.redeem
    redeemed = np.zeros(len(person), dtype=np.int64)
    order = np.argsort(person, kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(person[order], person[order])
    balance = np.zeros(int(person.max(initial=-1)) + 1, dtype=np.int64)
    # every customer's first order, then every one's second, and so on
    by_rank = order[np.argsort(rank, kind="stable")]
    for turn in np.split(by_rank, np.cumsum(np.bincount(rank))[:-1]) if len(order) else ():
        has = balance[person[turn]]
        redeemed[turn] = np.where(uses[turn] & member[turn] & (has >= points.least), has, 0)
        balance[person[turn]] += earned[turn] - redeemed[turn]
    return earned, redeemed


def truths(world: World) -> list[Truth]:
    """Products' shares and prices, pieces, factors, members, and how often points are used."""
    own, found = world.orders, []
    if own is None:
        return found
    for name, share in own.shares.items():
        found.append(Truth(f"orders.share.{name}", "product_share", {"product": name}, share, "share"))
        found.append(Truth(f"orders.price.{name}", "price", {"product": name}, own.prices[name], "money"))
    if own.pieces > 1:
        found.append(Truth("orders.pieces", "pieces", {}, own.pieces, "number"))
    for who, factor in own.factor.each():
        if who and factor != 1:
            found.append(
                Truth(".".join(["orders.factor", *who.values()]), "price_factor", {"attributes": who}, factor, "ratio")
            )
    if own.points:
        for who, share in own.points.members.each():
            found.append(Truth(".".join(["orders.members", *who.values()]), "members", {"attributes": who}, share, "share"))
        place = {"least": own.points.least}
        found.append(Truth("orders.redeem", "redeem", place, own.points.redeem, "share"))
    return found


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """Shares by Wilson, medians by order statistics, factors by mean logarithms within products."""
    own, orders, customers = world.orders, tables["orders"], tables["customers"]
    if truth.kind == "product_share":
        return counted(truth, int((orders["product"] == truth.place["product"]).sum()), len(orders))
    if truth.kind == "members":
        for name, value in truth.place["attributes"].items():
            customers = customers[customers[name] == value]
        return counted(truth, int(customers["loyalty_member"].sum()), len(customers))
    if truth.kind == "redeem":
        before = orders["points_earned"] - orders["points_redeemed"]
        has = before.groupby(orders["customer_id"], sort=False).cumsum() - before
        can = has >= own.points.least
        return counted(truth, int((orders["points_redeemed"][can] > 0).sum()), int(can.sum()))
    if truth.kind == "pieces":
        pieces = orders["quantity"].to_numpy()
        wide = Z * float(pieces.std(ddof=1)) / math.sqrt(len(pieces)) if len(pieces) > 1 else math.nan
        mean = float(pieces.mean()) if len(pieces) else math.nan
        return Measured(truth, mean, mean - wide, mean + wide, len(pieces))
    factor = pd.Series(own.factor.of(customers), index=customers["customer_id"].to_numpy())
    factor = factor.reindex(orders["customer_id"].to_numpy(dtype=object)).to_numpy()
    price = (orders["amount"] / orders["quantity"]).to_numpy()
    if truth.kind == "price":
        values = np.sort(price[(factor == 1) & (orders["product"] == truth.place["product"]).to_numpy()])
        middle = float(np.median(values)) if len(values) else math.nan
        return Measured(truth, middle, *stats.quantile_interval(values), len(values))
    return _factor(truth, price, factor, orders["product"].to_numpy(dtype=object))


def _factor(truth: Truth, price: np.ndarray, factor: np.ndarray, product: np.ndarray) -> Measured:
    # the difference of mean logarithms, in each product, weighted by what it tells
    value, weight, n = 0.0, 0.0, 0
    for name in np.unique(product.astype(str)):
        one = np.log(price[(factor == truth.size) & (product == name)])
        other = np.log(price[(factor == 1) & (product == name)])
        if min(len(one), len(other)) > 1:
            tells = 1 / (1 / len(one) + 1 / len(other))
            value, weight, n = value + tells * (one.mean() - other.mean()), weight + tells, n + len(one)
    if not weight:
        return Measured(truth, math.nan, math.nan, math.nan, n)
    logs = pd.Series(np.log(price)).groupby([factor, product]).transform("mean")
    off = (np.log(price) - logs)[(factor == truth.size) | (factor == 1)]
    spread = math.sqrt(float((off**2).sum()) / max(1, len(off) - 2 * len(np.unique(product.astype(str)))))
    value, wide = value / weight, Z * spread / math.sqrt(weight)
    return Measured(truth, math.exp(value), math.exp(value - wide), math.exp(value + wide), n)
