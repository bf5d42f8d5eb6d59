"""How many pictures a second are made anew, each in a process of its own that is shut in."""
import os
import re
import subprocess

from figures import Figure, measured

TIMES = 4000
PEOPLE = 100_000
MINUTES_MOST = 10


def pictures_alone(build, folder):
    os.environ["LDAP2ALMA_LIBEXEC"] = str(build / "connector/photos")
    run, said = measured(build, folder, [build / "tests/support/make_pictures", "-r", TIMES],
                         stdout=subprocess.PIPE)
    rate = float(re.search(r"([0-9]+) a second", said.decode())[1])
    return [Figure("pictures of 60 KB made anew", rate, "/s"),
            Figure("CPU time of a picture", run.cpu * 1000 / TIMES, " ms"),
            Figure("pictures of 100,000 people", PEOPLE / rate / 60, " min", MINUTES_MOST)]
