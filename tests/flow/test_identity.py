"""Who a person is: no record goes out under an identifier that is not surely theirs. Each guard is
shown with what the simulated Alma makes of the same people without it."""

import csv
import json
import pathlib
import shutil
import sys

import pytest

from feed import Feed, adds_up
from memory import CHANGED, EXPIRE, Memory, person

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from alma import Alma  # noqa: E402  (the folder has just been added)

MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid | lower}
  last_name: ${sn}
  user_identifiers:
    - { id_type: BARCODE, value: "${employeeNumber}" }
    - { id_type: OLD_ID, value: "${roomNumber}" }
"""


class Library(Memory):
    """A feed and the Alma at its end."""

    def __init__(self, folder, *people, more=CHANGED):
        super().__init__(folder, *people, more=more, mapping=MAPPING)
        self.alma = Alma(self.folder / "out")

    def run_and_load(self, *options, status=0):
        sent = self.send(*options, status=status)
        return sent, self.alma.load()

    def load_unguarded(self, *people):
        """Each person's record as it is when nothing is compared, with others or with before."""
        reports = []
        for number, entry in enumerate(people):
            folder = self.folder / f"alone{len(self.alma.reports)}-{number}"
            folder.mkdir()
            alone = Feed(folder, people=entry, mapping=MAPPING)
            alone.run()
            for package in alone.packages():
                shutil.copy(package, self.folder / "out")
            reports.append(self.alma.load())
        return reports

    def lend(self, identifier, book):
        """What Alma's people know of a user, and what no load must give to another one."""
        self.alma.add_internal(self.alma.find(identifier), "user_notes", note_text=book)

    def books(self, identifier):
        user = self.alma.find(identifier)
        return user and [note.get("note_text") for note in user.segments.get("user_notes", ())]

    def codes(self):
        return [(finding["code"], finding["match_id"]) for finding in self.report["findings"]]

    def identity(self, *arguments, status=0):
        result = self.run(*arguments, command="identity")
        assert result.returncode == status, result.stderr
        return result.stdout if status == 0 and not result.stderr else result.stderr

    def claims(self):
        return [(claim["why"], claim["in_alma"], claim["now"], bool(claim["accepted"]))
                for claim in json.loads(self.identity("list", "--format", "json"))["claims"]]


@pytest.fixture(name="library")
def make_library(tmp_path):
    library = Library(tmp_path, person(1), person(2), person(3))
    assert library.run_and_load()[0] == {"p1", "p2", "p3"}
    for number in (1, 2, 3):
        library.lend(f"p{number}", f"book {number}")
    return library


# ---- one namespace

def entry(number, uid, *lines):
    return person(number, *lines).replace(f"uid: P{number}\n", f"uid:: {uid}\n")


NFC, NFD = "Sm9zw6k=", "Sk9TRcyB"  # José, JOSÉ with a combining accent

CROWD = (person(1, "employeeNumber: P2"), person(2),                              # another's primary id
         person(3, "employeeNumber: x77"), person(4, "employeeNumber: X77"),      # one barcode
         entry(5, NFC), entry(6, NFD),                                            # the same to the eye
         person(7), person(8, "employeeNumber: 8"))


def test_an_identifier_is_one_persons_alone(tmp_path):
    library = Library(tmp_path, *CROWD)
    sent, loaded = library.run_and_load()
    assert sent == {"p7", "p8"} and loaded.rejected == []
    assert library.counts("read", "held", "sent") == (8, 6, 2)
    found = {finding["dn"].split(",")[0]: (finding["code"], finding["severity"], finding["text"])
             for finding in library.report["findings"]}
    other = "of 'uid={},ou=people,dc=example,dc=edu'"
    assert found == {
        "uid=p1": ("taken", "hold", "'P2' (BARCODE) is also the match identifier "
                   + other.format("p2") + ", written 'p2'"),
        "uid=p2": ("taken", "hold", "'p2' is also the BARCODE " + other.format("p1")
                   + ", written 'P2'"),
        "uid=p3": ("taken", "hold", "'x77' (BARCODE) is also the BARCODE " + other.format("p4")
                   + ", written 'X77'"),
        "uid=p4": ("taken", "hold", "'X77' (BARCODE) is also the BARCODE " + other.format("p3")
                   + ", written 'x77'"),
        "uid=p5": ("duplicate", "hold", "'josé' is also the match identifier " + other.format("p6")),
        "uid=p6": ("duplicate", "hold", "'josé' is also the match identifier " + other.format("p5")),
    }


