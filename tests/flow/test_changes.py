"""Change-only mode: whom a run sends, run after run."""

import re
import shutil
import subprocess
import time

import pytest

from feed import MAPPING, adds_up
from memory import CHANGED, DAY, EXPIRE, Memory, person


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), person(3))
    assert feed.send() == {"p1", "p2", "p3"}
    return feed


def test_the_first_run_sends_everybody(feed):
    assert feed.report["changes"] == "changed"
    assert feed.counts("read", "sent", "new", "unchanged") == (3, 3, 3, 0)
    assert adds_up(feed.report["counts"])


def test_a_second_run_sends_nobody(feed):
    result = feed.run(shared=["-v"])
    assert result.returncode == 0
    assert "nothing to send: all 3 people are as Alma has them\n" in result.stderr
    assert feed.report["outcome"] == "nothing-to-send"
    assert feed.counts("read", "sent", "unchanged") == (3, 0, 3)
    assert feed.report["packages"] == [] and len(feed.packages()) == 1


def test_nothing_to_send_is_no_mail_from_cron(feed):
    result = feed.run()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_who_changed_is_sent_whole(feed):
    feed.give(person(1), person(2, sn="Cole"), person(3))
    assert feed.send() == {"p2"}
    record = feed.records()["p2"]
    assert record.findtext("last_name") == "Cole"
    assert [email.findtext("email_address") for email in record.iter("email")] == [
        "a2@example.edu", "b2@example.edu"]
    assert feed.counts("sent", "changed", "unchanged") == (1, 1, 2)
    assert feed.report["changed_fields"] == {"last_name": 1}
    assert feed.send() == set()


def test_a_value_that_is_gone_is_a_change(feed):
    feed.give(person(1, mails=()), person(2, mails=("a",)), person(3))
    assert feed.send() == {"p1", "p2"}
    assert feed.report["changed_fields"] == {"emails": 2}


def test_another_order_of_values_is_no_change(feed):
    feed.give(person(3, mails=("b", "a")), person(1), person(2, mails=("b", "a")))
    assert feed.send() == set()


def test_who_is_new_is_sent(feed):
    feed.give(person(1), person(2), person(3), person(4))
    assert feed.send() == {"p4"}
    assert feed.counts("new", "changed", "unchanged") == (1, 0, 3)


def test_another_dn_is_no_other_person(feed):
    feed.give(person(1, ou="staff"), person(2), person(3))
    assert feed.send() == set()


def test_without_ids_the_dn_is_who_a_person_is(tmp_path):
    feed = Memory(tmp_path, person(1, uuid=0), person(2, uuid=0))
    assert feed.send() == {"p1", "p2"}
    assert feed.send() == set()
    feed.give(person(1, uuid=0).replace("dc=example,dc=edu", "DC=Example,DC=EDU"), person(2, uuid=0))
    assert feed.send() == set()  # case is no other DN


def test_the_person_is_the_id_whatever_else_changes(feed):
    feed.settings(CHANGED + "identity: { moved: send }\n")
    feed.give(person(1), person(2), person(9, uuid=3))
    assert feed.send() == {"p9"}
    assert feed.counts("changed", "leavers") == (1, 0)
    assert feed.report["changed_fields"]["primary_id"] == 1


def test_two_people_with_one_id_are_both_held(feed):
    feed.give(person(1), person(2, sn="Cole"), person(3, uuid=2))
    assert feed.send() == set()
    findings = feed.findings("duplicate")
    assert {finding["match_id"] for finding in findings} == {"p2", "p3"}
    assert findings[0]["text"] == (
        "'entryUUID 3f2504e0-4f89-41d3-9a0c-000000000002' is also the id of "
        "'uid=p2,ou=people,dc=example,dc=edu'")
    assert feed.counts("held", "unchanged", "sent") == (2, 1, 0)


def test_who_is_rejected_has_not_left_and_is_not_forgotten(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), person(3), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), person(2), person(3, sn="x" * 256))
    for _ in range(3):
        assert feed.send() == set()
        assert feed.counts("rejected", "leavers") == (1, 0)
    feed.give(person(1), person(2), person(3, sn="Cole"))
    assert feed.send() == {"p3"}
    feed.give(person(1), person(2), person(3, sn="x" * 256))
    feed.send()
    feed.give(person(1), person(2), person(3, sn="Cole"))
    assert feed.send() == set()


