#!/usr/bin/env python3
"""Prints line counts of src/ per folder against the bounds, and the longest files and functions.

Bounds (CONTRIBUTING.md): base to act without providers and meters under 10,000 lines, a
provider or meter 400, all of src/ 25,000 (lines of code, without blanks and comments, are printed
beside, so that documentation is seen for what it is); a file 400 lines unless its head comment says why ("400 lines"), a
function 60 lines and a cyclomatic complexity of 10. Tests are counted beside, not in. Exits 1 when
something is over a bound. Functions are found by their braces, not by a compiler: good enough to see
growth; clang-tidy judges the same bounds exactly.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from check_layers import LAYERS, code_only  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
CORE = LAYERS[: LAYERS.index("act") + 1]
CORE_BOUND = 10_000
SRC_BOUND = 25_000
FILE_BOUND = 400
FUNCTION_BOUND = 60
COMPLEXITY_BOUND = 10
# Providers and meters, one file pair each, counted apart from the core.
APART = re.compile(r"^(?:sense|grid)/(?!(?:meter|provider|place|registry)\b)")

CONTAINER = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")
DECISION = re.compile(r"\b(?:if|for|while|case|catch)\b|\s&&\s|\|\||\?")


@dataclass(frozen=True)
class Function:
    """One function body: where, how long in lines, how many paths."""

    name: str
    path: str
    line: int
    lines: int
    complexity: int


def functions_of(path: Path, root: Path) -> list[Function]:
    """The functions of one C++ file; a lambda counts with the function around it."""
    code = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                  code_only(path.read_text(encoding="utf-8")), flags=re.M)
    found: list[Function] = []
    inside: list[bool] = []  # for each open brace: is it a function's?
    head_begin = 0
    begin = (0, "")
    for place, char in enumerate(code):
        if char == "{":
            head = code[head_begin:place]
            if True not in inside:
                is_function = bool(re.search(r"\)[^()=]*$", head)) and not (
                    CONTAINER.search(head) and "(" not in head)
                if is_function:
                    begin = (head_begin + len(head) - len(head.lstrip()), head)
                inside.append(is_function)
            else:
                inside.append(False)
            head_begin = place + 1
        elif char == "}":
            if inside and inside.pop():
                body = code[begin[0]:place]
                name = re.search(r"([~\w:<>]+|operator\W+)\s*\(", begin[1])
                found.append(Function(name.group(1) if name else "?", str(path.relative_to(root)),
                                      code.count("\n", 0, begin[0]) + 1, body.count("\n") + 1,
                                      1 + len(DECISION.findall(body))))
            head_begin = place + 1
        elif char == ";" and True not in inside:
            head_begin = place + 1
    return found


def is_test(path: Path) -> bool:
    """Whether this is a unit test; tests are counted beside."""
    return path.stem.endswith("_test")


def code_lines(text: str) -> int:
    """Lines that hold more than blanks and comments."""
    return sum(1 for line in code_only(text).splitlines() if line.strip())


def excused(text: str) -> bool:
    """Whether the head comment says why the file is long."""
    head = re.match(r"(?:\s*(?://[^\n]*|#pragma once)\n)*", text)
    return bool(head and "400 lines" in head.group(0))


def main() -> int:
    """Prints the figures of the tree given, by default this one; the status says whether a bound is broken."""
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    over: list[str] = []
    functions: list[Function] = []
    sizes: list[tuple[int, str]] = []
    total = core = 0
    print(f"{'folder':10} {'lines':>7} {'code':>7} {'tests':>7} {'files':>6}")
    for folder in LAYERS:
        files = sorted(p for kind in ("*.cc", "*.h", "*.c") for p in (root / "src" / folder).rglob(kind))
        if not files:
            continue
        lines = tests = coded = 0
        for path in files:
            text = path.read_text(encoding="utf-8")
            count = text.count("\n")
            name = str(path.relative_to(root / "src"))
            sizes.append((count, name))
            if count > FILE_BOUND and not excused(text):
                over.append(f"src/{name}: {count} lines (bound {FILE_BOUND})")
            if is_test(path):
                tests += count
                continue
            functions += functions_of(path, root)
            lines += count
            coded += code_lines(text)
            if folder in CORE and not APART.match(name):
                core += count
        total += lines
        print(f"{folder:10} {lines:7} {coded:7} {tests:7} {len(files):6}")
    print(f"{'src':10} {total:7}  of {SRC_BOUND}")
    print(f"{'core':10} {core:7}  of {CORE_BOUND} (base to act without providers and meters)")
    if total > SRC_BOUND:
        over.append(f"src: {total} lines (bound {SRC_BOUND})")
    if core > CORE_BOUND:
        over.append(f"core: {core} lines (bound {CORE_BOUND})")

    print("\nlongest files")
    for count, name in sorted(sizes, reverse=True)[:5]:
        print(f"  {count:5}  src/{name}")
    print("longest functions")
    for f in sorted(functions, key=lambda f: -f.lines)[:5]:
        print(f"  {f.lines:5}  {f.path}:{f.line} {f.name}")
    print("most paths")
    for f in sorted(functions, key=lambda f: -f.complexity)[:5]:
        print(f"  {f.complexity:5}  {f.path}:{f.line} {f.name}")
    for f in functions:
        if f.lines > FUNCTION_BOUND:
            over.append(f"{f.path}:{f.line}: {f.name} has {f.lines} lines (bound {FUNCTION_BOUND})")
        if f.complexity > COMPLEXITY_BOUND:
            over.append(f"{f.path}:{f.line}: {f.name} has a complexity of {f.complexity} (bound {COMPLEXITY_BOUND})")
    if over:
        print("\nover a bound")
        for line in over:
            print(f"  {line}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
