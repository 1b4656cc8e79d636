"""python3 tests/workbench/worlds/realism.py: are the synthetic companies like real data? Their figures side by side.

The real data are those of the folder that CXW_REAL_DATA names, else ../shared/data; what isn't there is left out and said.
With --record the tables are put into data/README.md, in place of those there."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[3]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]

from workbench import sources, worlds  # noqa: E402  (the script stands outside of what Python finds by itself)

README = ROOT / "data" / "README.md"
SECTION = "## Realism"
#: tokens that vocabularies are compared at
TOKENS = 2_500


def journeys(case: Sequence, touchpoint: Sequence, at: Sequence) -> dict[str, float]:
    """Of a log: journeys, variants a journey, share of the ten most frequent variants, events a journey (median, 95th
    percentile), and the gaps between events of a journey that aren't 0: their median, the 95th percentile in medians, and
    Hill's index of the largest twentieth (the smaller the heavier the tail)."""
    log = pd.DataFrame({"case": pd.factorize(np.asarray(case))[0], "code": pd.factorize(np.asarray(touchpoint))[0]})
    log["at"] = pd.DatetimeIndex(pd.Series(at)).as_unit("ms").asi8 / 1000
    log = log.sort_values(["case", "at"], kind="stable")
    variants = log.groupby("case")["code"].agg(lambda codes: codes.to_numpy().tobytes()).value_counts()
    length = log.groupby("case").size()
    gaps = log["at"].diff()[log["case"] == log["case"].shift()]
    return {
        "journeys": len(length),
        "variants a journey": len(variants) / len(length),
        "ten top variants": variants.iloc[:10].sum() / len(length),
        "events a journey, median": length.median(),
        "95th": length.quantile(0.95),
    } | tail(gaps.to_numpy())


