"""Who takes part: the workers that `TF_CONFIG` names."""

import json
import os
import re
from dataclasses import dataclass

EXAMPLE = '{"cluster": {"worker": ["localhost:12345", "localhost:12346"]}, "task": {"type": "worker", "index": 0}}'
JOBS = ("chief", "worker")  # in the order in which they are counted; the first of all is the chief


@dataclass(frozen=True)
class Member:
    """One worker of a cluster."""

    job: str
    task: int
    address: str

    @property
    def device(self):
        """As TensorFlow's messages name it."""
        return f"/job:{self.job}/replica:0/task:{self.task}"

    def __str__(self):
        return f"{self.job} {self.task} ({self.address})"


@dataclass(frozen=True)
class Cluster:
    """All members in TensorFlow's order, and which of them this process is.

    Attributes:
        members: tuple of `Member`; the first is the chief.
        index: int, the place of this process among them.
    """

    members: tuple
    index: int

    @property
    def me(self):
        return self.members[self.index]

    def others(self):
        return [member for member in self.members if member != self.me]

    def named_in(self, message):
        """The members other than this one that a message of TensorFlow names."""
        named = {(job, int(task)) for job, task in re.findall(r"/job:(\w+)(?:/replica:\d+)?/task:(\d+)", message)}
        return [member for member in self.others() if (member.job, member.task) in named]


def read_cluster(text=None):
    """The `Cluster` of `TF_CONFIG`.

    Args:
        text: JSON; the variable of the environment when None.

    Raises:
        ValueError: there is none, it is no JSON of that form, it has other jobs than chief and worker, an address twice, or a
            task that is not in it.
    """
    text = os.environ.get("TF_CONFIG") if text is None else text
    form = f"`TF_CONFIG` must name every worker, and in each process which one it is, such as {EXAMPLE}."
    if not text:
        raise ValueError(f"{form} Received: none in the environment")
    try:
        config = json.loads(text)
        jobs = {job: list(map(str, given)) for job, given in config["cluster"].items()}
        if any(isinstance(given, str) for given in config["cluster"].values()):
            raise TypeError("a list of addresses")
        job, number = str(config["task"]["type"]), int(config["task"]["index"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{form} Received: {text:.500}") from None
    if not jobs or set(jobs) - set(JOBS) or len(jobs.get("chief", "1")) != 1:
        raise ValueError(f"{form} Its jobs are worker and perhaps one chief. Received: {', '.join(sorted(jobs)) or 'no job'}")
    members = tuple(Member(name, n, address) for name in JOBS for n, address in enumerate(jobs.get(name, ())))
    addresses = [member.address for member in members]
    wrong = sorted({a for a in addresses if addresses.count(a) > 1 or not a.rpartition(":")[2].isdigit()})
    if wrong:
        raise ValueError(f"{form} Each has a host and a port of its own. Received: {', '.join(wrong)}")
    places = {(member.job, member.task): n for n, member in enumerate(members)}
    if (job, number) not in places:
        known = ", ".join(f"{member.job} {member.task}" for member in members)
        raise ValueError(f"{form} The task must be one of the cluster's: {known}. Received: {job} {number}")
    return Cluster(members, places[job, number])
