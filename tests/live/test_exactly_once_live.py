"""What flow/test_exactly_once.py proves of a folder, on real servers: whatever kills a run, people of
slapd arrive on sshd once. And what only a server can do: it may rename a package and lose the
answer, or rename it when nobody waits for it any more, while Alma takes what it sees."""

import contextlib
import os
import random
import re
import shutil
import threading
import time

import pytest
import yaml_text
from campus import DEPARTMENTS
from days import GRACE, Days
from feed import NO_BRAKES
from killing import KILLED
from scene import DAYS, LEFT, Cast, Scene
from scripted_sftp import Relay, ScriptedSftp, do_nothing
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, Slapd, certificates, ldif, tree  # noqa: F401
from sshd import keys, running_sshd  # noqa: F401
from witness import WAYS

SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
TRANSPORTS = ["libssh2", "openssh"]


def settings(directory, delivery, **more):
    return yaml_text.dump({
        "name": "test", "directory": directory, "mapping": "mapping.yaml",
        "delivery": delivery, "spool": "spool", "state": "memory/state.db",
        "package": {"records_per_file": 2, "files_per_package": 1},
        "changes": {"mode": "changed"}, "leavers": {"policy": "expire", "grace": 1}, "brakes": NO_BRAKES, **more})


def from_slapd(server, secret):
    return {"uri": [server.ldap_uri], "tls": {"mode": "none"},
            "bind": {"method": "simple", "dn": READER, "password": {"file": str(secret)}},
            "searches": [{"base": PEOPLE, "filter": "(uid=*)"}]}


def to_server(server, port, known_hosts, host_keys, directory, transport="libssh2"):
    return {"sftp": {"host": "127.0.0.1", "port": port, "user": server.user,
                     "transport": transport, "key": {"file": host_keys.path("ed25519")},
                     "known_hosts": str(known_hosts), "directory": str(directory),
                     "timeout": "5s"},
            "retry": {"attempts": 3, "wait": "0s"}}


def for_slapd(people):
    """Entries of flow's LDIF as slapd wants them."""
    return people.replace("\nuid:", "\nobjectClass: inetOrgPerson\ncn: a person\nuid:").replace(
        "dc=example,dc=edu", SUFFIX).replace(f"ou=library,{SUFFIX}", PEOPLE)


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """Makes files that only we may read."""
    folder = tmp_path_factory.mktemp("secrets")

    def make(text):
        path = folder / str(len(list(folder.iterdir())))
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path
    return make


@pytest.fixture(scope="module")
def last_day(tmp_path_factory, certificates):  # noqa: F811
    """A directory as it is on the last day."""
    server = Slapd(tmp_path_factory.mktemp("last-day"), certificates, tls=None)
    server.load(tree() + for_slapd(DAYS[-1]))
    yield server.start()
    server.stop()


@pytest.fixture(scope="module", params=TRANSPORTS)
def cast(request, tmp_path_factory, last_day, secret, keys):  # noqa: F811
    """The days before come from LDIF, the last one from slapd."""
    folder = tmp_path_factory.mktemp("cast")
    source = from_slapd(last_day, secret(READER_PASSWORD))
    with running_sshd(keys) as server:
        scenes = []
        for name in ("one", "other"):
            home = server.home / name
            delivery = to_server(server, server.port, server.known_hosts, keys, home, request.param)
            scenes.append(Scene(folder / name, DAYS, settings({"ldif": "people.ldif"}, delivery),
                                settings(source, delivery), home))
        yield Cast(scenes)


def test_people_of_slapd_are_those_of_the_file(cast):
    assert LEFT < cast.outcome[0].keys()
    assert len(cast.outcome[0]) == 12
    assert any(call == "send" for call, _ in cast.calls)


def test_killed_at_calls(cast):
    """Each third call from the packages on, and each tenth before; the call is made or is not."""
    def act(scene, number, way, after):
        killed = scene.program.run(clock=scene.morning, kill_at=number, kill_after=after)
        assert killed.returncode in (KILLED, 0), killed.stderr
        scene.play_on(way)

    first = next(number for number, (call, path) in enumerate(cast.calls, 1)
                 if call == "sync" and path.endswith("spool/test"))
    numbers = [*range(1, first, 10), *range(first, len(cast.calls), 3)]
    cast.play(act, [(number, WAYS[turn % len(WAYS)], turn % 2)
                    for turn, number in enumerate(numbers)])


def test_killed_at_random_instants(cast):
    chance = random.Random(SEED)
    print(f"SEED={SEED}")
    scene = cast.scenes[0]
    scene.reset()
    began = time.monotonic()
    scene.run_well(scene.morning)
    whole = time.monotonic() - began

    def act(scene, _, instant, way):
        process = scene.program.start(clock=scene.morning)
        time.sleep(instant)
        process.kill()
        process.communicate()
        scene.play_on(way)

    cast.play(act, [(0, chance.random() * whole, chance.choice(WAYS)) for _ in range(10)])


