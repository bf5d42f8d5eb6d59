"""Photos where a connection breaks, from people without ids, and pictures that lie on a web server."""

import pytest
from live_photos import MAPPING, LivePhotos, inetorg
from nginx import Nginx
from photo_feed import BLUE, GREEN, RED, noise
from relay import Relay
from server import stopped_at_the_end
from slapd import PEOPLE, READER, certificates, make_slapd, tree  # noqa: F401
from slapd import ldif as record
from sshd import keys, shared_sshd, sshd  # noqa: F401

COUNT = 200
EVERYBODY = [{"base": PEOPLE, "filter": "(objectClass=inetOrgPerson)"}]
ALL = {f"p{number}.png" for number in range(COUNT)}


@pytest.fixture
def make_feed(tmp_path, sshd, keys):  # noqa: F811
    def make(server):
        feed = LivePhotos(tmp_path, server, sshd, keys, "jpegPhoto", EVERYBODY,
                          MAPPING % ("uid", "sn"))
        feed.settings["delivery"]["retry"] = {"attempts": "3", "wait": "0s"}
        feed.settings["photos"]["suffix"] = "png"
        feed.configure()
        return feed
    return make


@pytest.fixture
def feed(make_slapd, make_feed):  # noqa: F811
    """200 people, whose pictures are 3 MB in all."""
    return make_feed(make_slapd(tree() + "".join(inetorg(f"p{number}", noise(number))
                                                 for number in range(COUNT))))


def read_by(feed, relay):
    feed.settings["directory"]["uri"] = [f"ldaps://127.0.0.1:{relay.port}"]
    feed.configure()


