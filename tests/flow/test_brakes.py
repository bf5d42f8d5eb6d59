"""Brakes: what a wrong feed would do to Alma, and that it does not.

Each brake is met twice by the same wrong day: once it holds, and Alma and the state are as they were;
once it is released, and the simulated Alma shows the damage.
"""

import json
import shutil
import sqlite3

import pytest

from alma import Alma
from feed import Feed
from killing import Killable
from scene import DAY_SECONDS, FIRST_DAY, FIRST_RUN, MORNING, SETTINGS, UNBRAKED, Scene

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [last_name]
tables:
  groups: { law: FACULTY, art: STAFF }
user:
  primary_id: ${uid | lower}
  first_name: ${givenName}
  last_name: ${sn}
  user_group:
    - ${departmentNumber | lookup groups}
    - COMMUNITY
  emails:
    - { each: "${mail}", email_address: "${each}", email_types: [work] }
  phones:
    - { phone_number: "${telephoneNumber}", phone_types: [office] }
"""

EXPIRE = "leavers: { policy: expire, grace: 1 }\n"


def entry(number, uid=None, **attributes):
    """A person, who is told by the number whatever else is said; None takes an attribute away."""
    everything = {"uid": uid or f"p{number}",
                  "entryUUID": f"3f2504e0-4f89-41d3-9a0c-{number:012d}", "givenName": "Ana",
                  "sn": "Ruiz", "mail": f"a{number}@example.edu", "departmentNumber": "law",
                  **attributes}
    return "\n".join([f"dn: uid=n{number},ou=people,dc=example,dc=edu",
                      *(f"{name}: {value}" for name, value in everything.items()
                        if value is not None), "", ""])


def entries(numbers, **attributes):
    return "".join(entry(number, **attributes) for number in numbers)


class Library:
    """A feed and its Alma, which loads after each run."""

    def __init__(self, folder, people, more=EXPIRE, mapping=MAPPING):
        self.feed = Feed(folder, people=people, mapping=mapping, more=more, brakes="")
        self.alma = Alma(folder / "out")

    def run(self, people=None, *options, status=0):
        if people is not None:
            self.feed.write("people.ldif", people)
        result = self.feed.run(*options)
        assert result.returncode == status, result.stderr
        self.alma.load()
        return result

    def pulled(self):
        return [brake["name"] for brake in self.feed.report["brakes"] if brake["pulled"]]

    def brake(self, name):
        brake, = [one for one in self.feed.report["brakes"] if one["name"] == name]
        return brake

    def users(self):
        return {user.primary_id: (user.fields, user.segments) for user in self.alma.users}

    def having(self, field, value):
        return {user.primary_id for user in self.alma.users if user.fields.get(field) == value}

    def state(self):
        """All that state knows but for what happened and what is the matter with whom."""
        database = sqlite3.connect(self.feed.folder / "spool/test/state.db")
        tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE "
                                                     "type = 'table' AND name NOT LIKE 'sqlite%'")]
        rows = {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in tables
                if table not in ("run", "matter")}
        rows["fact"] = [row for row in rows["fact"] if row[0] != "matters"]  # when that was
        database.close()
        return rows


FORTY = range(40)
ALL = entries(FORTY)
# What happens to the people of the first day, and what then is wrong in Alma.
WRONG_DAYS = {
    "missing": (ALL, entries(range(37)), "", lambda library: library.having("status", "INACTIVE"),
                {"p37", "p38", "p39"}),
    "min_users": (ALL, entries(range(29)), "brakes: { min_users: 30, missing: off }\n",
                  lambda library: library.having("status", "INACTIVE"),
                  {f"p{number}" for number in range(29, 40)}),
    "field_loss": (ALL, entries(range(37)) + entries(range(37, 40), mail=None), "",
                   lambda library: {name for name, (_, segments) in library.users().items()
                                    if "emails" not in segments}, {"p37", "p38", "p39"}),
    "group_shift": (ALL, entries(range(35)) + entries(range(35, 40), departmentNumber=None), "",
                    lambda library: library.having("user_group", "COMMUNITY"),
                    {"p35", "p36", "p37", "p38", "p39"}),
    # Some of the new people are there at the desk, and some are not.
    "rejected": (ALL, ALL + entries((40, 41)) + entries((42,), sn=None), "brakes: { rejected: 0 }\n",
                 lambda library: set(library.users()) - {f"p{number}" for number in FORTY},
                 {"p40", "p41"}),
    "held": (ALL, ALL + entries((40, 41)) + entries((42, 43), uid="twin"), "",
             lambda library: set(library.users()) - {f"p{number}" for number in FORTY},
             {"p40", "p41"}),
    "changed": (ALL, entries(FORTY, sn="Ana", givenName="Ruiz"), "",
                lambda library: library.having("last_name", "Ana"),
                {f"p{number}" for number in FORTY}),
    "new": (ALL, entries(range(49)), "",
            lambda library: set(library.users()) - {f"p{number}" for number in FORTY},
            {f"p{number}" for number in range(40, 49)}),
}


@pytest.mark.parametrize("name", WRONG_DAYS)
def test_a_wrong_day_does_no_damage(tmp_path, name):
    good, wrong, settings, damage, damaged = WRONG_DAYS[name]
    library = Library(tmp_path, good, more=EXPIRE + settings)
    library.run()
    users, state, packages = library.users(), library.state(), library.feed.packages()
    assert len(users) == 40 and damage(library) == set()
    result = library.run(wrong, status=2)
    assert library.pulled() == [name]
    assert f"the brake '{name}' stopped the run: " in result.stderr
    assert f"let one run through with '--release {name}'." in result.stderr
    assert ": STOPPED\n" in result.stdout
    assert library.feed.report["outcome"] == "stopped" and library.feed.report["packages"] == []
    assert (library.users(), library.state(), library.feed.packages()) == (users, state, packages)
    result = library.run(wrong, "--release", name)
    assert f"warning: the brake '{name}' is released: " in result.stderr
    assert library.brake(name)["released"]
    assert damage(library) == damaged


@pytest.mark.parametrize("name", WRONG_DAYS)
def test_off_is_off(tmp_path, name):
    good, wrong, _, damage, damaged = WRONG_DAYS[name]
    more = "brakes: { missing: off, %s: off }\n" if name == "min_users" else "brakes: { %s: off }\n"
    library = Library(tmp_path, good, more=EXPIRE + more % name)
    library.run()
    library.run(wrong)
    assert damage(library) == damaged
    assert name not in [brake["name"] for brake in library.feed.report["brakes"]]


def test_an_empty_ldif_would_end_everybody(tmp_path):
    library = Library(tmp_path, ALL)
    library.run()
    result = library.run("", status=2)
    assert library.pulled() == ["min_users", "missing"]
    assert result.stderr == (
        "ldap2alma: brakes stopped the run: 'min_users': the LDIF 'people.ldif' holds no entry at "
        "all; 'missing': 40 of 40 people whom Alma has are gone, more than 5%\n"
        "Nothing was delivered, and the state is as it was. Look first at what makes the LDIF. If all "
        "of this is meant, let one run through with '--release min_users --release missing'.\n")
    library.run("", "--release", "missing", status=2)
    assert library.having("status", "INACTIVE") == set()
    library.run("", "--release", "missing", "--release", "min_users")
    assert len(library.having("status", "INACTIVE")) == 40


def test_all_brakes_are_shown_at_once(tmp_path):
    library = Library(tmp_path, ALL)
    library.run()
    wrong = entries(range(30), sn="Cole", mail=None, departmentNumber="art") + entries(range(60, 70))
    result = library.run(wrong, status=2)
    assert library.pulled() == ["missing", "field_loss", "group_shift", "changed", "new"]
    assert library.brake("missing") == {
        "name": "missing", "value": 10, "limit": 2, "pulled": True, "released": False,
        "unit": "people", "of": 40, "bears": "5%", "field": None,
        "examples": ["p30", "p31", "p32", "p33", "p34"]}
    assert library.brake("field_loss")["field"] == "emails"
    assert library.brake("group_shift")["examples"] == ["p0", "p1", "p2", "p3", "p4"]
    assert result.stdout.count(": STOPPED\n") == 5
    assert ("    missing       10 of 40 people whom Alma has are gone, more than 5%: STOPPED\n"
            "                  such as p30, p31, p32, p33, p34\n") in result.stdout
    assert ("    held          0 of 40 people are held, at most 2%\n") in result.stdout
    assert "      sent                 40  would have been, but nothing was\n" in result.stdout
    result = library.run(wrong, "--release", "missing", "--release", "new", status=2)
    assert "'missing'" not in result.stderr.split("brakes stopped the run: ")[1]
    assert library.brake("missing")["released"] and not library.brake("changed")["released"]


@pytest.mark.parametrize("limit, gone, status", [
    ("5%", 2, 0), ("5%", 3, 2), ("7.5%", 3, 0), ("7.49%", 3, 2), ("0%", 1, 2), ("0", 1, 2), ("0", 0, 0),
    ("1", 1, 0), ("1", 2, 2), ("100%", 39, 0), ("off", 39, 0)])
def test_a_limit_is_what_a_run_may_just_reach(tmp_path, limit, gone, status):
    library = Library(tmp_path, ALL, more=f"brakes: {{ missing: {limit} }}\n")
    library.run()
    library.run(entries(range(40 - gone)), status=status)
    assert library.pulled() == (["missing"] if status else [])


def test_who_was_gone_before_counts_no_more(tmp_path):
    library = Library(tmp_path, entries(range(100)), more="leavers: { policy: keep }\n")
    library.run()
    for here in (95, 91, 87, 83):
        library.run(entries(range(here)))
    assert (library.brake("missing")["value"], library.brake("missing")["of"]) == (4, 87)
    library.run(entries(range(70)), status=2)
    library.run(entries(range(70)), status=2)  # a run that was stopped remembers nobody's absence
    assert (library.brake("missing")["value"], library.brake("missing")["of"]) == (13, 83)
    library.run(entries(range(70)), "--release", "missing")
    library.run(entries(range(70)))


def test_people_who_cannot_be_read_may_be_gone(tmp_path):
    """Nobody leaves by an incomplete read, but the run stops all the same."""
    library = Library(tmp_path, ALL)
    library.run()
    library.run(entries(range(30)) + "dn: broken\nno colon\n\n" + entries((30,)), status=2)
    assert library.pulled() == ["missing", "rejected"]


def test_people_whom_the_mapping_skips_are_gone(tmp_path):
    guests = entries(range(30)) + entries(range(30, 40), employeeType="guest")
    library = Library(tmp_path, ALL)
    library.run()
    library.run(guests, status=2)
    assert library.pulled() == ["missing"]


def test_the_first_run_is_held_against_nothing(tmp_path):
    """Two of forty are the same person, and everybody is new."""
    library = Library(tmp_path, ALL + entries((50, 51), uid="twin"))
    library.run()
    assert (library.brake("held")["value"], library.brake("new")["value"]) == (2, 40)
    assert library.pulled() == []
    library.run(status=2)
    assert library.pulled() == ["held"]


def test_the_first_run_may_be_stopped(tmp_path):
    library = Library(tmp_path, entries(range(36)) + entries(range(36, 40), sn=None),
                      more="brakes: { min_users: 37 }\n")
    result = library.run(status=2)
    assert library.pulled() == ["min_users", "rejected"]
    assert "36 of 40 people are left to send (0 skipped, 4 rejected, 0 held), fewer than 37" in result.stderr
    assert library.brake("rejected")["examples"] == [
        f"uid=n{number},ou=people,dc=example,dc=edu" for number in range(36, 40)]
    assert library.alma.users == []
    library.run(None, "--release", "rejected", "--release", "min_users")
    assert len(library.alma.users) == 36


def test_the_rest_of_a_first_run_is_not_new(tmp_path):
    """Whenever the first run dies, the second one sends the rest without anybody's help."""
    scene = Scene(tmp_path, FIRST_RUN, SETTINGS.replace(UNBRAKED, ""))
    scene.run_well(scene.morning)
    calls = len(scene.program.calls())
    for call in range(1, calls, 7):
        scene.reset()
        scene.program.run(clock=scene.morning, kill_at=call)
        scene.run_well(scene.noon)


