"""Every wait of the tests has a timeout: one that hangs fails where it hangs, and keeps no machine busy."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FILES: Final = sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "src" / "vehicles" / "testing").rglob("*.py")])
BY_KEYWORD: Final = {"communicate", "urlopen", "HTTPConnection", "HTTPSConnection", "create_connection"}
OF_SUBPROCESS: Final = {"run", "call", "check_call", "check_output"}
BY_ARGUMENT: Final = {"wait", "join", "result", "exception"}
POOLS: Final = {"ThreadPoolExecutor", "ProcessPoolExecutor", "Popen"}
"""A `with` of one of these waits at its end."""

ALLOWED: Final = {"tests/support/processes.py": {"os.read"}}
"""Reads in a thread whose result is waited for with a timeout."""


def endless(source: str) -> Iterator[str]:
    """Yield the waits without a timeout."""
    nodes = [*ast.walk(ast.parse(source))]
    awaited = {id(node.value) for node in nodes if isinstance(node, ast.Await)}  # the event loop can cancel them
    for node in nodes:
        if isinstance(node, ast.Call) and id(node) not in awaited and _is_endless(node):
            yield ast.unparse(node.func)
        elif isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            yield from (f"with {ast.unparse(call.func)}" for call in calls if _name(call) in POOLS)


def _is_endless(call: ast.Call) -> bool:
    has_timeout = any(keyword.arg in {"timeout", None} for keyword in call.keywords)
    match call.func:
        case ast.Attribute(ast.Name("subprocess"), name) if name in OF_SUBPROCESS:
            return not has_timeout
        case ast.Attribute(ast.Name("os"), "read"):
            return True
        case ast.Attribute(ast.Attribute(_, "stdout" | "stderr"), "readline" | "read"):
            return True
    if _name(call) in BY_ARGUMENT:
        return not call.args and not call.keywords
    return _name(call) in BY_KEYWORD and not has_timeout


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


@pytest.mark.parametrize(
    "source",
    (
        *("subprocess.run(command)", "process.communicate(b'')", "process.wait()", "thread.join()", "future.result()"),
        *("barrier.wait()", "urlopen(address)", "HTTPConnection(host, port)", "os.read(terminal, 1)"),
        *("process.stdout.readline()", "with ThreadPoolExecutor(8) as pool: pass"),
        "with subprocess.Popen(command) as process: pass",
    ),
)
def test_endless_wait_is_found(source: str) -> None:
    assert len([*endless(source)]) == 1


@pytest.mark.parametrize(
    "source",
    ("subprocess.run(command, timeout=60)", "process.wait(60)", "', '.join(words)", "future.result(timeout=60)"),
)
def test_wait_with_timeout_passes(source: str) -> None:
    assert [*endless(source)] == []


@pytest.mark.parametrize("path", [str(file.relative_to(ROOT)) for file in FILES])
def test_no_wait_is_endless(path: str) -> None:
    assert {*endless((ROOT / path).read_text(encoding="utf-8"))} - ALLOWED.get(path, set()) == set()
