"""The pages keep up with the code: sources from one template, formulas with their places."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "sources"
CODE = {path: path.read_text() for path in (ROOT / "src").rglob("*") if path.suffix in (".cc", ".h")}


def headings(page: Path) -> list[str]:
    return re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)


def test_each_page_of_a_source_has_what_the_template_has():
    wanted = headings(SOURCES / "template.md")
    pages = [page for page in SOURCES.glob("*.md") if page.name != "template.md"]
    assert len(pages) >= 7
    for page in pages:
        kept = [heading for heading in headings(page) if heading in wanted]
        assert kept == wanted, f"{page.name} lacks {set(wanted) - set(kept)}, or has them in another order"


def test_each_source_that_a_report_can_name_has_a_page():
    said = "\n".join(page.read_text() for page in SOURCES.glob("*.md"))
    words = (ROOT / "src/base/words.h").read_text()
    energy = re.search(r"LOWTIDE_SPELL\(Source,(.*?)\);", words, re.DOTALL).group(1)
    intensity = [name for text in CODE.values() for name in re.findall(r'base\.source = "(.*?)"', text)]
    names = re.findall(r'"(.*?)"', energy) + intensity
    assert len(names) > 7
    missing = [name for name in names if f"`{name}`" not in said]
    assert not missing, f"no page says {missing}"


def test_each_file_and_function_that_methods_names_is_there():
    text = (ROOT / "docs/methods.md").read_text()
    functions = set(re.findall(r"`([a-z_]+)\(\)`", text))
    files = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+)\.cc`", text))
    assert len(functions) > 10 and len(files) > 5
    whole = "\n".join(CODE.values())
    assert not [name for name in functions if not re.search(rf"\b{name}\(", whole)]
    stems = [str(path.relative_to(ROOT))[: -len(path.suffix)] for path in CODE]
    assert not [name for name in files if not any(stem.endswith("/" + name) for stem in stems)]
