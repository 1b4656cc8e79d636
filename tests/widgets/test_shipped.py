"""Which companies can be chosen: the stores of one folder, by the names of their folders, and nothing else."""

from __future__ import annotations

import dataclasses

import pytest

import workbench as wb
from widgets import company
from widgets.server.headlines import Companies
from widgets.server.options import Served, environment
from widgets.shipped import named, shipped


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


def test_where_the_open_company_is_a_sample_all_of_them_have_figures(samples, tmp_path):
    told = Companies(Served(store=str(samples / "telecom"), samples=str(samples)))
    assert (told.home, list(told.figures)) == ("telecom", ["telecom", "bank"])
    assert {name: one.served.store for name, one in told.figures.items()} == {
        name: str(samples / name) for name in ("bank", "telecom")
    }
    assert told.known == {"home": "telecom", "companies": {"telecom": None, "bank": None}}
    own = Companies(Served(store=str(tmp_path / "outside"), samples=str(samples)))
    assert (own.home, list(own.figures)) == ("", [""])


def test_a_kernel_knows_the_folder_to_choose_from():
    assert environment({}, Served(samples="/data/companies"))["CXW_SAMPLES"] == "/data/companies"
