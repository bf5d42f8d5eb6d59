"""Runs that come twice, at once, after a mishap with the state or the spool: the next one does what
is needed, and none does harm."""

import resource
import shutil
import subprocess
import time

import pytest
from conftest import PROGRAM
from killing import KILLED
from scene import DAYS, EVERYBODY, SENT, SETTINGS, Cast, Scene, person, two_scenes
from witness import WAYS


@pytest.fixture(scope="module")
def cast(tmp_path_factory):
    return Cast(two_scenes(tmp_path_factory.mktemp("cast"), DAYS))


@pytest.fixture
def scene(cast):
    cast.scenes[0].reset()
    return cast.scenes[0]


def call_number(cast, name, path):
    return next(number for number, call in enumerate(cast.calls, 1)
                if call[0] == name and path in call[1])


def test_a_second_run_names_the_first(tmp_path):
    scene = Scene(tmp_path, DAYS[:1], SETTINGS.replace("people.ldif", '"-"'))
    first = scene.program.start(clock=scene.morning, stdin=subprocess.PIPE)
    lock = scene.stage / "spool/test/lock"
    while not (lock.exists() and lock.read_text()):
        assert first.poll() is None
        time.sleep(0.01)
    second = scene.program.run(clock=scene.noon)
    assert second.returncode == 75
    assert second.stderr.startswith(
        f"ldap2alma: another run of the feed 'test' is at work (pid {first.pid}, since "
        "2026-09-01T06:00:0")
    _, errors = first.communicate(DAYS[0])
    assert (first.returncode, errors) == (0, "")
    scene.witness.take()
    assert len(scene.witness.users()) == 10


def test_two_runs_that_begin_at_once(cast):
    """One of them works, or one after the other; nothing comes twice."""
    def act(scene, _):
        runs = [scene.program.start(clock=scene.morning) for _ in range(2)]
        for run in runs:
            run.communicate()
        assert sorted(run.returncode for run in runs) in ([0, 0], [0, 75])
        scene.witness.take()

    cast.play(act, [(number,) for number in range(1, 21)])


def test_a_doubled_run_has_nothing_to_send(scene):
    scene.run_well(scene.morning)
    scene.witness.take()
    scene.run_well(scene.noon)
    assert scene.state().outcomes == ["done", "done", "done", "nothing-to-send"]
    assert scene.witness.alma.waiting() == []


def test_a_full_run_that_was_killed_is_no_change_to_the_next(cast):
    """Everybody is sent again, and who was sent already is so once more; nothing else changes."""
    def act(scene, number):
        scene.witness.once = False
        killed = scene.program.run("--full", clock=scene.morning, kill_at=number)
        assert killed.returncode == KILLED
        scene.witness.take()
        full = scene.program.run("--full", clock=scene.noon)
        assert full.returncode == 0, full.stderr
        scene.witness.take()

    scene = cast.scenes[0]
    scene.reset()
    assert scene.program.run("--full", clock=scene.morning).returncode == 0
    calls = len(scene.program.calls())
    scene.witness.once = False
    scene.witness.take()
    cast.play(act, [(number,) for number in range(1, calls, 9)], scene.outcome())


def test_without_its_state_everybody_is_sent_and_nothing_is_harmed(cast, scene):
    scene.run_well(scene.morning)
    scene.witness.take()
    shutil.rmtree(scene.stage / "memory")
    scene.witness.once = False
    scene.run_well(scene.noon)
    scene.witness.take()
    assert scene.witness.alma.reports[-1].processed == 9
    assert scene.witness.users(without=["expiry_date"]) == cast.witness.users(
        without=["expiry_date"])
    assert len(scene.state().people) == 9
    assert set(scene.state().people) < set(cast.outcome[1])


def test_an_old_copy_of_state_sends_what_differs_from_it(cast, scene):
    shutil.copytree(scene.stage / "memory", scene.stage / "backup")
    scene.run_well(scene.morning)
    scene.witness.take()
    shutil.rmtree(scene.stage / "memory")
    (scene.stage / "backup").rename(scene.stage / "memory")
    scene.witness.once = False
    scene.run_well(scene.noon)
    scene.witness.take()
    report = scene.witness.alma.reports[-1]
    assert (report.processed, report.unchanged) == (len(SENT), len(SENT))
    state = scene.state()
    assert (scene.witness.users(), state.people, state.records) == cast.outcome