# ---- everybody, now and then


def test_a_full_run_sends_everybody(feed):
    feed.give(person(1), person(2, sn="Cole"), person(3), person(4))
    assert feed.send("--full") == {"p1", "p2", "p3", "p4"}
    assert feed.report["changes"] == "full"
    assert feed.counts("new", "changed", "resent", "unchanged") == (1, 1, 2, 0)


def test_settings_for_full_and_one_run_of_those_who_changed(feed):
    feed.settings("changes: { mode: full }\n")
    assert feed.send() == {"p1", "p2", "p3"}
    assert feed.send("--changed") == set()
    assert feed.report["changes"] == "changed"
    feed.settings("")
    assert feed.send() == {"p1", "p2", "p3"}


def test_full_and_changed_is_wrong_use(feed):
    result = feed.run("--full", "--changed")
    assert (result.returncode, result.stderr) == (
        64, "ldap2alma run: a run is either --full or --changed\nTry 'ldap2alma --help'.\n")


def test_a_run_is_full_every_so_often(feed):
    feed.settings("changes: { mode: changed, full_every: 7d }\n")
    assert feed.send() == {"p1", "p2", "p3"}  # there was no full run yet
    feed.grow_older(6 * DAY)
    assert feed.send() == set()
    feed.grow_older(DAY - 600)  # cron was late last time
    assert feed.send() == {"p1", "p2", "p3"}
    assert feed.report["changes"] == "full"
    assert feed.send() == set()


def test_a_full_run_that_failed_does_not_count(feed):
    feed.settings("changes: { mode: changed, full_every: 7d }\n")
    (feed.folder / "out").rename(feed.folder / "away")
    assert feed.send(status=73) == set()
    (feed.folder / "away").rename(feed.folder / "out")
    assert feed.send() == {"p1", "p2", "p3"}


def test_who_was_delivered_long_ago_is_sent_again(feed):
    feed.settings("changes: { mode: changed, resend_after: 90d }\n")
    feed.grow_older(44 * DAY)
    assert feed.send() == set()
    feed.grow_older(46 * DAY)
    assert feed.send() == {"p1", "p2", "p3"}
    assert feed.counts("resent", "changed") == (3, 0)
    assert feed.send() == set()
    feed.settings("changes: { mode: changed, resend_after: off }\n")
    feed.grow_older(900 * DAY)
    assert feed.send() == set()


def test_resending_is_spread_over_many_runs(tmp_path):
    everybody = [person(i) for i in range(900)]
    feed = Memory(tmp_path, *everybody, more="changes: { mode: changed, resend_after: 90d }\n")
    feed.send()
    feed.grow_older(45 * DAY)
    most = 0
    for _ in range(9):
        feed.sql("UPDATE package SET changed = changed - ?", 5 * DAY)
        most = max(most, len(feed.send()))
    assert most < 300
    assert feed.sql("SELECT count(*) FROM person WHERE package = 1") == [(0,)]


def test_a_clock_that_went_back_stops_a_run(feed):
    """It makes dates, which no later run would take for changed."""
    feed.give(person(1, sn="Cole"), person(2), person(3))
    feed.grow_older(-23 * 3600)
    assert feed.send("--dry-run") == set()
    feed.grow_older(-3600 - 60)
    today, then = (time.strftime("%Y-%m-%d", time.gmtime(day)) for day in (
        time.time(), feed.sql("SELECT max(changed) FROM package")[0][0]))
    for options in ([], ["--changed"], ["--dry-run"]):
        assert feed.send(*options, status=2) == set()
        assert feed.last.stderr == (
            f"ldap2alma: the clock shows {today}, and the last delivery was on {then}: nothing is "
            "delivered\nSet the clock right. If it is right now, it was not at that delivery: 'run "
            "--full' sends the dates of records anew.\n")
        assert (feed.report["outcome"], feed.report["packages"]) == ("stopped", [])
    feed.settings("changes: { mode: changed, full_every: 7d }\n")
    assert feed.send("--full") == {"p1", "p2", "p3"}
    assert feed.send() == set()
    feed.grow_older(7 * DAY)  # the one of that other day does not count
    assert feed.send() == {"p1", "p2", "p3"}


