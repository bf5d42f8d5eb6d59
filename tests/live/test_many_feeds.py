"""Feeds in threads of one program, each with connections of its own to the servers."""

import shutil

import pytest
from library import SANITIZED, Installed
from slapd import certificates, make_slapd, university  # noqa: F401
from sshd import keys, make_sshd, shared_sshd, sshd  # noqa: F401
from test_main_job import LiveFeed

from conftest import TOP

FEEDS = 8
AGAIN = 3  # what happens at the first connection happens once in a process


@pytest.fixture(name="program", scope="module")
def make_program(tmp_path_factory):
    installed = Installed(tmp_path_factory.mktemp("root"))
    folder = tmp_path_factory.mktemp("program")
    shutil.copy(TOP / "tests/live/many_feeds.c", folder)
    installed.compile("cc -pthread -o many_feeds many_feeds.c "
                      "$(pkg-config --cflags --libs ldap2alma)", folder)
    return lambda arguments: installed.sh(f"{folder}/many_feeds {arguments}", folder)


def test_eight_feeds_connect_at_once(tmp_path, program, university, sshd, keys,  # noqa: F811
                                     certificates):  # noqa: F811
    for again in range(1 if SANITIZED else AGAIN):
        feeds = []
        for number in range(FEEDS):
            folder = tmp_path / f"{again}-{number}"
            folder.mkdir()
            feed = LiveFeed(folder, [university.ldaps_uri], sshd, keys,
                            ca_file=certificates.path("ca.pem"))
            settings = feed.folder / "ldap2alma.yaml"
            settings.write_text(settings.read_text().replace('"test"', f'"test{again}{number}"', 1))
            feeds.append(str(settings))
        told, _ = program(" ".join(feeds))
        assert told == "done \n" * FEEDS + "libssh2 1, libldap 1\n"
    assert len(feed.packages()) == FEEDS * (again + 1)
