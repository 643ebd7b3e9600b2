"""`lowtide report --format latex`: a fragment that pdfLaTeX of texlive-latex-base compiles, whatever a name holds."""

import re
import subprocess
from pathlib import Path

import pytest
from harness import Lowtide

# All printable ASCII, the accented letters, and what no font of LaTeX's own has.
LETTERS = "".join(map(chr, range(0xA0, 0x180)))
NAMES = ["".join(map(chr, range(0x20, 0x7F))), LETTERS[:96], LETTERS[96:], "日本 Ω 🌊 ‰ --- ?` !` ,, << >>", "*a\x1b[31m\n\tb",
         "[1cm] starts a line", r"\end{tabular}\input{/etc/passwd}%", "a%b # $x^2_1$ ~&"]


def pages(folder: Path, body: str) -> str:
    """The text of the PDF that a document with this fragment gives; fails when LaTeX does."""
    (folder / "report.tex").write_text(body)
    (folder / "paper.tex").write_text("\\documentclass{article}\n\\begin{document}\n\\input{report}\n\\end{document}\n")
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"], cwd=folder,
                          capture_output=True, text=True, errors="replace", timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Missing character" not in (folder / "paper.log").read_text(errors="replace")
    return subprocess.run(["pdftotext", "-layout", "paper.pdf", "-"], cwd=folder, capture_output=True, text=True, timeout=60,
                          check=True).stdout


def latex(lowtide: Lowtide, *args: str) -> str:
    """What `lowtide report --format latex` prints."""
    done = lowtide("report", *args, "--format", "latex")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_run_compiles_and_says_what_a_paper_must(lowtide: Lowtide) -> None:
    lowtide("run", "--name", "digits", "--location", "azure:westus2", "--", "sleep", "0.3")
    text = latex(lowtide, "last")
    assert "\\usepackage" not in re.sub(r"(?m)^%.*$", "", text), "no package is needed"
    seen = " ".join(pages(lowtide.folder, text).split())
    for word in ("digits", "CPUs", "Wh", "PUE", "azure:westus2", "average, life-cycle", "typical", "95 % interval", "Boundary",
                 "facility", "Left out", "disks", "Method", "ISO/IEC 21031:2024", "lowtide.methods/1", "embodied", "assumed"):
        assert word in seen, word


@pytest.mark.parametrize("name", NAMES)
def test_any_name_compiles(lowtide: Lowtide, name: str) -> None:
    lowtide.run("--name", name, "--project", "p", "--", "true")
    lowtide.run("--name", name, "--project", "p", "--", "true")
    seen = pages(lowtide.folder, latex(lowtide, "last") + latex(lowtide, "--project", "p"))
    if name.isascii() and name.isprintable() and len(name) < 40:
        assert re.sub(r"\s", "", name)[:6] in re.sub(r"\s", "", seen)
    assert "root:" not in seen


def test_what_a_font_lacks_is_named(lowtide: Lowtide) -> None:
    lowtide.run("--name", "日本é", "--", "true")
    assert "[U+65E5][U+672C]" in pages(lowtide.folder, latex(lowtide, "last"))


def test_a_project_has_its_subtotals(lowtide: Lowtide) -> None:
    lowtide.run("--project", "p", "--name", "try", "--", "sleep", "0.3")
    lowtide.run("--project", "p", "--name", "broken", "--", "false")
    lowtide.run("--project", "p", "--name", "last one", "--tag", "phase=final", "--", "sleep", "0.3")
    seen = pages(lowtide.folder, latex(lowtide, "--project", "p"))
    for phase in ("exploration", "failures", "final"):
        assert re.search(rf"(?m)^ *{phase} +1 +", seen), phase
    assert re.search(r"(?m)^ *total +3 +", seen)
    assert all(name in seen for name in ("try", "broken", "last one"))


def test_nothing_known_compiles(lowtide: Lowtide) -> None:
    (lowtide.folder / "empty").mkdir()
    lowtide.env["LOWTIDE_SYSROOT"] = str(lowtide.folder / "empty")
    lowtide.run("--", "true")
    assert "not known" in pages(lowtide.folder, latex(lowtide, "last"))
