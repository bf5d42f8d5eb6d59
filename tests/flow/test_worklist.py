"""The list of who is held or rejected: since when, and when it is over."""

import csv
import io
import json
import stat

import pytest

from memory import CHANGED, Memory, person

NO_NAME = "the mapping requires"


def faulty(number, **more):
    """Somebody without a last name, whom the mapping rejects."""
    return person(number, sn="", **more).replace("sn: \n", "")


def guest(number):
    return person(number, "employeeType: guest")


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Memory(tmp_path, person(1), person(2), faulty(3), person(4), person(5), more=CHANGED)


def worklist(feed, *options, form="json"):
    report = feed.report
    result = feed.run("--format", form, *options, command="worklist")
    feed.report = report  # of the run, still
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout) if form == "json" else result.stdout


def items(feed, *keys):
    return [tuple(item[key] for key in keys) for item in worklist(feed)["items"]]




def a_day_passes(feed):
    feed.grow_older(86400)
    feed.sql("UPDATE matter SET since = since - 86400")


def test_who_is_rejected_is_listed(feed):
    feed.send()
    found = worklist(feed)
    item, = found["items"]
    assert (found["feed"], found["as_of"], found["omitted"]) == ("test", feed.report["started"], 0)
    assert (item["status"], item["code"], item["field"], item["how"]) == (
        "rejected", "required", "last_name", None)
    assert (item["dn"], item["match_id"]) == ("uid=p3,ou=people,dc=example,dc=edu", "p3")
    assert item["id"] == "entryUUID 3f2504e0-4f89-41d3-9a0c-000000000003"
    assert item["since"] == feed.report["started"]
    assert NO_NAME in item["text"] and item["remedy"].startswith("Fill the field's attribute")


def test_who_is_held_is_listed_with_the_other(feed):
    feed.give(person(1), person(2), person(3).replace("uid: P3", "uid: p1"))
    feed.send()
    assert items(feed, "status", "code", "match_id", "text") == [
        ("held", "duplicate", "p1", "'p1' is also the match identifier of "
         "'uid=p3,ou=people,dc=example,dc=edu'"),
        ("held", "duplicate", "p1", "'p1' is also the match identifier of "
         "'uid=p1,ou=people,dc=example,dc=edu'")]


def test_since_is_when_it_began(feed):
    feed.send()
    a_day_passes(feed)
    began, = feed.sql("SELECT since FROM matter")
    feed.give(person(1), person(2), faulty(3), faulty(4), person(5))
    feed.send()
    assert sorted(feed.sql("SELECT since FROM matter"))[0] == began
    since = {finding["match_id"]: finding["since"] for finding in feed.findings("required")}
    assert since["p4"] == feed.report["started"]
    assert since["p3"] < since["p4"]
    assert items(feed, "match_id", "since") == [("p3", since["p3"]), ("p4", since["p4"])]


def test_a_new_dn_is_the_same_matter(feed):
    feed.send()
    a_day_passes(feed)
    feed.give(person(1), person(2), faulty(3, ou="library"), person(4), person(5))
    feed.send()
    (dn, since), = items(feed, "dn", "since")
    assert dn == "uid=p3,ou=library,dc=example,dc=edu" and since < feed.report["started"]
    assert feed.report["solved"] == []


@pytest.mark.parametrize("now, how", [(person(3), "fit"), (guest(3), "skipped"), ("", "gone")])
def test_what_is_solved_is_shown_once(feed, now, how):
    feed.send()
    feed.give(person(1), person(2), now, person(4), person(5))
    feed.send()
    solved, = feed.report["solved"]
    assert (solved["match_id"], solved["code"], solved["how"]) == ("p3", "required", how)
    assert items(feed, "status", "how") == [("solved", how)]
    assert worklist(feed, form="text").count("Solved (1)") == 1
    feed.send()
    assert feed.report["solved"] == [] and items(feed, "status") == []


def test_another_matter_is_no_solution(feed):
    feed.send()
    feed.give(person(1), person(2), person(3, "description: x", sn="x" * 300), person(4), person(5))
    feed.send()
    assert feed.report["solved"] == []
    assert items(feed, "status", "code") == [("rejected", "too_long")]


def test_a_dry_run_tells_the_same_and_writes_nothing(feed):
    feed.send()
    a_day_passes(feed)
    feed.give(person(1), person(2), person(3), faulty(4), person(5))
    before = feed.state.read_bytes()
    assert feed.run("--dry-run", "--worklist", "dry.json").returncode == 0
    dry = feed.report
    assert feed.state.read_bytes() == before
    assert items(feed, "status", "match_id") == [("rejected", "p3")]
    feed.send("--worklist", "real.json")
    assert [[item["match_id"], item["since"]] for item in dry["solved"]] == [
        [item["match_id"], item["since"]] for item in feed.report["solved"]]
    listed = [json.loads((feed.folder / name).read_text())["items"] for name in ("dry.json", "real.json")]
    for item in listed[0] + listed[1]:
        if item["since"] in (dry["started"], feed.report["started"]):
            item["since"] = "now"
    assert listed[0] == listed[1]
    assert [(item["status"], item["match_id"]) for item in listed[1]] == [
        ("rejected", "p4"), ("solved", "p3")]


