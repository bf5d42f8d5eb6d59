"""Photos from real directories to a real server: who is asked for the picture, and what lies there."""

import time

import pytest
from live_photos import MAPPING, LivePhotos, inetorg, pictured
from photo_feed import BLUE, GREEN, RED
from samba import account, make_samba  # noqa: F401
from slapd import PEOPLE, certificates, make_slapd, tree  # noqa: F401
from slapd import ldif as record
from sshd import keys, shared_sshd, sshd  # noqa: F401

LATER = 900  # versions of the last minutes do not count

def go_through_days(feed, change, remove, leave):
    """Everybody is asked, and again as their entries were too young for their versions to count;
    then nobody but those whose entries are other ones."""
    feed.step(3, added=2, without=1)
    first = feed.there()
    assert first.keys() == {"ana.JPG", "bob.JPG"}
    feed.step(3, later=LATER, current=2, without=1, added=0)
    feed.step(0, later=LATER + 60, current=2, without=1)
    change("ana", BLUE)
    feed.step(1, later=LATER + 120, replaced=1, current=1, without=1)
    assert feed.there()["ana.JPG"] != first["ana.JPG"]
    assert feed.there()["bob.JPG"] == first["bob.JPG"]
    remove("ana")
    leave("bob")
    feed.step(1, later=LATER + 180, removed=2, without=2)
    assert feed.there() == {}
    feed.step(0, later=LATER + 240, without=2)


def test_openldap(tmp_path, make_slapd, sshd, keys):  # noqa: F811
    server = make_slapd(tree() + inetorg("ana", RED) + inetorg("bob", GREEN) + inetorg("carl"))
    feed = LivePhotos(tmp_path, server, sshd, keys, "jpegPhoto",
                      [{"base": PEOPLE, "filter": "(objectClass=inetOrgPerson)"},
                       {"base": PEOPLE, "filter": "(uid=a*)"}], MAPPING % ("uid", "sn"))

    def change(uid, data):
        server.modify(pictured(f"dn: uid={uid},{PEOPLE}\nchangetype: modify\nreplace: jpegPhoto\n",
                               "jpegPhoto", data))

    def remove(uid):
        server.modify(f"dn: uid={uid},{PEOPLE}\nchangetype: modify\ndelete: jpegPhoto\n\n")

    def leave(uid):
        server.modify(f"dn: uid={uid},{PEOPLE}\nchangetype: delete\n\n")

    go_through_days(feed, change, remove, leave)


def test_another_attribute_is_asked_for(tmp_path, make_slapd, sshd, keys):  # noqa: F811
    """Though the entries have the versions that are known."""
    server = make_slapd(tree() + inetorg("ana", RED) + pictured(inetorg("bob"), "audio", BLUE))
    feed = LivePhotos(tmp_path, server, sshd, keys, "jpegPhoto",
                      [{"base": PEOPLE, "filter": "(objectClass=inetOrgPerson)"}],
                      MAPPING % ("uid", "sn"))
    feed.step(2, later=LATER, added=1, without=1)
    feed.step(0, later=LATER + 60, current=1, without=1)
    settings = (tmp_path / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace("jpegPhoto", "audio"))
    feed.step(2, later=LATER + 120, added=1, removed=1, without=1)
    assert feed.there().keys() == {"bob.JPG"}


def test_active_directory(tmp_path, make_samba, sshd, keys):  # noqa: F811
    server = make_samba()
    unit = f"OU=Photos,{server.base}"
    server.modify(record(unit, "objectClass: organizationalUnit")
                  + pictured(account("ana", unit=unit), "thumbnailPhoto", RED)
                  + pictured(account("bob", unit=unit), "thumbnailPhoto", GREEN)
                  + account("carl", unit=unit))
    feed = LivePhotos(tmp_path, server, sshd, keys, "thumbnailPhoto",
                      [{"base": unit, "filter": "(objectClass=user)"}],
                      MAPPING % ("sAMAccountName", "sn"))

    def change(name, data):
        server.modify(pictured(f"dn: CN={name},{unit}\nchangetype: modify\n"
                               "replace: thumbnailPhoto\n", "thumbnailPhoto", data))

    def remove(name):
        server.modify(f"dn: CN={name},{unit}\nchangetype: modify\ndelete: thumbnailPhoto\n\n")

    def leave(name):
        server.modify(f"dn: CN={name},{unit}\nchangetype: delete\n\n")

    go_through_days(feed, change, remove, leave)


@pytest.fixture(name="many")
def make_many(tmp_path, make_slapd, sshd, keys):  # noqa: F811
    people = "".join(inetorg(f"p{number}", RED) for number in range(300))
    server = make_slapd(tree() + people)
    return LivePhotos(tmp_path, server, sshd, keys, "jpegPhoto",
                      [{"base": PEOPLE, "filter": "(objectClass=inetOrgPerson)"}],
                      MAPPING % ("uid", "sn"))


def test_killed_on_the_way_to_the_server(many):
    """Each photo is whole, nothing else is left, and nothing is sent again that arrived."""
    killed = many.program.run(verb="photos", kill_at=1)
    many.program.run(verb="photos")
    calls = len(many.program.calls())
    whole = many.there()
    assert killed.returncode == -9 and len(whole) == 300 and len(set(whole.values())) == 1
    died = 0
    for number in (calls // 3, calls // 2, calls * 3 // 4):
        for path in many.there_folder.iterdir():
            path.unlink()
        for path in (many.folder / "spool/test").iterdir():
            path.unlink()
        # How many calls a connection takes is another number each time.
        died += many.program.run(verb="photos", kill_at=number).returncode == -9
        assert {data for name, data in many.there().items() if not name.startswith(".")} <= \
            set(whole.values())
        assert many.program.run(verb="photos").returncode == 0
        assert many.there() == whole
    assert died >= 2