def test_without_that_the_first_wins_and_the_last_overwrites(tmp_path):
    library = Library(tmp_path)
    reports = library.load_unguarded(*CROWD)
    assert sum(len(report.rejected) for report in reports) == 2
    assert all("already taken" in why for report in reports for _, why in report.rejected)
    assert library.alma.find("p2").fields["primary_id"] == "p1"  # whoever asks for p2 gets p1
    assert reports[4].created == 1 and reports[5].created == 0   # one José has become the other


def test_an_identifier_twice_within_one_person(tmp_path):
    library = Library(tmp_path, person(1, "employeeNumber: P1"), person(2))
    sent, _ = library.run_and_load()
    assert sent == {"p2"} and library.codes() == [("twice_in_record", "p1")]
    assert library.report["findings"][0]["severity"] == "reject"
    assert adds_up(library.report["counts"])


# ---- moved

MOVED = person(9, uuid=3)


def test_a_moved_identifier_is_held(library):
    library.give(person(1), person(2), MOVED)
    library.settings(CHANGED + EXPIRE)
    for _ in range(4):
        sent, _ = library.run_and_load()
        assert sent == set()
        assert library.counts("held", "unchanged", "leavers", "changed", "new") == (1, 2, 0, 0, 0)
        assert library.report["changed_fields"] == {}
    assert library.codes() == [("moved", "p9")]
    assert library.report["findings"][0]["text"] == (
        "was delivered as 'p3' before: Alma would add 'p9' as a second user")
    assert len(library.alma.users) == 3
    assert library.sql("SELECT match_id, absent FROM person ORDER BY 1") == [
        ("p1", 0), ("p2", 0), ("p3", 0)]


def test_without_that_the_person_is_there_twice(library):
    library.load_unguarded(MOVED)
    assert len(library.alma.users) == 4
    assert library.books("p9") == [] and library.books("p3") == ["book 3"]


def test_the_library_corrects_alma_and_accepts(library):
    library.give(person(1), person(2), MOVED)
    library.run_and_load()
    assert library.claims() == [("moved", "p3", "p9", False)]
    assert library.identity() == (
        "WHY     IN ALMA  NOW            WHO\n"
        "moved   p3       p9   held      uid=p9,ou=people,dc=example,dc=edu\n")
    rows = list(csv.DictReader(library.identity("list", "--format", "csv").splitlines()))
    assert rows == [{"why": "moved", "in_alma": "p3", "now": "p9", "owner": "", "accepted": "",
                     "dn": "uid=p9,ou=people,dc=example,dc=edu",
                     "id": "entryUUID 3f2504e0-4f89-41d3-9a0c-000000000003"}]
    library.alma.edit(library.alma.find("p3"), "primary_id", "p9")
    library.alma._own(library.alma.find("p3"))
    assert library.identity("accept", "P9") == (
        "'uid=p9,ou=people,dc=example,dc=edu' is sent as 'p9' by the next run, if nothing else is "
        "the matter\n")
    assert library.claims() == [("moved", "p3", "p9", True)]
    sent, loaded = library.run_and_load()
    assert sent == {"p9"} and (loaded.created, loaded.rejected) == (0, [])
    assert library.books("p9") == ["book 3"] and len(library.alma.users) == 3
    assert library.claims() == [] and library.identity() == "nobody is held for a match identifier\n"
    library.give(person(1), person(2), person(3))  # back again: that was not accepted
    assert library.send() == set() and library.codes() == [("moved", "p3")]


def test_what_was_accepted_was_that_identifier(library):
    library.give(person(1), person(2), MOVED)
    library.send()
    library.identity("accept", "p3")  # by the old one
    library.give(person(1), person(2), person(8, uuid=3))
    assert library.send() == set() and library.claims() == [("moved", "p3", "p8", False)]
    library.give(person(1), person(2), person(3))
    assert library.send() == set() and library.claims() == []


def test_a_mapping_that_gives_the_old_value_too_doubles_nobody(library):
    library.give(person(1), person(2), person(9, "roomNumber: P3", uuid=3))
    sent, loaded = library.run_and_load()
    assert sent == {"p9"} and library.report["findings"] == []
    assert "already taken" in loaded.rejected[0][1] and len(library.alma.users) == 3
    assert library.send() == set() and library.counts("unchanged") == (3,)
    library.give(person(1), person(2), person(9, uuid=3))  # the old value goes: Alma knows no other
    assert library.send() == set() and library.claims() == [("moved", "p3", "p9", False)]


