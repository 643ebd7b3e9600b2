"""The bounds on size are seen when they are broken, and only then."""

import subprocess
import sys
from pathlib import Path

STATS = Path(__file__).resolve().parents[2] / "tools" / "stats.py"


def stats(root: Path, text: str) -> tuple[int, str]:
    """Judges a tree with this one file."""
    path = root / "src" / "base" / "x.cc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    done = subprocess.run([sys.executable, str(STATS), str(root)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def function(lines: int, inside: str = "  f();\n") -> str:
    """A function of this many lines."""
    return "namespace n {\nint f(int a) {\n" + inside * (lines - 2) + "}\n}\n"


def test_a_function_of_60_lines_is_right_and_of_61_is_over(tmp_path: Path) -> None:
    assert stats(tmp_path, function(60))[0] == 0
    status, said = stats(tmp_path, function(61))
    assert status == 1
    assert "src/base/x.cc:2: f has 61 lines (bound 60)" in said


def test_ten_paths_are_right_and_eleven_are_over(tmp_path: Path) -> None:
    assert stats(tmp_path, function(11, "  if (a) f();\n"))[0] == 0
    status, said = stats(tmp_path, function(12, "  if (a) f();\n"))
    assert status == 1
    assert "complexity of 11" in said


def test_a_rvalue_reference_and_a_comment_are_no_paths(tmp_path: Path) -> None:
    text = "void g(int&& a, int&& b) {\n" + "  // if (x && y) while for\n" * 20 + "}\n"
    assert stats(tmp_path, text)[0] == 0


def test_a_file_over_400_lines_must_say_why_in_its_head(tmp_path: Path) -> None:
    assert stats(tmp_path, "int a;\n" * 400)[0] == 0
    assert stats(tmp_path, "int a;\n" * 401)[0] == 1
    assert stats(tmp_path, "// A table; more than 400 lines because it is one fact a line.\n" + "int a;\n" * 401)[0] == 0


def test_lines_of_code_are_counted_beside_all_lines(tmp_path: Path) -> None:
    said = stats(tmp_path, "// what it is\n\nint a;  // watts\n")[1]
    assert [line.split() for line in said.splitlines() if line.startswith("base")] == [["base", "3", "1", "0", "1"]]
