"""A university lives through a hundred days, and so do its runs: they are killed, lose power, find the
disk full or the target gone, come twice or not at all. Whenever Alma has taken what there is, it
knows what the directory says: no difference is allowed."""

import os
import random
import shutil

import pytest
from days import GRACE, SIZE, Days
from feed import UNBRAKED

SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
DAYS = 100

SETTINGS = """\
name: test
directory: {{ ldif: people.ldif }}
mapping: mapping.yaml
delivery: {{ folder: out, clean: {{ taken_after: 10d }} }}
spool: spool
state: memory/state.db
package: {{ records_per_file: 10, files_per_package: 1 }}
leavers: {{ policy: expire, grace: {grace} }}
changes: {changes}
"""

# From which day on, the settings, and how many days old what Alma knows may be.
SEASONS = {
    0: ("{ mode: changed }", None),
    30: ("{ mode: changed, resend_after: 10d }", 10),
    60: ("{ mode: changed, full_every: 7d }", 7),
    75: ("{ mode: full }", 0),
    85: ("{ mode: changed, resend_after: 20d, full_every: 14d }", 14),
}


@pytest.mark.parametrize("seed", [1, SEED])
def test_a_hundred_days(tmp_path, seed):
    print(f"SEED={seed}")
    days = Days(tmp_path, seed)
    for number in range(DAYS):
        if number in SEASONS:
            changes, oldest = SEASONS[number]
            days.change_settings(SETTINGS.format(changes=changes, grace=GRACE) + UNBRAKED, oldest)
        days.live(number)
    days.end()
    assert days.ledger.farewells > 5 and days.campus.hired > SIZE + 30
    shutil.rmtree(tmp_path)
