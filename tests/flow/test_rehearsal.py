"""`run --dry-run`: what it says is what the run says, and it touches nothing."""

import contextlib
import fcntl
import json
import os
import pathlib
import random
import shutil
import sqlite3
import stat
import struct
import subprocess
import tempfile

import pytest

from conftest import PROGRAM
from feed import MAPPING, UNBRAKED
from killing import KILLED
from memory import CHANGED, EXPIRE, Memory, person
from rehearsal import Stage, documents, snapshot

PEOPLE = [person(number) for number in range(1, 6)]
LATER = [person(1, sn="Cole"), person(2, mails=()), person(3), person(4), person(6)]


@pytest.fixture(name="stage")
def make_stage(tmp_path):
    stage = Stage(tmp_path, *PEOPLE, more=CHANGED)
    stage.day()
    stage.take()
    return stage


def sql(stage, statement, *values):
    with contextlib.closing(sqlite3.connect(stage.state)) as database, database:
        return database.execute(statement, values).fetchall()


# ---- the same as the run


def first_run(stage):
    shutil.rmtree(stage.folder / "spool")


def first_run_without_folders(stage):
    first_run(stage)
    stage.change("ldap2alma.yaml", "spool: spool", "spool: var/spool\nstate: var/lib/state.db")


def nothing_new(stage):
    pass


def later(stage):
    stage.give(*LATER)


def leavers(stage):
    stage.change("ldap2alma.yaml", CHANGED, CHANGED + EXPIRE)
    stage.day()
    stage.give(*LATER)
    stage.day()


def leavers_whose_records_are_not_kept(stage):
    later(stage)
    stage.day()
    stage.change("ldap2alma.yaml", CHANGED, CHANGED + EXPIRE)


def somebody_comes_back(stage):
    leavers(stage)
    stage.day()
    stage.give(*PEOPLE)


def long_ago(stage):
    stage.clock += 100 * 86400


def full_by_its_date(stage):
    stage.change("ldap2alma.yaml", CHANGED, "changes: { mode: changed, full_every: 7d }\n")
    stage.clock += 7 * 86400


def after_an_import(stage):
    later(stage)
    stage.day("--mode", "import")


def another_mapping(stage):
    stage.change("mapping.yaml", "${sn}", "${sn | upper}")


def collisions(stage):
    stage.give(*PEOPLE, person(1, uuid=7, ou="staff"), person(8, "uid: P9"), "dn: cn=x\nuid: x\nentryUUID: 1\n\n",
               person(10, uuid=5))


MOVED = [*PEOPLE[:4], person(9, uuid=5)]
REUSED = [*PEOPLE[:4], person(5, uuid=9)]


def moved(stage):
    stage.give(*MOVED)


def reused(stage):
    stage.give(*REUSED)


def moved_and_reused(stage):
    stage.give(*PEOPLE[:3], person(5, uuid=4), person(4, uuid=9))


def accept(stage, people, who):
    stage.give(*people)
    assert stage.run().returncode == 0
    subprocess.run([PROGRAM, "identity", "accept", who], cwd=stage.folder, check=True)


def moved_and_accepted(stage):
    accept(stage, MOVED, "p9")


def reused_and_accepted(stage):
    accept(stage, REUSED, "p5")


def reused_after_a_move(stage):
    text = (stage.folder / "ldap2alma.yaml").read_text()
    stage.write("ldap2alma.yaml", text + "identity: { moved: send }\n")
    stage.give(*MOVED)
    assert stage.run().returncode == 0
    stage.give(*MOVED, person(5, uuid=10))


def a_rebuilt_directory(stage):
    stage.give(*(person(number, uuid=number + 100) for number in range(1, 6)))


def brakes(stage):
    stage.change("ldap2alma.yaml", UNBRAKED, "")
    stage.give(*MOVED[:4], *(person(number) for number in range(20, 25)))


def rejected(stage):
    stage.change("mapping.yaml", "[last_name]", "[last_name, emails]")
    later(stage)


def an_entry_that_cannot_be_read(stage):
    stage.give(*LATER, "dn: uid=p7,ou=people,dc=example,dc=edu\nuid: P7\nsn:: !!!\n\n")


def nobody(stage):
    stage.give()


def nobody_left(stage):
    stage.change("mapping.yaml", "employeeType=guest", "uid=*")


