"""One server and one browser for all browser tests; each test gets a fresh context whose every request is watched."""

from __future__ import annotations

import dataclasses
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from widgets.server.options import Served
from widgets.server.running import Server, free_port
from workbench.settings import ROOT, SAMPLE

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
PROBE = "90_probe"
PROBE_CELL = """\
import ipywidgets as ipw
from widgets.url_state import UrlState
from widgets.watchdog import Watchdog

address, said, go = UrlState(), ipw.Label("nothing yet"), ipw.Button(description="go")
address.listen(lambda link: setattr(said, "value", "told " + link))
go.on_click(lambda _: setattr(address, "link", "view=funnel&steps=A%20%26%20B"))
ipw.VBox([address, Watchdog(every_ms=200, late_ms=600), said, go])"""
TOKEN = "a-token-of-the-tests"
PRIVATE = ROOT / "data" / "private"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))
    # last: while Playwright is up, an event loop runs in this thread, which others don't expect
    items.sort(key=lambda item: here in item.path.parents)


@dataclasses.dataclass(frozen=True)
class Site:
    """A running server, asked from Python."""

    server: Server

    @property
    def url(self) -> str:
        return self.server.served.url

    def at(self, path: str = "", token: bool = True) -> str:
        path, mark, state = path.partition("#")
        return self.url + path + (("&" if "?" in path else "?") + f"token={TOKEN}" if token else "") + mark + state

    def app(self, name: str = PROBE, rest: str = "") -> str:
        return self.at(f"voila/render/{name}.ipynb") + rest

    def get(self, path: str, token: bool = False, data: bytes | None = None, headers: dict | None = None) -> tuple:
        """Status, headers (small letters), text; redirects are not followed."""
        opener = urllib.request.build_opener(_Stay)
        headers = self.header if token else headers or {}
        try:
            with opener.open(urllib.request.Request(self.url + path, data, headers), timeout=20) as answer:
                status, got, body = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, got, body = error.code, error.headers, error.read()
        return status, {name.lower(): value for name, value in got.items()}, body.decode("utf-8", "replace")

    @property
    def header(self) -> dict[str, str]:
        return {"Authorization": f"token {TOKEN}"}

    def kernels(self) -> list[int]:
        """Process ids of the kernels."""
        return [pid for pid in _children(self.server.process.pid) if "ipykernel_launcher" in _command(pid)]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _children(pid: int) -> list[int]:
    found = []
    for task in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(task.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(task.parent.name))
    return found


def write_probe(folder: Path) -> None:
    import nbformat

    cell = nbformat.v4.new_code_cell(PROBE_CELL)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Probe"), cell], metadata={"title": "Probe"})
    nbformat.write(notebook, folder / f"{PROBE}.ipynb")


@pytest.fixture(scope="session")
def start(tmp_path_factory) -> Iterator[Callable[..., Site]]:
    """Starts servers of the tests' own on free ports; ends them all."""
    running: list[Server] = []

    def begin(notebooks: Path, **options: object) -> Site:
        served = Served(
            notebooks=str(notebooks),
            port=free_port(),
            token=TOKEN,
            **({"store": str(SAMPLE), "seats": 40, "alone_s": 60, "cull_s": 2} | options),
        )
        server = Server(served)
        running.append(server)
        assert server.wait_until_ready(), "the server did not start"
        return Site(server)

    yield begin
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def probe_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("probe")
    write_probe(folder)
    return folder


@pytest.fixture(scope="session")
def site(start, tmp_path_factory) -> Site:
    """The shipped notebooks and a probe, served as `python3 -m workbench app` does."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(path, folder)
    write_probe(folder)
    (folder / "lessons").mkdir()
    write_probe(folder / "lessons")
    (folder / "public").mkdir()
    picture = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    (folder / "public" / "open.svg").write_bytes(picture)
    (folder / "closed.svg").write_bytes(picture)
    (folder / "events.csv").write_text("customer_id\nc1\n")
    return start(folder)


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # what a page does is asked here, not how fast a busy machine does it
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=os.environ.get("CXW_CHROMIUM") or chromium, args=list(FLAGS))
        yield launched
        launched.close()


class Watched:
    """What a context did that it must not."""

    def __init__(self, context, home: str) -> None:
        self.left: list[str] = []
        self.errors: list[str] = []
        self.judged = True
        self.home = urlsplit(home).netloc
        context.on("request", self._look)
        context.on("page", self._listen)

    def _look(self, request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.home:
            self.left.append(request.url)

    def _listen(self, page) -> None:
        page.on("websocket", self._look)
        page.on("console", lambda message: message.type == "error" and self._failed(message.text))
        page.on("pageerror", lambda error: self._failed(str(error)))
        page.on("dialog", lambda dialog: (self.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _failed(self, text: str) -> None:
        if self.judged:
            self.errors.append(text)

    def forget(self) -> None:
        """For a test that provoked an error on purpose."""
        self.errors.clear()

    def lost(self) -> None:
        """For a test that is about to end the page's kernel or server: the page, and Jupyter's own code in it, goes on asking
        for them until it is closed, and when it says goodbye; what the console says of that isn't judged."""
        self.judged = False


@pytest.fixture(autouse=True)
def _no_company_stays() -> Iterator[None]:
    """What a test brings through the browser is taken away again."""
    before = set(PRIVATE.glob("*"))
    yield
    for folder in set(PRIVATE.glob("*")) - before:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_page(browser, site) -> Iterator[Callable]:
    """open_page(address, **options of the context) -> page. At the end: no console error, nothing left this machine."""
    made = []

    def begin(address: str | None = None, *, home: str = "", **options):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options))
        context.set_default_timeout(60_000)
        watched = Watched(context, home or site.url)
        made.append((context, watched))
        page = context.new_page()
        page.watched = watched
        if address:
            page.goto(address)
        return page

    yield begin
    for context, watched in made:
        watched.lost()
        for page in context.pages:
            page.close(run_before_unload=True)  # so that its kernel ends
        context.close()
    assert [watched.left for _, watched in made if watched.left] == []
    assert [watched.errors for _, watched in made if watched.errors] == []


@pytest.fixture
def axe() -> Callable:
    """axe(page) -> the serious and critical findings, in words."""
    from axe_playwright_python.sync_playwright import Axe

    def run(page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    return run
