"""Which companies can be chosen: the stores of one folder, by the names of their folders, and nothing else."""

from __future__ import annotations

import dataclasses

import company as twelve
import pandas as pd
import pytest

import widgets
import workbench as wb
from widgets import company
from widgets.server.headlines import Companies
from widgets.server.options import Served, environment
from widgets.shipped import called, named, shipped
from workbench.locale import texts
from workbench.settings import Settings


@pytest.fixture
def samples(tmp_path, made):
    folder = tmp_path / "samples"
    for name in ("bank", "telecom"):
        made(folder / name)
    made(tmp_path / "outside")
    (folder / "bank.key").mkdir()
    (folder / "bank.key" / "current.json").write_text("{}")
    (folder / "empty").mkdir()
    (folder / "linked").symlink_to(tmp_path / "outside")
    return folder


def test_the_stores_of_a_folder_can_be_chosen_and_neither_keys_nor_links(samples, tmp_path):
    assert shipped(samples) == {"bank": samples / "bank", "telecom": samples / "telecom"}
    assert shipped(samples / "nothing") == {}
    assert named(samples / "telecom", samples) == "telecom"
    assert named(tmp_path / "outside", samples) == ""


def test_a_link_opens_a_shipped_company_by_its_name(samples):
    home = wb.open(samples / "bank", settings=dataclasses.replace(wb.open(samples / "bank").settings, samples=str(samples)))
    assert company.opened("telecom", home).store == str(samples / "telecom")
    assert company.opened("telecom", home).settings is home.settings
    assert company.opened("bank", home) is home


@pytest.mark.parametrize("name", ["linked", "empty", "bank.key", "../outside", "outside", "..", "", "/", "bank/../telecom"])
def test_nothing_else_is_opened_by_a_name(samples, name):
    with pytest.raises(wb.errors.NotFound) as caught:
        company.folder(name, samples)
    assert not caught.value.values["exists"]


def test_the_start_page_offers_them_and_opens_the_one_of_the_link(samples, said, private):
    settings = Settings(samples=str(samples))
    wb.load(pd.DataFrame(twelve.rows()).head(5), samples / "second", name="Second & last", timezone="UTC")
    page = widgets.StartPage(wb.open(samples / "bank", settings=settings))
    offered = [(one["name"], one.get("kind"), one["href"], one["on"]) for one in page.tiles.choices]
    assert offered == [
        ("Twelve", "Bank", "#company=bank&lang=en", True),
        ("Second & last", None, "#company=second&lang=en", False),
        ("Twelve", "Telephone company", "#company=telecom&lang=en", False),
    ]
    said(page.url, type="link", link="company=second&lang=pl")
    assert "Second & last" in page.tiles.title and [one["on"] for one in page.tiles.choices] == [False, True, False]
    assert {one["label"]: one["value"] for one in page.tiles.tiles}["Zdarzenia"] == "5"
    assert page.tiles.links[0]["href"] == "10_journey_mapping.ipynb#company=second&lang=pl"
    assert "firmy Twelve" in page.style_sheet.labels["story"]  # made with that one, before anybody asked for another
    said(page.url, type="link", link="company=gone&lang=pl")
    assert page.status.kind == "error" and "gone" in page.status.message
    assert (page.tiles.title, page.tiles.tiles) == ("", []) and len(page.tiles.choices) == 3
    said(page.url, type="link", link="lang=en")
    assert "Twelve" in page.tiles.title and page.study is page.home
    assert page.style_sheet.labels["story"] == page.t("widgets.story")
    page.upload._cleaner()


def test_a_store_of_ones_own_is_no_choice_among_samples(samples, tmp_path):
    page = widgets.StartPage(wb.open(tmp_path / "outside", settings=Settings(samples=str(samples))))
    assert page.tiles.choices == []
    page.upload._cleaner()


def test_a_company_is_called_as_its_store_says_without_opening_it(samples):
    rows = pd.DataFrame(twelve.rows())
    for part in (rows.head(5), rows.tail(5)):
        wb.load(part, samples / "second", name="Second <& last>", timezone="UTC")
    assert wb.open(samples / "second").version == 2
    assert called(samples / "second") == wb.open(samples / "second").name == "Second <& last>"
    for broken in ("no JSON", "[]", '{"version": "../1"}', '{"version": 7}'):
        (samples / "telecom" / "current.json").write_text(broken)
        assert called(samples / "telecom") == "telecom"


def test_one_alone_is_no_choice(tmp_path, made):
    home = wb.open(made(tmp_path / "all" / "bank"), settings=Settings(samples=str(tmp_path / "all")))
    assert company.choices(home, "", texts("en")) == []


def test_where_the_open_company_is_a_sample_all_of_them_have_figures(samples, tmp_path):
    told = Companies(Served(store=str(samples / "telecom"), samples=str(samples)))
    assert (told.home, list(told.figures)) == ("telecom", ["telecom", "bank"])
    assert told.names == {"bank": "Twelve", "telecom": "Twelve"}
    assert {name: one.served.store for name, one in told.figures.items()} == {
        name: str(samples / name) for name in ("bank", "telecom")
    }
    assert told.known == {"home": "telecom", "companies": {"telecom": None, "bank": None}}
    own = Companies(Served(store=str(tmp_path / "outside"), samples=str(samples)))
    assert (own.home, list(own.figures), own.names) == ("", [""], {})


def test_a_kernel_knows_the_folder_to_choose_from():
    assert environment({}, Served(samples="/data/companies"))["CXW_SAMPLES"] == "/data/companies"
