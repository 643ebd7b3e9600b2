#!/usr/bin/env python3
"""Checks that includes under src/ point one way, and that pure folders stay pure.

Rules (docs/architecture.md, "Layers"):
  1. A folder includes only itself and folders to its left in LAYERS; so do its CMake DEPS.
  2. A pure folder includes only pure folders, and cannot reach a clock, file, thread, network or
     environment: neither by header nor by call.
  3. Vendor and system doors stay in one place: sqlite3, dlopen and libcurl in host.
  4. Only app (and show's text) print; nothing but app exits or aborts.
Unit tests (*_test.cc) keep rule 1 and the includes of rule 2; they may also include rig/.

Prints one line a finding, `file:line: what`, and exits 1 when there are any.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

LAYERS = [
    "base", "series", "forecast", "host", "sense", "grid", "record",
    "account", "plan", "study", "act", "show", "app",
]
PURE = {"base", "series", "forecast", "account", "plan", "study"}

# Headers that open a way out of a pure folder.
IMPURE_HEADERS = re.compile(
    r"^(unistd\.h|fcntl\.h|dlfcn\.h|poll\.h|signal\.h|csignal|spawn\.h|dirent\.h|pthread\.h|netdb\.h"
    r"|time\.h|ctime|stdio\.h|cstdio|iostream|fstream|filesystem|thread|mutex|shared_mutex"
    r"|condition_variable|future|stop_token|semaphore|sqlite3\.h|sys/.*|linux/.*|net/.*"
    r"|netinet/.*|arpa/.*|curl/.*)$"
)
IMPURE_CALLS = {
    r"\bnow\s*\(\s*\)": "reads a clock",
    r"\b(?:std::)?(?:clock_gettime|gettimeofday|time)\s*\(\s*(?:nullptr|NULL|0|CLOCK_)": "reads a clock",
    r"\b(?:std::|secure_)?getenv\s*\(": "reads the environment",
    r"\b(?:std::)?(?:fopen|system|popen|localtime|localtime_r)\s*\(": "reaches the outside world",
    r"\bstd::random_device\b": "reaches the outside world",
    r"\bstd::(?:ifstream|ofstream|fstream|filesystem|thread|jthread|mutex)\b": "reaches the outside world",
}

# Header -> the only folders that may include it (tests too).
DOORS = {
    "sqlite3.h": {"host"},
    "dlfcn.h": {"host"},
    "curl/curl.h": {"host"},
    "CLI/CLI.hpp": {"app"},
    "toml++/toml.h": {"app"},
}
PRINTING = re.compile(
    r"\bstd::(?:cout|cerr|clog)\b|(?<![\w:])(?:std::)?f?printf\s*\(|\bfmt::print\s*\(|\b(?:std::)?f?puts\s*\("
)
LEAVING = re.compile(r"(?<![\w_.>:])(?:std::)?(?:exit|abort|quick_exit|terminate)\s*\(")
MAY_PRINT = {"app"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = ("*.cc", "*.h", "*.c")


@dataclass(frozen=True)
class Finding:
    """One broken rule at one place."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def code_only(text: str) -> str:
    """The text with comments and the contents of string and character literals blanked.

    Line numbers stay: newlines are kept. #include lines keep their quoted name.
    """
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'
        r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])*\'',
        re.S,
    )
    kept = {m.start(): m.end() for m in re.finditer(r"^\s*#\s*include[^\n]*", text, re.M)}

    def blank(match: re.Match[str]) -> str:
        if any(begin <= match.start() < end for begin, end in kept.items()):
            return match.group(0) if match.group(0).startswith('"') else " "
        return re.sub(r"[^\n]", " ", match.group(0))

    return token.sub(blank, text)


def check_include(folder: str, kind: str, name: str, is_test: bool) -> str | None:
    """What is wrong with this include, or None."""
    head = name.split("/")[0]
    if kind == '"':
        if is_test and head == "rig":
            return None
        if head not in LAYERS or "/" not in name:
            return f'"{name}": includes are written from src/, such as "base/units.h"'
        if LAYERS.index(head) > LAYERS.index(folder):
            return f"{folder} includes {head}, which is to its right"
        if folder in PURE and head not in PURE:
            return f"{folder} is pure and includes {head}, which is not"
        return None
    if head in LAYERS and "/" in name:
        return f"<{name}>: our own headers are included with quotes"
    if name in DOORS and folder not in DOORS[name]:
        return f"<{name}> belongs in {' or '.join(sorted(DOORS[name]))}"
    if folder in PURE and not is_test and IMPURE_HEADERS.match(name):
        return f"{folder} is pure and includes <{name}>"
    return None


def check_source(path: Path, shown: Path, folder: str) -> list[Finding]:
    """All findings in one source file."""
    findings = []
    is_test = path.stem.endswith("_test")
    for number, line in enumerate(code_only(path.read_text(encoding="utf-8")).split("\n"), 1):
        include = INCLUDE.match(line)
        if include:
            what = check_include(folder, include.group(1), include.group(2), is_test)
            if what:
                findings.append(Finding(shown, number, what))
            continue
        if is_test:
            continue
        if folder in PURE:
            for pattern, meaning in IMPURE_CALLS.items():
                match = re.search(pattern, line)
                if match:
                    text = match.group(0).strip()
                    findings.append(Finding(shown, number, f"{folder} is pure and {meaning}: {text}"))
        if folder not in MAY_PRINT and PRINTING.search(line):
            findings.append(Finding(shown, number, f"{folder} prints; only app does"))
        if folder != "app" and LEAVING.search(line):
            findings.append(Finding(shown, number, f"{folder} exits or aborts; return a Result"))
    return findings


def check_deps(path: Path, shown: Path, folder: str) -> list[Finding]:
    """The DEPS of a folder's CMakeLists.txt point left too."""
    text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
    call = re.search(r"lowtide_folder\s*\(\s*(\w+)([^)]*)\)", text)
    if not call:
        return [Finding(shown, 1, f"no lowtide_folder({folder} ...)")]
    line = text[: call.start()].count("\n") + 1
    if call.group(1) != folder:
        return [Finding(shown, line, f"lowtide_folder({call.group(1)}) in folder {folder}")]
    deps = re.search(r"\bDEPS\b([^A-Z]*)", call.group(2))
    findings = []
    for dep in deps.group(1).split() if deps else []:
        if dep not in LAYERS:
            findings.append(Finding(shown, line, f"DEPS names {dep}, which is no folder"))
        elif LAYERS.index(dep) >= LAYERS.index(folder):
            findings.append(Finding(shown, line, f"{folder} depends on {dep}, which is not to its left"))
        elif folder in PURE and dep not in PURE:
            findings.append(Finding(shown, line, f"{folder} is pure and depends on {dep}"))
    return findings


def check_tree(root: Path) -> list[Finding]:
    """All findings under root/src."""
    findings = []
    for folder in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if folder.name not in LAYERS:
            findings.append(Finding(folder.relative_to(root), 1, "is no folder of the layer list"))
            continue
        cmake = folder / "CMakeLists.txt"
        if cmake.exists():
            findings += check_deps(cmake, cmake.relative_to(root), folder.name)
        for pattern in SOURCES:
            for path in sorted(folder.rglob(pattern)):
                findings += check_source(path, path.relative_to(root), folder.name)
    return findings


def main() -> int:
    """Checks the tree given, by default the one this script lies in."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parents[1])
    root = parser.parse_args().root
    if not (root / "src").is_dir():
        print(f"check_layers: {root} has no src/", file=sys.stderr)
        return 2
    findings = check_tree(root)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
