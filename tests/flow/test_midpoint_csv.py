"""contrib/midpoint/push-csv: what midPoint's CSV connector wrote becomes what is pushed. The files are
written as commons-csv does it, of which newer versions escape by a backslash."""

import configparser
import subprocess

import pytest
from conftest import TOP

from test_connid import ODD, Plugged

SCRIPT = TOP / "contrib/midpoint/push-csv"
COLUMNS = ["employeeNumber", "uid", "givenName", "sn", "telephoneNumber", "accountEnabled", "mail",
           "eduPersonAffiliation", "unused"]


def person(number, **more):
    return {"employeeNumber": str(number), "uid": f"u{number}", "givenName": "Ana", "sn": "Ruiz",
            "mail": f"a{number}@example.edu|b{number}@example.edu", **more}


def quoted(value, escape):
    value = value.replace("\\", "\\\\") if escape == "\\" else value
    return '"%s"' % value.replace('"', escape + '"')


class Csv(Plugged):
    """Only for its feed: there is no connector."""

    def __init__(self, folder):
        super().__init__(folder, None)
        parser = configparser.ConfigParser(delimiters=["="], interpolation=None)
        parser.optionxform = str
        parser.read(TOP / "contrib/midpoint/push-csv.conf")
        parser["ldap2alma"].update({"command": self.command, "file": str(folder / "people.csv")})
        with open(folder / "push-csv.conf", "w", encoding="utf-8") as file:
            parser.write(file)

    def write(self, *people, escape='"'):
        rows = [COLUMNS, *([one.get(name, "") for name in COLUMNS] for one in people)]
        text = "".join(";".join(quoted(value, escape) for value in row) + "\r\n" for row in rows)
        (self.folder / "people.csv").write_bytes(text.encode())
        return text

    def push(self, status=0):
        result = subprocess.run([SCRIPT, self.folder / "push-csv.conf"], capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout) == (status, ""), result.stderr
        return result.stderr

    def kept(self):
        """Everybody who is kept: `mail` by the key."""
        result = self.run(command="list")
        assert result.returncode == 0
        return [line for line in result.stdout.splitlines() if line.startswith("mail:")]


@pytest.fixture(name="table")
def make_table(tmp_path):
    return Csv(tmp_path)


def test_who_comes_changes_and_goes(table):
    table.write(person(1), person(2), person(3, mail=""))
    table.push()
    assert table.run(command="deliver").returncode == 0
    assert {user.findtext("primary_id") for user in table.feed.users()} == {"u1", "u2", "u3"}
    assert len(table.kept()) == 4
    table.write(person(2, mail="new@example.edu"), person(3, mail=""))
    table.push()
    assert table.kept() == ["mail: new@example.edu"]
    table.push()
    assert table.kept() == ["mail: new@example.edu"]


def test_others_keep_theirs(table):
    """Who was pushed below another base is not of the file, and is not removed."""
    subprocess.run([*table.command.split(), "put"], check=True, text=True, input=(
        "dn: employeeNumber=9,ou=guests,dc=example,dc=edu\nemployeeNumber: 9\nuid: u9\nsn: Cole\nmail: g@example.edu\n"))
    table.write(person(1, mail="a@example.edu"))
    table.push()
    assert sorted(table.kept()) == ["mail: a@example.edu", "mail: g@example.edu"]


@pytest.mark.parametrize("escape", ['"', "\\"])
def test_odd_values(table, escape):
    values = [value for value in ODD if escape == "\\" or "\\" not in value] + ['say "so"; twice', "\u2028x\u0085y"]
    table.write(*(person(i, sn=value) for i, value in enumerate(values)), escape=escape)
    table.push()
    assert table.run(command="deliver").returncode == 0
    users = {user.findtext("primary_id"): user.findtext("last_name") for user in table.feed.users()}
    assert len(users) == len(values)
    for i, value in enumerate(values):  # as XML and Alma have it: blanks are tidied up
        assert users[f"u{i}"].split() == value.split() or not value.isprintable()


def test_one_person_is_refused(table):
    """The others are pushed; the status is that of put."""
    table.write(person(1), person(2, sn=""))
    assert "last_name" in table.push(status=65)
    assert len(table.kept()) == 2


@pytest.mark.parametrize("change, said", [
    (lambda text: text[:-1], "cut off"),
    (lambda text: text[:text.index("\r\n") + 2], "nobody is in it"),
    (lambda text: "", "cut off"),
    (lambda text: text.replace(';"Ruiz"', ""), "row 1 has 8 columns, the header 9"),
    (lambda text: text.replace('"sn"', '"surname"'), "0 columns have the name 'sn'"),
    (lambda text: text.replace('"unused"', '"sn"'), "2 columns have the name 'sn'"),
    (lambda text: text.replace('"2"', '"1"'), "row 2: employeeNumber is there twice: '1'"),
    (lambda text: text.replace('"2"', '""'), "row 2: employeeNumber is empty"),
    (lambda text: text + '"', "cut off"),
    (lambda text: text + '"3\n', "unexpected end of data"),
    (lambda text: text.replace("Ana", "\udcff"), "not UTF-8"),
])
def test_a_file_that_is_not_whole(table, change, said):
    """Nobody is pushed, and above all nobody removed."""
    text = table.write(person(1), person(2))
    table.push()
    kept = table.kept()
    (table.folder / "people.csv").write_bytes(change(text).encode("utf-8", "surrogateescape"))
    assert said in table.push(status=65)
    assert table.kept() == kept


def test_what_is_kept_is_not_known(table):
    """Where the program cannot list, nobody is pushed."""
    table.write(person(1))
    table.feed.write("ldap2alma.yaml", "nothing: 1\n")
    assert table.push(status=65)
