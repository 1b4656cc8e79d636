"""Serving without a browser: what is configured, what a process gets to know, what the commands say."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from widgets.server.chrome import APPS, chrome, script_json
from widgets.server.command import asked_for
from widgets.server.headlines import Headlines, compute, store_stamp
from widgets.server.options import STATIC, Served, config, environment, kernel_environment
from widgets.server.running import check_port, free_port
from workbench.errors import BadInput
from workbench.locale import LANGUAGES
from workbench.settings import ROOT, SAMPLE, Settings

MACHINE = {
    "PATH": "/bin", "HOME": "/home/you", "LC_ALL": "C.UTF-8", "CXW_LANGUAGE": "pl", "CXW_TOKEN": "secret",
    "AWS_SECRET_ACCESS_KEY": "secret", "SSH_AUTH_SOCK": "/tmp/agent", "PYTHONSTARTUP": "/tmp/evil.py",
    "VOILA_REQUEST_URL": "?token=secret",
}  # fmt: skip


def arguments(**given):
    import argparse

    return argparse.Namespace(
        **({"port": None, "host": "127.0.0.1", "known_as": [], "store": None, "seats": None, "token": None} | given)
    )


def test_a_process_learns_only_what_it_needs():
    known = environment(MACHINE, Served(store="/data/shop", token="another secret"))
    assert known["CXW_STORE"] == "/data/shop"
    assert {name for name in known if name in MACHINE} == {"PATH", "HOME", "LC_ALL", "CXW_LANGUAGE"}
    assert not [name for name, value in known.items() if "secret" in value]
    kernel = kernel_environment(MACHINE | known | {"VOILA_PREHEAT": "True", "QUERY_STRING": "token=secret"})
    assert set(kernel) == {*known, "VOILA_PREHEAT"}


def test_the_configuration_refuses_what_must_be_refused():
    made = config(Served(token="t", seats=7, pool=2), {"texts": {}}, "words")
    voila = made["VoilaConfiguration"]
    assert (voila["allow_theme_override"], voila["allow_template_override"]) == ("NO", "NO")
    assert voila["show_tracebacks"] is False
    assert made["Voila"]["token"] == "t"
    assert made["Voila"]["port_retries"] == 0  # the address that was printed, or none
    assert made["Seats"]["seats"] == 7
    allowed = [re.compile(pattern) for pattern in voila["file_allowlist"]]
    assert not [
        name for name in ("a.svg", "public/../a.svg", "public/a/b.png", "a.ipynb") if any(p.fullmatch(name) for p in allowed)
    ]
    assert any(pattern.fullmatch("public/logo.svg") for pattern in allowed)


def test_a_page_may_miss_a_ping_without_losing_its_connection():
    from jupyter_server.base.websocket import WebSocketMixin

    socket = WebSocketMixin()
    socket.settings = config(Served(), {"texts": {}}, "words")["Voila"]["tornado_settings"]
    assert socket.ping_interval > 0  # a quiet connection stays open through proxies
    # what is looked at when a ping is due is the answer to the one before: with one interval alone every answer comes too late
    assert socket.ping_timeout >= 2 * socket.ping_interval


def test_options_survive_the_way_to_the_server():
    served = Served(notebooks="/n", store='ü "x"', token="t", seats=3, names=("shop.example",))
    line = served.to_json()
    assert "\n" not in line
    assert Served.from_json(line) == served


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True)]
    + [("0.0.0.0", False), ("::", False), ("10.0.0.7", False), ("shop.example", False)],
)
def test_whom_a_host_lets_in(host, local):
    assert Served(host=host).local is local


def test_a_lesson_is_no_app_and_no_kernel_is_kept_warm_for_it(tmp_path):
    (tmp_path / "lessons").mkdir()
    for name in ("10_journey_mapping", "lessons/10_journey_lesson"):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    served = Served(notebooks=f"{tmp_path}/")
    assert [app["name"] for app in chrome(served)["apps"]] == ["10_journey_mapping"]
    (pattern,) = config(served, {"texts": {}}, "words")["VoilaKernelManager"]["preheat_denylist"]
    kept = [path.stem for path in tmp_path.rglob("*.ipynb") if not re.match(pattern, str(path))]
    assert kept == ["10_journey_mapping"]


def test_other_names_of_the_machine_are_told():
    assert asked_for(arguments(known_as=["shop.example", "shop"]), Settings()).names == ("shop.example", "shop")


def test_the_frame_names_the_apps_that_are_there_and_those_that_are_not(tmp_path):
    (tmp_path / "10_journey_mapping.ipynb").write_text("{}")
    (tmp_path / "notes.ipynb").write_text("{}")
    made = chrome(Served(notebooks=str(tmp_path)))
    assert [app["key"] for app in made["apps"]] == ["journeys"]
    assert made["planned"] == [key for key in APPS.values() if key != "journeys"]
    for language in LANGUAGES:
        assert {f"app_{key}" for key in APPS.values()} | {f"question_{key}" for key in APPS.values()} <= set(
            made["texts"][language]
        )


def test_every_text_that_a_page_asks_for_is_there():
    words = chrome(Served())["texts"]
    templates = ROOT / "widgets" / "template" / "share" / "jupyter" / "voila" / "templates" / "workbench"
    asked = {
        key for path in templates.iterdir() for key in re.findall(r'(?:text\(cxw, |data-cxw-label=)"(\w+)"', path.read_text())
    }
    asked |= set(
        re.findall(r'(?:say|text)\("(\w+)"\)', (STATIC / "chrome.js").read_text() + (STATIC / "landing.js").read_text())
    )
    asked = {key for key in asked if not key.endswith("_")}
    assert {"brand", "copy_link", "copied", "landing_failed", "login_title"} <= asked
    for language in LANGUAGES:
        assert asked <= set(words[language])


def test_no_template_names_an_address_outside():
    for path in (ROOT / "widgets" / "template").rglob("*"):
        if path.is_file():
            assert not re.search(r"(?:https?:)?//(?!www\.w3\.org)[a-z]", path.read_text()), path


def test_json_in_a_page_cannot_end_its_script():
    hard = {"name": "</script><script>alert(1)</script>&<!--"}
    said = str(script_json(hard))
    assert not set("<>&") & set(said)
    assert json.loads(said) == hard


def test_arguments_go_before_settings():
    settings = Settings(port=9001, token="kept", seats=4, language="pl", store="/data/shop")
    served = asked_for(arguments(), settings)
    assert (served.port, served.token, served.seats, served.language) == (9001, "kept", 4, "pl")
    served = asked_for(arguments(port=9002, token="own", seats=1), settings)
    assert (served.port, served.token, served.seats) == (9002, "own", 1)
    tokens = {asked_for(arguments(), Settings()).token for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize("given", [{"port": 0}, {"port": 70000}, {"seats": 0}, {"seats": -3}])
def test_what_cannot_be_is_refused(given):
    with pytest.raises(BadInput):
        asked_for(arguments(**given), Settings())


def test_a_taken_port_is_named_with_a_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput) as refused:
            check_port("127.0.0.1", port)
    assert refused.value.values["asked"] == port
    check_port("127.0.0.1", refused.value.values["free"])
    for language in LANGUAGES:
        assert str(port) in refused.value.text(language)
        assert f"--port {refused.value.values['free']}" in refused.value.text(language)


def test_the_figures_are_those_of_the_open_company(monkeypatch):
    import workbench as wb

    monkeypatch.setenv("CXW_STORE", str(SAMPLE))
    told = compute()
    whole = wb.journeys.overview(wb.open(SAMPLE)).frame.set_index("measure")["value"]
    assert set(told) == set(LANGUAGES)
    assert told["en"]["cards"]["start"]["figure"] == f"{int(whole['events']):,}"
    assert f"{int(whole['customers']):,} customers" in told["en"]["company"]
    journeys = told["pl"]["cards"]["journeys"]
    assert sum(column["n"] for column in journeys["columns"]) == int(whole["journeys"])
    assert [column["label"] for column in journeys["columns"]] == ["sty", "lut", "mar", "kwi", "maj", "cze"]
    assert [told[language]["cards"]["journeys"]["columns"][0]["label"] for language in LANGUAGES] == ["Jan", "янв.", "sty"]
    ends = wb.journeys.loops(wb.open(SAMPLE)).frame.query("kind == 'dead_end'").sort_values("n").iloc[-1]
    sure = f"{ends['n']:,} of {int(whole['journeys']):,} journeys, 95% interval: {ends['low']:.0%}–{ends['high']:.0%}"
    assert told["en"]["cards"]["journeys"]["sure"] == sure
    rows = told["en"]["cards"]["start"]["rows"]
    assert sum(row["n"] for row in rows) == int(whole["events"]) and len(rows) == 5


def test_without_a_company_the_landing_page_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("CXW_STORE", str(tmp_path / "nothing"))
    told = compute()
    assert all(told[language]["cards"] == {} for language in LANGUAGES)
    assert len({told[language]["company"] for language in LANGUAGES}) == 3


def test_a_load_is_noticed(tmp_path):
    assert store_stamp(str(tmp_path / "none")) is None
    (tmp_path / "current.json").write_text("1")
    before = store_stamp(str(tmp_path))
    assert before == store_stamp(str(tmp_path))
    (tmp_path / "current.json").write_text("22")
    assert store_stamp(str(tmp_path)) != before


def test_figures_are_asked_for_once_a_version(monkeypatch, tmp_path):
    asked = []

    async def ask(self):
        asked.append(1)
        self.known = {"n": len(asked)}

    monkeypatch.setattr(Headlines, "_ask", ask)
    (tmp_path / "current.json").write_text("1")

    async def run():
        headlines = Headlines(Served(store=str(tmp_path)))
        assert await headlines.wait() is None
        assert [headlines.refresh(), headlines.refresh()] == [True, False]
        assert await headlines.wait() == {"n": 1}
        (tmp_path / "current.json").write_text("22")
        assert headlines.refresh()
        return await headlines.wait()

    assert asyncio.run(run()) == {"n": 2}


@pytest.fixture
def command(tmp_path):
    """Runs `app` or `lab` as a person does; ends it."""
    started = []

    def run(*words: str) -> subprocess.Popen:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CXW_")} | {"PYTHONPATH": str(ROOT)}
        code = "import sys; from workbench.cli import main; sys.exit(main(sys.argv[1:]))"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=tmp_path,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _line(process: subprocess.Popen, pattern: str) -> re.Match:
    for line in process.stdout:
        if found := re.search(pattern, line):
            return found
    raise AssertionError(process.stderr.read())


def test_app_says_where_it_is_and_ends_by_ctrl_c(command):
    port = free_port()
    process = command("app", "--port", str(port), "--no-browser", "--seats", "2")
    address = _line(process, r"(http://127\.0\.0\.1:\d+/)\?token=(\S+)")
    assert address[1] == f"http://127.0.0.1:{port}/"
    _line(process, "Ctrl-C")
    with urllib.request.urlopen(address[0], timeout=20) as answer:
        assert b"cxw-cards" in answer.read()
    second = command("app", "--port", str(port), "--no-browser")
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert re.fullmatch(rf"Port {port} is taken by another program; try --port \d+, which is free\.", said.strip())
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    _until_free(port)


def test_lab_opens_with_a_kernel_that_shows_charts_offline(command):
    port = free_port()
    process = command("lab", "--port", str(port), "--no-browser")
    address = _line(process, r"(http://127\.0\.0\.1:\d+/)\?token=(\S+)")
    asked = urllib.request.Request(address[1] + "api/kernelspecs", headers={"Authorization": f"token {address[2]}"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        specs = json.load(answer)["kernelspecs"]
    assert "charts.enable()" in " ".join(specs["python3"]["spec"]["argv"])
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    _until_free(port)


@pytest.mark.parametrize("way", ["terminate", "kill"])
def test_lab_does_not_outlive_whoever_started_it(command, way):
    port = free_port()
    process = command("lab", "--port", str(port), "--no-browser")
    _line(process, "Ctrl-C")
    getattr(process, way)()
    process.wait(30)
    _until_free(port)


def _until_free(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise AssertionError("something still listens")
