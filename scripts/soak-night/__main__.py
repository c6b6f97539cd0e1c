# Plays nights and kills them at random moments; the verdict at the end names every guarantee that does not hold.
import argparse
import datetime
import json
import os
import random
import signal
import sys
import tempfile
import time

from home import Program, Store, make
from provider import Provider
from verdict import Verdict

FIRST_DAY = datetime.date(2026, 1, 1)


def arguments():
    parser = argparse.ArgumentParser(
        prog="soak", description="Kills a night at random moments, again and again, and checks every guarantee.",
        epilog="exit code: 0 every guarantee holds, 1 not; the variables SOAK_KILLS, SOAK_RESIDENTS, SOAK_JOBS, "
        "SOAK_SEED and SOAK_HOME set the same")
    environment = os.environ.get
    parser.add_argument("--kills", type=int, default=int(environment("SOAK_KILLS") or 1000))
    parser.add_argument("--residents", type=int, default=int(environment("SOAK_RESIDENTS") or 200))
    parser.add_argument("--jobs", type=int, default=int(environment("SOAK_JOBS") or 16), help="runs at once")
    seed = environment("SOAK_SEED") or random.SystemRandom().randrange(1 << 32)
    parser.add_argument("--seed", type=int, default=int(seed), help="of the moments (the machine adds its own chance)")
    parser.add_argument("--program", default=environment("SANCTUARY"), help="the sanctuary to try")
    parser.add_argument("--home", default=environment("SOAK_HOME"), help="keep the home, here")
    return parser.parse_args()


class Harness:
    """One home, its provider, and what was done to it."""

    def __init__(self, options, folder):
        self.kills, self.count, self.jobs, self.seed = options.kills, options.residents, options.jobs, options.seed
        self.random = random.Random(self.seed)
        self.folder = folder
        self.provider = Provider(slowest=0.02)
        self.program = Program(options.program, options.home or os.path.join(folder, "home"))
        self.residents = make(self.program, self.provider.port, self.count, folder)
        self.store = Store(self.program.home)
        self.acknowledged = []
        self.repeated = []
        self.days = []
        self.written = 0
        self.killed = 0
        self.lives = 0
        self.seen = 0
        # How long a night without deaths takes, in seconds; the first one tells.
        self.length = 0.0

    def say(self, words):
        print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)

    def play(self):
        self.say(f"seed {self.seed}: {self.kills} kills, {self.count} residents, {self.jobs} at once")
        began = time.monotonic()
        self._night(deadly=False)
        self.length = time.monotonic() - began
        while self.killed < self.kills:
            self._night(deadly=True)
        self._night(deadly=False)

    def _night(self, deadly):
        """One civil day, begun anew after each death until a life of the program reaches its end."""
        day = (FIRST_DAY + datetime.timedelta(days=len(self.days))).isoformat()
        self.days.append(day)
        self.provider.day = day
        deaths = self.killed
        began = time.monotonic()
        while not self._life(day, deadly and self.killed < self.kills):
            pass
        if deadly:
            self.say(f"night of {day}: {self.killed - deaths} kills, {time.monotonic() - began:.1f} s, "
                     f"{self.killed} of {self.kills} in all")

    def _life(self, day, deadly):
        """One start of the program; true when it came to the end of the night."""
        self.lives += 1
        started = time.monotonic()
        process = self.program.start("nightly", "--date", day, "--jobs", str(self.jobs), "--quiet")
        beside = self._beside(day) if deadly else []
        if deadly:
            # Most deaths come early, so that a night sees several; some anywhere, the very end included.
            moment = self.random.uniform(0, self.length * self.random.choice((0.3, 0.3, 0.3, 1.1)))
            while process.poll() is None and time.monotonic() - started < moment:
                time.sleep(0.001)
        was_killed = deadly and process.poll() is None
        if was_killed:
            # All at once: the night, and whoever writes or asks beside it.
            victims = [process] + [other for other, _ in beside if self.random.random() < 0.5]
            for victim in victims:
                victim.send_signal(signal.SIGKILL)
        _, errors = process.communicate()
        was_killed = was_killed and process.returncode == -signal.SIGKILL
        for line in errors.decode(errors="replace").splitlines():
            if "warning" in line and "parked" not in line:
                self.say(f"{day}: {line}")
        for other, is_letter in beside:
            self._end(other, is_letter)
        self._look(alone=all(is_letter for _, is_letter in beside))
        if was_killed:
            self.killed += 1
            return False
        if process.returncode not in (0, 3):
            # The home is held for a moment by a letter that is being written.
            if b"another process" in errors:
                return False
            raise RuntimeError(f"night of {day}: exit {process.returncode}: {errors.decode()[-2000:]}")
        return True

    def _beside(self, day):
        """Others that want the home at the same time: letters, and a second night that must be refused."""
        others = []
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            resident = self.residents[self.random.randrange(self.count)]
            # One sender may write 20 letters a day.
            self.written += 1
            sender = f"Ada {self.written // 15}"
            others.append((self.program.start(
                "message", resident, "--as", sender, "--json", text=f"Letter {self.written}."), True))
        if self.random.random() < 0.2:
            others.append((self.program.start("nightly", "--date", day, "--quiet"), False))
        return others

    def _end(self, process, is_letter):
        output, errors = process.communicate()
        if is_letter and process.returncode == 0:
            self.acknowledged.append(json.loads(output)["id"])
        elif process.returncode not in (0, 1, 3, -signal.SIGKILL):
            raise RuntimeError(f"exit {process.returncode}: {errors.decode()[-2000:]}")

    def _look(self, alone):
        """Compares what was asked in this life with what was durable before it, and takes in what is durable now.

        Where a second night waited beside it, that one may have gone on after the death, and asked again rightly.
        """
        self.provider.settle()
        fresh = self.provider.requests[self.seen:]
        self.seen += len(fresh)
        asked = set()
        for request in fresh:
            place = (request.day, self.residents.get(request.resident), request.round)
            if place in self.store.recorded:
                self.repeated.append(f"asked again though the reply was recorded: {place}")
            if alone and place in asked:
                self.repeated.append(f"asked twice in one life of the program: {place}")
            asked.add(place)
        self.store.look()


def main(options):
    with tempfile.TemporaryDirectory(prefix="soak.") as folder:
        harness = Harness(options, folder)
        began = time.monotonic()
        harness.play()
        verdict = Verdict(harness)
        faults = verdict.all()
        for line in verdict.lines:
            print(line)
        for fault in faults[:50]:
            print(f"FAULT: {fault}")
        print(f"soak: {harness.killed} kills, {harness.lives} starts, {len(harness.days)} nights of {harness.count}, "
              f"{time.monotonic() - began:.0f} s, seed {harness.seed}: "
              + (f"{len(faults)} FAULTS" if faults else "every guarantee holds"))
        return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main(arguments()))
    except RuntimeError as error:
        print(f"soak: FAULT: {error}")
        sys.exit(1)