def test_a_site_may_send_them(library):
    library.settings(CHANGED + "identity: { moved: send }\n")
    library.give(person(1), person(2), MOVED)
    assert library.send() == {"p9"} and library.claims() == []


def test_another_case_is_no_other_identifier(library):
    library.write("mapping.yaml", MAPPING.replace("lower", "upper"))
    sent, loaded = library.run_and_load()
    assert sent == {"P1", "P2", "P3"} and loaded.updated == 3
    assert library.counts("held", "changed") == (0, 3)


def test_a_look_alike_is_another_identifier(library):
    library.give(person(1), person(2), entry(3, "cDPigIs="))  # p3 and a blank without width
    assert library.send() == set() and library.codes() == [("moved", "p3\u200b")]


# ---- reused

HEIR = person(3, uuid=7, sn="Heir")


def leave(library):
    library.settings(CHANGED + EXPIRE)
    library.send()
    library.give(person(1), person(2))
    for _ in range(3):
        library.run_and_load()
    library.give(person(1), person(2), HEIR)


def test_a_reused_identifier_is_held_also_long_after(library):
    leave(library)
    assert library.sql("SELECT expired FROM person WHERE match_id = 'p3'") == [(1,)]
    sent, _ = library.run_and_load()
    assert sent == set() and library.codes() == [("reused", "p3")]
    assert library.report["findings"][0]["text"] == (
        "'p3' was delivered for another person (entryUUID 3f2504e0-4f89-41d3-9a0c-000000000003), "
        "whose loans and fines this one would get")
    assert library.counts("held", "new", "unchanged") == (1, 0, 2)
    assert library.alma.find("p3").fields["last_name"] == "Ruiz"


def test_without_that_somebody_gets_anothers_loans(library):
    library.load_unguarded(HEIR)
    assert library.alma.find("p3").fields["last_name"] == "Heir"
    assert library.books("p3") == ["book 3"]


def test_who_was_accepted_has_the_identifier(library):
    leave(library)
    library.send()
    assert library.identity() == (
        "WHY     IN ALMA  NOW            WHO\n"
        "reused  p3       p3   held      uid=p3,ou=people,dc=example,dc=edu\n"
        "        was delivered for entryUUID 3f2504e0-4f89-41d3-9a0c-000000000003\n")
    library.identity("accept", "3f2504e0-4f89-41d3-9a0c-000000000007")
    assert library.send() == {"p3"} and library.claims() == []
    assert library.sql("SELECT match_id, expired FROM person ORDER BY 1") == [
        ("", 1), ("p1", 0), ("p2", 0), ("p3", 0)]
    assert library.sql("SELECT count(*) FROM record") == [(3,)]
    assert library.send() == set() and library.counts("leavers", "held") == (0, 0)
    library.give(person(1), person(2), person(3))  # the former owner is back, and a stranger now
    assert library.send() == set() and library.codes() == [("reused", "p3")]
    assert library.run("check", command="state").returncode == 0


def test_a_swap_needs_both_to_be_accepted(library):
    library.give(person(1), person(3, uuid=2, sn="Two"), person(2, uuid=3, sn="Three"))
    library.settings(CHANGED + "identity: { moved: send }\n")
    assert library.send() == set()
    assert sorted(library.codes()) == [("reused", "p2"), ("reused", "p3")]
    library.settings(CHANGED)
    assert library.send() == set() and library.counts("held", "unchanged") == (2, 1)
    assert sorted(library.codes()) == [("moved", "p2"), ("moved", "p3"),
                                       ("reused", "p2"), ("reused", "p3")]
    library.identity("accept", "p2")
    assert library.send() == {"p2"}
    assert library.send() == set()
    assert library.report["findings"][0]["text"] == (
        "was delivered with an identifier that is another person's now: Alma would add 'p3' as a new "
        "user")
    assert library.claims() == [("moved", "", "p3", False)]
    library.identity("accept", "p3")
    assert library.send() == {"p3"}
    assert library.send() == set() and library.counts("held", "unchanged") == (0, 3)


