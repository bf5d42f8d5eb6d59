"""What people write into a directory does no harm, wherever it is shown or sent: in XML, file names,
logs, reports and on the terminal."""

import base64
import json
import re
import unicodedata

import pytest
from memory import Memory

# What somebody may have written, and what Alma gets of it.
VALUES = [
    ("\x1b[2J\x1b[31mred\x1b[0m", "[2J[31mred[0m"),
    ("\x07bell\x08\x7f", None),
    ("\x9b31mred\x9b0m", None),
    ("%s%n%x%1000000d", "%s%n%x%1000000d"),
    ("</last_name></user><user><primary_id>evil</primary_id>",
     "</last_name></user><user><primary_id>evil</primary_id>"),
    ("]]><![CDATA[x", "]]><![CDATA[x"),
    ("<!DOCTYPE a [<!ENTITY b SYSTEM '/etc/passwd'>]>&b;",
     "<!DOCTYPE a [<!ENTITY b SYSTEM '/etc/passwd'>]>&b;"),
    ("&amp;&#0;&lt;", "&amp;&#0;&lt;"),
    ("../../../../tmp/evil", "../../../../tmp/evil"),
    ("-rf /", "-rf /"),
    ("${now} $(id) `id` ; id", "${now} $(id) `id` ; id"),
    ("\u202egnp.exe", "\u202egnp.exe"),
    ("\u2066isolate\u2069", "\u2066isolate\u2069"),
    ("r\u0430ul", "r\u0430ul"),
    ("0042", "0042"),
    ("  \t blanks \u00a0\u2003 ", "blanks"),
    ("Jose\u0301", "Jos\u00e9"),
    ("one\r\ntwo\u2028three", "one two three"),
    ("nul\0behind", "nulbehind"),
    ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ("\U000e0041\U0001f600\u0300", None),
    ("'; DROP TABLE person; --", "'; DROP TABLE person; --"),
]

# Nothing of this may reach a terminal or a line of a log as it is.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  last_name: ${sn}
  web_site_url: ${labeledURI}
