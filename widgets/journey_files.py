"""What is taken away from the journey page: the worker's side, from an answer to a file."""

from __future__ import annotations

from collections.abc import Mapping

from widgets import journey_map
from widgets.choices import Choices
from widgets.journey_answer import Answer, about, picture
from widgets.state import State
from workbench import export
from workbench.locale import texts

_TABLES = {"csv", "xlsx"}
_WIDTH = {"pptx": 800}  # px a picture is drawn for; on a slide it is smaller than on a page of its own


def kinds(is_map: bool) -> list[tuple[str, str]]:
    """The kinds of file that a view, or the map, can be taken away as, and what they are called."""
    offered = ("html", "png", "svg", *(["pdf"] if is_map else []), "pptx", "csv", "xlsx")
    return [(one, one.upper()) for one in offered]


def view_file(answer: Answer, known: Choices, kind: str, state: State) -> bytes:
    """A view as a file of one of its `kinds`; `state` is the page's, which says what lanes of a map are not shown. What isn't a
    table carries all that `about` says, and the code where there is room for it: on a page below, on slides for the speaker."""
    frame, name = answer.parts[0].frame, answer.state.view
    if kind in _TABLES:
        return table_file(answer, known, kind, frame, name, answer.title)
    t = texts(answer.result.study.language)
    # what was counted and the source stand beside the picture already
    shown = {t("widgets.about.counted"), t("widgets.about.source")}
    below = {heading: lines for heading, lines in about(answer, known).items() if heading not in shown}
    said = {"below": below, "language": t.language}
    code = {"code": (t("widgets.about.code"), answer.result.code())}
    if answer.is_map and kind in _MAPS:
        return in_bytes(_MAPS[kind](canvas(answer, state), **(said if kind == "pdf" else said | code)))
    around = {"title": answer.title, "subtitle": answer.subtitle, "source": answer.source}
    chart = picture(answer.result, answer.state, _WIDTH.get(kind, 960), **around)
    if kind in {"png", "svg"}:
        return in_bytes({"png": export.to_png, "svg": export.to_svg}[kind](chart))
    return in_bytes({"html": export.to_html, "pptx": export.to_pptx}[kind](chart, sentences=answer.sentences, **said, **code))


_MAPS = {"html": export.map_to_html, "pdf": export.map_to_pdf, "pptx": export.map_to_pptx}


def canvas(answer: Answer, state: State) -> Mapping[str, object]:
    """The map of an answer with the notes of now, without the lanes that the person has hidden, with the page's words around
    it."""
    result = journey_map.noted(answer)
    made = result.canvas(texts(result.study.language))
    lanes = [lane for lane in made["lanes"] if lane["key"] not in state.hidden]
    return made | {
        "title": answer.title,
        "subtitle": answer.subtitle,
        "source": answer.source,
        "sentences": list(answer.sentences),
        "lanes": lanes,
        "cells": {lane["key"]: made["cells"][lane["key"]] for lane in lanes},
    }


def table_file(answer: Answer, known: Choices, kind: str, frame, name: str, title: str) -> bytes:
    """A frame as CSV, or as XLSX (of a map with its other frames and the notes) with a last sheet: `title`, what `about` says,
    and the code."""
    if kind == "csv":
        return export.to_csv(frame)
    t = texts(answer.result.study.language)
    said = about(answer, known) | {t("widgets.about.code"): answer.result.code().split("\n")}
    last = {t("widgets.about.title"): export.said_as_rows((t("widgets.about.title"), title), said)}
    if answer.is_map:
        return export.to_xlsx(export.map_sheets(journey_map.noted(answer)) | last)
    return export.to_xlsx({name: frame} | last)


def in_bytes(made: str | bytes) -> bytes:
    return made if isinstance(made, bytes) else made.encode("utf-8")
