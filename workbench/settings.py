"""Settings: frozen, read once at the edge (from `CXW_*` and one TOML file) and passed on; rooms never read them."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import BadInput, NotFound

LANGUAGES = ("en", "ru", "pl")
ENGINES = ("duckdb", "spark")
ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data" / "samples"
SAMPLE = SAMPLES / "retailer"


@dataclasses.dataclass(frozen=True)
class Settings:
    """All that can be set from outside. `CXW_LANGUAGE=pl` sets `language`, and so on."""

    language: str = "en"  # of screens and sentences: en, ru, pl
    timezone: str = ""  # in which times are shown and days begin; empty: the store's own
    store: str = str(SAMPLE)  # the company a served page opens
    samples: str = str(SAMPLES)  # folder of the companies that a page can open instead
    min_group: int = 5  # groups of fewer customers are not shown on a screen
    engine: str = "duckdb"  # what reads the prepared tables: duckdb, on this machine, or spark
    master: str = ""  # of Spark, such as "spark://host:7077"; empty: all cores of this machine
    memory_limit: str = ""  # of the engine, such as "2GB"; empty: its own default
    threads: int = 0  # of the engine; 0: its own default
    upload_limit_mb: int = 200  # largest file a browser may send
    seats: int = 20  # kernels a server runs at most
    port: int = 8866
    token: str = ""  # asked from whoever opens a page; empty: one is made at each start

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise NotFound("unknown_language", asked=self.language, exists=LANGUAGES)
        if self.engine not in ENGINES:
            raise NotFound("unknown_engine", asked=self.engine, exists=ENGINES)
        if not 0 < self.port < 65536:
            raise BadInput("bad_port", asked=self.port)


def load(environ: Mapping[str, str] | None = None, file: str | Path | None = None) -> Settings:
    """Settings from `file` (else `CXW_SETTINGS`, else `workbench.toml` at the project's top, if there),
    overruled by `CXW_*` from `environ` (else the process's). Unknown names and wrong kinds raise BadInput."""
    environ = os.environ if environ is None else environ
    chosen = file or environ.get("CXW_SETTINGS")
    path = Path(chosen) if chosen else ROOT / "workbench.toml"
    values: dict[str, object] = {}
    if path.is_file():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise BadInput("bad_settings_file", file=str(path), found=str(error)) from None
    elif chosen:
        raise BadInput("no_file", file=str(path))
    kinds = {field.name: type(field.default) for field in dataclasses.fields(Settings)}
    for name in kinds:
        if "CXW_" + name.upper() in environ:
            values[name] = environ["CXW_" + name.upper()]
    for name, value in values.items():
        if name not in kinds:
            raise NotFound("unknown_setting", asked=name, exists=kinds)
        try:
            values[name] = kinds[name](value)
        except (TypeError, ValueError):
            raise BadInput("bad_setting", name=name, found=repr(value), wanted=kinds[name].__name__) from None
    return Settings(**values)
