"""What bash, zsh and fish offer when they are asked; examples, the page of the manual, the version."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from harness import PATIENCE_S, Lowtide, binary


def asked(lowtide: Lowtide, *words: str) -> list[str]:
    """The values that the program itself offers."""
    lines = lowtide("__complete", *words).stdout.splitlines()
    assert lines[0] == "values", lines
    return [line.split("\t")[0] for line in lines[1:]]


def commands(lowtide: Lowtide, *before: str) -> list[list[str]]:
    """Every command of the tree, by the words that name it."""
    help_text = lowtide(*before, "--help").stdout
    found = []
    if "Subcommands:" in help_text:
        for name in re.findall(r"^  ([a-z-]+) ", help_text.split("Subcommands:")[1].split("Examples:")[0], flags=re.M):
            found += [[*before, name], *commands(lowtide, *before, name)]
    return found


def examples(text: str) -> list[str]:
    """The lowtide part of each example of a --help."""
    lines = text.split("Examples:\n")[1].splitlines() if "Examples:\n" in text else []
    return [found.group() for line in lines if (found := re.search(r"\blowtide [^#|>)]*", line.split(" # ")[0]))]


def test_every_help_has_examples_and_they_parse(lowtide: Lowtide) -> None:
    every = commands(lowtide)
    assert ["run"] in every and ["completion"] in every
    for command in [[], *every]:
        said = examples(lowtide(*command, "--help").stdout)
        assert said, f"no example in lowtide {' '.join(command)} --help"
        for example in said:
            done = lowtide("__parse", *shlex.split(example)[1:])
            assert done.returncode == 0, (example, done.stderr)
    assert lowtide("__parse", "show", "last", "--no-such-flag").returncode == 2
    assert not lowtide.home.exists(), "nothing was done"


def test_values_come_from_the_tree_and_from_the_ledger(lowtide: Lowtide) -> None:
    lowtide.run("--quiet", "--name", "digits", "--project", "bert", "--", "true")
    run = lowtide.runs()[0]["id"]
    assert {"last", "digits", run} <= set(asked(lowtide, "show", ""))
    assert asked(lowtide, "show", run[:3]) == [run]
    assert asked(lowtide, "runs", "--project", "") == ["bert"]
    assert asked(lowtide, "report", "--format", "") == ["text", "json", "csv", "md", "latex", "html"]
    assert asked(lowtide, "report", "--format=js") == ["--format=json"]
    assert asked(lowtide, "run", "--location", "azure:westus2") == ["azure:westus2"]
    for option in ("--signal", "--idle", "--per", "--embodied", "--gpus"):
        for value in asked(lowtide, "run", option, ""):
            done = lowtide.run("--quiet", option, value, "--", "true")
            assert done.returncode == 0 or "marginal" in done.stderr, (option, value, done.stderr)
    assert lowtide("__complete", "run", "--json", "").stdout == "files 0\n"
    assert lowtide("__complete", "run", "--intensity=file:a").stdout == "files 17\n"
    assert lowtide("__complete", "run", "--name", "x", "--", "tr").stdout == "words 5\n"


def test_a_broken_ledger_is_no_noise(lowtide: Lowtide) -> None:
    lowtide.home.mkdir()
    (lowtide.home / "ledger.db").write_text("no ledger")
    done = lowtide("__complete", "show", "")
    assert (done.returncode, done.stdout.split("\t")[0], done.stderr) == (0, "values\nlast", "")


class Shell:
    """An interactive shell on a terminal, with its line editor on."""

    def __init__(self, lowtide: Lowtide, *command: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(lowtide.folder)
                os.execvpe(command[0], command, lowtide.env)
            finally:
                os._exit(127)
        self.seen = ""

    def type(self, text: str) -> None:
        """Types this."""
        os.write(self.fd, text.encode())

    def until(self, pattern: str) -> str:
        """What is on the terminal up to the pattern."""
        end = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.seen)):
            assert time.monotonic() < end, f"never saw {pattern!r} in {self.seen!r}"
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        said, self.seen = self.seen[: found.end()], self.seen[found.end():]
        return said

    def close(self) -> None:
        """Ends the shell."""
        os.kill(self.pid, 9)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


ASK = [  # what is typed, and the line that it becomes
    ("lowtide doc", "lowtide doctor"),
    ("lowtide report last --form", "lowtide report last --format"),
    ("lowtide report last --format=la", "lowtide report last --format=latex"),
    ("lowtide run --location azure:westus2", "lowtide run --location azure:westus2"),
    ("lowtide show dig", "lowtide show digits"),
    ("lowtide run --json grid-", "lowtide run --json grid-of-mine"),
    ("lowtide run --intensity file:grid-", "lowtide run --intensity file:grid-of-mine"),
]


@pytest.fixture
def home(lowtide: Lowtide) -> Lowtide:
    """A home with a run named digits, a file, and lowtide in $PATH."""
    (lowtide.folder / "bin").mkdir()
    (lowtide.folder / "bin" / "lowtide").symlink_to(binary())
    (lowtide.folder / "grid-of-mine").touch()
    lowtide.env |= {"PATH": f"{lowtide.folder}/bin:{lowtide.env['PATH']}", "PS1": "ready> "}
    lowtide.run("--quiet", "--name", "digits", "--", "true")
    return lowtide


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_what_is_typed(home: Lowtide, shell: str) -> None:
    at = Shell(home, *(["bash", "--norc", "--noprofile", "-i"] if shell == "bash" else ["zsh", "-f", "-i"]))
    if shell == "zsh":
        at.type("PS1='ready> '; autoload -U compinit; compinit -u -D; unsetopt zle_bracketed_paste\r")
    at.type(f"source <(lowtide completion {shell}); echo sour''ced\r")
    at.until("sourced")
    for typed, becomes in ASK:
        # The line becomes a word of echo: what that prints is what the shell made of it.
        at.type(typed + "\t")
        time.sleep(0.3)
        at.type("\x01echo '<\x05>'\r")
        said = at.until(r"[\r\n]<[^\r\n]*>")
        assert re.sub(r"\s+>$", ">", re.split(r"[\r\n]", said)[-1]) == f"<{becomes}>", typed
    at.close()


def test_fish_offers_what_the_program_does(home: Lowtide) -> None:
    def fish(line: str) -> list[str]:
        done = subprocess.run(["fish", "--no-config", "-c",
                               f"lowtide completion fish | source; complete -C {shlex.quote(line)}"],
                              env=home.env, cwd=home.folder, capture_output=True, text=True, check=True)
        return [word.split("\t")[0] for word in done.stdout.splitlines()]

    for typed, becomes in ASK:
        assert becomes.rsplit(" ", 1)[1] in fish(typed), typed
    assert "grid-of-mine" in fish("lowtide run -- cat grid-")


def test_what_is_installed_is_found_by_the_shells_and_man(home: Lowtide) -> None:
    build, root = Path(binary()).parent, home.folder / "root"
    subprocess.run(["cmake", "--install", str(build), "--prefix", str(root)], check=True, capture_output=True)
    for shell, at in {"bash": "bash-completion/completions/lowtide", "zsh": "zsh/site-functions/_lowtide",
                      "fish": "fish/vendor_completions.d/lowtide.fish"}.items():
        assert (root / "share" / at).read_text() == home("completion", shell).stdout
    lazy = subprocess.run(["bash", "--norc", "-c", "source /usr/share/bash-completion/bash_completion; "
                           "_completion_loader lowtide; complete -p lowtide"], capture_output=True, text=True,
                          env=home.env | {"XDG_DATA_DIRS": f"{root}/share"}, check=False)
    assert lazy.stdout == "complete -F _lowtide lowtide\n", lazy.stderr
    page = subprocess.run(["man", "lowtide"], env=home.env | {"MANPATH": f"{root}/share/man", "MANWIDTH": "78"},
                          capture_output=True, text=True, check=True).stdout
    assert "lowtide run" in page


def test_the_page_has_each_option_and_no_warning(lowtide: Lowtide) -> None:
    page = lowtide("help", "--man").stdout
    (lowtide.folder / "lowtide.1").write_text(page)
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", "lowtide.1"], cwd=lowtide.folder,
                          capture_output=True, text=True, check=False)
    groff = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "lowtide.1"], cwd=lowtide.folder,
                           capture_output=True, text=True, check=True)
    assert (lint.stdout, groff.stderr) == ("", "")
    for command in commands(lowtide):
        part = page.split(f".SS lowtide {' '.join(command)}\n".replace("-", "\\-"))[1].split("\n.SS ")[0]
        names = asked(lowtide, *command, "--")
        assert "--help" in names
        for name in names:
            assert re.search(rf"^\.B .*{re.escape(name.replace('-', chr(92) + '-'))}( |$)", part, flags=re.M), name
    assert shutil.which("man")


def test_help_of_a_command_is_its_help(lowtide: Lowtide) -> None:
    assert lowtide("help", "run").stdout == lowtide("run", "--help").stdout
    assert lowtide("help").stdout == lowtide("--help").stdout
    assert lowtide("help", "none").returncode == 2


def test_version_says_schema_build_and_data(lowtide: Lowtide) -> None:
    said = lowtide("--version").stdout
    assert "not found" not in said, said
    assert re.match(r"lowtide \d+\.\d+\.\d+\nledger schema \d+ · lowtide\.report/1", said)
    assert "compiler" in said
    assert re.search(r"typical_odbl_zones\.csv +20\d\d to 20\d\d · ODbL 1\.0", said)
    assert re.search(r"annual\.csv +\d{4} to \d{4} · .*CC BY 4\.0", said)
