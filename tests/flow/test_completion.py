"""What the program says a word can become, and what TAB makes of it in bash, zsh and fish."""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess

import pytest
from conftest import TOP
from feed import PROGRAM

PLUGIN = pathlib.Path(PROGRAM).absolute().with_name("check_ldap2alma")


def offered(*words, program=PROGRAM):
    """What the last word can become."""
    result = subprocess.run([program, "complete", *words], capture_output=True, text=True, check=True, timeout=60)
    assert result.stderr == ""
    return [line.split("\t")[0] for line in result.stdout.splitlines()]


def listed(*command):
    """The names in a list that the program prints."""
    told = subprocess.run([PROGRAM, *command], capture_output=True, text=True, check=True, timeout=60).stdout
    return [line.split("\t")[0] for line in told.splitlines()]


def commands():
    usage = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=60).stdout
    return re.findall(r"^  ([a-z]+)(?= |$)", usage.partition("commands:")[2], flags=re.M)


def test_commands():
    assert offered("") == offered() == commands() and "run" in commands()
    assert offered("-q", "-c", "x.yaml", "--log-format", "json", "find") == ["findings"]
    assert offered("nothing", "") == []


@pytest.mark.parametrize("words, expected", [
    (["--c"], ["--config"]),
    (["-"], ["--config", "-c", "--quiet", "-q", "--verbose", "-v", "--log", "--log-format", "--allow-root", "--version",
             "--help", "-h"]),
    (["-c", "x"], [":files"]),
    (["-qvc", "x"], [":files"]),
    (["-qvcx", "find"], ["findings"]),
    (["--log", ""], ["stderr", "syslog", ":files"]),
    (["--log", "syslog", "--log-format", "j"], ["json"]),
    (["--log-format=j"], ["--log-format=json"]),
    (["--log-format", "=", "j"], ["json"]),
    (["--log-format", "="], ["text", "json"]),
    (["--log-format", "=", "json", "findi"], ["findings"]),
    (["run", ""], []),
    (["run", "--m"], ["--mode", "--metrics"]),
    (["run", "--release", "m"], ["missing", "min_users"]),
    (["run", "--mode", ""], ["synchronize", "import"]),
    (["run", "--diff", ""], []),
    (["run", "--dry-run", "--keep", "x"], [":folders"]),
    (["run", "--", "--"], []),
    (["init", "--tls", ""], ["auto", "ldaps", "starttls", "none"]),
    (["test", "--format", "t"], ["text", "tap"]),
    (["test", "--coverage", "mappings/x"], [":files"]),
    (["validate", "a", "b"], [":files"]),
    (["check", ""], [":files"]),
    (["state", ""], ["show", "forget", "rebuild", "check"]),
    (["state", "-"], ["--record", "--format", "--release", "--help", "-h"]),
    (["state", "rebuild", "--"], ["--release", "--help"]),
    (["state", "show", ""], []),
    (["schema", ""], ["settings", "mapping", "test"]),
    (["schema", "test", ""], []),
    (["options", "brakes.mi"], ["brakes.missing", "brakes.min_users"]),
], ids=" ".join)
def test_words(words, expected):
    assert offered(*words) == expected


@pytest.mark.parametrize("command", ["fields", "transforms", "options", "findings"])
def test_tables_are_offered_whole(command):
    assert offered(command, "") == listed(command) != []


def test_every_brake_is_offered():
    brakes = {name.removeprefix("brakes.") for name in listed("options") if name.startswith("brakes.")}
    assert set(offered("run", "--release", "")) == brakes - {"release"}