@pytest.mark.parametrize("fate", ["write", "rename", "sync"])
def test_a_copy_of_state_made_during_a_delivery(cast, scene, fate):
    """It says that a package is on its way; Alma has taken it long since."""
    number = call_number(cast, fate, "/out")
    assert scene.program.run(clock=scene.morning, kill_at=number).returncode == KILLED
    shutil.copytree(scene.stage / "memory", scene.stage / "backup")
    scene.run_well(scene.morning + 600)
    scene.witness.take()
    shutil.rmtree(scene.stage / "memory")
    (scene.stage / "backup").rename(scene.stage / "memory")
    scene.witness.once = False
    scene.run_well(scene.noon)
    scene.witness.take()
    state = scene.state()
    assert (scene.witness.users(), state.people, state.records) == cast.outcome


def test_without_its_spool_nothing_is_missed(cast):
    def act(scene, number):
        killed = scene.program.run(clock=scene.morning, kill_at=number)
        assert killed.returncode == KILLED
        shutil.rmtree(scene.stage / "spool")
        scene.play_on()

    cast.play(act, [(number,) for number in cast.numbers()][::10])


def test_what_a_killed_upload_left_is_removed_also_when_nothing_is_to_be_sent(cast, scene):
    number = call_number(cast, "sync", "/out/")
    assert scene.program.run(clock=scene.morning, kill_at=number).returncode == KILLED
    assert len(scene.witness.parts()) == 1
    others = scene.stage / "out/not-ours.part"
    others.write_text("half")
    scene.write_people(DAYS[1])
    scene.run_well(scene.noon)
    assert scene.state().outcomes[-1] == "nothing-to-send"
    assert scene.witness.parts() == ["not-ours.part"]


def without_dates(users):
    return {who: ({name: value for name, value in fields.items() if name != "expiry_date"}, segments)
            for who, (fields, segments) in users.items()}


def test_another_target_gets_what_the_first_may_not_have(cast, scene):
    """Whether it arrived there cannot be seen any more. Everybody is sent, with the dates of today."""
    number = call_number(cast, "rename", "/out/")
    assert scene.program.run(clock=scene.morning, kill_at=number).returncode == KILLED
    (scene.stage / "elsewhere").mkdir()
    settings = scene.stage / "ldap2alma.yaml"
    settings.write_text(settings.read_text().replace("folder: out", "folder: elsewhere"))
    told = scene.run_well(scene.noon)
    assert "as the settings name another target now; its people are sent anew" in told.stderr
    scene.witness.folder = scene.witness.alma.folder = scene.stage / "elsewhere"
    scene.witness.take()
    users, people, _ = cast.outcome
    assert scene.state().people == people
    assert without_dates(scene.witness.users()) == without_dates(users)


def test_a_limit_on_the_size_of_files_is_told_and_harms_nothing(cast, scene):
    """`ulimit -f`: it would end the program without a word."""
    scene.write_people(DAYS[-1] + "".join(
        f"dn: uid=p{number},dc=example,dc=edu\nuid: p{number}\nsn: {number:0100}\n\n"
        for number in range(9000, 9999)))
    limited = subprocess.run(
        [PROGRAM, "run"], cwd=scene.stage, capture_output=True, text=True, check=False,
        env=scene.program.environment(scene.morning),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
    assert limited.returncode == 73
    assert "cannot write 'spool/test': File too large" in limited.stderr
    assert "lift the limit on the size of files" in limited.stderr
    scene.write_people(DAYS[-1])
    scene.play_on()
    for mine, good in zip(scene.outcome(), cast.outcome, strict=True):
        assert mine == good


def test_another_feed_of_the_name_keeps_its_temporary_files(tmp_path):
    """As on an old machine and on a new one: their packages have the same names in the same second."""
    scene = Scene(tmp_path, [EVERYBODY])
    other = scene.stage / "other"
    other.mkdir()
    (other / "ldap2alma.yaml").write_text(SETTINGS.replace("folder: out", "folder: ../out"))
    shutil.copy(scene.stage / "mapping.yaml", other)
    (other / "people.ldif").write_text("".join(person(number, sn="A longer name")
                                               for number in range(20, 30)))
    shutil.copytree(other, scene.kept / "other")

    def run_other(clock):
        run = subprocess.run([PROGRAM, "run"], cwd=other, env=scene.program.environment(clock),
                             capture_output=True, text=True, check=False)
        assert run.returncode in (0, 73), run.stderr

    scene.run_well(scene.morning)
    calls = [number for number, call in enumerate(scene.program.calls(), 1) if "/out" in call[1]]
    for turn, number in enumerate(calls[:24]):
        scene.reset()
        way = WAYS[turn % 3]
        assert scene.program.run(clock=scene.morning, kill_at=number).returncode == KILLED
        parts = scene.witness.parts()
        run_other(scene.morning)
        assert set(parts) <= set(scene.witness.parts())
        scene.witness.take(way)
        run_other(scene.noon - 600)
        scene.play_on()
        assert len(scene.witness.users()) == 19 and scene.witness.parts() == []
