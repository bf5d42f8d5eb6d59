"""The program's tables as it lists them: for programs, and on a terminal for people."""

import os
import subprocess

import pytest

from feed import PROGRAM
from terminal import COLOR, on_terminal, without_color

TABLES = ["fields", "transforms", "options", "findings"]


def lines(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("command", [["fields"], ["schema", "mapping"]])
def test_what_cannot_be_written_is_told(command):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, text=True,
                              check=False)
    assert done.returncode == 73
    assert done.stderr.startswith("ldap2alma: cannot write to standard output: ")


def shown(columns, *arguments, **environment):
    return on_terminal([PROGRAM, *arguments], ".", columns, **environment)


@pytest.mark.parametrize("table", TABLES)
def test_without_a_terminal_a_row_is_a_line_with_tabs(table):
    rows = [line.split("\t") for line in lines(table)]
    assert len(rows) > 9
    assert len({len(row) for row in rows}) == 1
    assert len({row[0] for row in rows}) == len(rows)


@pytest.mark.parametrize("columns", [50, 80, 132])
@pytest.mark.parametrize("table", TABLES)
def test_a_terminal_gets_columns_of_its_width(table, columns):
    text = shown(columns, table)
    assert COLOR.search(text)
    text = without_color(text)
    assert max(map(len, text.splitlines())) <= columns
    squeezed = " ".join(text.split())
    for row in lines(table):
        name, *cells = row.split("\t")
        assert (name.split(".")[-1] if table == "fields" else name) in squeezed
        for cell in cells:
            assert all(word in squeezed for word in cell.split() if len(word) < 20)


def test_columns_are_aligned_under_their_headings():
    text = without_color(shown(100, "fields")).splitlines()
    kind, most, what = (text[0].index(word) for word in ("kind", "most", "what it is"))
    user_group, = (line for line in text if line.startswith("user_group "))
    assert user_group[kind:].startswith("code ") and user_group[most:].startswith("255 ")
    assert user_group[what:].startswith("code of the table UserGroups")
    address, = (line for line in text if line.startswith("  email_address "))
    assert address[kind:].startswith("text ") and address[what:] == "the address"


def test_a_transform_has_its_example_below_it():
    text = without_color(shown(100, "transforms")).splitlines()
    at = text.index(next(line for line in text if line.startswith("squeeze ")))
    assert text[at + 1].strip() == (
        "example ${cn | squeeze | replace ' ' '_'}  of Ana   Ruiz  gives Ana_Ruiz")


def test_one_row_in_full():
    assert lines("transforms", "take") == [
        "transform     take", "arguments     N", "example       ${givenName | take 1}",
        "what it does  the first N characters", "of            Éloïse", "gives         É"]
    emails = lines("fields", "emails")
    assert emails[:3] == ["field       emails", "kind        items",
                          "what it is  e-mail addresses"]
    assert [line.split()[0] for line in emails[3:] if line.split() != ["required", "yes"]] == [
        row.split("\t")[0].split(".")[1] for row in lines("fields") if row.startswith("emails.")]
    assert lines("fields", "emails.email_address")[0] == "field       emails.email_address"


def test_no_color_where_nobody_wants_it():
    assert not COLOR.search(shown(80, "fields", NO_COLOR="1"))
    assert not COLOR.search("\n".join(lines("fields", "emails")))


def test_who_reads_no_further_is_not_told():
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([PROGRAM, "fields"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (73, b"")