def test_an_identifier_that_somebody_moved_away_from_is_not_free(library):
    """Alma has the user by it still, with all their loans."""
    library.settings(CHANGED + "identity: { moved: send }\n")
    library.give(person(1), person(2), MOVED)
    assert library.send() == {"p9"}
    library.alma.load()
    library.give(person(1), person(2), MOVED, HEIR)
    sent, _ = library.run_and_load()
    assert sent == set() and library.codes() == [("reused", "p3")]
    assert library.books("p3") == ["book 3"] and library.counts("held", "unchanged") == (1, 3)
    library.identity("accept", "p3")
    assert library.send() == {"p3"} and library.send() == set()
    assert library.counts("held", "unchanged") == (0, 4)
    library.give(person(1), person(2), HEIR, person(4, uuid=3))  # both go on
    library.settings(CHANGED + "identity: { moved: send }\n")
    assert library.send() == {"p4"}
    library.give(person(1), person(2), HEIR, MOVED)  # back to what was theirs, and nobody else's
    assert library.send() == {"p9"} and library.counts("held") == (0,)


def test_who_goes_out_with_both_identifiers_keeps_both(library):
    library.give(person(1), person(2), person(9, "roomNumber: P3", uuid=3))
    library.run_and_load()
    user = library.alma.find("p3")
    library.alma.edit(user, "primary_id", "p9")  # the library corrects Alma at once
    library.alma._own(user)
    library.give(person(1), person(2))
    library.send()
    for number in (3, 9):
        library.give(person(1), person(2), person(number, uuid=7, sn="Heir"))
        sent, _ = library.run_and_load()
        assert sent == set() and library.codes() == [("reused", f"p{number}")]
    assert library.books("p9") == ["book 3"]


def test_another_dn_is_no_other_person_but_one_without_an_id_may_be(tmp_path):
    library = Library(tmp_path, person(1, uuid=0), person(2, uuid=0), person(3, uuid=0))
    library.send()
    library.give(person(1, uuid=0), person(2, uuid=0), person(3, uuid=0, ou="staff"))
    assert library.send() == set() and library.codes() == [("reused", "p3")]
    assert library.report["findings"][0]["text"] == (
        "'p3' was delivered for 'uid=p3,ou=people,dc=example,dc=edu': without an immutable id "
        "nobody can tell whether that entry was renamed or this is another person, who would get "
        "the other's loans and fines")


# ---- somebody has had two

BOTH = person(9, "roomNumber: P3", uuid=3)
NEXT = person(9, uuid=7, sn="Heir")


def become_p9(library):
    """The mapping gives old and new; the library corrects Alma; the person leaves."""
    library.give(person(1), person(2), BOTH)
    assert library.run_and_load()[0] == {"p9"}
    user = library.alma.find("p3")
    library.alma._disown(user)
    library.alma.edit(user, "primary_id", "p9")
    library.alma._own(user)
    library.run_and_load("--full")
    assert library.books("p9") == ["book 3"]
    library.give(person(1), person(2))
    library.run_and_load()
    library.give(person(1), person(2), NEXT)


def test_the_new_one_of_two_is_not_reused_either(library):
    become_p9(library)
    for _ in range(2):
        assert library.run_and_load()[0] == set() and library.codes() == [("reused", "p9")]
    assert library.alma.find("p9").fields["last_name"] == "Ruiz"
    library.identity("accept", "p9")
    assert library.send() == {"p9"}
    assert library.sql("SELECT count(*) FROM alias") == [(0,)]
    assert library.send() == set() and library.counts("held", "unchanged") == (0, 3)


def test_without_that_the_heir_gets_the_loans(library):
    become_p9(library)
    library.load_unguarded(NEXT)
    assert library.alma.find("p9").fields["last_name"] == "Heir"
    assert library.books("p9") == ["book 3"]


def test_who_was_sent_under_a_new_one_has_left_a_user_behind(library):
    library.settings(CHANGED + "identity: { moved: send }\n")
    library.give(person(1), person(2), MOVED)
    library.run_and_load()
    assert len(library.alma.users) == 4
    library.give(person(1), person(2), MOVED, HEIR)
    for options in ((), ("--full",)):
        assert "p3" not in library.run_and_load(*options)[0]
        assert library.codes() == [("reused", "p3")]
    assert library.books("p3") == ["book 3"] and library.alma.find("p3").fields["last_name"] == "Ruiz"
    library.give(person(1), person(2), person(3))  # back again: it is their own
    assert library.send() == {"p3"} and library.codes() == []


def test_who_is_forgotten_has_no_other_identifier(library):
    become_p9(library)
    assert library.run("forget", "p3", command="state").returncode == 0
    assert library.sql("SELECT count(*) FROM alias") == [(0,)]
    assert library.send() == {"p9"}


