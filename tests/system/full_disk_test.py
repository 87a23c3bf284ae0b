#!/usr/bin/python3
"""A file system of its own, filled to the brim under load: pushes are refused with the reason, consumers drain, space comes
back by itself, and nothing acknowledged is lost.

    sudo full_disk_test.py --server build/baton-server [--mib 1024]

Makes an ext4 file system in a file and mounts it over a loop device, so it must run as root.
"""

import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import cases, resp  # noqa: E402
from support.server_process import scratch_directory  # noqa: E402

MIB = 1 << 20
mib = 1024
WORKERS = 4


class FullDiskTest(cases.ServerCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.fail("mounting a file system needs root: run this suite with sudo")
        image = os.path.join(scratch_directory("disk"), "image")
        self.mount = scratch_directory("mount")
        with open(image, "wb") as file:
            file.truncate(mib * MIB)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, self.mount], check=True)
        self.addCleanup(subprocess.run, ["umount", self.mount], check=True)
        self.data = os.path.join(self.mount, "data")
        os.mkdir(self.data)

    def start_there(self):
        return self.start(directory=self.data, appendfsync="always", loglevel="notice")

    def free_bytes(self):
        disk = os.statvfs(self.mount)
        return disk.f_bavail * disk.f_frsize

    def push_until_refused(self, server, first=0):
        """From several connections. (numbers acknowledged, from `first` on; refusals)"""
        acknowledged, refusals = [], []

        def push(worker):
            client = server.client(timeout=120)
            number = first + worker
            while True:
                reply = client.ask("LPUSH", "queue", f"{number}:".ljust(mib * 16, "x"))
                if isinstance(reply, resp.Error):
                    refusals.append(str(reply))
                    break
                acknowledged.append(number)
                number += WORKERS
            client.close()

        threads = [threading.Thread(target=push, args=(worker,)) for worker in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return acknowledged, refusals

    def drain(self, server, until):
        """Consumers as they are: move, then acknowledge. The numbers that were settled."""
        settled = []

        def consume(worker):
            client = server.client(timeout=120)
            processing = f"processing:{worker}"
            while len(settled) < until:
                message = client.call("RPOPLPUSH", "queue", processing)
                if message is None:
                    break
                self.assertEqual(client.call("LREM", processing, 1, message), 1)
                settled.append(int(message.split(b":")[0]))
            client.close()

        threads = [threading.Thread(target=consume, args=(worker,)) for worker in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return settled

    def left(self, server):
        """The numbers that are still in the queue, oldest last."""
        numbers = []
        with server.client(timeout=120) as client:
            length = client.call("LLEN", "queue")
            for start in range(0, length, 1000):
                part = client.call("LRANGE", "queue", start, start + 999)
                numbers += [int(message.split(b":")[0]) for message in part]
            for worker in range(WORKERS):
                self.assertEqual(client.call("LLEN", f"processing:{worker}"), 0)
        return numbers

    def test_a_full_disk_refuses_pushes_drains_and_recovers_by_itself(self):
        server = self.start_there()
        pushed, refusals = self.push_until_refused(server)
        self.assertEqual(len(refusals), WORKERS)
        for refusal in refusals:
            self.assertTrue(refusal.startswith("MISCONF"), refusal)
            self.assertIn("disk", refusal)
        # Somebody else takes what is left.
        ballast = os.path.join(self.mount, "ballast")
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * MIB)
            except OSError:
                pass
        self.assertLess(self.free_bytes(), 2 * MIB)
        # What had been put by beyond what is needed may be filled, and no more.
        more, refusals = self.push_until_refused(server, first=10**9)
        self.assertLess(len(more), len(pushed) // 4)
        for refusal in refusals:
            self.assertTrue(refusal.startswith("MISCONF"), refusal)
        pushed += more
        # Consumers go on, on what the server has put by.
        settled = self.drain(server, 200)
        self.assertGreaterEqual(len(settled), 200)
        # Killed and started on the full disk, it still has everything.
        server.kill()
        server = self.start_there()
        self.assertEqual(sorted(settled + self.left(server)), sorted(pushed))
        # The other one gives its space back: all is drained, and then pushes are taken again, without a restart.
        os.remove(ballast)
        settled += self.drain(server, len(pushed))
        self.assertEqual(sorted(settled), sorted(pushed))

        def taken_again():
            with server.client() as client:
                return client.ask("LPUSH", "queue", "0:again") == 1

        self.eventually(taken_again, "a push is taken again", seconds=60)
        # But for what it puts by.
        self.eventually(lambda: self.free_bytes() > (mib - 48) * MIB // 2, "space comes back by itself", seconds=60)
        # And all of it once more, now with draining while others push.
        refilled, _ = self.push_until_refused(server)
        self.assertGreater(len(refilled), len(pushed) // 2)
        server.kill()
        server = self.start_there()
        self.assertEqual(sorted(self.left(server)), sorted([0] + refilled))


def main():
    global mib
    if "--mib" in sys.argv:
        at = sys.argv.index("--mib")
        mib = int(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    cases.main(__doc__.split("\n", maxsplit=1)[0])


if __name__ == "__main__":
    main()
