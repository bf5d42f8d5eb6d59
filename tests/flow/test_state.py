"""What `state` shows of people, and how it forgets, rebuilds and checks."""

import fcntl
import json
import re

import pytest

from feed import MAPPING
from memory import CHANGED, EXPIRE, Memory, person

UUID = "3f2504e0-4f89-41d3-9a0c-000000000001"


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), person(3), more=CHANGED)
    feed.send()
    return feed


def state(feed, *arguments, status=0):
    result = feed.run(*arguments, command="state")
    assert result.returncode == status, result.stderr
    return result


def show(feed, who, *options):
    return json.loads(state(feed, "show", "--format", "json", *options, who).stdout)["people"]


# ---- show


def test_a_person_is_shown(feed):
    package = feed.report["packages"][0]["name"]
    result = state(feed, "show", "p1")
    assert re.fullmatch(
        "p1\n"
        f"  id         entryUUID {UUID}\n"
        rf"  delivered  \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ in {re.escape(package)}" "\n"
        "  fields     record_type, primary_id, last_name, emails\n", result.stdout)
    assert result.stderr == ""
    found, = show(feed, "p1")
    assert (found["id"], found["match_id"], found["package"]) == (f"entryUUID {UUID}", "p1", package)
    assert (found["absent"], found["expired"], found["record_bytes"], found["record"]) == (0, False, 0, None)


@pytest.mark.parametrize("who", ["P1", " p1 ", UUID, UUID.upper(), f"entryUUID {UUID}", f"ENTRYUUID {UUID}"])
def test_whatever_names_a_person(feed, who):
    assert [person["match_id"] for person in show(feed, who)] == ["p1"]


def test_by_dn_where_the_directory_gives_no_id(tmp_path):
    feed = Memory(tmp_path, person(1, uuid=0))
    feed.send()
    found, = show(feed, "UID=p1,ou=people,dc=example,dc=edu")
    assert found["id"] == "uid=p1,ou=people,dc=example,dc=edu"


def test_a_dn_is_taken_as_a_whole(tmp_path):
    """Blanks are its own: what is behind one names nobody."""
    feed = Memory(tmp_path, person(1, uuid=0).replace("uid=p1", "cn=Ana Ruiz"))
    feed.send()
    assert len(show(feed, "cn=ana ruiz,OU=people,dc=example,dc=edu")) == 1
    state(feed, "forget", "Ruiz,ou=people,dc=example,dc=edu", status=65)


def test_several_people_are_all_shown(feed):
    """No run makes two people of one identifier, but an earlier version did."""
    feed.sql("UPDATE person SET match_id = 'p1' WHERE match_id = 'p3'")
    assert {found["id"][-2:] for found in show(feed, "p1")} == {"01", "03"}
    assert state(feed, "show", "p1").stdout.count("\n\np1\n") == 1


def test_the_last_record_is_shown(tmp_path):
    feed = Memory(tmp_path, person(1), more=CHANGED + EXPIRE)
    feed.send()
    text = state(feed, "show", "--record", "p1").stdout
    found, = show(feed, "p1", "--record")
    assert found["record"].startswith("<user>\n") and found["record"].endswith("</user>\n")
    assert found["record_bytes"] == len(found["record"])
    assert text.endswith(f"  record     {found['record_bytes']} bytes are kept\n{found['record']}")
    assert show(feed, "p1")[0]["record"] is None


def test_absent_and_expired(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1))
    feed.send()
    assert "  absent     from 1 complete run\n" in state(feed, "show", "p2").stdout
    feed.send()
    assert "  expired    a last record has told" in state(feed, "show", "p2").stdout
    assert show(feed, "p2")[0]["record_bytes"] == 0  # nobody needs it any more


@pytest.mark.parametrize("action", ["show", "forget"])
def test_nobody(feed, action):
    result = state(feed, action, "p9", status=65)
    assert (result.stdout, result.stderr) == (
        "", "ldap2alma: the state 'spool/test/state.db' knows nobody by 'p9'\n"
        "It knows people by match identifier and by the directory's immutable id.\n")


@pytest.mark.parametrize("arguments", [["show", "p1"], ["forget", "p1"], ["check"]])
def test_without_a_state(tmp_path, arguments):
    feed = Memory(tmp_path)
    result = state(feed, *arguments, status=65)
    assert result.stderr == ("ldap2alma: there is no state 'spool/test/state.db' yet\n"
                             "The first run makes it.\n")
    assert not feed.state.exists()


