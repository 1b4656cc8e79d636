"""What a served page must refuse, asked of a running server and in a real browser."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest

PROBE = "voila/render/90_probe.ipynb"
NEEDED = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "PYTHONPATH"}
POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'",
    "connect-src": "'self' ws: wss:",
}


@pytest.mark.parametrize("path", ["", PROBE, "headlines", "voila/render/closed.svg"])
def test_a_page_without_the_token_leads_to_the_question_for_it(site, path):
    status, headers, _ = site.get(path)
    assert status == 302
    assert headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("path", ["api/kernels/" + str(uuid.uuid4()), "voila/api/shutdown/" + str(uuid.uuid4())])
def test_kernels_are_closed_without_the_token(site, path):
    status, _, _ = site.get(path, data=b"" if "shutdown" in path else None)
    assert status == 403


def test_a_wrong_token_opens_nothing(site):
    status, headers, _ = site.get("?token=wrong")
    assert (status, headers["location"][:6]) == (302, "/login")


def test_the_health_address_needs_no_token_and_starts_no_kernel(site):
    before = set(site.kernels())
    assert [site.get("health")[0] for _ in range(5)] == [200] * 5
    assert set(site.kernels()) <= before


@pytest.mark.parametrize(
    "path",
    ["closed.svg", "events.csv", "90_probe.ipynb", "public/../closed.svg", "..%2f..%2fpyproject.toml", "public/open.svg.py"],
)
@pytest.mark.parametrize("token", [False, True])
def test_files_are_closed(site, path, token):
    # Voila serves files without asking for the token, so what it serves is what anybody may see
    status, _, body = site.get("voila/files/" + path, token=token)
    assert status in (403, 404)
    assert "customer_id" not in body


TEMPLATES = "voila/templates/workbench/"


@pytest.mark.parametrize(
    "path",
    [
        f"{TEMPLATES}{rest}"
        for rest in ("", "../", "static", "static/", "static/.", "static/../", "static/..%2f..%2f", "static/nope")
    ]
    + ["voila/templates/", "voila/templates/../../", "voila/templates/nope/static/x.css", "voila/render/%00", "voila/files/%00"]
    + [f"voila/render/{path}" for path in ("lessons/90_probe.ipynb", "lessons%2f90_probe.ipynb", "lessons%5C90_probe.ipynb")]
    + [f"{TEMPLATES}static/../../../../../../etc/passwd", f"{TEMPLATES}static/%00", f"{TEMPLATES}static/..%5c..%5cconf.json"],
)
def test_an_address_that_leads_nowhere_is_not_found(site, path):
    status, _, body = site.get(path, token=True)
    assert (status, "root:" in body) == (404, False)


def _asked_as(site, host: str, path: str = "", token: bool = True) -> int:
    headers = {"Host": host} | (site.header if token else {})
    return site.get(path, headers=headers)[0]


@pytest.mark.parametrize("path", ["", PROBE, "headlines", "login", "nothing", "voila/api/shutdown/" + str(uuid.uuid4())])
def test_a_request_to_another_host_is_refused(site, path):
    # the page of a stranger whose name leads to this machine: the browser would send it our answers
    port = site.server.served.port
    for host in (
        "stranger.example",
        f"stranger.example:{port}",
        "127.0.0.1.stranger.example",
        "192.168.1.7",
        "[2001:db8::7]:80",
    ):
        assert _asked_as(site, host, path) == 403
        assert _asked_as(site, host, path, token=False) == 403
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", "[::1]:80"):
        assert _asked_as(site, host, path) != 403 or "shutdown" in path


def test_the_websocket_refuses_another_host(site, open_page):
    import http.client

    page = open_page(site.app())
    page.get_by_role("button", name="go").wait_for()
    port = site.server.served.port
    opening = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "x" * 22 + "==",
        "Sec-WebSocket-Version": "13",
    }
    for host, status in (("stranger.example", 403), (f"127.0.0.1:{port}", 101)):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        line.request("GET", f"/api/kernels/{_kernel_of(page)}/channels", headers=opening | site.header | {"Host": host})
        assert line.getresponse().status == status
        line.close()


def test_another_name_of_the_machine_can_be_told(start, probe_folder):
    own = start(probe_folder, pool=0, names=["shop.example"])
    assert _asked_as(own, "shop.example:8866", "headlines") == 200
    assert _asked_as(own, "stranger.example", "headlines") == 403


def test_only_the_public_folder_is_open(site):
    assert site.get("voila/files/public/open.svg")[0] == 200


@pytest.mark.parametrize(
    "path", ["voila/tree", "voila/tree/public", "voila/api/contents", "voila/api/contents/events.csv", "api/contents"]
)
def test_no_folder_is_listed(site, path):
    status, _, body = site.get(path, token=True)
    assert status == 404
    assert "events" not in body


@pytest.mark.parametrize(
    "path", ["", "login", "health", "nothing/here", "voila/static/workbench.css", "voila/static/chrome.js"]
)
def test_every_answer_carries_the_policy(site, path):
    _, headers, _ = site.get(path, token=True)
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert {name: policy[name] for name in POLICY} == POLICY
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_theme_and_template_cannot_be_chosen_by_the_address(site, open_page):
    for rest in ('?theme="><script>window.hacked=1</script>', "?template=nope", "?classic-tree=false"):
        page = open_page()
        page.goto(site.at(PROBE + rest))
        page.get_by_role("button", name="go").wait_for()
        assert page.evaluate("window.hacked") is None
        page.close()
    for rest in ('?theme="><script>window.hacked=1</script>', "?classic-tree=false"):
        page = open_page(site.at(rest))
        page.get_by_role("heading", level=1).wait_for()
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("document.querySelectorAll('.cxw-app').length") >= 0


def _talk(url: str, headers: dict[str, str], messages: list[dict], until: str, seconds: float = 30) -> list[dict]:
    """What comes back up to the first message of kind `until`."""
    from websockets.sync.client import connect

    heard: list[dict] = []
    with connect(url, additional_headers=headers, open_timeout=seconds) as socket:
        for message in messages:
            socket.send(json.dumps(message))
        while until not in {one["header"]["msg_type"] for one in heard}:
            heard.append(json.loads(socket.recv(timeout=seconds)))
    return heard


def _message(kind: str, channel: str, **content: object) -> dict:
    header = {"msg_id": str(uuid.uuid4()), "msg_type": kind, "session": "s", "username": "", "version": "5.3", "date": ""}
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel, "buffers": []}


def _kernel_of(page) -> str:
    return json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]


def test_the_websocket_asks_for_the_token_and_executes_nothing(site, open_page, tmp_path):
    import websockets

    page = open_page(site.app())
    page.get_by_role("button", name="go").wait_for()
    url = f"ws://127.0.0.1:{site.server.served.port}/api/kernels/{_kernel_of(page)}/channels"
    with pytest.raises(websockets.InvalidStatus) as refused:
        _talk(url, {}, [], "")
    assert refused.value.response.status_code == 403

    proof = tmp_path / "executed"
    code = f"open({str(proof)!r}, 'w').close()"
    asked = [
        _message(
            "execute_request", channel, code=code, silent=False, store_history=False, user_expressions={}, allow_stdin=False
        )
        for channel in ("shell", "control")
    ]
    asked += [
        _message("inspect_request", "shell", code="site", cursor_pos=1, detail_level=0),
        _message("complete_request", "shell", code="pri", cursor_pos=3),
        _message("history_request", "shell", hist_access_type="tail", n=5, output=True, raw=True),
        _message("kernel_info_request", "shell"),  # the last one is allowed: its answer says that the others have been seen
    ]
    heard = _talk(url, site.header, asked, "kernel_info_reply")
    kinds = {one["header"]["msg_type"] for one in heard}
    assert not kinds & {"execute_reply", "execute_input", "inspect_reply", "complete_reply", "history_reply"}
    assert not proof.exists()


def test_kernels_know_no_token_and_nothing_of_the_environment_they_do_not_need(site):
    for pid in site.kernels():
        environ = dict(line.split("=", 1) for line in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in line)
        assert not [name for name, value in environ.items() if site.server.served.token in value]
        assert "VOILA_REQUEST_URL" not in environ
        strange = {name for name in environ if not name.startswith(("CXW_", "LC_", "VOILA_", "JUPYTER_", "JPY_"))} - NEEDED
        assert not strange
        assert site.server.served.token not in Path(f"/proc/{pid}/cmdline").read_text()


def test_the_token_is_in_no_process_list_and_no_copied_address(site, open_page):
    assert site.server.served.token not in Path(f"/proc/{site.server.process.pid}/cmdline").read_text()
    assert site.server.served.token not in Path(f"/proc/{site.server.process.pid}/environ").read_text()
    page = open_page(site.at("?lang=pl"))
    page.get_by_role("heading", level=1).wait_for()
    assert "token" not in page.url
    assert "lang=pl" in page.url


@pytest.mark.parametrize(
    "path, kept",
    [
        ("voila/static/voila.js", "private, max-age=3600"),
        ("voila/templates/workbench/static/index.css", "private, max-age=3600"),
        ("health", None),
        ("voila/static/no_such_file.js", None),
    ],
)
def test_a_browser_keeps_what_pages_are_built_of_and_nothing_else(site, path, kept):
    assert site.get(path, token=True)[1].get("cache-control") in ((kept,) if kept else (None, "no-cache", "no-store"))


def test_a_file_with_its_hash_in_its_name_is_asked_for_once(site, open_page):
    page = open_page()
    with page.expect_response(re.compile(r"/labextensions/.*/remoteEntry\.[0-9a-f]+\.js$")) as answer:
        page.goto(site.app())
    assert answer.value.headers["cache-control"] == "private, max-age=31536000, immutable"