def test_a_first_dry_run_has_a_list(feed):
    assert feed.run("--dry-run", "--worklist", "list.txt").returncode == 0
    assert "required" in (feed.folder / "list.txt").read_text()
    assert feed.findings("required")[0]["since"] == feed.report["started"]
    assert not feed.state.exists()


def test_a_run_that_a_guard_stopped_keeps_what_it_met_and_solves_nothing(feed):
    feed.send()
    feed.give(faulty(1), guest(2))
    assert feed.run("--worklist", "list.json").returncode == 2
    assert feed.report["solved"] == []
    assert sorted(items(feed, "status", "match_id")) == [("rejected", "p1"), ("rejected", "p3")]
    assert [item["match_id"] for item in json.loads((feed.folder / "list.json").read_text())["items"]] == ["p1"]


def test_who_may_be_among_the_unread_is_not_gone(feed):
    """A record that cannot be read may be anybody's."""
    feed.send()
    feed.give(person(1), person(2), "dn: uid=p3,ou=people,dc=example,dc=edu\nsn\n\n", person(4), person(5))
    feed.send()
    assert feed.report["solved"] == []
    assert sorted(items(feed, "code", "status")) == [("bad_entry", "rejected"), ("required", "rejected")]
    feed.give(person(1), person(2), person(3), person(4), person(5))
    feed.send()
    assert sorted((item["code"], item["how"]) for item in feed.report["solved"]) == [
        ("bad_entry", "over"), ("required", "fit")]


def test_a_run_that_failed_before_leaves_the_list(feed):
    feed.send("--worklist", "list.csv")
    before = (feed.folder / "list.csv").read_bytes()
    feed.write("people.ldif", "dn: uid=a\nuid:")
    result = feed.run("--worklist", "list.csv")
    assert result.returncode == 65 and "work list" not in result.stderr
    assert (feed.folder / "list.csv").read_bytes() == before
    assert items(feed, "match_id") == [("p3",)]


def test_csv_is_read_back_and_computes_nothing(feed):
    feed.give(person(1), person(2), faulty(3).replace("uid: P3", "uid: =2+3"),
              faulty(4).replace("uid=p4", "cn=Ruiz\\, Ana \"A\""), person(5))
    feed.send("--worklist", "list.csv")
    data = (feed.folder / "list.csv").read_bytes()
    assert stat.S_IMODE((feed.folder / "list.csv").stat().st_mode) == 0o600
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert [row["match_id"] for row in rows] == ["p4", "'=2+3"]
    assert rows[0]["dn"] == 'cn=Ruiz\\, Ana "A",ou=people,dc=example,dc=edu'
    assert rows[0]["since"] == feed.report["started"]
    assert worklist(feed, form="csv").encode().replace(b"\r", b"") == data.replace(b"\r", b"")


def test_a_flood_is_kept_whole_by_the_state(tmp_path):
    feed = Memory(tmp_path, person(1), *(faulty(n) for n in range(2, 10203)))
    feed.send("--worklist", "list.json")
    assert "more are not in the work list of this run" in feed.last.stderr
    run = json.loads((tmp_path / "list.json").read_text())
    assert len(run["items"]) + run["omitted"] == 10201 and run["omitted"] >= 201
    assert len(worklist(feed)["items"]) == 10201


def test_what_was_never_sent_is_forgotten_too(feed):
    feed.send()
    result = feed.run("forget", "p3", command="state")
    assert result.returncode == 0
    assert result.stderr.splitlines() == [
        "'entryUUID 3f2504e0-4f89-41d3-9a0c-000000000003' is forgotten",
        "whom the directory still has is sent again as new by the next run"]
    assert items(feed, "match_id") == []
    assert feed.run("forget", "p3", command="state").returncode == 65


@pytest.mark.parametrize("who", ["uid=P3,ou=people,dc=example,dc=edu",
                                 "3f2504e0-4f89-41d3-9a0c-000000000003"])
def test_who_is_to_be_forgotten_is_found_by_all_names(feed, who):
    feed.send()
    assert feed.run("forget", who, command="state").returncode == 0
    assert items(feed, "match_id") == []


def test_a_damaged_list_is_told(feed):
    feed.send()
    feed.sql("UPDATE matter SET run = 99")
    result = feed.run("check", command="state")
    assert result.returncode == 65
    assert "rows of the work list that no run has written" in result.stderr