# ---- forget


def traces(feed, *needles):
    """The files that hold one of them, in the spool and in the state."""
    return [path.name for path in feed.state.parent.iterdir()
            if any(needle in path.read_bytes() for needle in needles)]


def test_a_person_is_forgotten(feed):
    package = feed.report["packages"][0]["name"]
    assert traces(feed, b"p1") == ["state.db"]
    result = state(feed, "forget", UUID)
    assert result.stderr == (
        f"'p1' (entryUUID {UUID}) is forgotten\n"
        f"the last record may still lie in '{package}' at '{feed.folder}/out', where Alma takes it from\n"
        "whom the directory still has is sent again as new by the next run\n")
    assert traces(feed, b"p1", bytes.fromhex(UUID.replace("-", ""))) == []
    state(feed, "show", "p1", status=65)
    assert feed.send() == {"p1"}
    assert feed.counts("new", "unchanged") == (1, 2)


def test_forgotten_and_gone(feed):
    feed.give(person(2), person(3))
    state(feed, "forget", "p1")
    assert feed.send() == set()
    assert feed.counts("leavers", "unchanged") == (0, 2)


def test_everything_of_a_person_is_forgotten(tmp_path):
    """The last record, and what a run left that was cut short."""
    feed = Memory(tmp_path, person(1, sn="Wilhelmina"), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.sql("INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
             "SELECT run, 'a.zip', target, 1, 9, '', 0, changed FROM package")
    feed.sql("INSERT INTO pending (package, key, sending, match_id) SELECT 2, key, 0, match_id FROM person")
    left = feed.state.parent / "a.zip"
    left.write_text("Wilhelmina")
    (feed.state.parent / ".a.zip.part").write_text("Wilhelmina")
    assert feed.sql("SELECT count(*) FROM record") == [(2,)]
    state(feed, "forget", "p1")
    assert feed.sql("SELECT count(*) FROM record") == [(1,)]
    assert feed.sql("SELECT count(*) FROM pending") == [(0,)]
    assert traces(feed, b"p1", b"Wilhelmina") == []
    assert feed.send() == {"p1"}


@pytest.mark.parametrize("fate, told", [("planned", 0), ("renaming", 1)])
def test_who_is_only_on_the_way_is_forgotten(tmp_path, fate, told):
    """Of a first run that was killed state knows people who were never delivered."""
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.sql("INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
             f"SELECT run, 'a.zip', target, 1, 9, '', {int(fate == 'renaming')}, changed FROM package")
    feed.sql("INSERT INTO pending (package, key, sending, match_id, digest, fields, record) VALUES "
             "(2, CAST('Dwilhelmina' AS BLOB), 0, 'wil', zeroblob(16), '', 'Wilhelmina'), "
             "(2, CAST('Dwanda' AS BLOB), 0, 'wan', zeroblob(16), '', 'Wanda')")
    state(feed, "show", "wil", status=65)
    said = state(feed, "forget", "wil").stderr
    assert said.startswith("'wil' (wilhelmina) is forgotten\n")
    assert said.count("may still lie in 'a.zip'") == told
    assert traces(feed, b"wil", b"Wil") == []
    assert bool(traces(feed, b"Wanda")) == (fate == "renaming")


def test_a_package_whose_arrival_is_not_known_loses_only_that_person(feed):
    feed.give(person(1, sn="Cole"), person(2, sn="Cole"), person(3))
    feed.send()
    feed.sql("INSERT INTO pending (package, key, sending) SELECT 2, key, 1 FROM person WHERE package = 2")
    feed.sql("UPDATE person SET package = 1")
    feed.sql("UPDATE package SET fate = 1 WHERE id = 2")
    state(feed, "forget", "p1")
    assert feed.send() == {"p1"}


def test_nobody_is_forgotten_while_a_run_is_at_work(feed):
    before = feed.state.read_bytes()
    with open(feed.state.parent / "lock", "r+", encoding="ascii") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        for arguments in (["forget", "p1"], ["rebuild"]):
            result = state(feed, *arguments, status=75)
            assert result.stderr.startswith("ldap2alma: another run of the feed 'test' is at work (pid ")
        assert [found["match_id"] for found in show(feed, "p1")] == ["p1"]
        assert state(feed, "check").returncode == 0
    assert feed.state.read_bytes() == before


# ---- rebuild


def test_a_rebuilt_state_takes_everybody_for_delivered(feed):
    feed.state.unlink()
    package, = feed.packages()
    package.unlink()
    result = state(feed, "rebuild")
    assert result.stderr.endswith("3 people are taken for what Alma has; nothing was sent\n")
    assert feed.packages() == []
    assert feed.sql("SELECT taken FROM package") == [(2,)]  # it is no file: nobody looks for it
    assert feed.send() == set()
    assert feed.counts("unchanged") == (3,)
    feed.give(person(1, sn="Cole"), person(2), person(3))
    assert feed.send() == {"p1"}


def test_a_rebuild_counts_as_a_full_run(tmp_path):
    feed = Memory(tmp_path, person(1), more="changes: { mode: changed, full_every: 7d }\n")
    state(feed, "rebuild")
    assert feed.send() == set()
    assert [run["mode"] for run in json.loads(
        feed.run("--format", "json", command="status").stdout)["runs"]] == ["synchronize", "rebuild"]


def test_a_rebuild_takes_changes_over_and_ends_nobody(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), person(3), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1, sn="Cole"), person(2), person(4))
    for _ in range(3):
        state(feed, "rebuild")
    assert feed.sql("SELECT absent, expired FROM person WHERE match_id = 'p3'") == [(0, 0)]
    assert feed.sql("SELECT count(*) FROM record") == [(4,)]
    assert [feed.send(), feed.send()] == [set(), {"p3"}]