# ---- a directory that was rebuilt

REBUILT = ("ldap2alma: the directory seems to have been rebuilt: 3 people came with another immutable "
           "id and the match identifier that they had, only 0 with the id that state knows: nothing "
           "is delivered\n")


def new_ids(*numbers):
    return [person(number, uuid=number + 100, sn="Cole" if number == 2 else "Ruiz")
            for number in numbers]


@pytest.mark.parametrize("before", [None, 0])
def test_a_rebuilt_directory_stops_the_run_and_is_linked_anew(tmp_path, before):
    library = Library(tmp_path, *(person(number, uuid=before) for number in (1, 2, 3)))
    library.send()
    library.give(*new_ids(1, 2, 3, 4))
    for options in ((), ("--dry-run",), ("--full",)):
        assert library.send(*options, status=2) == set()
        assert REBUILT in library.last.stderr
        assert library.report["outcome"] == "stopped" and library.counts("held") == (3,)
    assert library.claims() == []
    state = library.state.read_bytes()
    assert library.identity("relink", "--dry-run") == (
        "3 people would be linked to the new ids that they have in the directory; the records of 2 "
        "of them are as they were delivered\n")
    assert library.state.read_bytes() == state
    assert library.identity("relink").startswith("3 people are linked to the new ids")
    assert library.send() == {"p2", "p4"}
    assert library.counts("changed", "new", "unchanged", "held") == (1, 1, 2, 0)
    assert library.identity("relink") == (
        "0 people are linked to the new ids that they have in the directory; the records of 0 of "
        "them are as they were delivered\n4 people have the ids that they had\n")


def test_some_new_ids_are_other_people(library):
    library.give(person(1), person(2), *new_ids(3))
    assert library.send() == set() and library.codes() == [("reused", "p3")]
    library.identity("relink")
    assert library.send() == set() and library.counts("held", "unchanged") == (0, 3)


# ---- wrong use, and nobody there

@pytest.mark.parametrize("arguments, status, said", [
    (("frob",), 64, "ldap2alma identity: it can list, accept and relink, not 'frob'\n"),
    (("--dry-run",), 64, "ldap2alma identity: list takes no --dry-run\n"),
    (("accept",), 64, "ldap2alma identity: accept whom? A match identifier, an immutable id or a "
                      "DN\n"),
    (("list", "--format", "xml"), 64,
     "ldap2alma identity: no format 'xml': it is text, csv or json\n"),
    (("accept", "p1"), 65, "ldap2alma: nobody is held for a match identifier by 'p1'\n'ldap2alma "
                           "identity' lists those who are, as the last run found them.\n"),
])
def test_wrong_use(library, arguments, status, said):
    assert library.identity(*arguments, status=status).startswith(said)


def test_no_state_is_made(tmp_path):
    library = Library(tmp_path, person(1))
    for arguments in (("list",), ("accept", "p1")):
        assert "there is no state" in library.identity(*arguments, status=65)
    assert not library.state.exists()


def test_who_is_forgotten_leaves_no_claim(library):
    library.give(person(1), person(2), MOVED)
    library.send()
    assert library.run("forget", "p3", command="state").returncode == 0
    assert library.sql("SELECT count(*) FROM accepted") == [(0,)]


# ---- where all people go out, one package covers them

FULL = "changes: { mode: full }\n"


def test_who_is_held_is_not_covered(library):
    library.settings(FULL + EXPIRE)
    library.give(person(1), person(2), MOVED)
    known = library.sql("SELECT match_id, package, delivered FROM known WHERE match_id = 'p3'")
    for _ in range(3):
        assert library.run_and_load()[0] == {"p1", "p2"} and library.codes() == [("moved", "p9")]
        assert library.sql("SELECT match_id, package, delivered FROM known WHERE match_id = 'p3'") == known
    assert library.sql("SELECT DISTINCT package FROM known WHERE match_id <> 'p3'") == [(4,)]
    library.identity("accept", "p9")
    assert library.send() == {"p1", "p2", "p9"}
    assert library.sql("SELECT match_id, package FROM known ORDER BY 1") == [
        ("p1", 5), ("p2", 5), ("p9", 5)]
    assert library.send() == {"p1", "p2", "p9"} and library.counts("resent") == (3,)


