"""TF_CONFIG, and what is said of one that is wrong."""

import json
import socket

import pytest

from seqzoo.training.distributed.cluster import EXAMPLE, read_cluster
from seqzoo.training.distributed.watch import message_of, reach


def config(cluster, task=("worker", 0)):
    return json.dumps({"cluster": cluster, "task": {"type": task[0], "index": task[1]}})


def test_members_stand_in_tensorflows_order():
    cluster = read_cluster(config({"worker": ["b:1", "c:1"], "chief": ["a:1"]}, ("worker", 1)))
    assert [str(member) for member in cluster.members] == ["chief 0 (a:1)", "worker 0 (b:1)", "worker 1 (c:1)"]
    assert cluster.index == 2 and [member.address for member in cluster.others()] == ["a:1", "b:1"]
    assert read_cluster(EXAMPLE).members[1].device == "/job:worker/replica:0/task:1"


def test_tensorflows_messages_are_understood():
    cluster = read_cluster(config({"worker": [f"a:{n}" for n in range(12)]}))
    said = "The following tasks are unhealthy (stopped sending heartbeats):\n/job:worker/replica:0/task:11\nThe tasks"
    # task:1 begins task:11's name as well
    assert [member.task for member in cluster.named_in(said)] == [11]
    assert "worker 11 (a:11)" in message_of(cluster.named_in(said), "runs/a") and "in runs/a" in message_of([], "runs/a")


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("", "none in the environment"),
        ("{", "{"),
        ("[]", "[]"),
        ('{"cluster": {"worker": "a:1"}, "task": {"type": "worker", "index": 0}}', '{"cluster"'),
        ('{"cluster": {"worker": ["a:1"]}}', '{"cluster"'),
        (config({}), "no job"),
        (config({"worker": ["a:1"], "ps": ["b:1"]}), "ps, worker"),
        (config({"worker": ["a:1"], "chief": ["b:1", "c:1"]}), "chief, worker"),
        (config({"worker": ["a:1", "a:1"]}), "a:1"),
        (config({"worker": ["a:1", "b"]}), "b"),
        (config({"worker": ["a:1"]}, ("worker", 1)), "worker 1"),
        (config({"worker": ["a:1"]}, ("chief", 0)), "chief 0"),
    ],
)
def test_what_is_wrong_is_refused(text, received):
    with pytest.raises(ValueError, match="`TF_CONFIG` must name every worker, .*Received: ") as refused:
        read_cluster(text)
    assert f"Received: {received}" in str(refused.value)


def test_whether_somebody_listens():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        assert reach(address) == "refused"
        listening.listen()
        assert reach(address) == "there"
    assert reach(address) == "refused" and reach("nobody.invalid:1") == "silent"
