"""A journey map as the room of journeys hands it to screens and files: a canvas made up by hand, in three languages."""

from __future__ import annotations

from workbench.locale import texts

STAGES = {
    "en": ["Discover", "Choose", "Buy", "Use", "Stay"],
    "ru": ["Знакомство", "Выбор", "Покупка", "Использование", "Лояльность"],
    "pl": ["Odkrywanie", "Wybór", "Zakup", "Użytkowanie", "Lojalność"],
}
LANES = {
    "en": ["Touchpoints", "Felt", "Time to next", "Leave here", "Plan and log", "Owner", "Pain", "Notes"],
    "ru": ["Точки контакта", "Ощущение", "До следующей", "Уходят здесь", "План и журнал", "Ответственный", "Боль", "Заметки"],
    "pl": ["Punkty styku", "Odczucie", "Do następnego", "Odchodzą tutaj", "Plan i dziennik", "Właściciel", "Ból", "Notatki"],
}
HINTS = {
    "en": [
        "mined from the log; dashed = planned only, tinted = not planned",
        "NPS after the touchpoint, 95 % interval",
        "median",
    ],
    "ru": ["из журнала; пунктир — только в плане, цвет — нет в плане", "NPS после точки контакта, интервал 95 %", "медиана"],
    "pl": [
        "z dziennika; linia przerywana = tylko w planie, tło = poza planem",
        "NPS po punkcie styku, przedział 95 %",
        "mediana",
    ],
}
TITLE = {
    "en": "Customers lose heart at payment: a retry nobody planned",
    "ru": "Клиенты теряют терпение на оплате: повтор, которого никто не планировал",
    "pl": "Klienci tracą cierpliwość przy płatności: ponowienie, którego nikt nie planował",
}
COUNTED = {
    "en": "41,208 journeys of 38,977 customers, 1 Apr 2026 – 30 Jun 2026",
    "ru": "41 208 путей 38 977 клиентов, 1 апр. 2026 – 30 июн. 2026",
    "pl": "41 208 ścieżek 38 977 klientów, 1 kwi 2026 – 30 cze 2026",
}
SAID = {
    "en": ["66 % of 28,934 who reach Choose leave there.", "“Pay again” is not in the plan, yet 4,102 customers met it."],
    "ru": ["66 % из 28 934 дошедших до выбора уходят там.", "«Повторная оплата» не в плане, но её встретили 4 102 клиента."],
    "pl": [
        "66 % z 28 934 osób, które dotarły do wyboru, tam odchodzi.",
        "„Ponów płatność” nie jest w planie, a spotkało ją 4 102 klientów.",
    ],
}
NOTE = {
    "en": "Retry screen hides the error. Test a clearer one from 2 Dec.",
    "ru": "Экран повтора скрывает ошибку. Проверить понятный с 2 дек.",
    "pl": "Ekran ponowienia ukrywa błąd. Sprawdzić czytelniejszy od 2 gru.",
}
PAIN = {
    "en": "Card declined twice, then charged twice",
    "ru": "Карту отклонили дважды, потом списали дважды",
    "pl": "Karta odrzucona dwa razy, potem obciążona dwa razy",
}
CARDS = [
    [("Search", 31, "both"), ("Ad click", 17, "both"), ("Store visit", 9, "both")],
    [("Product page", 27, "both"), ("Compare", 12, "both"), ("Review read", 8, "mined")],
    [("Cart", 14, "both"), ("Payment", 10, "both"), ("Pay again", 4, "mined"), ("One-tap", 0, "planned")],
    [("Delivery", 9, "both"), ("App login", 9, "both"), ("Support call", 5, "both")],
    [("Loyalty points", 4, "both"), ("Renewal", 3, "both"), ("Referral", 1, "planned")],
]
FELT = [18, 24, -21, 9, None]
LEAVE = [("30 %", "plain"), ("66 %", "bad"), ("5 %", "good"), ("35 %", "warn"), ("", "plain")]
CHANNELS = ["web", "app", "store"]


def canvas(language: str = "en") -> dict:
    """A map of five stages, sixteen touchpoints and three channels; the last stage has no score."""
    t = texts(language)
    keys = STAGES["en"]
    kinds = {"touchpoints": "cards", "felt": "felt", "next": "figure", "leave": "badge", "agree": "badge"}
    names = dict(zip(["touchpoints", "felt", "next", "leave", "agree", "owner", "pain", "notes"], LANES[language], strict=True))
    hints = dict(zip(["touchpoints", "felt", "next"], HINTS[language], strict=True))
    cells: dict[str, dict] = {lane: {} for lane in names}
    for at, key in enumerate(keys):
        cells["touchpoints"][key] = {"cards": [card(name, n, layer, at) for name, n, layer in CARDS[at]]}
        cells["felt"][key] = felt(t, FELT[at], at)
        cells["next"][key] = {"text": t.duration(240 * 7**at), "small": "IQR 1–19", "hint": f"n {1000 + at}", "row": at}
        cells["leave"][key] = {"text": LEAVE[at][0], "small": "n 9,871", "tone": LEAVE[at][1], "hint": "n 9,871", "row": at}
        cells["agree"][key] = {"text": t.number(0.92 - at / 10), "small": "", "tone": "plain", "hint": "0–1", "row": at}
        cells["owner"][key] = {"planned": f"Team {at + 1}", "notes": []}
    cells["pain"]["Buy"] = {"planned": PAIN[language], "notes": []}
    cells["notes"]["Buy"] = {"planned": "", "notes": [note(NOTE[language])]}
    return {
        "title": TITLE[language],
        "subtitle": COUNTED[language],
        "source": "Meridian Retail (synthetic), version 14",
        "sentences": SAID[language],
        "lanes": [
            {"key": key, "name": name, "hint": hints.get(key, ""), "kind": kinds.get(key, "words")}
            | ({"scale": [-100, 100]} if key == "felt" else {})
            for key, name in names.items()
        ],
        "stages": [
            {"key": key, "name": name, "figure": f"{9000 + at} · 70 %", "hint": f"n {9000 + at}", "row": at}
            for at, (key, name) in enumerate(zip(keys, STAGES[language], strict=True))
        ],
        "cells": cells,
        "channels": [{"name": one} for one in CHANNELS],
    }


def card(name: str, thousands: int, layer: str = "both", row: int = 0) -> dict:
    """A touchpoint met that many thousand times, half of them in the first channel."""
    mix = [{"channel": 0, "share": 0.5}, {"channel": 1, "share": 0.3}, {"channel": 2, "share": 0.2}]
    return {
        "key": name, "name": name, "figure": f"{thousands}k", "hint": f"{name}: {thousands},000 of 41,208", "layer": layer,
        "fill": thousands / 31, "mix": mix, "row": -1 if layer == "planned" else row,
    }  # fmt: skip


def felt(t, value: float | None, row: int) -> dict:
    """A score with an interval of 4 to either side, or that it isn't shown."""
    if value is None:
        return {"text": "", "note": "n 12", "hint": "n 12"}
    return {
        "value": float(value), "low": value - 4.0, "high": value + 4.0, "text": t.signed(value), "spread": "±4",
        "hint": f"NPS {value}, n 1,204", "row": row,
    }  # fmt: skip


def note(text: str, author: str = "Anna Kowalska", when: str = "22 Nov 2026, 14:05") -> dict:
    """A note as the canvas has it."""
    return {"id": "n1", "text": text, "author": author, "when": when}
