"""Identities, raw files, orders and points: what is planted is there, and who is who can be found out as far as it can."""

import numpy as np
import pandas as pd
import pytest
import walking

import workbench as wb
from workbench import stats, worlds, worlds_command
from workbench.errors import BadInput
from workbench.worlds import raw


@pytest.fixture(scope="module")
def made():
    return walking.company()


def _within(k, n, share):
    low, high = stats.wilson(int(k), int(n), 0.999)
    assert n > 100 and low <= share <= high


def test_every_channel_knows_customers_in_its_own_way(made):
    events = made.events.assign(
        channel=made.tables["events"]["channel"].astype(str), identity=made.events["identity"].astype(object)
    )
    begins = {"web": "ck-", "app": "app-", "phone": "+999", "courier": "L"}
    for channel, found in events.groupby("channel"):
        known = found["identity"].dropna()
        assert known.str.startswith(begins[channel]).all()
        # only a card can be missing
        assert (len(known) == len(found)) == (channel != "courier")
    # no two kinds of identity share what stands behind their first letters
    assert events["identity"].dropna().str.extract(r"([0-9a-f]{8})$")[0].nunique() > 0.99 * events["identity"].nunique()


def test_households_share_a_browser_and_a_phone_and_nothing_else(made):
    people = made.people
    shared = people[people["household"] >= 0]
    pairs = shared.groupby("household")
    assert (pairs.size() == 2).all() and (pairs["phone"].nunique() == 1).all()
    assert people["email"].is_unique and people["app_id"].is_unique
    _within(len(pairs), len(people) // 2, 0.2)
    owners = made.key["identities"].assign(kind=made.key["identities"]["identity"].str[:3])
    several = owners.groupby(["kind", "identity"])["customer_id"].nunique()
    assert several.max() == 2
    assert set(several[several > 1].index.get_level_values("kind")) == {"ck-", "+99"}
    household = dict(zip(people["customer_id"], people["household"], strict=True))
    for _, found in owners[owners.duplicated("identity", keep=False)].groupby("identity"):
        assert len({household[one] for one in found["customer_id"]}) == 1


def test_cookies_live_as_long_as_declared(made):
    # a browser nobody shares: seen again after about 20 days, it has kept its cookie with chance exp(−20/45)
    sighted = made.key["sightings"].merge(made.people.loc[made.people["household"] < 0, ["customer_id"]], on="customer_id")
    sighted = sighted.sort_values(["customer_id", "seen_at"], kind="stable")
    gap = sighted.groupby("customer_id")["seen_at"].diff().dt.total_seconds() / 86400
    same = sighted["identity"].astype(object) == sighted.groupby("customer_id")["identity"].shift().astype(object)
    met = gap.between(18, 22)
    _within(same[met].sum(), met.sum(), np.exp(-gap[met] / 45).mean())


def test_log_ins_are_where_they_are_declared(made):
    events = made.tables["events"].assign(logged=made.events["journey"].map(made.journeys["logged_in_s"]).to_numpy())
    on_the_web = events[(events["channel"] == "web") & events["touchpoint"].isin(["Cart", "Pay"])]
    first = on_the_web.drop_duplicates("case_id")
    at = made.from_utc(first["occurred_at"])
    _within((first["logged"].to_numpy() == at).sum(), len(first), 0.4)
    others = ~events["case_id"].isin(first["case_id"])
    assert (events.loc[others, "logged"] > made.end_s).all()


def test_raw_files_hold_no_truth_that_a_company_would_not_have(tmp_path):
    made = walking.company(customers=1000)
    files = raw.write(made, tmp_path / "raw")
    assert {file.stem for file in files} == {
        "customers", "logins", "orders", "channel_app", "channel_courier", "channel_phone", "channel_web",
    }  # fmt: skip
    web = pd.read_csv(tmp_path / "raw" / "channel_web.csv")
    assert list(web.columns) == ["time", "cookie", "touchpoint", "stage", "owner", "device"]
    assert len(web) == (made.tables["events"]["channel"] == "web").sum()
    register = pd.read_csv(tmp_path / "raw" / "customers.csv", dtype=str)
    assert not {"mood", "rate", "household"} & set(register.columns)
    # the phone's owner is in the register, once or, in a household, twice
    calls = pd.read_csv(tmp_path / "raw" / "channel_phone.csv", dtype=str)
    assert set(calls["phone"]) <= set(register["phone"])
    assert set(register["phone"].value_counts()) == {1, 2}
    # a log-in says whose journey it was
    logins = pd.read_csv(tmp_path / "raw" / "logins.csv", dtype=str)
    owners = made.key["identities"].groupby("identity")["customer_id"].agg(set)
    assert all(customer in owners[cookie] for cookie, customer in zip(logins["cookie"], logins["customer_id"], strict=True))
    # times are those on the wall, with their offset: the same moments as in the tables
    moments = pd.to_datetime(web["time"], utc=True, format="%Y-%m-%d %H:%M:%S%z")
    told = made.tables["events"].loc[made.tables["events"]["channel"] == "web", "occurred_at"]
    assert (moments.to_numpy() == told.to_numpy()).all()
    with pytest.raises(BadInput, match="raw"):
        raw.write(made, tmp_path / "raw")


def test_points_are_earned_kept_and_used_up(made):
    orders = made.tables["orders"].merge(made.tables["customers"][["customer_id", "loyalty_member"]], on="customer_id")
    strangers = orders[~orders["loyalty_member"]]
    assert len(strangers) and not strangers[["points_earned", "points_redeemed"]].any(axis=None)
    members = orders[orders["loyalty_member"]]
    assert (members["points_earned"] == np.floor(members["amount"] * 0.5)).all()
    used = could = 0
    for _, own in members.groupby("customer_id"):
        balance = 0
        for earned, redeemed in zip(own["points_earned"], own["points_redeemed"], strict=True):
            assert redeemed in (0, balance)
            assert balance >= 40 or redeemed == 0
            could += balance >= 40
            used += redeemed > 0
            balance += earned - redeemed
    _within(used, could, 0.35)


def test_orders_are_made_where_declared_at_the_declared_prices(made):
    orders, events = made.tables["orders"], made.tables["events"]
    assert len(orders) == (events["touchpoint"] == "Parcel").sum() and orders["order_id"].is_unique
    plan = orders["customer_id"].map(made.people.set_index("customer_id")["plan"].astype(str))
    each = orders["amount"] / orders["quantity"]
    _within(
        (each[(plan == "basic") & (orders["product"] == "Chair")] < 90).sum(),
        ((plan == "basic") & (orders["product"] == "Chair")).sum(),
        0.5,
    )
    _within(
        (each[(plan == "gold") & (orders["product"] == "Lamp")] < 39).sum(),
        ((plan == "gold") & (orders["product"] == "Lamp")).sum(),
        0.5,
    )
    _within((orders["product"] == "Lamp").sum(), len(orders), 0.6)
    # one and a Poisson number of mean 0.5 more
    _within((orders["quantity"] == 1).sum(), len(orders), np.exp(-0.5))


def test_a_company_without_identities_and_orders_is_made_all_the_same(tmp_path):
    text = walking.TOML[: walking.TOML.index("[identities]")]
    made = worlds.generate(worlds.parse(text), customers=200, seed=1)
    assert set(made.tables) == {"customers", "events"} and "identities" not in made.key
    assert "channel_web" in raw.frames(made) and "customer_id" in raw.frames(made)["channel_web"]


def test_made_into_a_store_with_progress_once(tmp_path):
    declared = tmp_path / "walking.toml"
    declared.write_text(walking.TOML, encoding="utf-8")
    seen = []
    n_customers, n_events, name = worlds_command.make(
        declared, tmp_path / "store", 200, 3, progress=lambda share, what: seen.append((share, what))
    )
    assert (n_customers, name) == (200, "Walking")
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(set(shares)) > 8
    t = wb.locale.texts("pl")
    assert all(t(what) for _, what in seen)
    study = wb.open(tmp_path / "store")
    whole = wb.journeys.overview(study).frame.set_index("measure")["value"]
    assert whole["events"] == n_events and study.timezone == "Europe/Warsaw" and study.synthetic
    with pytest.raises(BadInput, match="already"):
        worlds_command.make(declared, tmp_path / "store", 200, 3)


def test_stopped_before_the_end_leaves_no_company(tmp_path):
    import threading

    from workbench.errors import Cancelled

    declared, stop = tmp_path / "walking.toml", threading.Event()
    declared.write_text(walking.TOML, encoding="utf-8")

    def progress(share, what):
        if share > 0.2:
            stop.set()

    with pytest.raises(Cancelled):
        worlds_command.make(declared, tmp_path / "store", 200, 3, progress=progress, cancel=stop)
    assert not (tmp_path / "store").exists() and not (tmp_path / "store.key").exists()
