"""Screens without a browser: what they send is caught instead of going to a kernel."""

from __future__ import annotations

import company
import pandas as pd
import pytest

import widgets
import workbench as wb
from workbench.settings import Settings


class Sent(list):
    """What a view sent by messages: (content, buffers)."""


@pytest.fixture
def caught(monkeypatch):
    """caught(view) -> the list of what the view sends from now on."""

    def catch(view) -> Sent:
        sent = Sent()
        monkeypatch.setattr(view, "send", lambda content, buffers=None: sent.append((content, buffers)))
        return sent

    return catch


@pytest.fixture
def said():
    """said(view, type=…, …): a message as the browser sends it."""

    def say(view, buffers=(), /, **content) -> None:
        view._handle_custom_msg(content, list(buffers))

    return say


@pytest.fixture(autouse=True)
def private(tmp_path, monkeypatch):
    """Loaded companies and the log go into a folder of the test's own."""
    from widgets import company, view

    monkeypatch.setattr(company, "PRIVATE", tmp_path / "private")
    monkeypatch.setattr(view, "LOG", tmp_path / "private" / "log.txt")
    yield tmp_path / "private"
    for handler in list(view.log.handlers):
        view.log.removeHandler(handler)
        handler.close()


@pytest.fixture(scope="session")
def made():
    """made(folder): a store of the company of twelve in that folder."""

    def make(folder):
        wb.load(pd.DataFrame(company.rows()), folder, name="Twelve", timezone="UTC")
        return folder

    return make


@pytest.fixture(scope="module")
def study(tmp_path_factory, made):
    """The company of twelve, of which groups of one are hidden. For a page of a module's tests."""
    folder = made(tmp_path_factory.mktemp("page") / "twelve")
    return wb.open(folder, settings=Settings(min_group=2, store=str(folder)))


@pytest.fixture
def page(study, monkeypatch):
    """The page of journeys on it, where a link that says nothing shows the flow: a chart, as most views are."""
    from widgets import journeys

    usual = journeys.usual
    monkeypatch.setattr(journeys, "usual", lambda study: usual(study).but(view="flow"))
    monkeypatch.setattr(journeys, "fill", lambda: None)  # the charts' program is of no use without a browser
    return widgets.JourneysPage(study)


@pytest.fixture
def see(page, said):
    """see(view): the person chooses the group of that view, then the view."""
    from widgets.state import VIEW_GROUPS

    def choose(view: str) -> None:
        group = next(one for one, views in VIEW_GROUPS.items() if view in views)
        for control, value in ((page.controls.group, group), (page.controls.view, view)):
            if control.value != value:
                said(control, type="pick", value=value)

    return choose


@pytest.fixture
def get(page, said, caught):
    """get(kind) -> the file the page sends."""

    def ask(kind: str) -> bytes:
        sent = caught(page.exports)
        said(page.exports, type="get", item=kind)
        assert sent, page.exports.note
        content = b"".join(buffers[0] for _, buffers in sent[1:])
        while page.exports.busy:
            said(page.exports, type="got", id=sent[0][0]["id"], index=len(sent) - 2)
        return content

    return ask