def test_fields_are_counted_one_by_one(tmp_path):
    """Of a field that few people have a few may lose it: one in a thousand of all people."""
    def day(without):
        return entries(range(without, 40), telephoneNumber="1") + entries(range(without)) \
            + entries(range(40, 3000))
    library = Library(tmp_path, day(0))
    library.run()
    library.run(day(3))
    assert (library.brake("field_loss")["value"], library.brake("field_loss")["of"],
            library.brake("field_loss")["limit"]) == (3, 40, 3)
    result = library.run(day(7), status=2)
    assert "4 of 37 people who had 'phones' have lost it, more than 5%" in result.stderr
    library.feed.write("ldap2alma.yaml", (library.feed.folder / "ldap2alma.yaml").read_text()
                       + "brakes: { field_loss: 4 }\n")
    library.run(day(7))


def test_a_rehearsal_is_stopped_as_the_run_is(tmp_path):
    library = Library(tmp_path, ALL)
    library.run()
    state = library.state()
    rehearsal = library.run(entries(range(30)), "--dry-run", status=2)
    told = library.feed.report
    run = library.run(status=2)
    assert rehearsal.stderr.endswith(run.stderr)
    assert told["brakes"] == library.feed.report["brakes"] and library.state() == state
    library.run(None, "--dry-run", "--release", "missing")
    library.run(status=2)  # a release is for one run


