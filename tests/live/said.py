"""What a program of tests/support said, and how it ended; test_delivery.py and test_depot.py."""

import pytest


class Said:
    """Its lines are "LEVEL: text"."""

    def __init__(self, process, out):
        self.status = process.returncode
        self.out = out

    def said(self, level):
        return [line.partition(": ")[2] for line in self.out.splitlines()
                if line.startswith(level + ": ")]

    @property
    def error(self):
        return "\n".join(self.said("error"))

    @property
    def hint(self):
        return "\n".join(self.said("hint"))


def finish(process):
    out, complaints = process.communicate(timeout=120)
    assert complaints == ""
    return Said(process, out)


@pytest.fixture
def sanitizer_options(tmp_path):
    """libssh2 1.10 itself loses some bytes of ECDSA keys and of a second list of methods."""
    suppressions = tmp_path / "suppressions"
    suppressions.write_text("leak:libssh2_userauth_publickey_frommemory\n"
                            "leak:libssh2_userauth_list\n")
    return {"ASAN_OPTIONS": "fast_unwind_on_malloc=0", # libssh2 has no frame pointers
            "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0"}
