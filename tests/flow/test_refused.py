"""Every fault a user can make: folders of tests/refused/run-* and, of mapping tests, test-*.

A folder holds `arguments` (one a line), `status`, `stderr` (exact), and the files that the program
is run among. {HERE} in `stderr` stands for the folder of the run.
"""

import pathlib
import shutil
import subprocess

import pytest

from feed import PROGRAM

REFUSED = pathlib.Path(__file__).parent.parent / "refused"
CASES = sorted([*REFUSED.glob("run-*"), *REFUSED.glob("test-*")])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refused(case, tmp_path):
    here = tmp_path / "here"
    shutil.copytree(case, here)
    for path in here.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    for line in (here / "modes").read_text().splitlines() if (here / "modes").exists() else []:
        mode, name = line.split()
        (here / name).chmod(int(mode, 8))
    result = subprocess.run(
        [PROGRAM, *(case / "arguments").read_text().splitlines()],
        cwd=here, capture_output=True, text=True, timeout=60, check=False)
    assert result.stderr == (case / "stderr").read_text().replace("{HERE}", str(here))
    assert result.returncode == int((case / "status").read_text())
