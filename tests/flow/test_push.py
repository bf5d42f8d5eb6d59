"""People who are put one by one: what is taken, refused or held, what is kept, what is delivered."""

import concurrent.futures
import os
import re
import stat
import subprocess

import pytest
from conftest import PROGRAM
from feed import MAPPING
from push_feed import BASE, ID, PushFeed, delete, entry, modify, records

BARCODE = MAPPING + """\
  user_identifiers:
    - id_type: BARCODE
      value: ${employeeNumber}
"""


@pytest.fixture
def feed(tmp_path):
    return PushFeed(tmp_path)


def dn(name):
    return f"uid={name},{BASE}"


def test_what_is_put_is_kept_as_it_came_and_delivered(feed):
    result = feed.put_well(entry("ARuiz", "givenName:: QW5h", "description: nobody maps it",
                                 "mail: a@example.edu", "mail: b@example.edu") + entry("bcole"))
    assert result.stderr == "2 taken, 0 refused, 0 as they were\n"
    assert feed.kept()[dn("ARuiz")] == ["uid: ARuiz", "sn: Ruiz", "givenName: Ana",
                                        "description: nobody maps it", "mail: a@example.edu",
                                        "mail: b@example.edu"]
    result = feed.run(command="get")
    assert result.returncode == 64
    assert records(feed.run("aruiz", command="get").stdout).keys() == {dn("ARuiz")}
    feed.deliver()
    assert {user.findtext("primary_id") for user in feed.users()} == {"aruiz", "bcole"}
    assert feed.report["counts"]["new"] == 2


def test_deliver_is_run(feed):
    feed.put_well(entry("aruiz"))
    result = feed.run("--report", "report.json", command="deliver")
    assert result.returncode == 0, result.stderr
    assert len(feed.users()) == 1


def test_a_modify_makes_a_whole_record(feed):
    feed.put_well(entry("aruiz", "givenName: Ana", "mail: a@example.edu"))
    feed.deliver()
    feed.put_well(modify("aruiz", "replace: sn", "sn: Cole", "-", "delete: mail", "-",
                         "add: mail", "mail: c@example.edu", "mail: d@example.edu", "-"))
    feed.deliver()
    user = feed.users()[-1]
    assert (user.findtext("first_name"), user.findtext("last_name")) == ("Ana", "Cole")
    assert len(user.findall(".//email")) == 2
    assert feed.report["counts"]["changed"] == 1


@pytest.mark.parametrize("spelling", [
    f"UID=ARuiz,{BASE.upper()}", f"uid = aruiz , {BASE.replace(',', ' , ')}", f"uid=\\61ruiz,{BASE}"])
def test_a_dn_in_another_spelling_is_the_same_person(feed, spelling):
    feed.put_well(entry("aruiz"))
    feed.put_well(f"dn: {spelling}\nchangetype: modify\nreplace: sn\nsn: Cole\n-\n\n")
    assert list(feed.kept().values()) == [["uid: aruiz", "sn: Cole"]]
    assert feed.run(spelling, command="get").returncode == 0


def test_what_is_the_same_is_no_change(feed):
    feed.put_well(entry("aruiz", "mail: a@example.edu", "mail: b@example.edu"))
    before = feed.rows("SELECT * FROM person")
    result = feed.put_well(entry("aruiz", "mail: b@example.edu", "mail: a@example.edu"))
    assert result.stderr == "0 taken, 0 refused, 1 as they were\n"
    assert feed.rows("SELECT * FROM person") == before


