# The state machine of a ledger: generations, deletions, the keyring's epoch, and what a whole run consists of.

ENDS = {"run.completed", "run.failed", "run.parked", "run.skipped", "run.missed"}
STEPS = ("run.claimed", "vault.opened", "context.composed", "provider.called", "persona.settled", "vault.sealed")
VERDICTS = ("tool.called", "tool.refused")


class Rules:
    """Follows residents and runs through the spans."""

    def __init__(self, report):
        self.report = report
        self.generations = {}
        self.deleted = {}
        self.epoch = -1
        self.runs = {}
        # Once a span could not be read, a step that seems missing may be that one: runs are then no longer judged.
        self.is_blind = False

    def follow(self, span, where):
        """Checks one span whose fields are whole."""
        kind, resident = span["entity_type"], span["this"]
        metadata = span.get("metadata", {})
        if kind == "keyring.written":
            if metadata["epoch"] < self.epoch:
                self.report.fault("wrong_epoch", where, f"at least {self.epoch}", metadata["epoch"])
            self.epoch = max(self.epoch, metadata["epoch"])
        elif kind == "resident.admitted":
            self._admit(resident, metadata, where)
        elif kind == "vault.opened":
            self._open(resident, metadata, where)
        elif kind == "vault.sealed":
            self._seal(resident, metadata, where)
        elif kind == "resident.deleted":
            self.deleted.setdefault(resident, span["position"])
        if "trace_id" in span and not self.is_blind:
            self.runs.setdefault(span["trace_id"], Run(where)).follow(span, where, self.report)

    def _admit(self, resident, metadata, where):
        if resident in self.generations:
            self.report.fault("wrong_generation", where, f"{resident} admitted once", "a second admission")
        if resident in self.deleted:
            self.report.fault("sealed_after_deletion", where, f"nothing after position {self.deleted[resident]}", resident)
        if metadata["generation"] != 0:
            self.report.fault("wrong_generation", where, 0, metadata["generation"])
        self.generations[resident] = metadata["generation"]

    def _open(self, resident, metadata, where):
        if resident not in self.generations:
            self.report.fault("wrong_generation", where, "an admission before it is opened", f"none of {resident}")
        elif metadata["generation"] != self.generations[resident]:
            self.report.fault("wrong_generation", where, self.generations[resident], metadata["generation"])

    def _seal(self, resident, metadata, where):
        found = metadata["generation"]
        if resident in self.deleted:
            self.report.fault(
                "sealed_after_deletion", where, f"nothing sealed after position {self.deleted[resident]}", f"generation {found}"
            )
        if resident not in self.generations:
            self.report.fault("wrong_generation", where, "an admission before it is sealed", f"none of {resident}")
        elif found != self.generations[resident] + 1:
            self.report.fault("wrong_generation", where, self.generations[resident] + 1, found)
        self.generations[resident] = found


class Run:
    """What is known of one run, that is of one trace_id."""

    def __init__(self, where):
        self.began = where
        self.resident = None
        self.kinds = {}
        self.rounds = set()
        self.ended = None

    def follow(self, span, where, report):
        """Takes in the next span of the run."""
        kind = span["entity_type"]
        if not self.kinds and (kind in STEPS[1:] or kind in VERDICTS or kind == "run.completed"):
            report.fault("disordered_run", where, f"run {span['trace_id']} begins with run.claimed", kind)
        if kind == "run.claimed" and self.kinds and self.ended is None:
            report.fault("disordered_run", where, f"run {span['trace_id']} claimed once, first", f"claimed after {self.began}")
        if self.ended is not None:
            report.fault("disordered_run", where, f"nothing of run {span['trace_id']} after its end at {self.ended}", kind)
        self._check_resident(span, where, report)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        metadata = span.get("metadata", {})
        if kind == "provider.called":
            self.rounds.add(metadata["round"])
        # A run in which the resident deleted itself ends early, and its deletion may go on behind it.
        if kind == "run.completed" and metadata.get("reason") != "self_deleted":
            self.ended = where
            self._check_steps(span, metadata, where, report)

    def _check_resident(self, span, where, report):
        concerned = {span["this"], *span.get("related_to", ())}
        if span["entity_type"] == "run.claimed":
            self.resident = span["this"]
        elif self.resident is not None and _concerns_resident(span) and self.resident not in concerned:
            report.fault("disordered_run", where, f"run {span['trace_id']} of {self.resident}", ", ".join(sorted(concerned)))

    def _check_steps(self, span, metadata, where, report):
        for step in STEPS:
            if step not in self.kinds:
                report.fault("incomplete_run", where, f"run {span['trace_id']} has {step}", "none")
        verdicts = sum(self.kinds.get(kind, 0) for kind in VERDICTS)
        if "calls" in metadata and metadata["calls"] != verdicts:
            report.fault("incomplete_run", where, f"{metadata['calls']} tool calls as it says", f"{verdicts} verdicts")
        if "rounds" in metadata and not self._has_rounds(metadata["rounds"]):
            found = ", ".join(map(str, sorted(self.rounds))) or "none"
            report.fault("incomplete_run", where, f"a provider.called of each of {metadata['rounds']} rounds", found)

    def _has_rounds(self, count):
        return count <= len(self.rounds) and set(range(1, count + 1)) <= self.rounds


def _concerns_resident(span):
    return span["entity_type"] in STEPS or span["entity_type"] in VERDICTS or span["entity_type"] in ENDS