def test_a_rebuilt_state_is_compared_with_the_old_one(tmp_path):
    library = Library(tmp_path, ALL)
    library.run()
    library.feed.write("people.ldif", entries(range(30)))
    state = library.state()
    result = library.feed.run("rebuild", command="state")
    assert result.returncode == 2 and library.state() == state
    assert result.stderr.startswith(
        "ldap2alma: the brake 'missing' stopped the run: 10 of 40 people whom Alma has are gone")
    result = library.feed.run("rebuild", "--release", "missing", command="state")
    assert result.returncode == 0 and "30 people are taken for what Alma has" in result.stderr


def test_a_release_in_the_settings_is_for_one_day(tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    (tmp_path / "beside").mkdir()
    Feed(folder, people=ALL, brakes="brakes: { release: [new@2026-09-02, missing@2026-09-02] }\n")
    program = Killable(folder, tmp_path / "beside")

    def run(day, people):
        (folder / "people.ldif").write_text(people)
        return program.run("--report", "report.json", clock=FIRST_DAY + (day - 1) * DAY_SECONDS + MORNING)
    assert run(1, ALL).returncode == 0
    fewer = entries(range(30))
    assert run(1, fewer).returncode == 2
    shutil.copytree(folder, tmp_path / "kept")
    assert run(2, fewer).returncode == 0
    report = json.loads((folder / "report.json").read_text())
    assert [brake["name"] for brake in report["brakes"] if brake["released"]] == ["missing"]
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "kept", folder)
    assert run(3, fewer).returncode == 2


def test_a_stopped_run_is_remembered_as_one(tmp_path):
    library = Library(tmp_path, ALL)
    library.run()
    library.run(entries(range(30)), status=2)
    result = library.feed.run("--format", "json", command="status")
    last = json.loads(result.stdout)["runs"][0]
    assert (last["outcome"], last["counts"]["sent"], last["counts"]["read"]) == ("stopped", 0, 30)
    assert "the brake 'missing' stopped the run" in last["error"]