def test_a_rebuild_of_nobody_is_stopped(feed):
    feed.give()
    assert "holds no entry at all" in state(feed, "rebuild", status=2).stderr
    feed.give(person(1), person(2), person(3))
    assert feed.send() == set()


# ---- check


def test_a_sound_state(feed):
    result = state(feed, "check")
    assert (result.stdout, result.stderr) == (
        "", "the state 'spool/test/state.db' is sound; it knows 3 people\n")


def test_what_does_not_fit_together(feed):
    feed.sql("INSERT INTO pending (package, key, sending) VALUES (1, x'4500', 0)")
    result = state(feed, "check", status=65)
    assert result.stderr == (
        "error: 1 people on their way in a package that is settled. Put back a copy of the state, or "
        "move it away and run 'ldap2alma state rebuild'.\n"
        "ldap2alma: the state 'spool/test/state.db' does not fit together\n")


def test_a_package_that_somebody_removed_is_no_fault(feed):
    feed.sql("INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
             "SELECT run, 'a.zip', target, 1, 9, '', 0, changed FROM package")
    result = state(feed, "check")
    assert result.stderr.startswith("warning: 'a.zip' of a run that was cut short is no longer in the "
                                    "spool; the next run sends its people anew\n")


def test_a_damaged_state(feed):
    data = bytearray(feed.state.read_bytes())
    data[4096:4160] = b"\xff" * 64
    feed.state.write_bytes(data)
    assert "malformed" in state(feed, "check", status=65).stderr


@pytest.mark.parametrize("arguments, text", [
    ([], "it can show, forget, rebuild and check"),
    (["erase"], "it can show, forget, rebuild and check, not 'erase'"),
    (["show"], "show whom? A match identifier, an immutable id or a DN"),
    (["forget"], "forget whom? A match identifier, an immutable id or a DN"),
    (["forget", "a", "b"], "too many arguments: 'b'"),
    (["check", "a"], "too many arguments: 'a'"),
    (["rebuild", "--record"], "rebuild takes no --record"),
    (["rebuild", "--recall"], "unknown option '--recall'"),
    (["show", "--format", "xml", "a"], "no format 'xml': it is text or json"),
])
def test_wrong_use(feed, arguments, text):
    result = state(feed, *arguments, status=64)
    assert (result.stdout, result.stderr) == ("", f"ldap2alma state: {text}\nTry 'ldap2alma --help'.\n")


def test_match_identifiers_with_odd_characters(tmp_path):
    feed = Memory(tmp_path, "dn: cn=x\nuid:: w4Rnw6kgwqDFvA==\nsn: X\n\n", mapping=MAPPING)
    feed.send()
    found, = show(feed, "ÄGÉ  Ż")
    assert found["match_id"] == "ägé ż"
