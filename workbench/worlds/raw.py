"""The files that a company would really have: one for each channel, in which customers go by what it knows of them, the
log-ins that tie a cookie to a customer, and the customers' register. Practice for stitching identities and for uploads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.errors import BadInput
from workbench.store.disk import clear_errors
from workbench.worlds.company import NEVER, Company

#: columns of the register by which other channels know a customer
CONTACTS = ("app_id", "phone", "email", "card")


def frames(company: Company) -> dict[str, pd.DataFrame]:
    """The files by name: `customers`, `logins`, and for each channel its steps with the time on the wall, in the order of time.
    A channel's column is named by what it knows customers by; where that is empty, nobody knows who it was."""
    world, events, table = company.world, company.events, company.tables["events"]
    kinds = dict(world.identities.kinds) if world.identities else {}
    found = {"customers": _register(company)}
    for channel in sorted(table["channel"].unique()):
        met = (table["channel"] == channel).to_numpy()
        kind = kinds.get(channel, "customer_id")
        known = events["identity"] if channel in kinds else table["customer_id"]
        found[_file(channel)] = pd.DataFrame(
            {
                "time": _on_the_wall(company, table["occurred_at"][met]),
                kind: known[met].astype(object).to_numpy(),
                "touchpoint": table["touchpoint"][met].astype(object).to_numpy(),
                "stage": table["stage"][met].astype(object).to_numpy(),
                "owner": table["owner"][met].astype(object).to_numpy(),
                "device": table["device"][met].astype(object).to_numpy(),
            }
        )
    if "cookie" in kinds.values():
        found["logins"] = _log_ins(company)
    for name in ("orders", "surveys", "reviews", "contacts"):
        if name in company.tables:
            found[name] = company.tables[name]
    return found


def write(company: Company, folder: str | Path) -> list[Path]:
    """Writes the files as CSV into a folder, which is made where there is none; BadInput where it holds anything already."""
    folder = Path(folder)
    with clear_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadInput("worlds.not_empty", folder=str(folder))
        written = []
        try:
            for name, frame in frames(company).items():
                written.append(folder / f"{name}.csv")
                frame.to_csv(written[-1], index=False)
        except BaseException:
            # half of the files would look like all of them
            for file in written:
                file.unlink(missing_ok=True)
            raise
    return written


def _file(channel: str) -> str:
    return "channel_" + re.sub(r"[^a-z0-9]+", "_", channel.lower()).strip("_")


def _register(company: Company) -> pd.DataFrame:
    contacts = company.people[[name for name in CONTACTS if name in company.people]]
    return pd.concat([company.tables["customers"], contacts], axis=1)


def _on_the_wall(company: Company, moments: pd.Series) -> np.ndarray:
    # with the offset, as systems that can be trusted write it
    return pd.DatetimeIndex(moments).tz_convert(company.zone).strftime("%Y-%m-%d %H:%M:%S%z").to_numpy()


def _log_ins(company: Company) -> pd.DataFrame:
    events, journeys = company.events, company.journeys
    logged = journeys["logged_in_s"].to_numpy()[events["journey"].to_numpy()]
    met = np.flatnonzero((logged < NEVER) & (events["at_s"].to_numpy() == logged))
    return pd.DataFrame(
        {
            "time": _on_the_wall(company, company.tables["events"]["occurred_at"].iloc[met]),
            "cookie": events["identity"].iloc[met].astype(object).to_numpy(),
            "customer_id": company.people["customer_id"].to_numpy()[events["person"].to_numpy()[met]],
        }
    )
