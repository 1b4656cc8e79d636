"""The answer key on disk: a folder beside a company's store, never inside it, so that no analysis can see it.

STORE.key/
  truths.json             the company's name, each truth with the size planted and the size found (9 digits), the tables' files
  <table>-<hash>.parquet  what the tables of the store don't say: who is persuadable, who would have answered what, …
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import BadInput
from workbench.locale import texts
from workbench.store import Store
from workbench.store.disk import clear_errors, write_atomic
from workbench.worlds.truths import Measured, Truth, report, sentence

if TYPE_CHECKING:
    from workbench.worlds.company import Company

TRUTHS = "truths.json"
_DIGITS = 9  # significant ones of what was measured
_TABLE = re.compile(r"[a-z_]+-[0-9a-f]{16}\.parquet")


@dataclasses.dataclass(frozen=True)
class Key:
    """What is hidden in the company `name`: its truths as measured, and the hidden tables."""

    name: str
    measured: tuple[Measured, ...]
    tables: Mapping[str, pd.DataFrame]


def folder_of(store: str | Path) -> Path:
    """Where the key of `store` lies: beside it."""
    path = Path(store).absolute()
    return path.with_name(f"{path.name}.key")


def keep(company: Company, store: str | Path) -> None:
    """Measures what is planted in a company and writes its key beside its store."""
    write_key(folder_of(store), company.world.name, report(company.tables, company.key, company.world), company.key)


def write_key(folder: str | Path, name: str, measured: Sequence[Measured], tables: Mapping[str, pd.DataFrame]) -> None:
    """Writes the key of the company `name`. `truths.json` is replaced last and in one step: who reads meanwhile finds the
    old key or the new one. BadInput where `folder` is a store or lies in one."""
    folder = Path(folder)
    for place in (folder.absolute(), *folder.absolute().parents):
        if Store.exists(place):
            raise BadInput("worlds.key_in_store", folder=str(folder), store=place.name)
    with clear_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        files = {table: _write_table(folder, table, frame) for table, frame in sorted(tables.items())}
        content = {"name": name, "truths": [_as_json(one) for one in measured], "tables": files}
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        write_atomic(folder / TRUTHS, text.encode())
        for old in _own(folder):
            if old.name not in (TRUTHS, *files.values()):
                old.unlink()


def check(store: str | Path) -> None:
    """BadInput where the place of the key of `store` holds anything but a key."""
    folder = folder_of(store)
    if folder.exists() and not (folder.is_dir() and len(_own(folder)) == len(list(folder.iterdir()))):
        raise BadInput("worlds.not_empty", folder=str(folder))


def remove(store: str | Path) -> None:
    """Removes the key of `store`, and nothing else, if there is one."""
    folder = folder_of(store)
    for file in _own(folder):
        file.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _own(folder: Path) -> list[Path]:
    # the files of a key, and none that somebody else may have put beside them
    return [one for one in folder.glob("*") if one.name == TRUTHS or _TABLE.fullmatch(one.name)]


def _write_table(folder: Path, table: str, frame: pd.DataFrame) -> str:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    content = buffer.getvalue()
    name = f"{table}-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    write_atomic(folder / name, content)
    return name


def read_key(folder: str | Path) -> Key:
    """The key in `folder`. BadInput where there is none, or where it isn't as it was written."""
    folder = Path(folder)
    if not (folder / TRUTHS).is_file():
        raise BadInput("worlds.no_key", folder=str(folder))
    try:
        content = json.loads((folder / TRUTHS).read_text(encoding="utf-8"))
        measured = tuple(_from_json(one) for one in content["truths"])
        tables = {table: _read_table(folder / file) for table, file in content["tables"].items()}
        return Key(content["name"], measured, tables)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BadInput("worlds.bad_key", folder=str(folder), found=str(error)) from None


def _read_table(file: Path) -> pd.DataFrame:
    content = file.read_bytes()
    if file.stem.rpartition("-")[2] != hashlib.sha256(content).hexdigest()[:16]:
        raise ValueError(file.name)
    return pd.read_parquet(io.BytesIO(content))


def _as_json(measured: Measured) -> dict[str, object]:
    numbers = {name: getattr(measured, name) for name in ("estimate", "low", "high")}
    told = {name: None if math.isnan(number) else _told(number) for name, number in numbers.items()}
    return dataclasses.asdict(measured.truth) | told | {"n": measured.n}


def _told(number: float) -> float:
    # the last digits of a logarithm or a sum, and the sign of a sum that is none, are others on another processor
    return float(f"{round(number, _DIGITS + 3) + 0.0:.{_DIGITS}g}")


def _from_json(entry: dict) -> Measured:
    truth = Truth(**{field.name: entry[field.name] for field in dataclasses.fields(Truth)})
    numbers = (math.nan if entry[name] is None else float(entry[name]) for name in ("estimate", "low", "high"))
    return Measured(truth, *numbers, int(entry["n"]))


def told(store: str | Path, language: str, *, everything: bool = False) -> list[str]:
    """What the key of `store` says, line by line, for whoever leads a workshop: what there is to find, each thing in the words
    of its declaration with its numbers below; with `everything`, and where nothing was put in words, how the company is made
    as well."""
    t, key = texts(language), read_key(folder_of(store))
    lines = [t("worlds.key.title", name=key.name)]
    stories = [measured for measured in key.measured if measured.truth.says]
    rest = [measured for measured in key.measured if not measured.truth.says]
    lines += ["", t("worlds.key.stories")] if stories else []
    for says, ones in _by(stories, lambda truth: truth.says).items():
        lines += [f"  {says}", *("    " + sentence(one, language) for one in ones)]
    shown = rest if everything or not stories else []
    for part, ones in _by(shown, lambda truth: truth.id.partition(".")[0]).items():
        lines += ["", t(f"worlds.part.{part}"), *("  " + sentence(one, language) for one in ones)]
    seen = [measured for measured in key.measured if measured.told]
    covered = sum(measured.covers for measured in seen)
    lines += ["", t("worlds.key.covered", n=len(seen), covered=covered, n_truths=len(key.measured))]
    return lines if len(shown) == len(rest) else [*lines, t("worlds.key.rest", n=len(rest))]


def _by(measured: Sequence[Measured], heading: Callable[[Truth], str]) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {}
    for one in measured:
        found.setdefault(heading(one.truth), []).append(one)
    return found
