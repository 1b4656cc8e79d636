"""Screens without a browser: what they send is caught instead of going to a kernel."""

from __future__ import annotations

import pytest


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