def test_a_package_that_covers_all_gives_nobody_back_what_was_given_up(library):
    library.settings(FULL + EXPIRE)
    library.give(person(1), person(2), HEIR)
    for _ in range(3):
        assert library.send() == {"p1", "p2"} and library.codes() == [("reused", "p3")]
        assert library.counts("expired") == (0,)  # it would end the heir's user
    library.identity("accept", "p3")
    for _ in range(2):
        assert library.send() == {"p1", "p2", "p3"}
        assert library.sql("SELECT match_id, expired FROM known ORDER BY 1") == [
            ("", 1), ("p1", 0), ("p2", 0), ("p3", 0)]
    assert library.run("check", command="state").returncode == 0


def test_a_baseline_covers_nobody_who_is_held(library):
    library.give(person(1), person(2), MOVED)
    assert library.run("rebuild", command="state").returncode == 0
    assert library.sql("SELECT match_id, package FROM known ORDER BY 1") == [
        ("p1", 2), ("p2", 2), ("p3", 1)]
    assert library.claims() == [("moved", "p3", "p9", False)]
    assert library.send() == set() and library.codes() == [("moved", "p9")]


# ---- beside brakes

def test_who_is_held_can_be_accepted_where_a_brake_stops_the_run(library):
    text = (library.folder / "ldap2alma.yaml").read_text()
    library.write("ldap2alma.yaml", text.replace("held: off", "held: 2%"))
    library.give(person(1), person(2), MOVED)
    library.send("--dry-run", status=2)
    rehearsed, found = library.report, library.codes()
    assert library.claims() == []
    library.send(status=2)
    assert library.codes() == found == [("moved", "p9")]
    for part in ("brakes", "counts", "outcome", "exit", "solved"):
        assert library.report[part] == rehearsed[part], part
    assert library.claims() == [("moved", "p3", "p9", False)]
    listed = json.loads(library.run("--format", "json", command="worklist").stdout)
    assert [(item["code"], item["match_id"], item["status"]) for item in listed["items"]] == [
        ("moved", "p9", "held")]
    library.identity("accept", "p9")
    assert library.send("--dry-run") == set() and library.counts("sent", "held") == (1, 0)
    assert library.send() == {"p9"}
    assert [solved["match_id"] for solved in library.report["solved"]] == ["p9"]


def test_who_was_linked_anew_is_solved(library):
    library.give(person(1), person(2), HEIR)
    library.send()
    library.identity("accept", "p3")
    library.identity("relink")
    assert library.claims() == []
    assert library.send() == {"p3"} and library.counts("changed", "held") == (1, 0)
    assert [solved["code"] for solved in library.report["solved"]] == ["reused"]
    assert library.run("check", command="state").returncode == 0


# ---- the match identifier itself

NUMBERED = MAPPING + '    - { id_type: UNIV_ID, value: "${pager}" }\n'
NUMBERLESS = (person(1, "pager: 1001"), person(2), person(3, "pager:: IA=="),
              person(4, "pager: " + "9" * 300), person(5, "pager: P1"), person(6, "pager: 1006"))


def test_nobody_goes_out_without_it(tmp_path):
    library = Library(tmp_path, *NUMBERLESS)
    library.write("mapping.yaml", NUMBERED.replace("match_id: primary_id", "match_id: UNIV_ID"))
    library.alma = Alma(tmp_path / "out", match="UNIV_ID")
    sent, loaded = library.run_and_load()
    assert sent == {"p6"}
    assert loaded.rejected == [] and {user.primary_id for user in library.alma.users} == sent
    assert {finding["dn"].split(",")[0]: finding["code"] for finding in library.report["findings"]
            if finding["severity"] != "warning"} == {
                "uid=p1": "taken", "uid=p2": "match_id", "uid=p3": "match_id", "uid=p4": "too_long",
                "uid=p5": "taken"}


def test_without_that_alma_refuses_them(tmp_path):
    """Each of them, without a word to the directory's people: or takes one for the other."""
    library = Library(tmp_path)
    library.alma = Alma(tmp_path / "out", match="UNIV_ID")
    library.write("mapping.yaml", NUMBERED)
    for entry_of in NUMBERLESS[1:3]:
        folder = tmp_path / entry_of.split(",")[0].split("=")[1]
        folder.mkdir()
        alone = Feed(folder, people=entry_of, mapping=NUMBERED)
        alone.run()
        for package in alone.packages():
            shutil.copy(package, tmp_path / "out")
        rejected = library.alma.load().rejected
        assert rejected and rejected[0][1] == "Match ID of type UNIV_ID is missing"
    assert library.alma.users == []