# ---- leavers


def leave(folder, more, *options):
    feed = Memory(folder, person(1), person(2), person(3), more=CHANGED + more)
    feed.send()
    feed.give(person(1), person(2))
    feed.send(*options)
    return feed


def expire(folder, more=EXPIRE):
    """A feed whose third person has just had a last record."""
    feed = leave(folder, more)
    assert feed.send() == {"p3"}
    return feed


def test_leavers_are_kept_and_told(tmp_path):
    feed = leave(tmp_path, "")
    for absent in (2, 3, 4):
        assert feed.send() == set()
        assert feed.counts("leavers", "expired") == (1, 0)
        assert feed.report["leavers"] == [{"match_id": "p3", "absent": absent, "expired": False}]
    feed.give(person(1), person(2), person(3))
    assert feed.send() == set()
    assert feed.counts("leavers", "unchanged") == (0, 3)


def test_a_leaver_gets_one_last_complete_record(tmp_path):
    feed = leave(tmp_path, EXPIRE)
    assert feed.counts("leavers", "expired", "sent") == (1, 0, 0)
    assert feed.send() == {"p3"}
    assert feed.counts("leavers", "expired", "sent", "unchanged") == (1, 1, 0, 2)
    assert feed.report["leavers"] == [{"match_id": "p3", "absent": 2, "expired": True}]
    record = feed.records()["p3"]
    assert record.findtext("last_name") == "Ruiz"
    assert len(list(record.iter("email"))) == 2
    assert record.findtext("status") == "INACTIVE"
    assert record.findtext("expiry_date") == feed.report["started"][:10] + "Z"
    assert record.find("purge_date") is None
    assert feed.send() == set()
    assert feed.counts("leavers", "expired") == (0, 0)


def test_grace_counts_complete_runs_in_a_row(tmp_path):
    feed = leave(tmp_path, "leavers: { policy: expire, grace: 3 }\n")
    feed.send()
    feed.give(person(1), person(2), person(3))
    assert feed.send() == set()
    feed.give(person(1), person(2))
    assert [feed.send(), feed.send(), feed.send()] == [set(), set(), {"p3"}]


def test_a_last_record_may_be_purged_later(tmp_path):
    feed = expire(tmp_path, "leavers: { policy: expire, grace: 2, purge_after: 365d }\n")
    record = feed.records()["p3"]
    years = [int(record.findtext(name)[:4]) for name in ("expiry_date", "purge_date")]
    assert years[1] - years[0] in (0, 1) and record.findtext("purge_date") > record.findtext("expiry_date")


def test_who_comes_back_is_sent_as_new(tmp_path):
    feed = expire(tmp_path)
    feed.give(person(1), person(2), person(3))
    assert feed.send() == {"p3"}
    assert feed.counts("new", "leavers") == (1, 0)
    assert feed.records()["p3"].find("status") is None
    assert feed.send() == set()


def test_whom_select_skips_now_is_a_leaver(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), person(2, "employeeType: guest"))
    assert [feed.send(), feed.send(), feed.send()] == [set(), {"p2"}, set()]


def test_whom_select_skips_may_be_kept(tmp_path):
    feed = Memory(tmp_path, person(1), person(2),
                  more=CHANGED + "leavers: { policy: expire, grace: 1, skipped: keep }\n")
    feed.send()
    feed.give(person(1), person(2, "employeeType: guest"))
    assert [feed.send(), feed.send()] == [set(), set()]
    assert feed.counts("skipped", "leavers") == (1, 0)


def test_somebody_else_with_the_identifier_is_not_ended(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), person(2, uuid=9, sn="Cole"))
    assert [feed.send(), feed.send(), feed.send()] == [set(), set(), set()]
    assert feed.counts("held", "leavers", "expired") == (1, 1, 0)


