"""Photos that lie at a web server: what it says of one picture, and of all of them at once."""

import pytest
from nginx import Nginx
from photo_feed import BLUE, GREEN, RED, PhotoFeed, person
from server import stopped_at_the_end
from slapd import certificates  # noqa: F401

LOCATIONS = """\
location / { root ROOT; }
location /broken/ { return 500; }
location /away/ { return 404; }
location /login/ { default_type text/html; return 200 "<html>please log in</html>"; }
"""
PEOPLE = ["ana", "bob", "carl", "dora"]


@pytest.fixture(scope="module")
def web(tmp_path_factory, certificates):  # noqa: F811
    folder = tmp_path_factory.mktemp("nginx")
    certificates.issue("pictures", "/CN=pictures", "DNS:localhost", 0, 365)
    server = Nginx(folder, certificates, ["pictures"], LOCATIONS.replace("ROOT", f"{folder}/root"))
    with stopped_at_the_end() as servers:
        servers.append(server)
        server.start()
        yield server


@pytest.fixture
def feed(tmp_path, web, certificates):  # noqa: F811
    def entry(name):
        return person(name).rstrip() + f"\njpegPhoto: {name}.png\n\n"

    for name, data in zip(PEOPLE, (RED, GREEN, BLUE, RED)):
        web.put(f"photos/{name}.png", data)
    feed = PhotoFeed(tmp_path, "".join(map(entry, PEOPLE)))

    def look(folder="photos"):
        feed.configure(f"  from: url\n  base_url: {web.url(folder, 'pictures')}\n"
                       f"  ca_file: {certificates.path('ca.pem')}\n",
                       brakes="brakes: { photos: 25% }\n")
    feed.look = look
    look()
    return feed


def test_pictures_are_fetched_once_and_again_when_they_are_others(feed, web):
    feed.step(added=4)
    first = feed.there()
    assert first.keys() == {f"{name}.JPG" for name in PEOPLE}
    feed.step(current=4)
    web.put("photos/ana.png", BLUE)
    (web.folder / "root/photos/bob.png").unlink()
    feed.step(replaced=1, without=1, removed=1, current=2)
    assert feed.there()["ana.JPG"] == first["carl.JPG"]
    assert "bob.JPG" not in feed.there()


@pytest.mark.parametrize("folder, count", [("away", "without"), ("login", "refused")])
def test_a_server_that_has_no_picture_any_more_stops_at_the_brake(feed, folder, count):
    feed.step(added=4)
    before = feed.there()
    feed.look(folder)
    feed.step(status=2, **{count: 4})
    assert feed.there() == before


def test_a_server_that_is_broken_removes_nothing(feed, web):
    feed.step(added=4)
    before = feed.there()
    feed.look("broken")
    feed.step(unread=4, removed=0)
    assert feed.there() == before
    feed.look("photos")
    feed.step(current=4)
    web.stop()
    try:
        feed.step(unread=4, removed=0)
    finally:
        web.start()
    assert feed.there() == before
