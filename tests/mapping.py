"""A journey map as its analysis hands it to screens and files: the canvas of a shop whose payment fails. Figures made up."""

from __future__ import annotations

CHANNELS = ("web", "app", "store")
STAGES = {
    "Discover": ("41,208 customers", ("Search", 31, 0.75), ("Ad click", 17, 0.41), ("Store visit", 9, 0.22)),
    "Choose": ("28,934 · 70 %", ("Product page", 27, 0.66), ("Compare", 12, 0.3), ("Review read", 8, 0.2)),
    "Buy": ("9,871 · 34 %", ("Cart", 14, 0.34), ("Payment", 10, 0.24), ("Pay again", 4, 0.1), ("One-tap", 0, 0.0)),
    "Use": ("9,402 · 95 %", ("Delivery", 9, 0.22), ("App login", 9, 0.21), ("Support call", 5, 0.12)),
    "Stay": ("6,113 · 65 %", ("Loyalty", 4, 0.1), ("Renewal", 3, 0.07), ("Referral", 0, 0.0)),
}
LAYERS = {"Review read": "mined", "Pay again": "mined", "One-tap": "planned", "Referral": "planned"}
FELT = {"Discover": (18, 14, 22), "Choose": (24, 21, 27), "Buy": (-21, -26, -16), "Use": (9, 5, 13)}
NEXT = {
    "Discover": ("4 min", "IQR 1–19"),
    "Choose": ("1.8 d", "IQR 0.2–6"),
    "Buy": ("11 min", "IQR 3–64"),
    "Use": ("6.2 d", "IQR 3–14"),
}
LEAVE = {"Discover": ("30 %", "plain"), "Choose": ("66 %", "bad"), "Buy": ("5 %", "good"), "Use": ("35 %", "warn")}
AGREE = {
    "Discover": ("agree 0.92", "good"),
    "Choose": ("agree 0.71", "warn"),
    "Buy": ("disagree 0.38", "bad"),
    "Use": ("agree 0.84", "good"),
}
OWNERS = {"Discover": "Marketing", "Choose": "Web team", "Buy": "Payments", "Use": "Logistics", "Stay": "Loyalty"}
LANES = (
    ("touchpoints", "Touchpoints", "mined from the log; dashed = planned only, tinted = not planned", "cards"),
    ("felt", "Felt", "NPS after the touchpoint, 95 % interval", "felt"),
    ("next", "Time to next", "median", "figure"),
    ("leave", "Leave here", "", "badge"),
    ("agree", "Plan and log", "", "badge"),
    ("owner", "Owner", "", "words"),
    ("pain", "Pain points", "", "words"),
    ("notes", "Notes", "", "words"),
)


def note(number: str, text: str, author: str = "Anna", when: str = "22 Nov 2026, 14:05") -> dict:
    return {"id": number, "text": text, "author": author, "when": when}


def canvas(**notes: list[dict]) -> dict:
    """`notes`: those of the stages, in the lane of notes; left out: one of Buy."""
    notes = notes or {"Buy": [note("n1", "Retry screen hides the error. Test a clearer one from 2 Dec.")]}
    cells: dict[str, dict] = {key: {} for key, *_ in LANES}
    row = 0
    for i, (stage, (_, *touchpoints)) in enumerate(STAGES.items()):
        cards = []
        for name, thousands, fill in touchpoints:
            layer = LAYERS.get(name, "both")
            mix = [{"channel": j, "share": share} for j, share in enumerate((0.5, 0.3, 0.2))]
            cards.append(
                {
                    "key": name,
                    "name": name,
                    "figure": f"{thousands}k",
                    "hint": f"{name}: {thousands},000 customers.",
                    "layer": layer,
                    "fill": fill,
                    "mix": mix if thousands else [],
                    "row": row if thousands else -1,
                }
            )
            row += 1
        cells["touchpoints"][stage] = {"cards": cards}
        if stage in FELT:
            value, low, high = FELT[stage]
            cells["felt"][stage] = {
                "value": value, "low": low, "high": high, "text": f"{value:+}".replace("-", "−"), "spread": f"±{high - value}",
                "hint": f"NPS after {stage}: {value}, {low} to {high}.", "row": i,
            }  # fmt: skip
            text, small = NEXT[stage]
            cells["next"][stage] = {"text": text, "small": small, "hint": f"{stage}: median {text}.", "row": i}
            text, tone = LEAVE[stage]
            cells["leave"][stage] = {
                "text": text,
                "small": "n 41,208",
                "tone": tone,
                "hint": f"{text} leave at {stage}.",
                "row": i,
            }
            text, tone = AGREE[stage]
            cells["agree"][stage] = {"text": text, "small": "", "tone": tone, "hint": f"{stage}: {text}.", "row": i}
        else:
            cells["felt"][stage] = {"text": "", "note": "not shown: n 12"}
            cells["next"][stage] = {"text": "–", "small": "", "hint": "", "row": -1}
        for lane in ("owner", "pain", "notes"):
            planned = OWNERS[stage] if lane == "owner" else ""
            cells[lane][stage] = {"planned": planned, "notes": notes.get(stage, []) if lane == "notes" else []}
    stages = [
        {"key": name, "name": name, "figure": figure, "hint": f"{name}: {figure} of all.", "row": i}
        for i, (name, (figure, *_)) in enumerate(STAGES.items())
    ]
    lanes = [{"key": key, "name": name, "hint": hint, "kind": kind} for key, name, hint, kind in LANES]
    next(one for one in lanes if one["key"] == "felt")["scale"] = [-40, 40]
    return {
        "title": "Customers lose heart at payment: a retry nobody planned",
        "subtitle": "41,208 journeys of 38,977 customers",
        "source": "Source: events, surveys",
        "sentences": ["Two of three customers who reach Choose leave there."],
        "lanes": lanes,
        "stages": stages,
        "cells": cells,
        "channels": [{"name": name} for name in CHANNELS],
    }
