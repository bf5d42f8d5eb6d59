"""How long many small files take to a depot: 2,000 of 20 KB over SFTP and into a folder, beside one file
of the same size. The line to the private sshd has 10 ms of latency.
"""
import subprocess

from figures import Figure, best, measured, table
from sshd import Keys, Sshd

FILES, BYTES, LATENCY_MS = 2000, 20_000, 10
ONE, ADD, REPLACE, NEAR, FOLDER = (
    f"one file, {LATENCY_MS} ms of latency", f"new files, {LATENCY_MS} ms of latency",
    f"replaced files, {LATENCY_MS} ms of latency", "replaced files, no latency",
    "replaced files in a folder")


class DepotBench:
    def __init__(self, build, folder, repeat):
        self.build, self.folder, self.repeat = build, folder / "depots", repeat
        for name in ("keys", "sshd"):
            (self.folder / name).mkdir(parents=True)
        self.sshd = Sshd(self.folder / "sshd", Keys(self.folder / "keys"))
        self.package = self.folder / "package"
        self.package.write_bytes(bytes(FILES * BYTES))

    def run(self, program, port, *arguments, **options):
        known_hosts = self.folder / "known_hosts"
        known_hosts.write_text(self.sshd.line("host_ed25519", f"[127.0.0.1]:{port}"))
        return measured(self.build, self.folder, [
            self.build / "tests/support" / program, "--port", port, "--user", self.sshd.user,
            "--folder", self.sshd.home, "--known-hosts", known_hosts, "--key",
            self.sshd.keys.path("ed25519"), *arguments], stdout=subprocess.DEVNULL, **options)[0]

    def put(self, port, action, *arguments):
        lines = "".join(f"{action} {number}.JPG {BYTES} x\n" for number in range(FILES))
        return self.run("put_depot", port, "--quiet", *arguments, input=lines.encode())

    def clear(self):
        for entry in self.sshd.home.iterdir():
            entry.unlink()

    def measure(self, far):
        runs = {name: [] for name in (ONE, ADD, REPLACE, NEAR, FOLDER)}
        for _ in range(self.repeat):
            self.clear()
            runs[ONE].append(self.run("put_package", far, f"{self.package}=package.zip"))
            runs[ADD].append(self.put(far, "add"))
            runs[REPLACE].append(self.put(far, "replace"))
            runs[NEAR].append(self.put(self.sshd.port, "replace"))
            runs[FOLDER].append(self.put(self.sshd.port, "replace", "--kind", "folder"))
        return runs

    def runs(self):
        """The lines to print, and the figures."""
        self.sshd.start()
        relay = subprocess.Popen(
            [self.build / "tests/support/tcp_relay", "--listen", "0", "--target",
             str(self.sshd.port), "--delay-ms", str(LATENCY_MS // 2)], stdout=subprocess.PIPE)
        try:
            runs = self.measure(int(relay.stdout.readline().split()[1]))
        finally:
            relay.terminate()
            relay.wait()
            self.sshd.stop()
        return ([f"{FILES} files of {BYTES} bytes", "", *table(runs)],
                [Figure(f"{what}, many files to one", best(runs[what], "wall")
                        / best(runs[ONE], "wall"), " x", 10) for what in (ADD, REPLACE)])