@pytest.mark.parametrize("uuid", [9, 0])
def test_an_account_that_was_made_anew_gets_one_last_record(tmp_path, uuid):
    """Without an id, another DN is enough. It is held until somebody says that it is the same."""
    feed = Memory(tmp_path, person(1), person(2, uuid=uuid), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), person(2, uuid=uuid and 10, ou="staff", sn="Cole"))
    assert feed.send() == set()
    assert feed.run("accept", "p2", command="identity").returncode == 0
    assert feed.send() == {"p2"}
    feed.give(person(1))
    assert [feed.send(), feed.send(), feed.send()] == [set(), {"p2"}, set()]
    last, = (user for user in feed.users() if user.find("status") is not None)
    assert last.findtext("last_name") == "Cole"


def test_an_account_whose_successor_is_held_is_not_forgotten(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), person(2, uuid=8), person(2, uuid=9, ou="staff"))
    assert [feed.send(), feed.send(), feed.send()] == [set(), set(), set()]
    assert feed.counts("held", "leavers") == (2, 1)
    feed.give(person(1))
    assert feed.send() == {"p2"}


def test_whose_identifier_nobody_was_given_stays_known(tmp_path):
    """Two others claim it, and are held: nothing of theirs is in Alma."""
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), person(2, uuid=8), person(2, uuid=9, ou="staff"))
    for _ in range(3):
        assert feed.send() == set()
    assert feed.counts("held", "leavers", "expired") == (2, 1, 0)
    assert len(feed.sql("SELECT key FROM person")) == 2


@pytest.mark.parametrize("damage", [
    "x''", "x'00000000'", "x'ffffff7f00'", "x'0a0b0c0d0e0f'", "substr(bytes, 1, length(bytes) - 3)"])
def test_a_damaged_last_record_keeps_nobody_else(tmp_path, damage):
    feed = Memory(tmp_path, person(1), person(2), person(3), more=CHANGED + EXPIRE)
    feed.send()
    key, = feed.sql("SELECT key FROM person WHERE match_id = 'p2'")[0]
    feed.sql(f"UPDATE record SET bytes = {damage} WHERE key = ?", key)
    feed.give(person(1))
    feed.send()
    assert feed.send() == {"p3"}
    assert feed.last.stderr == (
        "warning: the last record of 'p2', who has left, is damaged in the state "
        "'spool/test/state.db': they stay as they are in Alma\n")
    assert feed.counts("leavers", "expired") == (2, 1)
    feed.give(person(1), person(2))
    assert [feed.send(), feed.counts("leavers")] == [set(), (0,)]


@pytest.mark.parametrize("changes", [CHANGED, ""])
def test_last_records_are_known_of_those_who_were_there_before_they_were_wanted(tmp_path, changes):
    feed = Memory(tmp_path, person(1), person(2), person(3), more=changes)
    feed.send()
    feed.settings(changes + EXPIRE)
    feed.send()
    feed.give(person(1), person(2))
    feed.send()
    assert "p3" in feed.send()
    assert feed.records()["p3"].findtext("status") == "INACTIVE"


def test_unknown_last_records_are_told_once(tmp_path):
    feed = leave(tmp_path, "")
    feed.settings(CHANGED + EXPIRE)
    assert feed.send() == set()
    assert feed.last.stderr == (
        "warning: the last records of 1 people who have left are not known, as 'leavers' was not "
        "'expire' when they were delivered: they stay as they are in Alma\n")
    assert feed.send() == set()
    assert feed.last.stderr == ""


def test_a_run_that_could_not_read_all_infers_no_leavers(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), person(3), more=CHANGED + EXPIRE)
    feed.send()
    feed.give(person(1), "dn: uid=p2,ou=people,dc=example,dc=edu\nuid: P2\nno colon\n\n")
    for _ in range(3):
        assert feed.send() == set()
        assert feed.counts("rejected", "leavers", "expired") == (1, 0, 0)
    feed.write("people.ldif", person(1) + "dn: uid=p2,ou=people,dc=example,dc=edu\nuid")
    for _ in range(3):
        assert feed.send(status=65) == set()
    assert feed.sql("SELECT max(absent) FROM person") == [(0,)]


# ---- packages that wait, and are taken


PACKAGES = "package: { records_per_file: 1, files_per_package: 1, max_packages: 2 }\n"