def test_a_connection_that_is_cut(tmp_path, last_day, secret, keys):  # noqa: F811
    """The run goes on by itself, or else the next one does."""
    with running_sshd(keys) as server:
        relay = Relay(server.port)
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(server.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
        home = server.home / "one"
        delivery = to_server(server, relay.port, known_hosts, keys, home)
        scene = Scene(tmp_path, DAYS, settings({"ldif": "people.ldif"}, delivery),
                      settings(from_slapd(last_day, secret(READER_PASSWORD)), delivery), home)
        cast = Cast([scene])

        def act(scene, _, cut, way):
            relay.cut = cut
            scene.program.run(clock=scene.morning)
            relay.cut = None
            scene.play_on(way)

        cast.play(act, [(0, cut, WAYS[cut % len(WAYS)]) for cut in range(1000, 9000, 501)])
        relay.stop()


class Scripted:
    """A scene whose server does more than one can make sshd do."""

    def __init__(self, folder, server, source, host_keys):
        self.server = server
        delivery = to_server(server, server.port, server.known_hosts, host_keys, "/one")
        self.scene = Scene(folder, DAYS, settings({"ldif": "people.ldif"}, delivery),
                           settings(source, delivery), server.home / "one")
        self.cast = Cast([self.scene])

    def hook(self, event, number, act):
        """act() is called at the event of the package with that number, once. Returns what is set
        after it."""
        done = threading.Event()

        def hook(happens, name):
            if happens == event and f"-{number:02d}." in name:
                self.server.script.hook = do_nothing
                act()
                done.set()
        self.server.script.hook = hook
        return done


@pytest.fixture(scope="module")
def scripted(tmp_path_factory, last_day, secret, keys):  # noqa: F811
    folder = tmp_path_factory.mktemp("scripted")
    server = ScriptedSftp(folder, keys.path("host_ed25519"), auth="publickey")
    server.user = "alma"
    server.start()
    yield Scripted(folder / "scene", server, from_slapd(last_day, secret(READER_PASSWORD)), keys)
    server.stop()


PACKAGES = range(1, 6)
SECONDS = 60  # until something must have happened


def test_the_answer_to_a_rename_is_lost(scripted):
    """While Alma takes the package, or does not. The same run goes on."""
    def act(scene, number, way):
        def lose():
            scene.witness.take(way)
            scripted.server.drop_connections()
        lost = scripted.hook("renamed", number, lose)
        scene.run_well(scene.morning)
        assert lost.is_set()
        scene.witness.take()

    scripted.cast.play(act, [(number, way) for number in PACKAGES for way in WAYS])


def test_killed_between_a_rename_and_its_answer(scripted):
    def act(scene, number, way):
        def kill():
            process.kill()
            process.wait()
            scene.witness.take(way)
        killed = scripted.hook("renamed", number, kill)
        process = scene.program.start(clock=scene.morning)
        assert killed.wait(SECONDS) and process.wait() == KILLED
        scene.play_on()

    scripted.cast.play(act, [(number, way) for number in PACKAGES for way in WAYS])


def test_a_rename_that_is_refused(scripted):
    """The package is not there, and state must not believe that it is."""
    def act(scene, _, way):
        scripted.server.script.refuse_rename = True
        refused = scene.program.run(clock=scene.morning)
        scripted.server.script.refuse_rename = False
        assert refused.returncode == 73 and "permission" in refused.stderr
        assert scene.witness.parts() == [] and scene.witness.alma.waiting() == []
        scene.play_on(way)

    scripted.cast.play(act, [(1, way) for way in WAYS])


class LateRename:
    """The server has a rename before it, and its client is gone. It is done at the worst time: when
    somebody has just seen that the temporary file is there, and does not know yet. Alma may take
    the package at once."""

    def __init__(self, scripted, number, way, leave):
        self.scripted = scripted
        self.number = number
        self.way = way
        self.leave = leave
        self.go = threading.Event()
        self.done = threading.Event()
        scripted.hook("rename", number, self.hold)

    def hold(self):
        self.scripted.server.script.hook = self.watch
        self.leave()
        assert self.go.wait(SECONDS)

    def watch(self, event, name):
        if event == "renamed":
            self.scripted.scene.witness.take(self.way)
            self.done.set()
        if event == "stat" and re.search(rf"-{self.number:02d}\.\w+\.part$", name):
            self.go.set()
            assert self.done.wait(SECONDS)


LATE = [(number, way) for number in PACKAGES for way in ("leaves", ".handled", ".old")]


def test_a_rename_that_the_server_does_when_the_run_is_dead(scripted):
    def act(scene, number, way):
        process = None
        late = LateRename(scripted, number, way, lambda: process.kill())
        process = scene.program.start(clock=scene.morning)
        assert process.wait(SECONDS) == KILLED
        scene.run_well(scene.noon)
        assert late.done.is_set()
        scene.witness.take()

    scripted.cast.play(act, LATE)


def test_a_rename_that_the_server_does_while_the_run_tries_again(scripted):
    def act(scene, number, way):
        late = LateRename(scripted, number, way, scripted.server.drop_connections)
        scene.run_well(scene.morning)
        assert late.done.is_set()
        scene.witness.take()

    scripted.cast.play(act, LATE)


class LiveDays(Days):
    """The same with slapd and sshd, whose data is set from day to day."""

    def __init__(self, folder, seed, server, home):
        super().__init__(folder, seed, home)
        self.server = server
        self.incidents = (self.kill,)

    def publish(self, content):
        self.server.stop()
        shutil.rmtree(self.server.folder / "data")
        (self.server.folder / "data").mkdir()
        self.server.load(tree() + "".join(
            ldif(f"ou={name},{PEOPLE}", "objectClass: organizationalUnit", f"ou: {name}")
            for name in DEPARTMENTS) + content)
        self.server.start()


@contextlib.contextmanager
def stopping(server):
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_twenty_days(tmp_path, secret, certificates, keys, transport):  # noqa: F811
    print(f"SEED={SEED}")
    server = Slapd(tmp_path / "slapd", certificates, tls=None)
    with running_sshd(keys) as sshd, stopping(server):
        home = sshd.home / "campus"
        days = LiveDays(tmp_path, SEED, server, home)
        days.change_settings(settings(
            from_slapd(server, secret(READER_PASSWORD)),
            to_server(sshd, sshd.port, sshd.known_hosts, keys, home, transport),
            package={"records_per_file": 10, "files_per_package": 1},
            leavers={"policy": "expire", "grace": GRACE}))
        for number in range(20):
            days.live(number)
        days.end()
