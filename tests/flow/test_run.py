"""The main job from LDIF to a folder: no server, all of the program."""

import contextlib
import fcntl
import json
import os
import re
import sqlite3
import stat
import subprocess
import zipfile

import pytest

from feed import MAPPING, PEOPLE, PROGRAM, Feed, adds_up


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Feed(tmp_path)


def test_people_arrive(feed):
    result = feed.run()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [user.findtext("primary_id") for user in feed.users()] == ["aruiz", "bcole"]
    emails = feed.users()[0].findall("contact_info/emails/email")
    assert [email.findtext("email_address") for email in emails] == [
        "a.ruiz@example.edu", "ana@example.com"]
    assert [email.get("preferred") for email in emails] == ["true", "false"]
    assert emails[0].get("segment_type") == "External"
    assert feed.users()[1].find("contact_info") is None


def test_names_and_rights_of_packages(feed):
    feed.run()
    package, = feed.packages()
    assert re.fullmatch(r"test-synchronize-\d{8}T\d{6}Z-01\.zip", package.name)
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == ["users-0001.xml"]
    assert stat.S_IMODE(package.stat().st_mode) == 0o640  # for Alma's account, by the group
    assert stat.S_IMODE((feed.folder / "spool").stat().st_mode) == 0o700
    assert stat.S_IMODE((feed.folder / "report.json").stat().st_mode) == 0o600


def test_report_tells_what_was_done(feed):
    feed.run()
    report = feed.report
    package, = feed.packages()
    assert report["feed"] == "test"
    assert report["mode"] == "synchronize"
    assert report["outcome"] == "done"
    assert report["exit"] == 0
    assert report["counts"]["read"] == report["counts"]["sent"] == 2
    assert adds_up(report["counts"])
    assert report["packages"][0]["name"] == package.name
    assert report["packages"][0]["records"] == 2
    assert report["packages"][0]["bytes"] == package.stat().st_size
    assert report["findings"] == []
    assert set(report["timings"]) >= {"read", "pack", "deliver"}


def in_spool(feed):
    """What lies in the feed's folder of the spool, but for lock and state."""
    return [name for name in sorted(os.listdir(feed.folder / "spool/test"))
            if name not in ("lock", "state.db", "state.db.lock")]


def test_nothing_stays_in_the_spool(feed):
    feed.run()
    assert in_spool(feed) == []
    for name in ("lock", "state.db", "state.db.lock"):
        assert stat.S_IMODE((feed.folder / "spool/test" / name).stat().st_mode) == 0o600


def test_dry_run_delivers_nothing(feed):
    result = feed.run("--dry-run")
    assert result.returncode == 0
    assert feed.packages() == []
    assert feed.report["counts"]["sent"] == 2
    assert not (feed.folder / "spool").exists()


def test_verbose_and_quiet(feed):
    verbose = feed.run(shared=["-v"])
    assert "2" in verbose.stdout
    assert "people.ldif" in verbose.stderr
    quiet = feed.run(shared=["-q"])
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_standard_input(tmp_path):
    feed = Feed(tmp_path, ldif='"-"')
    result = feed.run(stdin=PEOPLE.encode())
    assert result.returncode == 0, result.stderr
    assert len(feed.users()) == 2


def test_other_mode(feed):
    assert feed.run("--mode", "import").returncode == 0
    assert feed.packages()[0].name.startswith("test-import-")
    wrong = feed.run("--mode", "delete")
    assert wrong.returncode == 64
    assert wrong.stderr == "ldap2alma: no mode 'delete': it is import or synchronize\n"


def test_names_never_repeat(feed):
    for _ in range(3):
        assert feed.run().returncode == 0
    assert len(feed.packages()) == 3


def test_people_are_skipped_by_select(tmp_path):
    feed = Feed(tmp_path, people=PEOPLE + "employeeType: Guest\n")
    assert feed.run().returncode == 0
    assert len(feed.users()) == 1
    assert feed.report["counts"]["skipped"] == 1
    assert adds_up(feed.report["counts"])


