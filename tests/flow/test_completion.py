"""What bash offers behind `ldap2alma`."""

import re
import subprocess

import pytest
from conftest import TOP
from feed import PROGRAM

SCRIPT = """
source "$1"; shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_ldap2alma "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


def completions(*words, folder=TOP):
    """What the last word can become."""
    result = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT, "bash", TOP / "contrib/completion/ldap2alma.bash",
         PROGRAM, *words],
        capture_output=True, text=True, cwd=folder, check=True, timeout=60)
    assert result.stderr == ""
    return sorted(result.stdout.split())


def commands():
    usage = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True, timeout=60).stdout
    return re.findall(r"^  ([a-z]+)(?= |$)", usage.partition("commands:")[2], flags=re.M)


def test_commands():
    assert completions("") == sorted(commands()) and "run" in commands()
    assert completions("-q", "-c", "x.yaml", "find") == ["findings"]
    assert completions("nothing", "") == []


@pytest.mark.parametrize("words, expected", [
    (["--c"], ["--config"]),
    (["-"], ["--config", "--help", "--log", "--log-format", "--quiet", "--verbose", "--version", "-c", "-h",
             "-q", "-v"]),
    (["-c", "REA"], ["README.md"]),
    (["--log", "sy"], ["syslog"]),
    (["--log", "syslog", "--log-format", "j"], ["json"]),
    (["run", "--"], ["--changed", "--diff", "--dry-run", "--full", "--keep", "--metrics", "--mode", "--release",
                     "--report", "--worklist"]),
    (["run", "--release", "m"], ["min_users", "missing"]),
    (["run", "--mode", ""], ["import", "synchronize"]),
    (["run", "--report", "READ"], ["README.md"]),
    (["run", "--dry-run", ""], []),
    (["run", "--dry-run", "--keep", "READ"], ["README.md"]),
    (["test", "--format", "t"], ["tap", "text"]),
    (["test", "--cov"], ["--coverage", "--coverage-min"]),
    (["test", "--coverage", "mappings/minimal"], ["mappings/minimal.test.yaml", "mappings/minimal.yaml"]),
    (["validate", "REA"], ["README.md"]),
    (["schema", ""], ["mapping", "settings", "test"]),
    (["fields", ""], []),
], ids=" ".join)
def test_words(words, expected):
    assert completions(*words) == expected


@pytest.mark.parametrize("command", commands())
def test_options_are_those_of_the_program(command):
    for option in completions(command, "--"):
        result = subprocess.run([PROGRAM, command, option], capture_output=True, text=True, check=False,
                                cwd="/", timeout=60)
        assert "unknown option" not in result.stderr
