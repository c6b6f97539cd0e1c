# Sealed payloads beside the spans: present with their hash and length, or covered by a deletion.
import os

from blake3 import blake3


class Payloads:
    """Compares the folder `sealed` of an export with what the spans say about it."""

    def __init__(self, directory, report):
        self.directory = os.path.join(directory, "sealed")
        self.present = os.path.isdir(self.directory)
        self.report = report
        self.expected = {}

    def follow(self, span):
        """Remembers the payload that a span names."""
        if "sealed" in span:
            concerned = {span["this"], *span.get("related_to", ())}
            self.expected[f"{span['id']}.{span['seq']}"] = (span["position"], span["sealed"], concerned)

    def check(self, deleted):
        """Checks every file; `deleted` says where residents were deleted, whose payloads before may be gone."""
        if not self.present:
            if self.expected:
                self.report.note(
                    f"no sealed payloads in this export: {len(self.expected)} are named and were not checked"
                )
            return
        for name, (position, sealed, concerned) in self.expected.items():
            path, place = os.path.join(self.directory, name), f"position {position}, sealed/{name}"
            try:
                length = os.lstat(path).st_size
            except FileNotFoundError:
                if not any(deleted.get(resident, -1) > position for resident in concerned):
                    self.report.fault("payload_missing", place, f"{sealed['len']} bytes, or a deletion", "no file")
                continue
            if length != sealed["len"]:
                self.report.fault("payload_altered", place, f"{sealed['len']} bytes", f"{length} bytes")
                continue
            with open(path, "rb") as file:
                found = "blake3:" + blake3(file.read()).hexdigest()
            if found != sealed["ct"]:
                self.report.fault("payload_altered", place, sealed["ct"], found)
        for name in sorted(set(os.listdir(self.directory)) - set(self.expected)):
            self.report.fault("payload_unexpected", f"sealed/{name}", "a span that names it", "none")