def test_what_waits_at_the_target_holds_back_the_rest_in_order(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + PACKAGES)
    assert feed.send() == {"p1", "p2"}
    feed.give(person(1), person(2), person(3), person(4))
    assert feed.send(status=69) == set()
    assert feed.last.stderr == (
        "ldap2alma: Alma has not taken what was delivered before: 2 of 2 packages are held back, as no "
        f"more than 2 may wait at '{feed.folder}/out'\nLook whether Alma's integration profile is active "
        "and reads this directory; the next run sends what was held back.\n")
    next(iter(sorted((feed.folder / "out").glob("*.zip")))).unlink()
    assert feed.send(status=69) == {"p3"}
    assert "1 of 2 packages are held back" in feed.last.stderr
    feed.take()
    feed.give(person(1, sn="Cole"), person(2), person(3), person(4))
    assert feed.send() == {"p1", "p4"}
    assert list(feed.records()) == ["p4", "p1"]  # who has waited longest
    feed.take()
    assert feed.send() == set()


def test_what_has_another_size_now_waits_as_well(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + PACKAGES)
    feed.send()
    for package in feed.packages():
        package.write_bytes(package.read_bytes() + b"more")
    feed.give(person(1, sn="Cole"), person(2))
    assert feed.send(status=69) == set()


def test_only_our_packages_that_alma_took_are_removed_and_late(tmp_path):
    feed = Memory(tmp_path, person(1), more=CHANGED + "delivery: { folder: out }\n")
    settings = (feed.folder / "ldap2alma.yaml").read_text().replace("delivery: { folder: out }\n", "")
    feed.write("ldap2alma.yaml", settings + "delivery: { folder: out, clean: { taken_after: 30d } }\n")
    feed.send()
    feed.take()
    mine, = feed.packages()
    for name in ("another.zip.handled", "test-synchronize-20200101T000000Z-01.zip.handled", "x.zip"):
        (feed.folder / "out" / name).write_text("of somebody else")
    feed.grow_older(29 * DAY)
    feed.sql("INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed, taken) "
             "SELECT run, 'x', target, 1, 1, '', fate, changed + 999999999, 1 FROM package")
    feed.sql("UPDATE package SET id = id - 10 WHERE name = 'x'")  # of a day when the clock was wrong
    feed.give(person(1, sn="Cole"))
    feed.send()
    waiting, = (feed.folder / "out" / package["name"] for package in feed.report["packages"])
    assert mine.exists()
    feed.grow_older(2 * DAY)
    feed.give(person(1, sn="Diaz"))
    feed.send()
    assert not mine.exists() and waiting.exists()
    assert len(feed.packages()) == 5
    feed.grow_older(31 * DAY)
    feed.give(person(1, sn="Ende"))
    feed.send()
    assert waiting.exists()  # Alma has not taken it


CLEAN = "delivery: { folder: out, clean: { taken_after: 30d } }\n"


@pytest.fixture(name="clean")
def make_clean(tmp_path):
    """A feed of one package."""
    feed = Memory(tmp_path, person(1))
    settings = (feed.folder / "ldap2alma.yaml").read_text().replace("delivery: { folder: out }\n", CLEAN)
    feed.write("ldap2alma.yaml", settings)
    feed.send()
    return feed


def test_packages_are_removed_also_when_nothing_is_to_be_sent(clean):
    clean.take()
    clean.grow_older(29 * DAY)
    assert clean.send() == set() and len(clean.packages()) == 1
    clean.grow_older(2 * DAY)
    assert clean.send() == set() and clean.packages() == []
    assert clean.sql("SELECT taken FROM package") == [(2,)]


def test_a_package_that_got_its_name_back_is_not_removed(clean):
    """Somebody wants Alma to take it once more."""
    clean.take()
    clean.give(person(1, sn="Cole"))
    assert clean.send() == {"p1"}
    first = clean.packages()[0]
    first.rename(first.with_suffix(""))
    clean.grow_older(31 * DAY)
    assert clean.send() == set() and len(clean.packages()) == 2
    assert clean.sql("SELECT taken FROM package ORDER BY id") == [(1,), (0,)]
    clean.take()
    assert clean.send() == set() and clean.packages() == []


# ---- another target


