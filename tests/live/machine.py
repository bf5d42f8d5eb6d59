"""What servers for tests need of the machine: programs, ports, mounts of their own."""

import functools
import os
import shutil
import socket
import subprocess

import pytest

# Runs a command whose mounts nobody else sees.
UNSHARE = ["unshare", "-m", "--propagation", "private"]


def program(name):
    """The full path of a server program, which /usr/sbin may hold outside of PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@functools.cache
def may_mount():
    """Root may, but not in every container."""
    return os.getuid() == 0 and subprocess.run(
        [*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True,
        check=False).returncode == 0
