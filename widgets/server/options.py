"""What is served, to whom, and the configuration of Voila that follows. Plain values; nothing here starts anything."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from widgets.server import policy
from workbench.settings import ROOT, SAMPLES

WIDGETS = ROOT / "widgets"
TEMPLATE = WIDGETS / "template" / "share" / "jupyter"
STATIC = WIDGETS / "static"
# What a kernel needs of the machine; everything else of the environment stays outside.
NEEDED = (
    "PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PATHEXT",
    "COMSPEC",
    "NUMBER_OF_PROCESSORS",
)
SECRET = ("CXW_TOKEN",)
OURS = ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_PLATFORM_DIRS", "PYTHONPATH")
VOILA = ("VOILA_BASE_URL", "VOILA_SERVER_URL", "VOILA_APP_PORT", "VOILA_PREHEAT")


@dataclasses.dataclass(frozen=True)
class Served:
    """One server: `seats` kernels at most, of which up to `pool` per notebook are kept warm."""

    notebooks: str = str(ROOT / "notebooks")
    store: str = ""
    samples: str = str(SAMPLES)  # folder of the companies to choose among, where `store` is one of them
    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()  # by which browsers reach it besides localhost and addresses of this machine
    port: int = 8866
    token: str = ""
    seats: int = 20
    pool: int = 1
    language: str = "en"
    idle_s: int = 600  # an open page that nobody uses ends after so long
    alone_s: int = 120  # a page that has gone without a word: a crashed browser, a preview of the link
    cull_s: int = 30  # how often both are looked for

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Served:
        found = json.loads(text)
        return cls(**found | {"names": tuple(found["names"])})

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it. Then a request that names another host is no request of ours: the page of a
        stranger whose name was made to lead here (DNS rebinding)."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{host}:{self.port}/"


def environment(environ: Mapping[str, str], served: Served) -> dict[str, str]:
    """The clean environment of the server and its kernels: what the machine needs, `CXW_*` without secrets, our own."""
    kept = {name: value for name, value in environ.items() if _is_needed(name)}
    if served.store:
        kept["CXW_STORE"] = served.store
    kept["CXW_SAMPLES"] = served.samples
    return kept | {
        "JUPYTER_PATH": str(TEMPLATE),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": str(ROOT),
    }


def kernel_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a kernel sees: the clean environment and Voila's own values, except the address asked for (it may hold a token)."""
    return {name: value for name, value in environ.items() if name in (*OURS, *VOILA) or _is_needed(name)}


def _is_needed(name: str) -> bool:
    return name in NEEDED or name.startswith("LC_") or (name.startswith("CXW_") and name not in SECRET)


def config(served: Served, chrome: dict, cell_error: str) -> dict:
    """The configuration of Voila, section by section."""
    return {
        "Voila": {
            "ip": served.host,
            "port": served.port,
            "port_retries": 0,
            "root_dir": served.notebooks,
            "open_browser": False,
            "token": served.token,
            "log_level": "ERROR",
            "tornado_settings": {"headers": dict(policy.HEADERS)},
            "config_file_paths": [],
        },
        "VoilaConfiguration": {
            "template": "workbench",
            "theme": "light",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "classic_tree": True,
            "strip_sources": True,
            "show_tracebacks": False,
            "preheat_kernel": served.pool > 0,
            "default_pool_size": served.pool,
            "multi_kernel_manager_class": "widgets.server.seats.Seats",
            "file_allowlist": [r"public/[\w.-]+\.(png|jpg|gif|svg)"],
            "file_denylist": [r".*\.\..*"],
            # Voila loads every extension it finds; only these draw widgets
            "extension_allowlist": [
                "@jupyter-widgets/jupyterlab-manager",
                "@voila-dashboards/widgets-manager8",
                "anywidget",
            ],
            "extension_denylist": ["nbdime-jupyterlab", "jupyterlab-jupytext"],
            "resources": {"cxw": chrome},
        },
        "VoilaExecutor": {"cell_error_instruction": cell_error},
        "VoilaExporter": {"language_code": served.language},
        "MappingKernelManager": {
            "cull_idle_timeout": served.idle_s,
            "cull_interval": served.cull_s,
            "cull_connected": True,
            "cull_busy": False,
            "buffer_offline_messages": False,
            "allow_tracebacks": False,
        },
        "Seats": {"seats": served.seats, "alone_s": served.alone_s},
        # notebooks in folders below are lessons for JupyterLab: no app, and no kernel kept warm
        "VoilaKernelManager": {"preheat_denylist": [re.escape(str(Path(served.notebooks))) + r"[/\\].+[/\\]"]},
        # kernels talk by files that only their owner can open, not by ports of the machine
        "KernelManager": {"transport": "tcp" if os.name == "nt" else "ipc"},
        "ContentsManager": {"allow_hidden": False},
    }


def notebooks(folder: str) -> list[Path]:
    """The served notebooks, in order of their number."""
    return sorted(path for path in Path(folder).glob("*.ipynb"))
