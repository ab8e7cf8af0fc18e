"""The example job files of docs: their TF_CONFIG is read, their command line is parsed."""

import os
import subprocess
from pathlib import Path

import pytest

from seqzoo.training.distributed.cluster import read_cluster
from tests.docs_blocks import command

JOBS = Path(__file__).resolve().parents[3] / "docs" / "jobs"


def programs(folder, **texts):
    """A PATH on which these shell scripts come first."""
    for name, text in texts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


SAYS = 'printf "%s\\nseqzoo" "$TF_CONFIG"; for word; do printf " %s" "$word"; done'


def check(said, hosts, index):
    config, line = said.strip().splitlines()
    cluster = read_cluster(config)
    assert [member.address for member in cluster.members] == hosts and cluster.index == index
    command(line)
    assert "--distribute multiworker" in line


def test_slurm(tmp_path):
    path = programs(
        tmp_path,
        seqzoo=SAYS,
        srun='[ "$1" = --kill-on-bad-exit=0 ] && shift; SLURM_PROCID=2 exec "$@"',
        scontrol='[ "$1 $2 $3" = "show hostnames node[01-03]" ] && printf "node01\\nnode02\\nnode03\\n"',
    )
    script = JOBS / "slurm.sbatch"
    environment = {"PATH": path, "SLURM_JOB_NODELIST": "node[01-03]", "SLURM_JOB_ID": "7", "HOME": "/home/me"}
    done = subprocess.run(["bash", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    check(done.stdout, [f"node0{n}:12345" for n in (1, 2, 3)], 2)
    options = [line.split()[1] for line in script.read_text().splitlines() if line.startswith("#SBATCH")]
    assert len(options) == 8 and {"--nodes=4", "--ntasks-per-node=1", "--requeue"} <= set(options)


def test_kubernetes(tmp_path):
    yaml = pytest.importorskip("yaml", reason="needs PyYAML, which seqzoo[docs] brings")
    service, job = yaml.safe_load_all((JOBS / "kubernetes.yaml").read_text())
    pod, count = job["spec"]["template"]["spec"], job["spec"]["completions"]
    (container,) = pod["containers"]
    assert job["spec"]["completionMode"] == "Indexed" and job["spec"]["parallelism"] == count == 4
    assert service["spec"]["clusterIP"] == "None" and pod["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}
    environment = {entry["name"]: entry["value"] for entry in container["env"]}
    environment |= {"PATH": programs(tmp_path, seqzoo=SAYS), "JOB_COMPLETION_INDEX": "3"}
    done = subprocess.run([*container["command"], *container["args"]], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    name, port = job["metadata"]["name"], service["spec"]["ports"][0]["port"]
    check(done.stdout, [f"{name}-{n}.{pod['subdomain']}:{port}" for n in range(count)], 3)
    claimed = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == claimed
