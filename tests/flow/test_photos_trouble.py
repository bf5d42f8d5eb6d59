"""`ldap2alma photos` where something is in its way: at the server of photos, on the disk, or another
run."""

import fcntl

import pytest

from machine import UNSHARE, may_mount
from photo_feed import BLUE, GREEN, RED, PhotoFeed, noise, person

ANA, BOB = person("Ana", RED), person("bob", GREEN)


def test_what_the_server_does_not_take_or_keeps(tmp_path):
    """Whoever has something else under the photo's name is a finding; the others go on."""
    feed = PhotoFeed(tmp_path, ANA + BOB)
    feed.step(added=2)
    for name in ("Ana.JPG", "bob.JPG"):
        (feed.photos / name).unlink()
        (feed.photos / name).mkdir()
    feed.write("people.ldif", person("Ana", BLUE) + person("carl", RED))
    feed.step(unsent=1, added=1, removed=0)
    texts = sorted(finding["text"] for finding in feed.findings("photo_unsent"))
    assert texts == ["'Ana.JPG': Is a directory", "'bob.JPG': Is a directory"]
    for name in ("Ana.JPG", "bob.JPG"):
        (feed.photos / name).rmdir()
    feed.step(replaced=1, removed=1, current=1, unsent=0)
    assert feed.there().keys() == {"Ana.JPG", "carl.JPG"}


def test_names_that_differ_by_case_alone(tmp_path):
    """Such identifiers Alma holds to be the same: these people are held, and so is the photo that
    one of them had."""
    feed = PhotoFeed(tmp_path, person("ana", RED, employeeNumber="D1a") + BOB,
                     photos="  identifier: UNIV_ID\n")
    feed.step(added=1, unnamed=1)
    before = feed.there()
    feed.write("people.ldif", person("ana", BLUE, employeeNumber="D1a")
               + person("carl", RED, employeeNumber="D1A"))
    feed.step(held=2, removed=0)
    assert feed.there() == before
    feed.write("people.ldif", person("carl", RED, employeeNumber="D1A"))
    feed.step(added=1, removed=1)
    assert feed.there().keys() == {"D1A.JPG"}


def test_relinked_people_keep_their_photos(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB, brakes="brakes: { photos: off, new: off }\n")
    feed.step(added=2)
    assert feed.run().returncode == 0
    before = feed.there()
    feed.write("people.ldif", person("Ana", RED, key="anew") + person("bob", GREEN, key="renewed"))
    result = feed.run_photos()
    assert result.returncode == 2 and "the directory seems to have been rebuilt" in result.stderr
    assert feed.there() == before
    assert feed.run("relink", command="identity").returncode == 0
    feed.step(current=2, added=0, replaced=0, removed=0)
    assert feed.there() == before


def test_beside_another_run(tmp_path):
    feed = PhotoFeed(tmp_path, ANA)
    feed.step(added=1)
    with (tmp_path / "spool/test/lock").open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        result = feed.run_photos()
    assert result.returncode == 75
    feed.step(current=1)


def test_a_spool_without_the_room_for_all(tmp_path):
    """That is told by the first photos, before the disk is full."""
    if not may_mount():
        pytest.skip("only root with the right to mount can make a small file system")
    feed = PhotoFeed(tmp_path, "".join(person(f"p{number}", noise(number % 9)) for number in range(500)),
                     photos="  suffix: png\n")
    (tmp_path / "spool").mkdir()
    wrapper = [*UNSHARE, "sh", "-c", 'mount -t tmpfs -o size=6m,mode=700 none spool && exec "$@"', "sh"]
    result = feed.run_photos(wrapper=wrapper)
    assert result.returncode == 73, result.stderr
    assert "the new photos need about 4." in result.stderr
    assert "Make room there, or name another folder as 'spool'." in result.stderr
    assert feed.there() == {}
    feed.step(added=500)
