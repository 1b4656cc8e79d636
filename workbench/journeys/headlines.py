"""The one figure of the journeys card, kept beside the prepared tables so that a landing page needs no query."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import uuid
from pathlib import Path

from workbench.journeys.common import a_study
from workbench.journeys.detours import loops
from workbench.journeys.shapes import variants
from workbench.journeys.totals import touchpoints
from workbench.locale import texts
from workbench.model import Study

#: of the kept figures; a file of another format is computed anew
_FORMAT = 3
#: a dead end of fewer journeys is no headline
_WORTH = 0.05
#: stages or touchpoints told
_MOST = 5


def headline(study: Study, language: str | None = None) -> dict[str, object]:
    """The figure a card shows: `figure` ("21%"), `text` (one short sentence with it), `n` (the journeys in the figure), `low`
    and `high` (its 95 % interval, as shares), `counted` (what it was counted in), `journeys`, `customers`, `events` (how many
    there are), `series` (journeys begun, month by month), `months` (their first days), `stages` (name and events of each, the
    largest first; of the five largest touchpoints where there are no stages) and `company`.

    The figure is the dead end of most journeys ("21% of journeys end at “Search”, where most go on"), if it is one of at
    least 5 % of them, else the share of the most frequent variant. For a study without filters it is kept in the store's
    prepared folder, as `<version>-<rule>-headline.json`, and read from there the next time. NotEnoughData where there is no
    journey.
    """
    a_study(study)
    file = _file(study)
    found = _read(file)
    if found is None:
        found = _compute(study)
        _keep(file, found)
    t = texts(language or study.language)
    return {
        "figure": t.percent(found["share"]),
        "text": t(f"journeys.headline.{found['key']}", share=found["share"], touchpoint=found["touchpoint"], n=found["n"]),
        "n": found["n"],
        "low": found["low"],
        "high": found["high"],
        "counted": t("journeys.headline.counted", n=found["journeys"], customers=found["customers"]),
        "journeys": found["journeys"],
        "customers": found["customers"],
        "events": found["events"],
        "series": found["series"],
        "months": [dt.date.fromisoformat(month) for month in found["months"]],
        "stages": [tuple(one) for one in found["stages"]],
        "company": study.name,
    }


def _compute(study: Study) -> dict[str, object]:
    from workbench import engine
    from workbench.engine import reductions

    detours = loops(study)
    dead = detours.frame[detours.frame["kind"] == "dead_end"].sort_values("n", ascending=False, kind="stable")
    whole = detours.whole
    found = {"key": "dead_end", "touchpoint": "", "share": 0.0, "n": 0}
    if len(dead) and dead.iloc[0]["share"] >= _WORTH:
        top = dead.iloc[0]
        found |= {"touchpoint": str(top["touchpoint"])}
    else:
        top = variants(study, top=1).frame.iloc[0]
        found |= {"key": "variant"}
    begun = reductions.months(engine.prepared(study)).set_index("month")["n"]
    begun.index = begun.index.astype("datetime64[s]")
    begun = begun.resample("MS").sum()  # months in which none began are months too
    return found | {
        "format": _FORMAT,
        "share": float(top["share"]),
        "n": int(top["n"]),
        "journeys": whole.n_journeys,
        "customers": whole.n_customers,
        "events": whole.n_events,
        "low": float(top["low"]),
        "high": float(top["high"]),
        "series": [int(n) for n in begun],
        "months": [month.strftime("%Y-%m-%d") for month in begun.index],
        "stages": _stages(study),
    }


def _stages(study: Study) -> list[tuple[str, int]]:
    frame = touchpoints(study).guarded().frame
    staged = frame[frame["stage"].notna()]
    sums = (staged if len(staged) else frame).groupby("stage" if len(staged) else "touchpoint")["n"].sum()
    sums = sums.sort_values(ascending=False, kind="stable").head(_MOST)
    return [(str(name), int(n)) for name, n in sums.items()]


def _file(study: Study) -> Path | None:
    from workbench.store import Store

    if study.filters:
        return None
    said = hashlib.sha256(repr((study.rule, study.timezone)).encode()).hexdigest()[:16]
    return Store(study.store).prepared_dir / f"{study.version:06}-{said}-headline.json"


def _read(file: Path | None) -> dict | None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = json.loads(file.read_text(encoding="utf-8"))
        return found if found.get("format") == _FORMAT else None
    return None


def _keep(file: Path | None, found: dict) -> None:
    if file is None:
        return
    unfinished = file.with_name(f"{file.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        unfinished.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        os.replace(unfinished, file)
    except OSError:  # a store that can't be written to is read all the same
        unfinished.unlink(missing_ok=True)