def tail(gaps: np.ndarray) -> dict[str, float]:
    """Median, 95th percentile in medians, and Hill's index of the largest twentieth, of what isn't 0."""
    gaps = np.sort(gaps[gaps > 0])
    largest = gaps[-max(2, len(gaps) // 20) :]
    return {
        "median gap, h": float(np.median(gaps)) / 3600,
        "95th in medians": float(np.quantile(gaps, 0.95) / np.median(gaps)),
        "tail index": float(1 / np.log(largest[1:] / largest[0]).mean()),
    }


def customers(customer: Sequence) -> dict[str, float]:
    """Of one entry an event: customers, mean events a customer, share with one event, the 99th percentile in means, and the
    share of all events that the busiest tenth has."""
    count = np.sort(pd.Series(np.asarray(customer)).value_counts().to_numpy())
    return {
        "customers": len(count),
        "events a customer": float(count.mean()),
        "with one": float((count == 1).mean()),
        "99th in means": float(np.quantile(count, 0.99) / count.mean()),
        "of the busiest tenth": float(count[-max(1, len(count) // 10) :].sum() / count.sum()),
    }


def texts(found: Sequence[str]) -> dict[str, float]:
    """Of texts: how many, words a text (median, 95th percentile), different words in the first 2,500, and Heaps' exponent: how
    the vocabulary grows from a tenth of them to all; of fewer words where there are no more."""
    split = [re.findall(r"[^\W\d_]+", text.lower()) for text in found]
    length = np.array([len(words) for words in split])
    words = pd.factorize(np.array([word for one in split for word in one], dtype=object))[0]
    known = np.maximum.accumulate(words) + 1
    base = min(TOKENS, len(words)) // 10
    return {
        "texts": len(split),
        "words, median": float(np.median(length)),
        "95th": float(np.quantile(length, 0.95)),
        "vocabulary at 2,500 words": float(known[TOKENS - 1]) if len(words) >= TOKENS else np.nan,
        "Heaps' exponent": float(np.log10(known[10 * base - 1] / known[base - 1])),
    }


def real() -> Path:
    """The folder of the real data; it need not be there."""
    return Path(os.environ.get("CXW_REAL_DATA") or ROOT.parent / "shared" / "data")


def _raw(file: Path) -> pd.DataFrame:
    return sources.inspect(file).table().to_pandas()


def _xes(folder: Path) -> dict[str, float]:
    log = _raw(folder / "bpic2012" / "bpic2012.xes.gz")
    return journeys(
        log["case:concept:name"], log["concept:name"], pd.to_datetime(log["time:timestamp"], utc=True, format="ISO8601")
    )


def _helpdesk(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "helpdesk" / "helpdesk_full.csv.gz")


def _helpdesk_journeys(folder: Path) -> dict[str, float]:
    log = _helpdesk(folder)
    return journeys(log["Case ID"], log["Activity"], pd.to_datetime(log["Complete Timestamp"], format="%Y/%m/%d %H:%M:%S.%f"))


def _receipt(folder: Path) -> dict[str, float]:
    log = pd.read_csv(folder / "receipt" / "receipt.csv.gz")
    return journeys(
        log["case:concept:name"], log["concept:name"], pd.to_datetime(log["time:timestamp"], utc=True, format="ISO8601")
    )


def _cdnow(folder: Path) -> Sequence:
    return pd.read_csv(folder / "cdnow" / "CDNOW_master.txt.gz", sep=r"\s+", header=None, skiprows=1)[0]


def _retail(folder: Path) -> Sequence:
    lines = pd.read_csv(folder / "online_retail" / "online_retail.csv.gz", usecols=["InvoiceNo", "CustomerID"])
    return lines.dropna().drop_duplicates()["CustomerID"]


def _clothing(folder: Path) -> Sequence[str]:
    reviews = pd.read_csv(folder / "womens_clothing" / "womens_clothing_reviews.csv.gz", usecols=["Review Text"])
    return reviews["Review Text"].dropna().tolist()


def _hotels(folder: Path) -> Sequence[str]:
    lines = (folder / "polish_hotels" / "hotels_train.txt").read_text(encoding="utf-8").splitlines()
    return [line[2:] for line in lines if line]


def _olist(folder: Path) -> dict[str, float]:
    reviews = pd.read_csv(folder / "olist" / "olist_order_reviews_dataset.csv.gz")
    orders = pd.read_csv(folder / "olist" / "olist_orders_dataset.csv.gz")
    delivered = orders.loc[orders["order_status"] == "delivered", "order_id"]
    reviewed = reviews[reviews["order_id"].isin(delivered)]
    return {
        "asked": len(delivered),
        "did not answer": 1 - reviewed["order_id"].nunique() / len(delivered),
        "answered without words": float(reviewed["review_comment_message"].isna().mean()),
    }


#: title of a table -> its real rows: name and what computes it
REAL: dict[str, list[tuple[str, Callable[[Path], dict[str, float]]]]] = {
    "Journeys": [
        ("bpic2012, loan applications", _xes),
        ("helpdesk, tickets", _helpdesk_journeys),
        ("receipt, permits", _receipt),
    ],
    "Customers": [
        ("cdnow, purchases", lambda folder: customers(_cdnow(folder))),
        ("online_retail, invoices", lambda folder: customers(_retail(folder))),
        ("helpdesk, events", lambda folder: customers(_helpdesk(folder)["customer"])),
    ],
    "Texts": [
        ("womens_clothing, reviews (English)", lambda folder: texts(_clothing(folder))),
        ("polish_hotels, sentences", lambda folder: texts(_hotels(folder))),
    ],
    "Answers": [("olist, delivered orders", _olist)],
}


def of_company(company: worlds.Company) -> dict[str, list[tuple[str, dict[str, float]]]]:
    """The same tables' rows for a generated company."""
    name, tables, events = company.world.name, company.tables, company.tables["events"]
    found = {
        "Journeys": [(name, journeys(events["case_id"], events["touchpoint"], events["occurred_at"]))],
        "Customers": [(f"{name}, events", customers(events["customer_id"]))],
    }
    if "orders" in tables:
        found["Customers"].append((f"{name}, orders", customers(tables["orders"]["customer_id"])))
    if "reviews" in tables:
        for language, own in tables["reviews"].groupby("language", observed=True):
            found.setdefault("Texts", []).append((f"{name}, reviews ({language})", texts(own["text"].tolist())))
    if "answers" in company.key:
        answers, comment = company.key["answers"], tables["surveys"].get("comment")
        wordless = {"answered without words": float(comment.isna().mean())} if comment is not None else {}
        row = {"asked": len(answers), "did not answer": float(1 - answers["answered"].mean())} | wordless
        found["Answers"] = [(f"{name}, surveys", row)]
    return found


def written(rows: list[tuple[str, dict[str, float]]]) -> str:
    """Rows as a table in Markdown; shares in per cent."""
    heads = list(dict.fromkeys(head for _, row in rows for head in row))
    shares = {"ten top variants", "with one", "of the busiest tenth", "did not answer", "answered without words"}
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "--:|" * len(heads)]
    for name, row in rows:
        cells = []
        for head in heads:
            value = row.get(head, np.nan)
            whole = float(value).is_integer() and head not in shares
            cells.append(
                "" if np.isnan(value) else f"{value:.1%}" if head in shares else f"{value:,.0f}" if whole else f"{value:,.3g}"
            )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", metavar="NAME", help="declared companies or TOML files (default: all declared)")
    parser.add_argument("--customers", type=int, help="of each company (default: as declared)")
    parser.add_argument("--record", action="store_true", help="put the tables into data/README.md, in place of those there")
    asked = parser.parse_args()
    made = [of_company(worlds.generate(worlds.read(name), asked.customers)) for name in asked.worlds or worlds.names()]
    parts = []
    for title, listed in REAL.items():
        rows: list[tuple[str, dict[str, float]]] = []
        for name, compute in listed:
            try:
                rows.append((f"*{name}*", compute(real())))
            except OSError:
                print(f"{name}: not there, left out", file=sys.stderr)
        rows += [row for one in made for row in one.get(title, [])]
        parts.append(f"### {title}\n\n{written(rows)}")
    text = "\n\n".join(parts)
    print(text)
    if asked.record:
        record(text)
    return 0


def record(text: str) -> None:
    """Puts the tables into data/README.md."""
    told = README.read_text(encoding="utf-8") if README.is_file() else "# Data\n"
    before, _, rest = told.partition(SECTION + "\n")
    after = re.search(r"^## ", rest, flags=re.MULTILINE)
    kept = rest[after.start() :] if after else ""
    intro = (
        "The generated companies beside real data (in italics, not part of the project), by "
        "`python3 tests/workbench/worlds/realism.py --record`.\nGaps are those between events of a journey; the tail index is "
        "Hill's, of the largest twentieth: the smaller, the heavier the tail."
    )
    whole = f"{before.rstrip()}\n\n{SECTION}\n\n{intro}\n\n{text}\n" + (f"\n{kept}" if kept else "")
    README.write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