def cut_off(stage):
    stage.write("people.ldif", "".join(LATER)[:-60])


def no_directory(stage):
    (stage.folder / "people.ldif").unlink()


def a_fault_in_the_mapping(stage):
    stage.change("mapping.yaml", "${sn}", "${sn | uper}")


def no_target(stage):
    later(stage)
    shutil.rmtree(stage.folder / "out")


def no_target_and_nothing_to_send(stage):
    shutil.rmtree(stage.folder / "out")


def alma_is_away(stage):
    stage.change("ldap2alma.yaml", CHANGED, CHANGED + "package: { records_per_file: 1, files_per_package: 1, max_packages: 3 }\n")
    later(stage)
    stage.day()
    stage.give(*PEOPLE)


def too_much_for_alma(stage):
    stage.change("ldap2alma.yaml", CHANGED, "package: { records_per_file: 1, files_per_package: 1, max_packages: 3 }\n")


def packages_were_taken(stage):
    later(stage)
    stage.day()
    stage.take()
    stage.change("ldap2alma.yaml", "folder: out }", "folder: out, clean: { taken_after: 1d } }")
    stage.give(*PEOPLE)
    stage.clock += 3 * 86400


def left(stage, fate, size=9, people="1"):
    """A package of a run that was cut short, with who was in it."""
    sql(stage, "INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
        "SELECT run, 'test-left.zip', target, 2, ?, '', ?, changed FROM package", size, fate)
    sql(stage, "INSERT INTO pending (package, key, sending, match_id, digest, fields) "
        f"SELECT 2, key, 0, match_id, zeroblob(16), fields FROM person WHERE {people}")


def planned(stage):
    left(stage, 0)


def arrived(stage):
    left(stage, 1, people="match_id < 'p3'")
    stage.write("out/test-left.zip", "123456789")


def arrived_and_taken(stage):
    left(stage, 1)


def arrived_only_partly(stage):
    left(stage, 1)
    stage.write("out/test-left.part", "123456789")


def something_else_is_there(stage):
    left(stage, 1)
    stage.write("out/test-left.zip", "12345678")


def arrived_somewhere(stage):
    left(stage, 1)
    sql(stage, "UPDATE package SET target = '/elsewhere' WHERE id = 2")


def whether_it_arrived_cannot_be_seen(stage):
    left(stage, 1)
    shutil.rmtree(stage.folder / "out")


def an_older_state(stage):
    for table in ("accepted", "alias", "matter", "roster", "photo", "photo_depot", "photo_look",
                  "photo_run"):
        sql(stage, f"DROP TABLE {table}")
    sql(stage, "DROP INDEX person_apart")
    sql(stage, "PRAGMA user_version = 1")
    later(stage)


def a_newer_state(stage):
    sql(stage, "PRAGMA user_version = 99")


def an_empty_state(stage):
    stage.state.write_bytes(b"")


def no_state(stage):
    stage.state.write_bytes(b"no state at all")


def a_damaged_state(stage):
    data = bytearray(stage.state.read_bytes())
    data[4096:4160] = b"\xff" * 64
    stage.state.write_bytes(data)


def an_open_state(stage):
    stage.state.chmod(0o640)


def a_folder_for_a_state(stage):
    stage.state.unlink()
    stage.state.mkdir()


def another_feed(stage):
    stage.change("ldap2alma.yaml", "name: test", "name: other")
    stage.change("ldap2alma.yaml", "spool: spool\n", "spool: spool\nstate: spool/test/state.db\n")


def a_file_for_a_folder(stage):
    stage.change("ldap2alma.yaml", "spool: spool\n", "spool: spool\nstate: mapping.yaml/state.db\n")


def an_open_folder(stage):
    (stage.folder / "spool/test").chmod(0o770)


def a_link_for_a_folder(stage):
    (stage.folder / "spool/test").rename(stage.folder / "spool/real")
    (stage.folder / "spool/test").symlink_to("real")


def a_file_for_a_spool(stage):
    shutil.rmtree(stage.folder / "spool")
    stage.write("spool", "")


def a_log_that_was_not_written_back(stage):
    """As a run leaves the state that was killed: the last writes are beside it."""
    kept = stage.root / "killed"
    database = sqlite3.connect(stage.state)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA wal_autocheckpoint = 0")
    database.execute("UPDATE person SET digest = zeroblob(16) WHERE match_id < 'p3'")
    database.commit()
    kept.mkdir()
    for name in ("state.db", "state.db-wal"):
        shutil.copy(stage.state.parent / name, kept)
    database.close()
    for path in kept.iterdir():
        shutil.copy(path, stage.state.parent)


