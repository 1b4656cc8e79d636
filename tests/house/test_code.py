"""House rules about the code: layers, length, style, words, docstrings, what an import costs."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys

import pytest

LONGEST = 400
# DESIGN §8: one word a thing. Names that we define, not names that others gave to theirs.
BANNED = {
    "user": "customer", "users": "customers", "visitor": "customer", "visitors": "customers", "client": "customer",
    "clients": "customers", "shopper": "customer", "activity": "touchpoint", "activities": "touchpoints",
    "pageview": "touchpoint", "pageviews": "touchpoints", "trace": "journey", "traces": "journeys",
}  # fmt: skip
# Files that speak another house's language: the format or the protocol calls the thing so.
SPEAKS = {
    "workbench/sources/xes.py": {"trace", "traces", "activity"},
    "widgets/server/seats.py": {"activity"},  # a kernel's last_activity
}


def test_layers(root):
    # In a process of its own: it configures logging for everybody.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_longer_than_one_reads(files, root):
    long = {}
    for path in files:
        if path.suffix in (".py", ".js", ".mjs", ".css") and ".min." not in path.name:
            n = len(path.read_text(encoding="utf-8").splitlines())
            if n > LONGEST:
                long[str(path.relative_to(root))] = n
    assert not long


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")], ids=["check", "format"])
def test_ruff(root, arguments):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--output-format", "concise", "."],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_words(library, root):
    wrong = []
    for path in library:
        name = path.relative_to(root).as_posix()
        for identifier, line in _defined(ast.parse(path.read_text(encoding="utf-8"))):
            words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)
            bad = {word.lower() for word in words} & set(BANNED) - SPEAKS.get(name, set())
            wrong += [f"{name}:{line} {identifier}: say {BANNED[word]}, not {word}" for word in sorted(bad)]
    assert not wrong, "\n".join(wrong)


def _defined(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def test_what_is_not_plain_from_its_name_says_what_it_is(library, root):
    silent = []
    for path in library:
        parts = path.relative_to(root).with_suffix("").parts
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree):
            silent.append("/".join(parts))
        if not any(part.startswith("_") and part != "__init__" for part in parts):
            silent += [f"{'/'.join(parts)}:{line} {name}" for name, line in _silent(tree.body)]
    assert not silent, "\n".join(silent)


def _silent(body: list[ast.stmt], within: str = "", overrides: bool = False):
    # A few lines under a good name need no sentence, and a method may say the same as in the class it comes from.
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = any(isinstance(member, ast.FunctionDef) for member in node.body)
            if methods and not ast.get_docstring(node):
                yield node.name, node.lineno
            yield from _silent(node.body, f"{node.name}.", bool(node.bases))
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not overrides:
            long = node.end_lineno - node.body[0].lineno >= 4
            if long and not ast.get_docstring(node):
                yield within + node.name, node.lineno


def test_the_door_says_what_everything_is():
    import workbench as wb
    from workbench import journeys
    from workbench.result import Result

    public = {f"wb.{name}": getattr(wb, name) for name in wb.__all__}
    public |= {f"Study.{name}": getattr(wb.Study, name) for name in dir(wb.Study) if not name.startswith("_")}
    public |= {f"Result.{name}": getattr(Result, name) for name in dir(Result) if not name.startswith("_")}
    public |= {f"journeys.{name}": getattr(journeys, name) for name in journeys.__all__}
    silent = [name for name, thing in public.items() if callable(thing) and not inspect.getdoc(thing)]
    assert not silent


def test_importing_the_workbench_costs_nothing(root):
    code = (
        "import time; start = time.perf_counter(); import workbench; took = time.perf_counter() - start; import sys; "
        "print(took, *sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    answers = [
        subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True) for _ in range(3)
    ]
    took = min(float(answer.stdout.split()[0]) for answer in answers)
    # Start-up files of site-packages may load modules of their own; ours and the heavy ones are what matters.
    loaded = set(answers[0].stdout.split()[1:])
    assert took < 0.3
    assert "workbench" in loaded
    heavy = {"torch", "sklearn", "duckdb", "pandas", "numpy", "pyarrow", "altair", "babel", "narwhals", "ipywidgets"}
    assert not loaded & heavy


# Written so that this file holds none of them.
PRIVATE = re.compile(
    r"(?<![\w.])/(?:work|root)/\w|/home/(?!you\b|runner\b)[a-z]\w*/|/Users/\w|[A-Z]:\\Users\\"
    r"|\bpypi\.(?:python\.)?org|pythonhosted\.org|registry\.(?:npmjs|yarnpkg)\.|deb\.debian\.|download\.pytorch\."
    r"|conda\.anaconda\.|proxy\.golang\.|index\.crates\."
)


def test_nothing_private_to_a_machine(files, root):
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(root)}: {match[0]}" for match in PRIVATE.finditer(text)]
    assert not found, "\n".join(found)


def test_nothing_left_for_later(library, root):
    left = [
        f"{path.relative_to(root)}:{number}"
        for path in library
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\b(TODO|FIXME|XXX)\b", line)
    ]
    assert not left
