"""`run --dry-run` and an SFTP server: it looks as the run does, and leaves everything there."""

import pytest

from memory import CHANGED, Memory, person
from rehearsal import snapshot
from sshd import keys, make_sshd  # noqa: F401
from feed import UNBRAKED
from test_status import SETTINGS

PEOPLE = [person(number) for number in range(1, 5)]


@pytest.fixture(name="server")
def make_server(make_sshd):  # noqa: F811
    return make_sshd()


@pytest.fixture(name="feed", params=["libssh2", "openssh"])
def make_feed(tmp_path, server, keys, request):  # noqa: F811
    feed = Memory(tmp_path, *PEOPLE)
    feed.write("ldap2alma.yaml", SETTINGS.format(
        port=server.port, user=server.user, known_hosts=server.known_hosts, directory=server.home,
        key=keys.path("ed25519"), transport=request.param)
        + CHANGED + "package: { records_per_file: 1, files_per_package: 2, max_packages: 2 }\n" + UNBRAKED)
    return feed


def both(feed, server, status):
    """The same of the rehearsal and of the run; the rehearsal has changed nothing."""
    before = snapshot(feed.folder / "spool/test"), snapshot(server.home)
    rehearsal = feed.run("--dry-run")
    assert (snapshot(feed.folder / "spool/test"), snapshot(server.home)) == before
    dry = feed.report
    run = feed.run()
    assert (rehearsal.returncode, run.returncode) == (status, status), rehearsal.stderr + run.stderr
    for key in ("outcome", "error", "counts", "target"):
        assert dry[key] == feed.report[key]
    return rehearsal


def test_the_first_run_and_the_next_ones(feed, server):
    both(feed, server, 0)
    both(feed, server, 0)
    feed.give(*PEOPLE[:2])
    both(feed, server, 0)


def test_no_room_at_the_server(feed, server):
    both(feed, server, 0)
    feed.give(*(person(number, sn="Cole") for number in range(1, 5)))
    assert "2 of 2 packages are held back" in both(feed, server, 69).stderr


def test_what_became_of_a_package_is_asked(feed, server):
    assert feed.run().returncode == 0
    first, second = sorted(server.home.glob("*.zip"))
    feed.sql("UPDATE package SET fate = 1, taken = 0")
    (mark,), = feed.sql("SELECT text FROM fact WHERE name = 'mark'")
    first.rename(first.with_name(first.name + ".handled"))
    second.rename(second.with_name(f"{second.stem}.{mark.decode()}.part"))
    both(feed, server, 0)
    assert feed.counts("new", "unchanged") == (2, 2)


def test_a_server_that_is_not_there(feed, server):
    assert feed.run().returncode == 0
    feed.give(person(5))
    settings = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace(f"port: {server.port}", "port: 1"))
    both(feed, server, 69)


def test_a_server_that_does_not_know_us(feed, server, keys):  # noqa: F811
    assert feed.run().returncode == 0
    feed.give(person(5))
    settings = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace(str(keys.path("ed25519")), str(keys.path("stranger"))))
    both(feed, server, 77)