def test_records_without_match_identifier_are_rejected(tmp_path):
    feed = Feed(tmp_path, people=PEOPLE + "\ndn: cn=x,dc=example,dc=edu\nsn: X\nuid:  \n")
    assert feed.run().returncode == 0
    assert len(feed.users()) == 2
    finding, = feed.findings("match_id")
    assert finding["dn"] == "cn=x,dc=example,dc=edu"
    assert finding["severity"] == "reject"
    assert adds_up(feed.report["counts"])


def test_records_without_required_fields_are_rejected(tmp_path):
    feed = Feed(tmp_path, people=PEOPLE + "\ndn: uid=c,dc=example,dc=edu\nuid: c\n")
    assert feed.run().returncode == 0
    finding, = feed.findings("required")
    assert finding["field"] == "last_name"
    assert finding["match_id"] == "c"
    assert feed.report["counts"]["rejected"] == 1


def test_long_values_are_rejected_not_cut(tmp_path):
    feed = Feed(tmp_path, people=PEOPLE + "\ndn: uid=c,dc=example,dc=edu\nuid: c\nsn: "
                + "x" * 256 + "\n")
    assert feed.run().returncode == 0
    finding, = feed.findings("too_long")
    assert finding["field"] == "last_name"
    assert "256" in finding["text"] and "255" in finding["text"]
    assert len(feed.users()) == 2


def test_lengths_count_characters(tmp_path):
    feed = Feed(tmp_path, people="dn: uid=c\nuid: c\nsn: " + "é" * 255 + "\n")
    assert feed.run().returncode == 0
    assert feed.users()[0].findtext("last_name") == "é" * 255


def test_people_with_one_identifier_are_all_held(tmp_path):
    twin = "\ndn: uid=bCOLE,ou=guests,dc=example,dc=edu\nuid: BCole\nsn: Cole\n"
    feed = Feed(tmp_path, people=PEOPLE + twin)
    assert feed.run().returncode == 0
    assert [user.findtext("primary_id") for user in feed.users()] == ["aruiz"]
    findings = feed.findings("duplicate")
    assert {finding["dn"] for finding in findings} == {
        "uid=bcole,ou=people,dc=example,dc=edu", "uid=bCOLE,ou=guests,dc=example,dc=edu"}
    texts = {finding["dn"]: finding["text"] for finding in findings}
    assert texts["uid=bcole,ou=people,dc=example,dc=edu"] == (
        "'bcole' is also the match identifier of 'uid=bCOLE,ou=guests,dc=example,dc=edu'")
    assert feed.report["counts"]["held"] == 2
    assert adds_up(feed.report["counts"])


def test_an_entry_found_twice_counts_once(tmp_path):
    feed = Feed(tmp_path, people=PEOPLE + "\n" + PEOPLE)
    assert feed.run().returncode == 0
    assert len(feed.users()) == 2
    assert feed.report["counts"]["read"] == 2
    assert adds_up(feed.report["counts"])


def test_a_thousand_people_with_one_identifier(tmp_path):
    people = "\n".join(f"dn: cn={i},dc=example,dc=edu\nuid: same\nsn: S{i}\n" for i in range(1000))
    feed = Feed(tmp_path, people=PEOPLE + "\n" + people)
    assert feed.run().returncode == 0
    assert feed.report["counts"]["held"] == 1000
    assert feed.findings("duplicate")[0]["text"].endswith("and 998 more")


HOSTILE = ["a ]]> b", "a & b", "<script>", '"quoted"', "tab\there", "\x01control\x0b", "%s%n",
           "\x1b[31mred", "‮override", "𠮷", "line\nbreak", "e\u0301"]


def test_hostile_values_come_through_as_text(tmp_path):
    import base64
    people = "\n".join(
        f"dn: uid=h{i},dc=example,dc=edu\nuid: h{i}\nsn:: "
        + base64.b64encode(value.encode()).decode() + "\n" for i, value in enumerate(HOSTILE))
    feed = Feed(tmp_path, people=people)
    result = feed.run(shared=["-v"])
    assert result.returncode == 0, result.stderr
    names = [user.findtext("last_name") for user in feed.users()]
    assert names == ["a ]]> b", "a & b", "<script>", '"quoted"', "tab here", "control", "%s%n",
                     "[31mred", "‮override", "𠮷", "line break", "é"]
    assert "\x1b" not in result.stdout