"""


def line(name, value):
    value = value if isinstance(value, bytes) else value.encode()
    return f"{name}:: {base64.b64encode(value).decode()}\n"


def entry(number, uid=None, sn="Ruiz", dn=None, more=""):
    return (line("dn", dn or f"uid=p{number:02},ou=people,dc=example,dc=edu")
            + f"entryUUID: 3f2504e0-4f89-41d3-9a0c-{number:012d}\n"
            + line("uid", uid or f"p{number:02}") + line("sn", sn) + more + "\n")


def identifier_of(number):
    """What the value and the number make as an identifier; None where it is hard to say."""
    value, expected = VALUES[number]
    return expected and expected + (" " if value[-1].isspace() else "") + str(number)


def clean(text):
    found = HARMFUL.search(text)
    return not found or pytest.fail(f"{found.group()!r} in {text[max(0, found.start() - 60):][:120]!r}")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """One feed that has the values in names, in identifiers and in DNs."""
    names = [entry(i, sn=value) for i, (value, _) in enumerate(VALUES)]
    ids = [entry(100 + i, uid=f"{value}{i}") for i, (value, _) in enumerate(VALUES)]
    dns = [entry(200 + i, dn=f"cn={value},{i}") for i, (value, _) in enumerate(VALUES)]
    # Rejected, so that DN and value are quoted in findings.
    bad = [entry(300 + i, dn=f"cn={value},b{i}", more=line("labeledURI", value + "x" * 5000))
           for i, (value, _) in enumerate(VALUES)]
    # Held: the DN of the one stands in the finding of the other.
    twins = [entry(400 + 2 * i + j, uid=f"twin {value}", dn=f"cn={value}{j},t{i}")
             for i, (value, _) in enumerate(VALUES) for j in range(2)]
    feed = Memory(tmp_path_factory.mktemp("hostile"), *names, *ids, *dns, *bad, *twins,
                  mapping=MAPPING, more="")
    feed.before = {path.name for path in feed.folder.iterdir()}
    feed.result = feed.run(shared=["-v"])
    assert feed.result.returncode == 0, feed.result.stderr
    return feed


def test_alma_gets_text(hostile):
    users = {user.findtext("primary_id"): user for user in hostile.users()}
    for i, (value, expected) in enumerate(VALUES):
        name = users[f"p{i:02}"].findtext("last_name")
        if expected is None:
            assert not HARMFUL.search(name) and name
        else:
            assert name == expected
        assert unicodedata.is_normalized("NFC", name)
        assert identifier_of(i) is None or identifier_of(i) in users, value
    assert len(users) == 3 * len(VALUES)
    assert "evil" not in users


def test_the_log_and_the_report_show_nothing_harmful(hostile):
    clean(hostile.result.stdout)
    clean(hostile.result.stderr)
    raw = (hostile.folder / "report.json").read_bytes()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw)
    assert len(hostile.findings("too_long")) == len(VALUES)
    assert len(hostile.findings("duplicate")) == 2 * len(VALUES)


def test_files_have_our_names_alone(hostile):
    after = {path.name for path in hostile.folder.iterdir()}
    assert after - hostile.before == {"report.json", "spool"}
    assert all(re.fullmatch(r"test-synchronize-\d{8}T\d{6}Z-\d\d\.zip", path.name)
               for path in hostile.packages())


COMMANDS = [["run", "--dry-run", "--full"], ["status"], ["check"], ["state", "check"],
            *(["worklist", "--format", name] for name in ("text", "csv", "json"))]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_a_command_shows(hostile, command):
    result = hostile.run(*command[1:], command=command[0])
    assert result.returncode == 0, result.stderr
    clean(result.stdout.replace("\r\n", "\n") + result.stderr)


@pytest.mark.parametrize("number", range(len(VALUES)))
@pytest.mark.parametrize("command", ["preview", "state show"])
def test_one_person(hostile, command, number):
    """By an identifier that is hostile itself, and everything that is shown of the person."""
    first, *rest = command.split()
    for name in {identifier_of(number) or f"p{number:02}", f"p{number:02}"}:
        result = hostile.run(*rest, "--", name, command=first)
        assert result.returncode == 0, result.stderr
        clean(result.stdout.replace("\r\n", "\n") + result.stderr)
        result = hostile.run(*rest, "--format", "json", "--", name, command=first)
        assert result.returncode == 0, result.stderr
        json.loads(result.stdout)
        clean(result.stdout)


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_claims(tmp_path, form):
    """People whose identifier was hostile before and is now, with such DNs."""
    feed = Memory(tmp_path, *(entry(i, uid=f"{value}{i}") for i, (value, _) in enumerate(VALUES)),
                  mapping=MAPPING, more="")
    assert feed.run().returncode == 0
    feed.give(*(entry(i, uid=f"{value}now{i}", dn=f"cn={value},{i}")
                for i, (value, _) in enumerate(VALUES)))
    assert feed.run().returncode == 2
    assert len(feed.findings("moved")) == len(VALUES)
    result = feed.run("list", "--format", form, command="identity")
    assert result.returncode == 0 and "now0" in result.stdout
    clean(result.stdout.replace("\r\n", "\n") + result.stderr)


def test_nobody_of_that_name(hostile):
    for value, _ in VALUES:
        if "\0" in value:
            continue
        for command, *more in (["preview"], ["state", "show"], ["state", "forget"]):
            result = hostile.run(*more, "--", "nobody" + value, command=command)
            assert result.returncode == 65
            clean(result.stdout.replace("\r\n", "\n") + result.stderr)


def test_identifiers_that_look_alike_collide(tmp_path):
    """By normalization, case, width, blanks or what is not to be seen; none of them is sent."""
    alike = ["Jos\u00e9", "JOSE\u0301", "jos\u00e9 ", "jo\u200bs\u00e9", "\uff2aos\u00e9"]
    feed = Memory(tmp_path, *(entry(i, uid=value) for i, value in enumerate(alike)),
                  entry(9, uid="jose"), mapping=MAPPING, more="")
    result = feed.run()
    assert result.returncode == 0, result.stderr
    assert [user.findtext("primary_id") for user in feed.users()] == ["jose"]
    assert feed.report["counts"]["held"] == len(alike)


def test_numbers_keep_their_zeros(tmp_path):
    feed = Memory(tmp_path, *(entry(i, uid=value) for i, value in enumerate(["7", "07", "007"])),
                  mapping=MAPPING, more="")
    assert feed.run().returncode == 0
    assert sorted(user.findtext("primary_id") for user in feed.users()) == ["007", "07", "7"]