def test_a_target_that_got_nothing_yet_gets_everybody(feed):
    """It may be another Alma."""
    (feed.folder / "other").mkdir()
    settings = feed.folder / "ldap2alma.yaml"
    settings.write_text(settings.read_text().replace("folder: out", "folder: other"))
    told = f"this run is a full one, as nothing was ever delivered to '{feed.folder}/other'\n"
    assert told in feed.run("--dry-run").stderr
    assert feed.run("--changed", shared=["-v"]).stderr.count(told) == 1
    assert feed.counts("resent", "unchanged") == (3, 0)
    assert feed.report["changes"] == "full"
    assert feed.run().returncode == 0
    assert feed.report["outcome"] == "nothing-to-send"
    settings.write_text(settings.read_text().replace("folder: other", "folder: out"))
    assert feed.send() == set()


# ---- import


@pytest.mark.parametrize("options", [(), ("--changed",)])
def test_a_run_after_an_import_is_full(tmp_path, options):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    assert feed.send("--mode", "import") == {"p1", "p2"}
    assert feed.send("--mode", "import") == set()
    feed.give(person(1, sn="Cole"), person(2))
    assert feed.send(*options) == {"p1", "p2"}
    assert (feed.report["mode"], feed.report["changes"]) == ("synchronize", "full")
    assert feed.send(*options) == set()


def test_an_import_ends_nobody(tmp_path):
    feed = leave(tmp_path, EXPIRE, "--mode", "import")
    assert feed.send("--mode", "import") == set()
    assert feed.counts("leavers", "expired") == (1, 0)
    assert "p3" in feed.send()


# ---- a new mapping


def test_a_rehearsal_tells_whom_a_new_mapping_touches(feed):
    feed.write("mapping.yaml", MAPPING.replace("${sn}", "${sn | upper}")
               + "  user_group: ${mail | matching 'b2@' | extract '^(b)'}\n")
    result = feed.run("--dry-run")
    assert result.returncode == 0
    assert result.stderr.endswith(
        f"the mapping is another one than at the last run: '{feed.folder}/mapping.yaml' has changed\n"
        "3 of 3 people have changed since their last delivery: last_name 3, user_group 1\n")
    assert feed.report["changed_fields"] == {"last_name": 3, "user_group": 1}
    assert "    last_name               3 of 3 changed\n" in result.stdout
    assert feed.send() == {"p1", "p2", "p3"}
    assert feed.run("--dry-run").stderr.count("mapping is another one") == 0


def test_a_new_mapping_that_changes_nobody_is_told_too(feed):
    feed.write("mapping.yaml", "# as it was\n" + MAPPING)
    assert feed.run("--dry-run").stderr.endswith(
        "has changed\n0 of 3 people have changed since their last delivery\n"
        "nothing to send: all 3 people are as Alma has them\n")
    assert feed.send() == set()


def test_every_file_of_the_mapping_counts(tmp_path):
    mapping = "extends: base.yaml\n" + MAPPING.replace("emails:", "user_group: ${sn | lookup groups}\n  emails:") \
        + "tables:\n  groups: { csv: groups.csv, key: name }\n"
    feed = Memory(tmp_path, person(1), mapping=mapping)
    feed.write("base.yaml", MAPPING)
    feed.write("groups.csv", "name,code\nRuiz,STAFF\n")
    feed.send()
    feed.write("groups.csv", "name,code\nRuiz,STAFF\nCole,STAFF\n")
    feed.write("base.yaml", MAPPING + "\n")
    text = feed.run("--dry-run").stderr
    assert f"'{feed.folder}/base.yaml' has changed, '{feed.folder}/groups.csv' has changed\n" in text
    feed.write("mapping.yaml", MAPPING)
    text = feed.run("--dry-run").stderr
    assert re.search(r"mapping.yaml' has changed, '\S*/base.yaml' is no longer read, "
                     r"'\S*/groups.csv' is no longer read\n", text)


def test_a_rehearsal_changes_nothing(feed):
    feed.give(person(1), person(2, sn="Cole"))
    before = feed.state.read_bytes()
    assert feed.run("--dry-run").returncode == 0
    assert feed.counts("changed", "leavers") == (1, 1)
    assert feed.state.read_bytes() == before
    assert feed.send() == {"p2"}