def test_bad_utf8_in_a_name_is_told_and_in_an_identifier_rejected(tmp_path):
    people = (b"dn: uid=a,dc=example,dc=edu\nuid: a\nsn:: Zv8=\n\n"
              b"dn: uid=b,dc=example,dc=edu\nuid:: Yv8=\nsn: B\n")
    feed = Feed(tmp_path, people=people)
    assert feed.run().returncode == 0
    assert [user.findtext("last_name") for user in feed.users()] == ["f\ufffd"]
    assert len(feed.findings("bad_identifier")) == 1
    assert len(feed.findings("bad_text")) >= 1


def test_many_and_huge_values(tmp_path):
    mails = "".join(f"mail: m{i:05}@example.edu\n" for i in range(10000))
    feed = Feed(tmp_path, people=f"dn: uid=a\nuid: a\nsn: A\n{mails}\n"
                                 f"dn: uid=b\nuid: b\nsn: B\ngivenName: {'x' * 1000000}\n")
    assert feed.run().returncode == 0
    assert len(feed.users()[0].findall("contact_info/emails/email")) == 10000
    assert feed.findings("too_long")[0]["match_id"] == "b"


EXPLODING = """\
  emails:
    - each: ${mail}
      email_address: ${each}
      email_types: ["%s"]
"""


@pytest.mark.parametrize("types", ["${mail}", "${mail | upper}", "${mail | upper | join ' '}"])
def test_a_mapping_that_multiplies_values_rejects_the_person(tmp_path, types):
    mails = "".join(f"mail: m{i:04}@example.edu\n" for i in range(5000))
    mapping = MAPPING[:MAPPING.index("  emails:")] + EXPLODING % types
    feed = Feed(tmp_path, people=PEOPLE + f"\ndn: uid=c\nuid: c\nsn: C\n{mails}", mapping=mapping)
    assert feed.run().returncode == 0
    assert [finding["dn"] for finding in feed.findings("too_large")] == ["uid=c"]
    assert [user.findtext("primary_id") for user in feed.users()] == ["aruiz", "bcole"]


def test_small_packages(tmp_path):
    people = "\n".join(f"dn: uid=p{i:03}\nuid: p{i:03}\nsn: S\n" for i in range(25))
    feed = Feed(tmp_path, people=people, more="package: { records_per_file: 3, "
                                              "files_per_package: 4, max_packages: 3 }\n")
    assert feed.run().returncode == 0
    assert len(feed.packages()) == 3
    assert [user.findtext("primary_id") for user in feed.users()] == [
        f"p{i:03}" for i in range(25)]
    feed = Feed(tmp_path, people=people, more="package: { records_per_file: 3, "
                                              "files_per_package: 4, max_packages: 2 }\n")
    assert feed.run().returncode != 0
    assert len(feed.packages()) == 3
    assert in_spool(feed) == []


def test_an_empty_directory_stops_the_run(tmp_path):
    feed = Feed(tmp_path, people="")
    result = feed.run()
    assert result.returncode == 2
    assert result.stderr.startswith("ldap2alma: the brake 'min_users' stopped the run: "
                                    "the LDIF 'people.ldif' holds no entry at all\n")
    assert feed.report["outcome"] == "stopped"
    brake, = feed.report["brakes"]
    assert (brake["name"], brake["value"], brake["limit"], brake["pulled"]) == ("min_users", 0, 1, True)
    assert feed.packages() == []


def test_nobody_left_to_send_stops_the_run(tmp_path):
    feed = Feed(tmp_path, people="dn: cn=x\nsn: X\n")
    result = feed.run()
    assert result.returncode == 2
    assert result.stderr.startswith(
        "ldap2alma: the brake 'min_users' stopped the run: 0 of 1 people are left to send "
        "(0 skipped, 1 rejected, 0 held), fewer than 1\n")