# Each with the exit status that is expected of both.
SCENES = {
    first_run: 0, first_run_without_folders: 0, nothing_new: 0, later: 0, leavers: 0,
    leavers_whose_records_are_not_kept: 0, somebody_comes_back: 0, long_ago: 0, full_by_its_date: 0,
    after_an_import: 0, another_mapping: 0, collisions: 0, rejected: 0,
    moved: 0, reused: 0, moved_and_reused: 0, moved_and_accepted: 0, reused_and_accepted: 0,
    reused_after_a_move: 0, a_rebuilt_directory: 2, brakes: 2, an_entry_that_cannot_be_read: 0,
    nobody: 2, nobody_left: 2, cut_off: 65, no_directory: 78, a_fault_in_the_mapping: 78,
    no_target: 73, no_target_and_nothing_to_send: 0, alma_is_away: 69, too_much_for_alma: 78,
    packages_were_taken: 0, planned: 0, arrived: 0, arrived_and_taken: 0, arrived_only_partly: 0,
    something_else_is_there: 73, arrived_somewhere: 0, whether_it_arrived_cannot_be_seen: 73,
    an_older_state: 0, a_newer_state: 65, an_empty_state: 0, no_state: 65, a_damaged_state: 65,
    an_open_state: 77, a_folder_for_a_state: 78, another_feed: 78, a_file_for_a_folder: 73,
    an_open_folder: 77, a_link_for_a_folder: 77, a_file_for_a_spool: 73,
    a_log_that_was_not_written_back: 0,
}


