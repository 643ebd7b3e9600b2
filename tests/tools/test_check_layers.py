"""The layer check finds what it is there for, and nothing else: planted trees, one rule each."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"


def check(tree: dict[str, str], root: Path) -> tuple[int, str]:
    """Writes the tree under root and checks it: (status, what was printed)."""
    for name, text in tree.items():
        path = root / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run(
        [sys.executable, str(CHECK), str(root)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


WRONG = {
    "include_to_the_right": ({"sense/rapl.cc": '\n#include "record/ledger.h"\n'},
                             "src/sense/rapl.cc:2: sense includes record"),
    "base_includes_series": ({"base/units.h": '#include "series/series.h"\n'}, "units.h:1: base includes"),
    "a_test_includes_to_the_right": ({"sense/rapl_test.cc": '#include "record/ledger.h"\n'},
                                     "rapl_test.cc:1: sense includes record"),
    "pure_includes_impure_to_its_left": ({"account/join.cc": '#include "host/clock.h"\n'},
                                         "account is pure and includes host"),
    "pure_includes_unistd": ({"series/run.h": "#include <unistd.h>\n"}, "series is pure and includes <unistd.h>"),
    "pure_includes_fstream": ({"base/x.cc": "#include <fstream>\n"}, "base is pure and includes <fstream>"),
    "pure_includes_sys": ({"base/x.cc": "#include <sys/stat.h>\n"}, "base is pure and includes <sys/stat.h>"),
    "pure_reads_a_clock": ({"account/x.cc": "auto t = std::chrono::system_clock::now();\n"},
                           "account is pure and reads a clock"),
    "pure_reads_the_environment": ({"account/x.cc": 'auto h = std::getenv("HOME");\n'},
                                   "account is pure and reads the environment"),
    "sqlite_outside_host": ({"app/x.cc": "#include <sqlite3.h>\n"}, "<sqlite3.h> belongs in host"),
    "dlopen_outside_host": ({"sense/x.cc": "#include <dlfcn.h>\n"}, "<dlfcn.h> belongs in host"),
    "core_prints": ({"show/x.cc": 'void f() { std::cout << "x"; }\n'}, "show prints"),
    "core_exits": ({"record/x.cc": "void f() { std::exit(1); }\n"}, "record exits or aborts"),
    "include_without_its_folder": ({"sense/rapl.cc": '#include "meter.h"\n'}, "written from src/"),
    "own_header_in_angle_brackets": ({"sense/rapl.cc": "#include <base/units.h>\n"}, "with quotes"),
    "unknown_folder": ({"util/x.cc": "\n"}, "src/util:1: is no folder of the layer list"),
    "deps_to_the_right": ({"sense/CMakeLists.txt": "lowtide_folder(sense DEPS base record)\n"},
                          "sense depends on record"),
    "pure_deps_on_impure": ({"account/CMakeLists.txt": "lowtide_folder(account DEPS base host LIBS x)\n"},
                            "account is pure and depends on host"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_planted_fault_is_found(name: str, tmp_path: Path) -> None:
    tree, expected = WRONG[name]
    status, said = check(tree, tmp_path)
    assert status == 1, said
    assert expected in said
    assert len(said.splitlines()) == 1, "one fault, one line"


RIGHT = {
    "left_and_own": {"host/sqlite.cc": '#include <sqlite3.h>\n#include "host/sqlite.h"\n',
                     "record/ledger.cc": '#include "record/ledger.h"\n#include "host/sqlite.h"\n'},
    "comment_and_string_are_no_code": {
        "account/x.cc": '// std::chrono::system_clock::now()\n/* getenv("x") */ auto s = "getenv(now())";\n'},
    "a_comment_is_no_include": {"base/x.cc": '// #include "record/ledger.h"\n'},
    "tests_of_pure_folders_may_read_files": {"account/x_test.cc": "#include <fstream>\n"},
    "tests_may_use_the_rig": {"sense/rapl_test.cc": '#include "rig/powercap.h"\n'},
    "underscore_exit_after_fork": {"host/x.cc": "void f() { _exit(1); }\n"},
    "app_reads_and_prints": {"app/main.cc": 'int main() { std::getenv("X"); std::cerr << 1; std::exit(2); }\n'},
    "snprintf_does_not_print": {"show/x.cc": "int f() { return snprintf(b, 2, a); }\n"},
    "deps_to_the_left": {"sense/CMakeLists.txt": "lowtide_folder(sense DEPS base series host)\n"},
    "digit_separators_are_no_quotes": {"base/x.cc": "constexpr int a = 1'000'000;\nint now_ms();\n"},
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_allowed_passes(name: str, tmp_path: Path) -> None:
    status, said = check(RIGHT[name], tmp_path)
    assert (status, said) == (0, "")


def test_a_tree_without_src_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(CHECK), str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 2
