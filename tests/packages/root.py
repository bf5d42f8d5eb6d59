"""A system of its own to install packages in: this one, as it is, below an overlay that takes what is
written. It sees nothing of other processes, and goes with everything in it."""

import pathlib
import subprocess
import tempfile

ENVIRONMENT = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
               "DEBIAN_FRONTEND=noninteractive"]
MOUNT = """
mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/root" &&
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/root" &&
mount -t proc proc "$1/root/proc" && mount --rbind /dev "$1/root/dev" &&
mount --bind "$2" "$1/root/mnt" && mount -t tmpfs tmpfs "$1/root/tmp" && chmod 1777 "$1/root/tmp" &&
echo ready && read _
"""


class Root:
    """Needs root. `packages` is the folder that stands in it as /mnt."""

    def __init__(self, packages):
        self.folder = tempfile.TemporaryDirectory()
        # pylint: disable=consider-using-with
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private", "sh", "-c", MOUNT,
             "sh", self.folder.name, packages],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.is_there = self.holder.stdout.readline() == "ready\n"
        if not self.is_there:
            self.why = self.holder.communicate()[1].strip()

    def call(self, *command, text=None):
        """Runs it; its whole result."""
        child = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text().split()[0]
        return subprocess.run(
            ["nsenter", "--target", child, "--mount", "--pid", "chroot", f"{self.folder.name}/root",
             *ENVIRONMENT, *command],
            input=text, capture_output=True, text=True, check=False, timeout=600)

    def run(self, *command, status=0, text=None):
        """What it says, on both ways."""
        result = self.call(*command, text=text)
        assert result.returncode == status, result.stdout + result.stderr
        return result.stdout + result.stderr

    def write(self, path, text):
        self.run("tee", path, text=text)

    def stat(self, path):
        """"drwxr-x--- root ldap2alma", or None."""
        result = self.call("stat", "-c", "%A %U %G", path)
        return result.stdout.strip() if result.returncode == 0 else None

    def has(self, path):
        return self.stat(path) is not None

    def close(self):
        if self.is_there:
            self.holder.communicate("\n")
        self.folder.cleanup()