@pytest.mark.parametrize("tail", ["\ndn: uid=c,dc=example,dc=edu\nuid: c\nsn:: Zm9",
                                  "\ndn: uid=c,dc=example,dc=edu\nuid: c\nsn"])
def test_ldif_that_is_cut_off_delivers_nothing(tmp_path, tail):
    feed = Feed(tmp_path, people=PEOPLE + tail)
    result = feed.run()
    assert result.returncode == 65, result.stderr
    assert feed.packages() == []
    assert feed.report["outcome"] == "failed"


def test_a_line_without_end_does_not_fill_the_memory(tmp_path):
    feed = Feed(tmp_path, ldif="/dev/zero")
    result = feed.run()
    assert result.returncode == 65
    assert "has a record of more than 268435456 bytes at line 1" in result.stderr


def test_a_second_run_is_refused(feed):
    feed.run()
    with open(feed.folder / "spool/test/lock", "r+", encoding="ascii") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        result = feed.run()
    assert result.returncode == 75
    assert re.match(r"ldap2alma: another run of the feed 'test' is at work \(pid \d+, since "
                    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\n", result.stderr)
    assert feed.run().returncode == 0


def test_a_failed_delivery_leaves_everything_to_the_next_run(feed):
    (feed.folder / "out").rmdir()
    result = feed.run()
    assert result.returncode == 73
    assert result.stderr.startswith(
        f"ldap2alma: cannot deliver to '{feed.folder}/out': cannot open the folder: ")
    assert feed.report["packages"][0]["delivered"] is False
    (feed.folder / "out").mkdir()
    assert feed.run().returncode == 0
    assert in_spool(feed) == []
    assert len(feed.packages()) == 1
    assert feed.report["counts"]["new"] == 2


def test_the_spool_does_not_grow_while_nothing_can_be_delivered(feed):
    (feed.folder / "out").rmdir()
    for _ in range(3):
        assert feed.run().returncode == 73
        package, = in_spool(feed)
        assert package == feed.report["packages"][0]["name"]


def test_the_folder_is_not_the_spool_by_another_name(feed):
    """There what was just delivered would be removed as no longer needed."""
    assert feed.run().returncode == 0
    package, = feed.packages()
    package.unlink()
    (feed.folder / "out").rmdir()
    (feed.folder / "out").symlink_to("spool/test")
    result = feed.run()
    assert result.returncode == 78
    assert "'delivery.folder' lies in the 'spool'" in result.stderr


@pytest.mark.parametrize("closed, status", [("0<&- 2>&-", 0), ("1>&- 2>&-", 73), ("0<&- 1>&- 2>&-", 73)])
def test_messages_go_into_no_file_when_a_stream_is_closed(feed, closed, status):
    run = subprocess.run(["sh", "-c", f"exec {PROGRAM} -vv run --dry-run --report x {closed}"],
                         cwd=feed.folder, capture_output=True, text=True, check=False)
    assert run.returncode == status
    assert json.loads((feed.folder / "x").read_text())["outcome"] == "done"


def test_a_closed_standard_input_is_no_directory(feed):
    settings = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace("people.ldif", '"-"'))
    run = subprocess.run(["sh", "-c", f"exec {PROGRAM} run 0<&-"],
                         cwd=feed.folder, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (
        65, "ldap2alma: cannot read 'standard input' after line 0: Bad file descriptor\n")


def test_a_run_removes_what_a_killed_upload_left(feed):
    (feed.folder / "out").rmdir()
    feed.run()
    (feed.folder / "out").mkdir()
    package, = in_spool(feed)
    with contextlib.closing(sqlite3.connect(feed.folder / "spool/test/state.db")) as state:
        mark = state.execute("SELECT text FROM fact WHERE name = 'mark'").fetchone()[0].decode()
    others = ["another.part", package.replace(".zip", ".00000000.part"), package.replace(".zip", ".part")]
    for name in [package.replace(".zip", f".{mark}.part"), *others]:
        (feed.folder / "out" / name).write_bytes(b"half")
    assert feed.run().returncode == 0
    assert [path.name for path in feed.packages() if path.suffix == ".part"] == others
    assert in_spool(feed) == []


@pytest.mark.parametrize("text", ["pid 1 since 1 named 9223372036854775807\n",
                                  "pid -1 since -9223372036854775808 named -1\n", "\0%n%s"])
def test_a_lock_file_with_anything_in_it(feed, text):
    (feed.folder / "spool/test").mkdir(parents=True)
    feed.write("spool/test/lock", text)
    assert feed.run().returncode == 0
    package, = feed.packages()
    assert re.fullmatch(r"test-synchronize-20\d{6}T\d{6}Z-01\.zip", package.name)


def test_a_spool_that_others_may_change_is_refused(feed):
    (feed.folder / "spool/test").mkdir(parents=True)
    (feed.folder / "spool/test").chmod(0o777)
    result = feed.run()
    assert result.returncode == 77
    assert "the folder" in result.stderr and "can be changed by others (mode 0777)" in result.stderr
    assert feed.packages() == []


def test_a_spool_that_is_a_link_is_refused(feed):
    (feed.folder / "spool").mkdir()
    (feed.folder / "mine").mkdir()
    feed.write("mine/thesis.zip", "not a package")
    (feed.folder / "spool/test").symlink_to("../mine")
    assert feed.run().returncode == 77
    assert os.listdir(feed.folder / "mine") == ["thesis.zip"]


def test_validate_package_and_document(feed):
    feed.run()
    package, = feed.packages()
    result = feed.run(str(package), command="validate")
    assert (result.returncode, result.stdout) == (0, f"{package}: valid\n")
    feed.write("bad.xml", "<users><user><recordType>PUBLIC</recordType></user></users>")
    result = feed.run("bad.xml", command="validate")
    assert result.returncode == 65
    assert "recordType" in result.stderr
    assert feed.run("missing.xml", command="validate").returncode == 65


def test_records_carry_the_record_type_of_the_settings(tmp_path):
    feed = Feed(tmp_path, more="alma: { record_type: STAFF }\n")
    assert feed.run().returncode == 0
    assert feed.users()[0].findtext("record_type") == "STAFF"


def test_clock_and_addresses_of_the_mapping(tmp_path):
    mapping = MAPPING + """\
  expiry_date: ${today | next 08-31}
  purge_date: ${alma.expiry_date | plus 1y}
  user_group:
    - when: (uid=ARUIZ)
      value: STAFF
    - PUBLIC
"""
    feed = Feed(tmp_path, mapping=mapping)
    assert feed.run().returncode == 0, feed.run().stderr
    user, other = feed.users()[:2]
    assert re.fullmatch(r"\d{4}-08-31Z", user.findtext("expiry_date"))
    assert int(user.findtext("purge_date")[:4]) == int(user.findtext("expiry_date")[:4]) + 1
    assert (user.findtext("user_group"), other.findtext("user_group")) == ("STAFF", "PUBLIC")


def test_wrong_use_is_told(feed):
    cases = {
        ("nonsense",): "ldap2alma: no command 'nonsense'\nTry 'ldap2alma --help'.\n",
        ("validate",): "ldap2alma validate: which file?\nTry 'ldap2alma --help'.\n",
        ("fields", "status", "x"):
            "ldap2alma fields: too many arguments: 'x'\nTry 'ldap2alma --help'.\n",
    }
    for arguments, text in cases.items():
        result = feed.run(*arguments[1:], command=arguments[0])
        assert (result.returncode, result.stderr) == (64, text)
    assert feed.run("x").returncode == 64


def test_missing_settings(tmp_path):
    feed = Feed(tmp_path)
    result = feed.run(shared=["-c", "missing.yaml"])
    assert result.returncode == 78
    assert "missing.yaml" in result.stderr


@pytest.mark.parametrize("table, first", [("fields", "record_type\tcode\t255"),
                                          ("findings", "match_id\treject"),
                                          ("options", "name\t"), ("transforms", "")])
def test_tables_are_listed(feed, table, first):
    result = feed.run(command=table)
    assert result.returncode == 0
    assert result.stdout.startswith(first)
    assert len(result.stdout.splitlines()) > 5