@pytest.mark.parametrize("options", [(), ("--full",), ("--changed",)], ids=["set", "full", "changed"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_as_the_run(stage, scene, options):
    scene(stage)
    real, _ = stage.compare(*options)
    if not options:
        assert real["exit"] == SCENES[scene], real["error"]


def test_as_the_run_that_is_let_through(stage):
    brakes(stage)
    real, _ = stage.compare("--release", "missing", "--release", "new")
    assert real["exit"] == 0
    assert {brake["name"] for brake in real["brakes"] if brake["released"]} == {"missing", "new"}


@pytest.mark.parametrize("lock", ["lock", "state.db.lock"])
def test_while_a_run_is_at_work(stage, lock):
    with open(stage.state.parent / lock, "r+", encoding="ascii") as file:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        real, _ = stage.compare()
    assert real["exit"] == 75


def some_people(chance, numbers):
    """Whom the directory holds on some day."""
    people = []
    for number in numbers:
        if chance.random() < 0.15:
            continue
        uuid = number if chance.random() < 0.95 else number + 100
        more = ["employeeType: guest"] if chance.random() < 0.1 else []
        people.append(person(number if chance.random() < 0.97 else 1, *more, uuid=uuid,
                             sn=chance.choice(["Ruiz", "Ruiz", "Cole", ""]),
                             ou=chance.choice(["people", "staff"]),
                             mails=chance.choice([("a", "b"), ("b", "a"), ("a",), ()])))
    chance.shuffle(people)
    return people


@pytest.mark.parametrize("seed", range(25))
def test_as_the_run_after_any_days(tmp_path, seed):
    chance = random.Random(seed)
    more = chance.choice([
        CHANGED, CHANGED + EXPIRE, EXPIRE, "changes: { mode: changed, full_every: 2d, keep_records: always }\n",
        CHANGED + "package: { records_per_file: 2, files_per_package: 1, max_packages: 7 }\n",
        "changes: { mode: changed, resend_after: 2d }\n" + EXPIRE])
    stage = Stage(tmp_path, *some_people(chance, range(1, 13)), more=more)
    for _ in range(chance.randrange(4)):
        stage.run(*chance.choice([[], [], ["--full"], ["--mode", "import"]]))
        if chance.random() < 0.8:
            stage.take()
        stage.clock += chance.randrange(1, 4) * 86400
        stage.give(*some_people(chance, range(1, 13)))
    stage.compare()


@pytest.mark.parametrize("part", range(4))
def test_as_the_run_after_one_that_was_killed(tmp_path, part):
    """Killed before any of its calls that change a file; the next day is rehearsed and run."""
    stage = Stage(tmp_path, *PEOPLE, more=CHANGED + EXPIRE
                  + "package: { records_per_file: 2, files_per_package: 1 }\n")
    stage.day()
    stage.take()
    stage.give(*LATER)
    kept = tmp_path / "morning"
    shutil.copytree(stage.folder, kept)
    stage.run()
    calls = len(stage.program.calls())
    assert calls > 40
    for at in range(1 + 3 * part, calls + 1, 12):
        shutil.rmtree(stage.folder)
        shutil.copytree(kept, stage.folder)
        assert stage.run(kill_at=at).returncode == KILLED
        stage.clock += 3600
        stage.compare()
        stage.clock -= 3600


# ---- what a rehearsal leaves


def test_a_rehearsal_that_is_killed_leaves_the_state_alone_and_is_cleared(stage):
    stage.give(*LATER)
    before = snapshot(stage.folder / "spool/test")
    stage.run("--dry-run")
    names = set()
    for at in range(1, len(stage.program.calls()) + 1, 3):
        assert stage.run("--dry-run", kill_at=at).returncode == KILLED
        names |= set(os.listdir(stage.folder / "spool"))
        assert snapshot(stage.folder / "spool/test") == before
        for path in (stage.folder / "spool").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert len(names) > 1
    left_behind = [path for path in (stage.folder / "spool").iterdir() if path.name != "test"]
    assert len(left_behind) <= 1
    assert stage.run().returncode == 0
    assert [path.name for path in (stage.folder / "spool").iterdir() if (path / "lock").exists()] == ["test"]


def test_several_at_once_and_a_run_beside_them(stage):
    stage.give(*LATER)
    rehearsals = [stage.program.start("--dry-run", clock=stage.clock) for _ in range(3)]
    run = stage.program.start(clock=stage.clock)
    assert run.wait(60) == 0
    for rehearsal in rehearsals:
        assert rehearsal.wait(60) in (0, 75)  # 75: the run was at work
    assert os.listdir(stage.folder / "spool") == ["test"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("spool, state, status", [
    (0o755, 0o600, 0),   # the feed's folder alone is ours
    (0o755, 0o400, 77),
    (0o700, 0o600, 73),
])
def test_as_somebody_who_owns_less(stage, spool, state, status):
    """As the run of an account that does not own the spool."""
    nobody_else = 65534
    stage.give(*LATER)
    stage.state.chmod(state)
    with tempfile.TemporaryDirectory() as place:  # pytest's folders are closed to others
        folder = pathlib.Path(place, "stage")
        shutil.copytree(stage.folder, folder)
        for path in [folder.parent, folder, *folder.rglob("*")]:
            os.chown(path, nobody_else, nobody_else)
        os.chown(folder / "spool", 0, 0)
        (folder / "spool").chmod(spool)
        before = snapshot(folder, without=["spool/test"])
        for options in (["--dry-run"], []):
            if not options:
                assert snapshot(folder, without=["spool/test"]) == before
            result = subprocess.run([PROGRAM, "run", *options], cwd=folder, check=False, text=True,
                                    user=nobody_else, capture_output=True)
            assert result.returncode == status, result.stderr


def test_of_a_feed_that_never_ran_nothing_is_left(tmp_path):
    stage = Stage(tmp_path, *PEOPLE)
    assert stage.rehearse().returncode == 0
    assert not (stage.folder / "spool").exists()


# ---- --keep


def test_packages_are_kept(stage):
    stage.give(*LATER)
    kept = stage.root / "new/kept"
    result = stage.rehearse("--keep", str(kept))
    assert result.stderr.endswith(f"1 package is kept in '{kept}'\n")
    package, = kept.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert stat.S_IMODE(package.stat().st_mode) == 0o600
    assert package.name == stage.report["packages"][0]["name"]
    assert stage.report["kept"] == str(kept)
    assert f"    kept in   {kept}\n" in result.stdout
    ((_, document),), = documents(kept)
    assert document.count(b"<user>") == 3


def test_nothing_is_kept_where_there_is_nothing(stage):
    kept = stage.root / "kept"
    assert stage.rehearse("--keep", str(kept)).stderr.endswith(f"0 packages are kept in '{kept}'\n")
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize("where, status, text", [
    ("out", 64, "packages cannot be kept in 'out', which lies in 'out'\n"
     "Packages that are there might reach Alma: name another folder.\n"),
    ("out/new", 64, "packages cannot be kept in 'out/new', which lies in 'out'\n"
     "Packages that are there might reach Alma: name another folder.\n"),
    ("spool/test", 64, "packages cannot be kept in 'spool/test', which lies in 'spool'\n"
     "Packages that are there might reach Alma: name another folder.\n"),
    ("open", 77, "the folder 'open' can be changed by others (mode 0777)\n"
     "Look at what lies in it, then run 'chmod 700 open'.\n"),
    ("full", 73, "'full/a.zip' is there already, and nothing is replaced\n"
     "Name another folder for these packages, or a new one.\n"),
    ("people.ldif", 73, "cannot make the folder 'people.ldif': Not a directory\n"
     "Make it by hand, owned by the account that runs ldap2alma.\n"),
    ("link", 77, "'link' is a link and not a folder\nName the real folder.\n"),
])
def test_where_no_package_is_kept(stage, where, status, text):
    for name in ("open", "full", "real"):
        (stage.folder / name).mkdir()
    (stage.folder / "open").chmod(0o777)
    stage.write("full/a.zip", "")
    (stage.folder / "link").symlink_to("real")
    result = stage.rehearse("--keep", where)
    assert (result.returncode, result.stderr) == (
        status, "ldap2alma: " + text)


# ---- --diff


def differences(stage, who):
    assert stage.rehearse("--diff", who).returncode == 0
    return {found["match_id"]: found for found in stage.report["differences"]}


def fields(found):
    return {field["name"]: (field["old"], field["new"]) for field in found["fields"]}


def mail(number, *names):
    return [f"email_address={name}{number}@example.edu, email_types=work, preferred={first}, segment_type=External"
            for name, first in zip(names, ("true", "false"))]


@pytest.fixture(name="keeping")
def make_keeping(tmp_path):
    stage = Stage(tmp_path, *PEOPLE, more="changes: { mode: changed, keep_records: always }\n")
    stage.day()
    stage.give(*LATER)
    return stage


def test_old_and_new(keeping):
    found = differences(keeping, "p1")["p1"]
    assert (found["fate"], found["old_known"]) == ("changed", True)
    assert found["dn"] == "uid=p1,ou=people,dc=example,dc=edu"
    assert found["id"] == "entryUUID 3f2504e0-4f89-41d3-9a0c-000000000001"
    assert fields(found) == {"last_name": (["Ruiz"], ["Cole"])}
    assert fields(differences(keeping, "p2")["p2"]) == {"emails": (mail(2, "a", "b"), [])}
    assert fields(differences(keeping, "p3")["p3"]) == {}
    assert keeping.report["differences"][0]["fate"] == "unchanged"


def test_of_somebody_new(keeping):
    found = differences(keeping, "p6")["p6"]
    assert (found["fate"], found["old_known"]) == ("new", True)
    assert fields(found) == {
        "record_type": ([], ["PUBLIC"]), "primary_id": ([], ["p6"]), "last_name": ([], ["Ruiz"]),
        "emails": ([], mail(6, "a", "b"))}


def test_without_the_last_record_at_least_the_fields(stage):
    stage.give(*LATER)
    found = differences(stage, "p1")["p1"]
    assert (found["fate"], found["old_known"]) == ("changed", False)
    assert fields(found) == {"last_name": (None, ["Cole"])}


def test_as_text(keeping):
    assert keeping.rehearse("--diff", "p1").stdout.endswith(
        "\nDifferences\n    p1  changed\n      uid=p1,ou=people,dc=example,dc=edu\n"
        "      last_name\n        - Ruiz\n        + Cole\n")
    assert keeping.rehearse("--diff", "p2").stdout.endswith(
        "      emails\n" + "".join(f"        - {text}\n" for text in mail(2, "a", "b")))


def test_as_text_without_the_last_record(stage):
    stage.give(*LATER)
    assert stage.rehearse("--diff", "p1").stdout.endswith(
        "      last_name\n        the old value is not kept ('changes.keep_records')\n        + Cole\n")


@pytest.mark.parametrize("who", ["P1", "3f2504e0-4f89-41d3-9a0c-000000000001",
                                 "entryUUID 3F2504E0-4f89-41d3-9a0c-000000000001",
                                 "UID=p1,ou=people,dc=example,dc=edu"])
def test_whatever_names_somebody(keeping, who):
    assert set(differences(keeping, who)) == {"p1"}


def test_the_first_of_those_who_would_be_sent(keeping):
    assert set(differences(keeping, "2")) == {"p6", "p1"}  # longest ago first: never
    assert set(differences(keeping, "99")) == {"p1", "p2", "p6"}
    assert differences(keeping, "0") == {}


def test_a_number_that_is_somebody_means_that_one(tmp_path):
    stage = Stage(tmp_path, *(f"dn: cn={name}\nuid: {name}\nsn: X\n\n" for name in ("2", "a", "b")))
    assert set(differences(stage, "2")) == {"2"}
    assert set(differences(stage, "02")) == {"2", "a"}


def test_of_people_who_are_not_sent(stage):
    stage.give(person(1), person(1, uuid=9, ou="staff"), person(2, "employeeType: guest"), person(3, sn=""),
               person(4))
    fates = {who: [found["fate"] for found in differences(stage, who).values()]
             for who in ("p2", "p3", "p5")}
    assert fates == {"p2": ["skipped"], "p3": ["rejected"], "p5": ["missing"]}
    stage.rehearse("--diff", "p1")
    assert [found["fate"] for found in stage.report["differences"]] == ["held", "held"]


def test_of_a_leaver(tmp_path):
    stage = Stage(tmp_path, *PEOPLE, more=CHANGED + "leavers: { policy: expire, grace: 1 }\n")
    stage.day()
    stage.give(*PEOPLE[:4])
    found = differences(stage, "p5")["p5"]
    assert found["fate"] == "leaver"
    assert fields(found) == {"expiry_date": ([], ["2026-09-02Z"]), "status": ([], ["INACTIVE"])}
    stage.day()
    assert differences(stage, "p5")["p5"]["fate"] == "expired"
    stage.give(*PEOPLE)
    assert differences(stage, "p5")["p5"]["fate"] == "new"


def test_of_nobody(stage):
    assert "nobody is known by 'p9', neither in the directory nor in the state\n" in \
        stage.rehearse("--diff", "p9").stderr
    assert stage.report["differences"] == []


def test_texts_of_the_directory_do_no_harm(tmp_path):
    stage = Stage(tmp_path, "dn: cn=x\nuid: x\nsn:: " + "PGI+JiU4JW4bWzMxbQo=" + "\n\n",
                  mapping=MAPPING.replace("${sn}", "${sn}"))
    text = stage.rehearse("--diff", "x").stdout
    assert "\x1b" not in text and "+ <b>&%8%n[31m" in text
    assert json.dumps(stage.report["differences"]).count("<b>&%8%n[31m") == 1


# ---- the same in a preview


def preview(feed, who):
    result = feed.run("--format", "json", who, command="preview")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["people"][0]


def test_a_preview_shows_the_difference(tmp_path):
    feed = Memory(tmp_path, person(1), more="changes: { mode: changed, keep_records: always }\n")
    assert preview(feed, "p1")["difference"] is None  # it never ran
    feed.send()
    assert preview(feed, "p1")["difference"]["fate"] == "unchanged"
    feed.give(person(1, sn="Cole"), person(2))
    found = preview(feed, "p1")
    assert found["difference"]["fate"] == "changed"
    assert fields(found["difference"]) == {"last_name": (["Ruiz"], ["Cole"])}
    assert "entryUUID" not in found["attributes"]
    assert preview(feed, "p2")["difference"]["fate"] == "new"
    text = feed.run("p1", command="preview").stdout
    assert "\nDifference from what Alma has\n  changed\n  last_name\n    - Ruiz\n    + Cole\n" in text
    assert "entryUUID" not in text


def test_a_preview_needs_no_state_that_can_be_read(tmp_path):
    feed = Memory(tmp_path, person(1))
    feed.send()
    feed.state.chmod(0o640)
    result = feed.run("p1", command="preview")
    assert result.returncode == 0
    assert result.stderr == ("warning: what Alma has is not known: the state 'spool/test/state.db' is open "
                             "to others (mode 0640)\n")


@pytest.mark.parametrize("option", ["--keep", "--diff"])
def test_only_in_a_rehearsal(stage, option):
    result = stage.run(option, "x")
    assert (result.returncode, result.stderr) == (
        64, f"ldap2alma run: {option} is for --dry-run\nTry 'ldap2alma --help'.\n")
