"""What a power failure leaves of a folder: only what was synced is sure to be there.

    disk = Disk(folder)                     # all that is there now counts as synced
    ... the program runs with kill_at, its log and its shadows, and is killed ...
    disk.follow(log, shadows)               # what that run changed and synced
    disk.fail()                             # the folder is as the failure leaves it

The model is the one that POSIX gives: what a file holds is safe after fsync() of the file, a name
(made, moved or removed) after fsync() of its folder. Of the rest the worst is that nothing of it
was written (`chance` None); or, with `chance`, a random.Random, names follow in their order up to a
random one, as a journal keeps them, and each block of a file is the old one or the new one.
"""

import os
import pathlib
import shutil

BLOCK = 4096


class File:
    def __init__(self, synced=b"", mode=0o600):
        self.synced = synced
        self.mode = mode


def read_log(path):
    """The calls that kill_at told of: (number, call, path, new path), without those that failed."""
    if not path.exists():
        return []
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    return [(int(number), call, os.path.normpath(first), os.path.normpath(second) if second else "")
            for number, call, first, second in lines if not call.startswith("!")]


class Disk:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folders = {str(self.folder): self.folder.stat().st_mode & 0o777}
        self.names = {}
        for path in self.folder.rglob("*"):
            mode = path.stat().st_mode & 0o777
            if path.is_dir():
                self.folders[str(path)] = mode
            else:
                self.names[str(path)] = File(path.read_bytes(), mode)
        self.seen = dict(self.names)  # as processes see it, while `names` is what is safe
        self.waiting = []             # changes of names that are not safe yet: (folder, change)

    def _change(self, path, change):
        self.waiting.append((os.path.dirname(path), change))

    def _set(self, path, file):
        self.seen[path] = file
        self._change(path, lambda: self.names.__setitem__(path, file))

    def _move(self, path, new_path):
        file = self.seen.pop(path)
        self.seen[new_path] = file
        assert os.path.dirname(path) == os.path.dirname(new_path)

        def change():
            self.names.pop(path, None)
            self.names[new_path] = file
        self._change(path, change)

    def _remove(self, path):
        self.seen.pop(path, None)
        self._change(path, lambda: self.names.pop(path, None))

    def _sync(self, path, shadow):
        if path in self.seen:
            self.seen[path].synced = shadow.read_bytes()
        still = []
        for folder, change in self.waiting:
            if folder == path:
                change()
            else:
                still.append((folder, change))
        self.waiting = still

    def follow(self, log, shadows):
        for number, call, path, new_path in read_log(log):
            if call == "create":
                self._set(path, File())
            elif call == "mkdir":
                self._change(path, lambda path=path: self.folders.setdefault(path, 0o700))
            elif call == "rename":
                self._move(path, new_path)
            elif call == "link":
                self._set(new_path, self.seen[path])
            elif call == "unlink":
                self._remove(path)
            elif call == "sync":
                self._sync(path, shadows / str(number))

    def fail(self, chance=None):
        now = {file: pathlib.Path(path).read_bytes() for path, file in self.seen.items()
               if pathlib.Path(path).exists()}
        if chance:
            for _, change in self.waiting[:chance.randint(0, len(self.waiting))]:
                change()
        for entry in self.folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for path, mode in sorted(self.folders.items()):
            os.makedirs(path, mode, exist_ok=True)
        for path, file in self.names.items():
            if os.path.dirname(path) in self.folders:
                # A removed file that is back has what it had: its blocks were nobody else's yet.
                new = now.get(file, file.synced)
                data = mixed(file.synced, new, chance) if chance else file.synced
                pathlib.Path(path).write_bytes(data)
                os.chmod(path, file.mode)


def mixed(old, new, chance):
    """A file of which each block was written or was not."""
    length = chance.choice((len(old), len(new)))
    blocks = [chance.choice((old, new))[start:start + BLOCK].ljust(BLOCK, b"\0")
              for start in range(0, length, BLOCK)]
    return b"".join(blocks)[:length]