def test_meanings_stand_behind():
    result = subprocess.run([PROGRAM, "complete", "findi"], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout == "findings\tlist the kinds of findings in reports\n"


def test_the_plug_in():
    assert offered("-w", "out", program=PLUGIN) == ["outbox="]
    assert offered("--of", program=PLUGIN) == ["--offline"]
    assert offered("-f", "", program=PLUGIN) == [":files"]
    assert offered("", program=PLUGIN) == []


@pytest.mark.parametrize("command", commands())
def test_options_are_those_of_the_program(command):
    for option in offered(command, "-"):
        result = subprocess.run([PROGRAM, command, option], capture_output=True, text=True, check=False,
                                cwd="/", timeout=60)
        assert "unknown option" not in result.stderr


# How a shell is told to complete, and to write the line that stands at ^T into a file.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], """
        source {scripts}/ldap2alma.bash
        bind 'set bell-style none'
        bind -x '"\\C-t": printf "%s" "$READLINE_LINE" >{line}.new; mv {line}.new {line}'
        """),
    "zsh": (["zsh", "-f", "-i"], """
        fpath=({scripts} $fpath); autoload -U compinit; compinit -D -u
        dump() {{ print -rn -- "$BUFFER" >{line}.new; mv {line}.new {line} }}
        zle -N dump; bindkey '^T' dump; unsetopt beep
        """),
    "fish": (["fish", "--no-config", "-i"], """
        source {scripts}/ldap2alma.fish
        bind \\ct 'commandline | string collect | read -z -l line; printf %s $line >{line}.new; mv {line}.new {line}'
        """),
}


class Shell:
    """An interactive shell at a terminal of its own."""

    def __init__(self, name, folder):
        arguments, setup = SHELLS[name]
        self.line = folder / "line"
        environment = os.environ | {"PATH": f"{PLUGIN.parent}:/usr/bin:/bin", "HOME": str(folder), "TERM": "dumb",
                       "LANG": "C.UTF-8"}
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(TOP)
            os.execvpe(arguments[0], arguments, environment)
        script = folder / "setup"
        script.write_text(setup.format(scripts=TOP / "contrib/completion", line=self.line))
        self.send(f"source {script}\n")

    def send(self, text):
        os.write(self.terminal, text.encode())

    def completed(self, typed):
        """The line that TAB makes of this one."""
        self.line.unlink(missing_ok=True)
        self.send(f"\x15{typed}\t\x14")
        shown = b""
        while not self.line.exists():
            ready, _, _ = select.select([self.terminal], [], [], 0.05)
            if ready:
                shown += os.read(self.terminal, 4096)
        return self.line.read_text()

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


@pytest.fixture(scope="module", params=sorted(SHELLS))
def shell(request, tmp_path_factory):
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    shell = Shell(request.param, tmp_path_factory.mktemp(request.param))
    yield shell
    shell.close()


def test_what_is_typed_is_not_run(shell):
    typed = "ldap2alma --log $(touch typed) `touch typed` findi"
    shell.completed(typed)
    assert not (TOP / "typed").exists()


@pytest.mark.parametrize("typed, completed", [
    ("ldap2alma findi", "ldap2alma findings "),
    ("ldap2alma -q -c README.md findi", "ldap2alma -q -c README.md findings "),
    ("ldap2alma --log-f", "ldap2alma --log-format "),
    ("ldap2alma run --mod", "ldap2alma run --mode "),
    ("ldap2alma run --mode i", "ldap2alma run --mode import "),
    ("ldap2alma run --mode=i", "ldap2alma run --mode=import "),
    ("ldap2alma run --release field_", "ldap2alma run --release field_loss "),
    ("ldap2alma run --report READ", "ldap2alma run --report README.md "),
    ("ldap2alma init --output mapp", "ldap2alma init --output mappings/"),
    ("ldap2alma test mappings/minimal.t", "ldap2alma test mappings/minimal.test.yaml "),
    ("ldap2alma state sh", "ldap2alma state show "),
    ("ldap2alma options brakes.min", "ldap2alma options brakes.min_users "),
    ("ldap2alma nothing REA", "ldap2alma nothing REA"),
    ("check_ldap2alma -w outb", "check_ldap2alma -w outbox="),
    ("check_ldap2alma --of", "check_ldap2alma --offline "),
])
def test_tab(shell, typed, completed):
    assert shell.completed(typed) == completed