REFUSED = {
    "there already": (entry("aruiz").replace("\nuid", "\nchangetype: add\nuid", 1),
                      "entryAlreadyExists: there is somebody with this DN"),
    "nobody to modify": (modify("nobody", "delete: mail", "-"),
                         "noSuchObject: there is nobody with this DN"),
    "nobody to delete": (delete("nobody"), "noSuchObject: there is nobody with this DN"),
    "nothing to delete": (modify("aruiz", "delete: mail", "-"), "noSuchAttribute: it has no 'mail'"),
    "no last name": ("dn: uid=x\nuid: x\n\n", "no value for 'last_name', which the mapping requires"),
    "an identifier of another": (entry("other", "sn: Ruiz").replace("uid: other", "uid: BCOLE"),
                                 f"'bcole' (primary_id) is also an identifier of '{dn('bcole')}'"),
    "a DN of another": (f"dn: {dn('aruiz')}\nchangetype: modrdn\nnewrdn: uid=bcole\n"
                        "deleteoldrdn: 1\n\n",
                        "entryAlreadyExists: there is somebody with the new DN"),
    "another id": (modify("aruiz", "add: entryUUID", f"entryUUID: {ID}01", "-"),
                   "constraintViolation: the immutable id cannot change"),
    "an id that is none": (entry("x", "entryUUID: 17"), "its 'entryUUID' is no id"),
    "two ids": (entry("x", f"entryUUID: {ID}01", f"entryUUID: {ID}02"),
                "it has 2 values of 'entryUUID', which is to be one id"),
    "an id of another": (entry("x", f"entryUUID: {ID}99").replace("\nuid", "\nchangetype: add\nuid", 1),
                         f"entryAlreadyExists: '{dn('withid')}' has this immutable id"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_changes_nothing_and_the_others_are_taken(feed, case):
    ldif, why = REFUSED[case]
    feed.put_well(entry("aruiz") + entry("bcole") + entry("withid", f"entryUUID: {ID}99"))
    before = feed.kept()
    result = feed.put(ldif + entry("taken"))
    assert result.returncode == 65
    first = result.stderr.splitlines()[0]
    assert re.match("error: line [13]: cannot take 'uid=", first) and first.endswith(why)
    assert result.stderr.splitlines()[-1] == "1 taken, 1 refused, 0 as they were"
    after = feed.kept()
    assert after.pop(dn("taken")) and after == before


@pytest.mark.parametrize("ldif, why", [
    ("", "'standard input' has no record"),
    ("# nothing\n\n", "'standard input' has no record"),
    (entry("aruiz") + "dn: uid=x\nuid: x\nsn: Ru", "is cut off after line 7"),
])
def test_a_stream_that_is_no_whole_one(feed, ldif, why):
    result = feed.put(ldif)
    assert result.returncode == 65
    assert why in result.stderr
    assert feed.names() == ({"aruiz"} if "aruiz" in ldif else set())


def test_select_leaves_out(feed):
    result = feed.run(command="put", shared=["-v"], stdin=entry("x", "employeeType: guest").encode())
    assert result.returncode == 0
    assert "1 taken (1 left out by the mapping), 0 refused, 0 as they were\n" in result.stderr
    feed.put_well(entry("aruiz"))
    feed.deliver()
    assert (feed.report["counts"]["skipped"], feed.report["counts"]["sent"]) == (1, 1)


def test_only_who_has_changed_is_read_again(feed):
    feed.put_well("".join(entry(f"p{number}") for number in range(100)))
    assert feed.deliver()["detect"]["read"] == "all"
    feed.put_well(modify("p7", "replace: sn", "sn: Cole", "-") + delete("p8") + entry("new"))
    report = feed.deliver()
    assert (report["detect"]["way"], report["detect"]["read"]) == ("pushed", "changed")
    assert (report["counts"]["read"], report["counts"]["new"], report["counts"]["changed"],
            report["counts"]["leavers"]) == (2, 1, 1, 1)
    assert feed.deliver()["outcome"] == "nothing-to-send"


def test_who_was_renamed_or_comes_again_is_the_same_person(feed):
    feed.put_well(entry("aruiz", "employeeNumber: 1") + entry("bcole"))
    feed.deliver()
    ids = dict(feed.rows("SELECT dn, id FROM person"))
    feed.put_well(f"dn: {dn('aruiz')}\nchangetype: moddn\nnewrdn: uid=aruiz\ndeleteoldrdn: 0\n"
                  f"newsuperior: ou=library,{BASE}\n\n" + delete("bcole"))
    assert feed.rows("SELECT entry, match_id, identifiers FROM person WHERE entry IS NULL") == [
        (None, None, None)]
    feed.put_well(entry("bcole"))
    now = dict(feed.rows("SELECT dn, id FROM person"))
    assert now[dn("bcole").encode()] == ids[dn("bcole").encode()]
    assert now[f"uid=aruiz,ou=library,{BASE}".encode()] == ids[dn("aruiz").encode()]
    feed.deliver()
    assert feed.report["outcome"] == "nothing-to-send" and not feed.report["findings"]


def test_entries_with_ids_of_their_own(feed):
    feed.put_well(entry("aruiz", f"entryUUID: {ID}01") + entry("bcole", f"nsUniqueId: {ID}02"))
    feed.deliver()
    # Content under another DN is a rename; another id at a DN is another person.
    feed.put_well(entry("aruiz", f"entryUUID: {ID}01", base="dc=edu"))
    assert len(feed.kept()) == 2
    result = feed.put(entry("bcole", f"nsUniqueId: {ID}03"))
    assert result.returncode == 2
    assert "'bcole' was delivered for another person (nsUniqueId" in result.stderr
    assert feed.run(f"entryUUID {ID}01", command="get").stdout == entry(
        "aruiz", f"entryUUID: {ID}01", base="dc=edu")
    assert feed.run(f"{ID}02", command="get").returncode == 65
    feed.deliver()
    assert feed.findings("reused") and feed.report["counts"]["held"] == 1
    assert feed.run("accept", "bcole", command="identity").returncode == 0
    assert feed.put(entry("bcole", f"nsUniqueId: {ID}03", "mail: a@example.edu")).returncode == 0


def test_another_match_identifier_is_held(feed):
    feed.put_well(entry("aruiz") + entry("bcole"))
    feed.deliver()
    result = feed.put(modify("aruiz", "add: uid", "uid: anew", "-"))
    assert result.returncode == 2
    assert result.stderr.splitlines()[0] == (
        f"warning: line 1: '{dn('aruiz')}' will be held: was delivered as 'aruiz' before: Alma would "
        "add 'anew' as a second user")
    assert result.stderr.splitlines()[-1] == "1 taken (1 held), 0 refused, 0 as they were"
    feed.deliver()
    assert feed.findings("moved")


def test_identifiers_are_unique_by_the_mapping_of_today(tmp_path):
    feed = PushFeed(tmp_path, mapping=BARCODE)
    feed.put_well(entry("aruiz", "employeeNumber: 17") + entry("bcole", "employeeNumber: 18"))
    assert feed.put(entry("cdoe", "employeeNumber: 17")).returncode == 65
    feed.write("mapping.yaml", MAPPING)
    feed.put_well(entry("cdoe", "employeeNumber: 17"))
    feed.write("mapping.yaml", BARCODE)
    result = feed.put(entry("dfox", "employeeNumber: 18"))
    assert result.returncode == 65 and "(BARCODE) is also an identifier of" in result.stderr
    feed.put_well(modify("bcole", "delete: employeeNumber", "-") + entry("dfox", "employeeNumber: 18"))


def test_remove(feed):
    feed.put_well(entry("aruiz") + entry("bcole", f"entryUUID: {ID}02") + entry("cdoe"))
    result = feed.run("aruiz", f"{ID}02", "nobody", dn("cdoe"), command="remove")
    assert result.returncode == 65
    assert result.stderr == "ldap2alma: nobody is kept who is 'nobody'\n"
    assert not feed.kept()
    assert feed.run("--missing-ok", "aruiz", command="remove").returncode == 0
    assert feed.run("--missing-ok", "aruiz", command="get").stdout == ""


def test_list_by_filter_and_attributes(feed):
    feed.put_well(entry("aruiz", "mail: a@example.edu") + entry("bcole", "jpegPhoto:: /9g="))
    assert feed.kept("(mail=*)").keys() == {dn("aruiz")}
    assert feed.kept("--attribute", "SN", "--attribute", "mail") == {
        dn("aruiz"): ["sn: Ruiz", "mail: a@example.edu"], dn("bcole"): ["sn: Ruiz"]}
    bad = feed.run("(mail=", command="list")
    assert (bad.returncode, bad.stdout) == (64, "")


def test_a_full_pipe_is_no_success(feed):
    feed.put_well(entry("aruiz"))
    with open("/dev/full", "w") as full:
        result = subprocess.run([PROGRAM, "list"], cwd=feed.folder, stdout=full,
                                stderr=subprocess.PIPE, check=False)
    assert result.returncode == 73


def test_nobody_was_put_yet(feed):
    assert not feed.kept()
    assert feed.run("aruiz", command="get").returncode == 65
    assert feed.run("--missing-ok", "aruiz", command="remove").returncode == 0
    assert not feed.store.exists()


def test_the_file_is_for_its_owner_alone(feed):
    feed.put_well(entry("aruiz"))
    assert stat.S_IMODE(feed.store.stat().st_mode) == 0o600
    assert not [path for path in feed.store.parent.iterdir() if "pushed-" in path.name or
                ".new" in path.name]
    feed.store.chmod(0o640)
    for command in ("put", "list"):
        result = feed.run(command=command, stdin=entry("x").encode())
        assert result.returncode == 77 and "is open to others (mode 0640)" in result.stderr


# ---- a store that is not what it was ----

def lose(feed):
    feed.put_well(entry("aruiz") + entry("bcole"))
    feed.deliver()
    copy = feed.store.read_bytes()
    feed.store.unlink()
    return copy


def test_a_missing_store_is_not_that_everybody_has_left(feed):
    copy = lose(feed)
    for command, stdin in (("run", None), ("list", None), ("put", entry("x").encode())):
        result = feed.run(command=command, stdin=stdin)
        assert result.returncode == 65
        assert "is missing, from which people were delivered" in result.stderr
    assert not feed.store.exists()
    feed.store.write_bytes(copy)
    feed.store.chmod(0o600)
    assert feed.deliver()["outcome"] == "nothing-to-send"


def test_another_store_is_made_when_one_says_so(feed):
    lose(feed)
    result = feed.put(entry("aruiz"), "--release", "missing")
    assert result.returncode == 2
    result = feed.run()
    assert result.returncode == 2
    assert "is another one than at the last delivery" in result.stderr


def test_an_older_store_is_not_that_people_have_left(feed):
    feed.put_well(entry("aruiz") + entry("bcole"))
    copy = feed.store.read_bytes()
    feed.put_well(entry("cdoe"))
    feed.deliver()
    feed.store.write_bytes(copy)
    result = feed.run()
    assert result.returncode == 2
    assert "is older than at the last delivery (change 2, and 3 then)" in result.stderr
    assert feed.deliver("--release", "missing")["counts"]["leavers"] == 1


def test_the_store_of_another_feed(feed):
    feed.put_well(entry("aruiz"))
    feed.write("ldap2alma.yaml", (feed.folder / "ldap2alma.yaml").read_text().replace(
        "name: test", "name: other").replace("{ push: {} }",
                                             "{ push: { entries: spool/test/state.db-pushed } }"))
    result = feed.put(entry("x"))
    assert result.returncode == 78
    assert "belongs to the feed 'test', not to 'other'" in result.stderr


@pytest.mark.parametrize("content", [b"nothing of ours, and long enough to be something " * 40,
                                     "another's"])
def test_a_file_that_is_no_store(feed, content):
    feed.put_well(entry("aruiz"))
    feed.deliver()
    feed.store.write_bytes(content if isinstance(content, bytes)
                           else (feed.store.parent / "state.db").read_bytes())
    for command in ("put", "list", "run"):
        result = feed.run(command=command, stdin=entry("x").encode())
        assert result.returncode == 65, result.stderr
        assert "This is no store of pushed people." in result.stderr


def test_a_damaged_store(feed):
    feed.put_well("".join(entry(f"p{number}", "description: " + "x" * 500) for number in range(200)))
    data = bytearray(feed.store.read_bytes())
    data[4096 * 9:4096 * 20] = b"\xa5" * 4096 * 11
    feed.store.write_bytes(data)
    result = feed.run(command="list")
    assert result.returncode == 65 and "The file is damaged." in result.stderr
    assert feed.run(command="check").returncode == 65


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written(feed):
    feed.put_well(entry("aruiz"))
    feed.store.parent.chmod(0o500)
    try:
        assert feed.put(entry("bcole")).returncode == 77
    finally:
        feed.store.parent.chmod(0o700)


# ---- looking on ----

def test_check_status_and_preview(feed):
    result = feed.run(command="check")
    assert "nobody was put yet: the first 'ldap2alma put' makes" in result.stdout
    feed.put_well(entry("aruiz", "mail: a@example.edu"))
    result = feed.run(command="check")
    assert "state.db-pushed' is sound and keeps 1 people (directory.store)" in result.stdout
    feed.deliver()
    feed.put_well(entry("bcole"))
    status = feed.run("--offline", command="status").stdout
    assert "2  were put, and are kept" in status
    assert "1  put or removed since the last delivery" in status
    assert "would be sent as bcole" in feed.run("bcole", command="preview").stdout
    assert feed.run("--dry-run").returncode == 0 and feed.report["counts"]["new"] == 1


# ---- several at once ----

def test_eight_at_once_while_runs_are_at_work(feed):
    def put(thread):
        for number in range(6):
            ldif = entry(f"t{thread}n{number}") + (delete(f"t{thread}n{number - 1}") if number % 2
                                                   else "")
            feed_put = subprocess.run([PROGRAM, "-q", "put"], cwd=feed.folder, input=ldif.encode(),
                                      capture_output=True, timeout=120, check=False)
            assert feed_put.returncode == 0, feed_put.stderr

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        puts = [pool.submit(put, thread) for thread in range(8)]
        while not all(one.done() for one in puts):
            result = feed.run()
            assert result.returncode in (0, 2), result.stderr  # 2: nobody is there yet
        for one in puts:
            one.result()
    assert feed.names() == {f"t{thread}n{number}" for thread in range(8) for number in (1, 3, 5)}
    feed.deliver("--full")
    assert feed.report["counts"]["sent"] == 24
    changes = [change for change, in feed.rows("SELECT change FROM person")]
    assert len(set(changes)) == len(changes) and max(changes) == 8 * 9
