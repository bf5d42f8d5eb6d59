"""A leaver's last record goes out only where it is still theirs alone, and Alma can match it."""

import pytest

from memory import CHANGED, EXPIRE, person
from test_identity import MAPPING, Library

STAYS = "warning: 'p4', who has left, stays as they are in Alma: "
TAKEN = STAYS + "an identifier of their last record is somebody else's now\n"
UNMATCHED = STAYS + "their last record does not have the match identifier\n"
LEAVER = person(4, "employeeNumber: C77")


@pytest.fixture(name="library")
def make_library(tmp_path):
    library = Library(tmp_path, person(1), person(2), LEAVER, more=CHANGED + EXPIRE)
    assert library.run_and_load()[0] == {"p1", "p2", "p4"}
    return library


def test_a_card_that_is_somebody_elses_now(library):
    library.give(person(1), person(2, "employeeNumber: c77"))
    assert library.send() == {"p2"}
    for said in (True, False):  # once: when the record is due
        for options in (("--dry-run",), ()):
            assert library.send(*options) == set()
            assert (TAKEN in library.last.stderr) is said
            assert library.counts("leavers", "expired") == (1, 0)
    library.give(person(1), person(2))  # it was given back
    assert library.send() == {"p2", "p4"} and library.counts("expired") == (1,)
    assert library.records()["p4"].findtext("status") == "INACTIVE"


def test_without_that_alma_refuses_it(library):
    user = library.alma.find("p4")  # the library gives the card to the other one
    library.alma._disown(user)
    user.segments.clear()
    library.alma._own(user)
    reports = library.load_unguarded(person(2, "employeeNumber: c77"), LEAVER)
    assert "already taken" in reports[1].rejected[0][1]


def test_a_primary_identifier_that_is_somebody_elses_card(library):
    library.give(person(1), person(2, "employeeNumber: P4"))
    library.send()
    assert library.send() == set() and TAKEN in library.last.stderr


def test_who_is_held_takes_nothing(library):
    library.give(person(1), person(2, "employeeNumber: C77"), person(3, "employeeNumber: C77"))
    library.send()
    assert library.send() == {"p4"} and library.counts("held", "expired") == (2, 1)


def test_a_card_of_two_leavers_goes_out_once_a_run(library):
    library.settings(CHANGED + "leavers: { policy: expire, grace: 9 }\n")
    library.give(person(1), person(2), person(5, "employeeNumber: C77"))
    assert library.send() == {"p5"}
    library.settings(CHANGED + "leavers: { policy: expire, grace: 1 }\n")
    library.give(person(1), person(2))
    assert library.send() == {"p4"} and library.counts("leavers", "expired") == (2, 1)
    assert "'p5', who has left, stays as they are in Alma" in library.last.stderr
    assert library.send() == {"p5"}


def test_a_record_that_cannot_be_matched_stops_nobody(library):
    library.write("mapping.yaml", MAPPING.replace("match_id: primary_id", "match_id: UNIV_ID")
                  + '    - { id_type: UNIV_ID, value: "${pager}" }\n')
    people = [person(number, f"pager: 770{number}") for number in (1, 2)]
    library.give(*people)
    assert library.send() == {"p1", "p2"}
    library.give(*people, person(3, "pager: 7703"))
    assert library.send() == {"p3"}
    assert UNMATCHED in library.last.stderr and library.counts("expired") == (0,)
