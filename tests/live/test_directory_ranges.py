"""directory/ldap_ranges: lists of values that come in parts, from good servers and bad ones."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import fake_ldap
import pytest
from fake_ldap import FakeServer, accept_login, message, result
from reading import EVERYONE, UNAVAILABLE, login, password, read

GROUP = "CN=Ruiz\\, Ana,OU=Groups,DC=example,DC=edu"


class Ranges:
    """Answers with one group whose members come `at_once` values at a time. `before` is called
    with the first value that is asked for, before each range is sent."""

    def __init__(self, count, at_once, before=lambda low: None, name="member"):
        self.members = [f"uid={number}" for number in range(count)]
        self.at_once = at_once
        self.before = before
        self.name = name
        self.asked = []
        self.beyond = 0  # the result for a range behind the list's end

    def attribute(self, low):
        part = self.members[low:low + self.at_once]
        end = "*" if low + len(part) >= len(self.members) else low + len(part) - 1
        return {f"{self.name};range={low}-{end}": part} if part else {}

    def __call__(self, request, say):
        if accept_login(request, say):
            return
        base = request.searched_base()
        if base.lower() == GROUP.lower():
            (wanted,) = request.searched_attributes()
            self.asked.append(wanted)
            low = int(wanted.partition(";range=")[2].partition("-")[0])
            self.before(low)
            sent = self.attribute(low)
            if self.beyond and not sent:
                say(message(request.number, result(fake_ldap.DONE, self.beyond,
                                                   "00002121: SvcErr: DSID-031401F7, data 0")))
                return
        else:
            sent = {self.name: [], "cn": ["Ana"], **self.attribute(0)}
        say(message(request.number, fake_ldap.entry(GROUP, sent)))
        say(message(request.number, result(fake_ldap.DONE)))


def read_from(answer, login, *names):
    wanted = [word for name in names or ["member", "cn"] for word in ("--attribute", name)]
    with FakeServer(answer) as server:
        return read("--uri", server.uri, "--tls", "none", *login, "--search", EVERYONE, *wanted)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 8, 1501])
def test_the_parts_are_joined_in_order(login, count):
    answer = read_from(Ranges(count, 3 if count < 10 else 1500), login)
    assert answer.error == ""
    assert answer.entries == {GROUP: {
        "member": [f"uid={number}".encode() for number in range(count)], "cn": [b"Ana"]}}


@pytest.mark.parametrize("asked, answered", [
    ("MEMBER", "member"), ("member", "Member"), ("member;x-a", "member;x-a")])
def test_names_and_options_of_ranges(login, asked, answered):
    answer = read_from(Ranges(7, 3, name=answered), login, asked)
    assert [len(values) for values in answer.entries[GROUP].values()] == [7]


def test_nobody_asks_for_ranges_of_what_is_not_wanted(login):
    ranges = Ranges(7, 3)
    answer = read_from(ranges, login, "cn")
    assert (answer.entries, ranges.asked) == ({GROUP: {"cn": [b"Ana"]}}, [])


@pytest.mark.parametrize("change, expected", [
    (lambda members: members.pop(0), range(1, 7)),
    (lambda members: members.insert(0, "uid=new"), ["new", *range(7)]),
    (lambda members: members.clear() or members.append("uid=only"), ["only"]),
    # Behind what was read a change is none.
    (lambda members: members.pop(), range(6)),
    (lambda members: members.append("uid=new"), [*range(7), "new"]),
])
def test_a_list_that_changes_meanwhile_is_read_again(login, change, expected):
    ranges = Ranges(7, 3)
    left = [change]

    def before(low):
        if low > 0 and left:
            left.pop()(ranges.members)
    ranges.before = before
    answer = read_from(ranges, login)
    assert answer.error == ""
    assert answer.entries[GROUP]["member"] == [f"uid={who}".encode() for who in expected]


@pytest.mark.parametrize("beyond, status", [(0, 0), (1, 0), (50, 77)])
def test_a_list_that_became_too_short_for_the_question(login, beyond, status):
    ranges = Ranges(7, 3)
    ranges.beyond = beyond

    def before(low):
        if low == 4:
            del ranges.members[1:]
    ranges.before = before
    answer = read_from(ranges, login)
    assert answer.status == status
    assert [entry["member"] for entry in answer.entries.values()] == (
        [] if status else [[b"uid=0"]])


@pytest.mark.parametrize("code", [1, 4, 51])
def test_values_of_an_answer_that_failed_are_not_taken(login, code):
    ranges = Ranges(7, 3)

    def fail_at_the_end(request, say):
        done = message(request.number, result(fake_ldap.DONE))

        def say_failed(sent):
            last = ranges.asked[-1:] == ["member;range=4-*"]
            say(message(request.number, result(fake_ldap.DONE, code)) if last and sent == done
                else sent)
        ranges(request, say_failed)
    answer = read_from(fail_at_the_end, login)
    assert answer.status == UNAVAILABLE
    assert answer.entries == {}


def test_a_list_that_never_rests_fails_for_now(login):
    ranges = Ranges(99, 3)
    ranges.before = lambda low: low > 0 and ranges.members.pop(0)
    answer = read_from(ranges, login)
    assert answer.status == UNAVAILABLE
    assert answer.transient
    assert f"the values of 'member' of '{GROUP}' changed while they were read" in answer.error
    assert answer.hint == "They were asked for 3 times; try again later."
    assert ranges.asked == ["member;range=0-*", "member;range=2-*"] * 3


class Wrong(Ranges):
    """Sends what a hostile server may in place of every range but the entry's own."""

    def __init__(self, name, values):
        super().__init__(7, 3)
        self.sent = {name: values} if name else {}

    def attribute(self, low):
        return self.sent if self.asked else super().attribute(low)


