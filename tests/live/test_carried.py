"""Entries that OpenLDAP sends with the news of their change are what a search finds: also where overlays
work out attributes, change other entries, or access rules hide something."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import time

import ldap
import pytest
from changing import Follower
from reading import login, password
from slapd import PEOPLE, READER, SUFFIX, certificates, ldif, make_slapd, people, tree

COUNT = 30
GROUPS = f"ou=groups,{SUFFIX}"
MODULES = ("include /etc/ldap/schema/dyngroup.schema\n"
           "moduleload memberof\nmoduleload refint\nmoduleload dynlist")
OVERLAYS = ("overlay memberof\nmemberof-refint true\n"
            "overlay refint\nrefint_attributes manager member\n")
# Above syncprov it lets slapd 2.5.13 abort when it is asked for changes of groups, whoever asks.
DYNLIST = "overlay dynlist\ndynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames\n"
ACCESS = (f'access to attrs=mobile by dn.exact="{READER}" none by * read\n'
          f'access to filter=(title=secret) attrs=mail by dn.exact="{READER}" none by * read\n'
          f'access to * by dn.subtree="ou=services,{SUFFIX}" read by * none')
ATTRIBUTES = ("mail", "title", "manager", "mobile", "memberOf", "jpegPhoto")


def dn(number):
    return f"uid=u{number:06d},{PEOPLE}"


def change(connection, numbers, attribute, value):
    for number in numbers:
        connection.modify_s(dn(number), [(ldap.MOD_REPLACE, attribute, value)])


def wait_until(done):
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(params=["below", "above"])
def followed(request, make_slapd, login, tmp_path):
    """The overlays are below syncprov, or above it."""
    places = ({"limits": DYNLIST + OVERLAYS, "access": ACCESS} if request.param == "below" else
              {"limits": DYNLIST, "access": OVERLAYS + ACCESS})
    server = make_slapd(tree() + people(COUNT) + ldif(GROUPS, "objectClass: organizationalUnit",
                                                      "ou: groups"),
                        extras=["sessionlog"], options=MODULES, **places)
    connection = server.ldap()
    connection.add_s(f"cn=staff,{GROUPS}", [("objectClass", [b"groupOfNames"]),
                                            ("member", [dn(1).encode(), dn(2).encode()])])
    connection.add_s(f"cn=chiefs,{GROUPS}", [
        ("objectClass", [b"groupOfURLs"]),
        ("memberURL", [f"ldap:///{PEOPLE}??sub?(title=chief)".encode()])])
    follower = Follower(["--uri", server.ldap_uri, "--tls", "none", *login], "syncrepl",
                        [f"subtree,(uid=*),{PEOPLE}"], tmp_path / "mark", attributes=ATTRIBUTES)
    assert follower.run().outcome == "read_all"
    assert follower.run().outcome == "named"
    return follower, connection


def agrees(follower, count):
    """Those who were named, so many at least, are as a read of everybody finds them."""
    answer, everybody = follower.run(), follower.everybody()
    assert (answer.outcome, answer.error) == ("named", ""), answer.output
    named = answer.by_id(follower.id_attribute)
    assert len(named) >= count
    assert named == {key: everybody[key] for key in named}
    return answer


def test_entries_that_come_with_their_names_are_what_is_found(followed):
    follower, connection = followed
    change(connection, range(1, 25), "title", b"chief")
    change(connection, range(1, 25), "mobile", b"+1 555 0100")
    change(connection, range(5, 9), "manager", dn(30).encode())
    change(connection, range(9, 12), "jpegPhoto", bytes(range(256)) * 40)
    agrees(follower, 24)
    some = follower.known.values()
    assert any(f"cn=chiefs,{GROUPS}".encode() in one.get("memberOf", []) for one in some)
    assert not any("mobile" in one for one in some)

    change(connection, range(3, 23), "title", b"secret")
    agrees(follower, 20)
    assert sum("mail" not in one for one in follower.known.values()) == 20

    # Others are changed by it, of which refint tells nobody: whose manager, or who is a member.
    connection.delete_s(dn(30))
    connection.rename_s(dn(2), "uid=renamed")
    wait_until(lambda: not connection.search_s(PEOPLE, ldap.SCOPE_SUBTREE, "(manager=*)"))
    change(connection, range(3, 25), "title", b"none")
    agrees(follower, 22)

    connection.modify_s(f"cn=staff,{GROUPS}", [(ldap.MOD_ADD, "member", dn(20).encode())])
    change(connection, range(10, 25), "title", b"again")
    assert agrees(follower, 15).fact("memberships") == 1