def deliver_by(feed, relay, sshd):  # noqa: F811
    sftp = feed.settings["photos"]["delivery"]["sftp"]
    sftp["port"] = relay.port
    sftp["known_hosts"] = "known_hosts"
    feed.write("known_hosts", sshd.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
    feed.configure()


def tls_port(feed):
    return feed.settings["directory"]["uri"][0].rsplit(":", 1)[1]


def test_a_delivery_that_breaks_goes_on(feed, sshd):  # noqa: F811
    fault = ("--cut-after", "1000000", "--cut-direction", "up", "--faulty", "2")
    with Relay(sshd.port, *fault) as relay:
        deliver_by(feed, relay, sshd)
        result = feed.step(COUNT, added=COUNT)
    assert result.stderr.count("another attempt follows") == 2
    assert feed.there().keys() == ALL


def test_a_delivery_that_breaks_again_and_again(feed, sshd):  # noqa: F811
    """What has arrived stays and is not sent again."""
    with Relay(sshd.port, "--cut-after", "1000000", "--cut-direction", "up", "--faulty",
               "1") as relay:
        deliver_by(feed, relay, sshd)
        feed.settings["delivery"]["retry"]["attempts"] = "1"
        feed.configure()
        result = feed.program.run(verb="photos")
        assert result.returncode == 69, result.stderr
        arrived = {name for name in feed.there() if not name.startswith(".")}
        assert 0 < len(arrived) < COUNT and arrived < ALL
        feed.step(COUNT)
    assert feed.there().keys() == ALL


def test_reading_pictures_that_breaks_goes_on(feed):
    """The first connection reads who there is, the next ones read pictures."""
    with Relay(tls_port(feed), "--cut-after", "1000000", "--faulty", "3") as relay:
        read_by(feed, relay)
        result = feed.step(COUNT, added=COUNT)
    assert result.stderr.count("asking again") == 2
    assert feed.there().keys() == ALL


def test_reading_pictures_that_breaks_again_and_again(feed):
    with Relay(tls_port(feed), "--cut-after", "1000000") as relay:
        read_by(feed, relay)
        feed.settings["delivery"]["retry"]["attempts"] = "2"
        feed.configure()
        result = feed.program.run(verb="photos")
    assert result.returncode == 69, result.stderr
    assert feed.there() == {}


def test_people_without_ids(make_slapd, make_feed):  # noqa: F811
    """They are known by their DNs, and all are read twice."""
    hidden = ("access to attrs=entryUUID,entryCSN,modifyTimestamp by * none\n"
              f'access to * by dn.exact="{READER}" read by * none')
    server = make_slapd(tree() + inetorg("ana", RED) + inetorg("bob", GREEN) + inetorg("carl"),
                        access=hidden)
    feed = make_feed(server)
    feed.step(3, added=2, without=1)
    assert feed.there().keys() == {"ana.png", "bob.png"}
    feed.step(3, current=2, without=1)
    server.modify(f"dn: uid=ana,{PEOPLE}\nchangetype: delete\n\n")
    feed.step(2, current=1, without=1, removed=1)
    assert feed.there().keys() == {"bob.png"}


@pytest.fixture(name="web")
def start_web(tmp_path_factory, certificates):  # noqa: F811
    certificates.issue("pictures", "/CN=localhost", "DNS:localhost", 0, 365)
    with stopped_at_the_end() as servers:
        servers.append(Nginx(tmp_path_factory.mktemp("nginx"), certificates, ["pictures"]))
        yield servers[0].start()


def placed(uid, *urls):
    return record(f"uid={uid},{PEOPLE}", "objectClass: inetOrgPerson", f"uid: {uid}", f"cn: {uid}",
                  f"sn: {uid}", *(f"labeledURI: {url}" for url in urls))


def test_pictures_that_lie_on_a_web_server(make_slapd, make_feed, web, certificates):  # noqa: F811
    """What the server says is the same is not fetched again; while it is away photos stay."""
    base = web.url("pictures", "pictures")
    web.put("pictures/ana.png", RED)
    web.put("pictures/bob.png", GREEN)
    server = make_slapd(tree() + placed("ana", base + "ana.png") + placed("bob", "bob.png")
                        + placed("carl", base + "carl.png")
                        + placed("dora", "https://elsewhere.example.edu/dora.png"))
    feed = make_feed(server)
    feed.settings["photos"].update({"attribute": "labeledURI", "from": "url", "base_url": base,
                                    "ca_file": certificates.path("ca.pem")})
    feed.configure()
    feed.step(0, added=2, without=1, refused=1)
    first = feed.there()
    assert first.keys() == {"ana.png", "bob.png"}
    feed.step(0, current=2, without=1, refused=1)
    web.put("pictures/ana.png", BLUE)
    feed.step(0, replaced=1, current=1)
    assert feed.there()["ana.png"] != first["ana.png"]
    (web.root / "pictures/bob.png").unlink()
    feed.step(0, current=1, without=2, removed=1)
    web.stop()
    feed.step(0, unread=3, refused=1, removed=0)
    assert feed.there().keys() == {"ana.png"}


def test_a_web_server_that_is_away_for_many(make_slapd, make_feed, web, certificates):  # noqa: F811
    base = web.url("pictures", "pictures")
    web.put("pictures/one.png", RED)
    feed = make_feed(make_slapd(tree() + "".join(placed(f"p{number}", base + "one.png")
                                                 for number in range(15))))
    feed.settings["photos"].update({"attribute": "labeledURI", "from": "url", "base_url": base,
                                    "ca_file": certificates.path("ca.pem")})
    feed.configure()
    feed.step(0, added=15)
    before = feed.there()
    web.stop()
    result = feed.program.run(verb="photos")
    assert result.returncode == 69, result.stderr
    assert "the pictures cannot be fetched" in result.stderr
    assert feed.there() == before


def test_a_web_server_that_gives_few(make_slapd, make_feed, web, certificates):  # noqa: F811
    """nginx forbids links in a circle. With half a dozen it is a matter of findings."""
    base = web.url("pictures", "pictures")
    for number in range(20):
        web.put(f"pictures/p{number}.png", RED)
    feed = make_feed(make_slapd(tree() + "".join(placed(f"p{number}", f"p{number}.png")
                                                 for number in range(20))
                                + "".join(placed(f"q{number}") for number in range(100))))
    feed.settings["photos"].update({"attribute": "labeledURI", "from": "url", "base_url": base,
                                    "ca_file": certificates.path("ca.pem")})
    feed.configure()
    feed.step(0, added=20, without=100)
    before = feed.there()

    def forbid(numbers):
        for number in numbers:
            (web.root / f"pictures/p{number}.png").unlink()
            (web.root / f"pictures/p{number}.png").symlink_to(f"p{number}.png")

    forbid(range(10))
    feed.step(0, unread=10, current=10, without=100)
    forbid(range(10, 15))
    result = feed.program.run(verb="photos")
    assert result.returncode == 2, result.stderr
    assert ("the brake 'photos_unread' stopped the run: 15 of 20 pictures that were asked for could "
            "not be read, more than 20%\n") in result.stderr
    assert feed.there() == before
    result = feed.program.run("--release", "photos_unread", verb="photos")
    assert result.returncode == 0, result.stderr


def test_hints_name_the_settings_of_photos(feed, sshd, monkeypatch):  # noqa: F811
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    sftp = feed.settings["photos"]["delivery"]["sftp"]
    del sftp["key"]
    sftp["agent"] = True
    feed.configure()
    for options in (["--check"], []):
        result = feed.program.run(*options, verb="photos")
        assert result.returncode == 77, result.stderr
        assert "cron and systemd start without an agent; use photos.delivery.sftp.key there.\n" in (
            result.stderr)
    sftp["port"] = "1"
    sftp["known_hosts"] = str(sshd.known_hosts)
    feed.configure()
    result = feed.program.run("--check", verb="photos")
    assert "Check 'photos.delivery.sftp', that the server runs" in result.stdout + result.stderr