@pytest.mark.parametrize("name, values", [
    ("member;range=0-2", ["uid=0", "uid=1"]),
    ("member;range=0-2", ["uid=0", "uid=1", "uid=2", "uid=3"]),
    ("member;range=1-3", ["uid=0", "uid=1", "uid=2"]),
    ("member;range=2-0", ["uid=0", "uid=1", "uid=2"]),
    ("member;range=*-*", ["uid=0"]),
    ("member;range=0-", ["uid=0"]),
    ("member;range=", ["uid=0"]),
    ("member;range=-0", ["uid=0"]),
    ("member;range=0-2-4", ["uid=0", "uid=1", "uid=2"]),
    ("member;range=00000000000000000000-2", ["uid=0", "uid=1", "uid=2"]),
    ("member;range=0-18446744073709551617", ["uid=0", "uid=1"]),
    ("member;range=0-2", ["uid=0", "uid=1", "uid=2"]),  # and the same again, for ever
])
def test_ranges_that_make_no_sense_are_refused(login, name, values):
    answer = read_from(Wrong(name, values), login)
    assert answer.status == UNAVAILABLE
    assert not answer.transient
    assert f"does not send the values of 'member' of '{GROUP}' in order" in answer.error
    assert answer.entries == {}


@pytest.mark.parametrize("name, values", [(None, []), ("member;range=0-*", []),
                                          ("memberOf;range=0-*", ["uid=0"]),
                                          ("member", ["uid=0"])])
def test_no_range_at_all_is_never_taken_for_an_empty_list(login, name, values):
    answer = read_from(Wrong(name, values), login)
    assert answer.status == UNAVAILABLE
    assert answer.entries == {}


def test_a_range_of_one_value_gets_nowhere(login):
    answer = read_from(Ranges(7, 1), login)
    assert "does not send the values of 'member'" in answer.error


def test_a_group_that_is_deleted_meanwhile_fails_for_now(login):
    ranges = Ranges(7, 3)

    def vanish(request, say):
        if request.kind == fake_ldap.SEARCH and request.searched_base() == GROUP:
            say(message(request.number, result(fake_ldap.DONE, 32)))
        else:
            ranges(request, say)
    answer = read_from(vanish, login)
    assert (answer.status, answer.transient) == (UNAVAILABLE, True)
    assert answer.hint == "The entry was deleted or renamed meanwhile; try again later."
    assert answer.error.startswith(f"cannot read the values of 'member' of '{GROUP}' from 'ldap://")