def test_a_rehearsal_needs_no_state(tmp_path):
    feed = Memory(tmp_path, person(1))
    assert feed.run("--dry-run").returncode == 0
    assert feed.counts("new") == (1,)
    assert not feed.state.exists()


# ---- a state that is not ours, or not whole


def refused(feed, status, text):
    result = feed.run()
    assert (result.returncode, result.stderr) == (status, text)
    assert feed.report["packages"] == []


def test_two_feeds_with_one_state_are_refused(feed):
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", text.replace("name: test", "name: students")
               + f"state: {feed.state}\n")
    refused(feed, 78,
            f"ldap2alma: the state '{feed.state}' belongs to the feed 'test', not to 'students'\n"
            "Each feed has a state of its own: name another file as 'state', or give the settings the "
            "old 'name'.\n")


def test_a_damaged_state_is_refused(feed):
    data = bytearray(feed.state.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page:page + 64] = b"\xff" * 64
    feed.state.write_bytes(data)
    result = feed.run()
    assert result.returncode == 65
    first, hint = result.stderr.splitlines()
    assert re.fullmatch(r"ldap2alma: ([^*?]*: )?cannot \w+ the state 'spool/test/state.db': "
                        r"database disk image is malformed", first)
    assert hint == ("The file is damaged. Put back a copy, or move it away: then the next run sends "
                    "everybody, without knowing who has left.")
    feed.state.rename(feed.folder / "damaged")
    assert feed.send() == {"p1", "p2", "p3"}


def test_what_a_damaged_page_is_told_as_is_one_line(feed):
    feed.give(*(person(i) for i in range(200)))
    feed.send()
    data = bytearray(feed.state.read_bytes())
    page = data.index(b"p150") // 4096 * 4096
    data[page:page + 64] = b"\xff" * 64
    feed.state.write_bytes(data)
    first, _ = feed.run().stderr.splitlines()
    assert first.startswith("ldap2alma: Page ") or first.startswith("ldap2alma: cannot ")
    assert "***" not in first and "?" not in first


def test_a_newer_state_is_refused(feed):
    feed.sql("PRAGMA user_version = 99")
    refused(feed, 65, "ldap2alma: the state 'spool/test/state.db' was written by a newer ldap2alma "
            "(schema 99, known here: 4)\nRun that version, or the newest.\n")


def test_a_state_that_is_no_file_is_refused(feed):
    feed.state.unlink()
    feed.state.mkdir()
    refused(feed, 78, "ldap2alma: the state 'spool/test/state.db' is no file\n"
            "Name a file as 'state' in the settings.\n")


def test_a_state_that_is_a_link_is_refused(feed):
    feed.state.rename(feed.folder / "real.db")
    feed.state.symlink_to(feed.folder / "real.db")
    refused(feed, 78, "ldap2alma: the state 'spool/test/state.db' is a link and not a file\n"
            "Name the real file as 'state' in the settings.\n")


def test_a_copy_put_back_sends_what_happened_since(feed):
    shutil.copy(feed.state, feed.folder / "copy")
    feed.give(person(1, sn="Cole"), person(2), person(3), person(4))
    assert feed.send() == {"p1", "p4"}
    for package in feed.packages():  # the copy knows no more which names were given this second
        package.unlink()
    (feed.folder / "copy").rename(feed.state)
    assert feed.send() == {"p1", "p4"}
    assert feed.send() == set()


def test_it_does_not_matter_where_the_program_is_started(feed):
    """A package on its way is the same package, whatever the working directory."""
    feed.give(person(1, sn="Cole"))
    feed.send()
    name = feed.report["packages"][0]["name"]
    feed.sql("UPDATE package SET fate = 1 WHERE name = ?", name)
    feed.sql("INSERT INTO pending (package, key, sending) SELECT id, x'45', 1 FROM package WHERE name = ?",
             name)
    result = subprocess.run([feed.program, "-v", "-c", feed.folder / "ldap2alma.yaml", "run"],
                            cwd="/", capture_output=True, text=True, timeout=60, check=True)
    assert f"'{name}' of an earlier run was delivered, though that run did not live to see it\n" \
        in result.stderr
