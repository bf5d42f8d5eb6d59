"""The examples for cron and Kubernetes: the form that those want, and what they run."""

import os
import pathlib
import re
import shutil
import stat
import subprocess

import pytest
import yaml
from conftest import TOP, UNINSTALLED

from feed import PROGRAM
from memory import CHANGED, Memory, person

KUBERNETES = TOP / "contrib/kubernetes"
CRON = TOP / "contrib/cron/ldap2alma.cron"

# What Kubernetes' API takes at these places, as far as the examples use it or come near; a type, a set
# of words, a list of one kind, or a map. "!" marks what must be there.
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
LABELS = {"*": str}
META = {"name!": NAME, "labels": LABELS, "annotations": LABELS, "namespace": NAME}
POD_META = {"labels": LABELS, "annotations": LABELS}
QUANTITY = re.compile(r"\d+(\.\d+)?(m|[KMGT]i?)?")
MOUNT = {"name!": NAME, "mountPath!": re.compile("/.+"), "readOnly": bool, "subPath": str, "subPathExpr": str}
CONTAINER = {
    "name!": NAME, "image!": str, "command": [str], "args": [str], "workingDir": str,
    "env": [{"name!": str, "value": str, "valueFrom": dict}],
    "securityContext": {"allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool, "privileged": bool,
                        "runAsUser": int, "runAsNonRoot": bool, "capabilities": {"drop": [str], "add": [str]}},
    "resources": {"requests": {"*": QUANTITY}, "limits": {"*": QUANTITY}},
    "volumeMounts": [MOUNT], "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
}
VOLUME = {"name!": NAME, "configMap": {"name!": NAME, "defaultMode": int},
          "secret": {"secretName!": NAME, "defaultMode": int, "optional": bool},
          "persistentVolumeClaim": {"claimName!": NAME, "readOnly": bool}, "emptyDir": dict}
POD = {
    "restartPolicy!": {"Never", "OnFailure"}, "containers!": [CONTAINER], "volumes": [VOLUME],
    "automountServiceAccountToken": bool, "enableServiceLinks": bool,
    "securityContext": {"runAsNonRoot": bool, "runAsUser": int, "runAsGroup": int, "fsGroup": int,
                        "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
                        "seccompProfile": {"type!": {"RuntimeDefault", "Localhost", "Unconfined"}}},
    "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"labelSelector": {"matchLabels": LABELS}, "topologyKey!": str}]}},
}
JOB = {
    "template!": {"metadata": POD_META, "spec!": POD}, "backoffLimit": int, "activeDeadlineSeconds": int,
    "completionMode": {"Indexed", "NonIndexed"}, "completions": int, "parallelism": int,
    "backoffLimitPerIndex": int, "maxFailedIndexes": int, "ttlSecondsAfterFinished": int,
    "podFailurePolicy": {"rules!": [{"action!": {"FailIndex", "FailJob", "Ignore", "Count"},
                                     "onExitCodes": {"operator!": {"In", "NotIn"}, "values!": [int],
                                                     "containerName": str}}]},
}
KINDS = {
    ("v1", "ConfigMap"): {"data": {"*": str}},
    ("v1", "PersistentVolumeClaim"): {"spec!": {
        "accessModes!": [{"ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"}],
        "resources!": {"requests!": {"*": QUANTITY}}, "storageClassName": str}},
    ("batch/v1", "CronJob"): {"spec!": {
        "schedule!": re.compile(r"(\S+ ){4}\S+"), "timeZone": str, "suspend": bool,
        "concurrencyPolicy": {"Forbid", "Allow", "Replace"}, "startingDeadlineSeconds": int,
        "successfulJobsHistoryLimit": int, "failedJobsHistoryLimit": int, "jobTemplate!": {"spec!": JOB}}},
}


def fits(value, form, where):
    """Fails where the value has not the form."""
    if isinstance(form, dict):
        assert isinstance(value, dict), where
        known = {name.rstrip("!"): part for name, part in form.items()}
        assert {name[:-1] for name in form if name.endswith("!")} <= set(value), f"{where}: incomplete"
        for key, part in value.items():
            assert key in known or "*" in known, f"{where}.{key}: unknown"
            fits(part, known.get(key, known.get("*")), f"{where}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list) and value, where
        for i, item in enumerate(value):
            fits(item, form[0], f"{where}[{i}]")
    elif isinstance(form, set):
        assert value in form, f"{where}: {value}"
    elif isinstance(form, re.Pattern):
        assert isinstance(value, str) and form.fullmatch(value), f"{where}: {value}"
    else:
        assert isinstance(value, form) and (form is bool or not isinstance(value, bool)), f"{where}: {value}"


def documents(name):
    return [document for document in yaml.safe_load_all((KUBERNETES / name).read_text()) if document]


def pod_of(name):
    cron, = [document for document in documents(name) if document["kind"] == "CronJob"]
    return cron["spec"]["jobTemplate"]["spec"], cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("name", sorted(path.name for path in KUBERNETES.iterdir()))
def test_kubernetes_takes_them(name):
    for document in documents(name):
        form = KINDS[document["apiVersion"], document["kind"]]
        fits(document, {"apiVersion!": str, "kind!": str, "metadata!": META, **form}, name)
    job, pod = pod_of(name)
    container, = pod["containers"]
    volumes = [volume["name"] for volume in pod["volumes"]]
    assert [mount["name"] for mount in container["volumeMounts"]] == volumes == ["settings", "secrets", "spool"]
    # "restricted" of the Pod Security Standards.
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                            "capabilities": {"drop": ["ALL"]}}
    # An Indexed Job wants completions; the policy for indexes wants backoffLimitPerIndex and Never.
    if job.get("completionMode") == "Indexed":
        assert job["completions"] >= job["parallelism"] > 0 and job["maxFailedIndexes"] <= job["completions"]
        assert pod["restartPolicy"] == "Never" and "backoffLimit" not in job
    assert "podFailurePolicy" not in job or "backoffLimitPerIndex" in job
    environment = {item["name"]: item["value"] for item in container["env"]}
    assert environment["CREDENTIALS_DIRECTORY"] == container["volumeMounts"][1]["mountPath"]


def test_the_form_is_looked_at():
    with pytest.raises(AssertionError, match="unknown"):
        fits({"name": "x", "image": "y", "comand": []}, CONTAINER, "container")
    with pytest.raises(AssertionError, match="incomplete"):
        fits({"name": "x"}, CONTAINER, "container")


def test_settings_of_the_example_are_good(tmp_path):
    config, = [document for document in documents("one-feed.yaml") if document["kind"] == "ConfigMap"]
    for name, text in config["data"].items():
        (tmp_path / name).write_text(text)
    for words in (["-c", "ldap2alma.yaml", "status", "--offline"], ["check", "mapping.yaml"]):
        result = subprocess.run([os.path.abspath(PROGRAM), *words], cwd=tmp_path, capture_output=True, text=True,
                                check=False, timeout=60)
        assert result.returncode == 0, result.stderr


def test_mounted_secrets_and_a_folder_of_the_group(tmp_path):
    """Kubernetes gives a group rights on both; the program takes them all the same."""
    feed = Memory(tmp_path, person(1), more=CHANGED)
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume").chmod(0o2775)
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", text.replace("spool: spool", "spool: volume/feeds"))
    for _ in range(2):
        assert feed.run("--full").returncode == 0
    assert stat.S_IMODE((tmp_path / "volume/feeds/test/state.db").stat().st_mode) == 0o600
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/key").write_text("x\n")
    (tmp_path / "secrets/key").chmod(0o440)
    feed.write("ldap2alma.yaml", text.replace("delivery: { folder: out }",
               "delivery: { sftp: { host: 127.0.0.1, port: 1, user: alma, directory: /alma, known_hosts: known, "
               "password: { credential: key } }, retry: { attempts: 1 } }"))
    feed.write("known", "")
    result = feed.run(wrapper=["env", f"CREDENTIALS_DIRECTORY={tmp_path}/secrets"])
    assert result.returncode == 69, result.stderr  # it came as far as the connection


def environment(folder, **more):
    """Little, but what the program under test may need where libtool has built it."""
    return {"PATH": f"{folder}/bin:/usr/bin:/bin", **UNINSTALLED, **more}


def test_each_pod_runs_its_feed(tmp_path):
    _, pod = pod_of("consortium.yaml")
    container, = pod["containers"]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ldap2alma").symlink_to(os.path.abspath(PROGRAM))
    (tmp_path / "feeds").write_text("north\nsouth\n")
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        feed = Memory(tmp_path / name, person(1))
        text = (feed.folder / "ldap2alma.yaml").read_text().replace("name: test", f"name: {name}")
        for part in ("people.ldif", "mapping.yaml"):
            text = text.replace(f" {part}", f" {name}/{part}")
        (tmp_path / f"{name}.yaml").write_text(text.replace("folder: out", f"folder: {name}/out"))

    def pod_of_index(index):
        words = [word.replace("/etc/ldap2alma/", f"{tmp_path}/") for word in container["command"] + container["args"]]
        return subprocess.run(words, env=environment(tmp_path, JOB_COMPLETION_INDEX=str(index)),
                              capture_output=True, text=True, check=False, timeout=60)

    for index, name in enumerate(("north", "south")):
        result = pod_of_index(index)
        assert result.returncode == 0, result.stderr
        assert [package.name.startswith(name) for package in (tmp_path / name / "out").iterdir()] == [True]
    beyond = pod_of_index(2)
    assert (beyond.returncode, beyond.stderr) == (78, "no feed 2\n")


def jobs():
    """Every job of the file, also one that is commented out: when, who, what."""
    for line in CRON.read_text().splitlines():
        found = re.fullmatch(r"#?((?:[-*/,\d]+ ){5}) *(\S+)  (\S.*)", line)
        if found:
            yield found[1].split(), found[2], found[3]


def test_cron_takes_them():
    limits = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    assert len(list(jobs())) == 2
    for when, who, what in jobs():
        assert who == "ldap2alma" and "%" not in what  # which cron takes for a new line
        for field, (least, most) in zip(when, limits):
            for part in re.split("[,/-]", field):
                assert part == "*" or least <= int(part) <= most or "/" in field


def test_cron_hears_nothing_of_a_run_that_went_well(tmp_path):
    feed = Memory(tmp_path, person(1))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ldap2alma").symlink_to(os.path.abspath(PROGRAM))
    (tmp_path / "logs").mkdir()
    for name in ("people.yaml", "staff.yaml"):
        shutil.copy(feed.folder / "ldap2alma.yaml", feed.folder / name)
        feed.write(name, "name: test\n" + (feed.folder / name).read_text().replace("name: test\n", ""))
    for _, _, what in jobs():
        what = what.replace("/etc/ldap2alma", str(tmp_path)).replace("/var/log/ldap2alma", f"{tmp_path}/logs")
        result = subprocess.run(["/bin/sh", "-c", what], env=environment(tmp_path),
                                capture_output=True, text=True, check=False, timeout=60)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert "last success" in (tmp_path / "logs/staff.log").read_text()


@pytest.mark.skipif(not shutil.which("logrotate"), reason="there is no logrotate here")
def test_logrotate_takes_it(tmp_path):
    text = (TOP / "contrib/cron/ldap2alma.logrotate").read_text().replace("    su ldap2alma ldap2alma\n", "")
    (tmp_path / "conf").write_text(text.replace("/var/log/ldap2alma", str(tmp_path)))
    (tmp_path / "staff.log").write_text("a line\n")
    result = subprocess.run(["logrotate", "-f", "-s", tmp_path / "state", tmp_path / "conf"], capture_output=True,
                            text=True, check=False, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert pathlib.Path(tmp_path / "staff.log.1").exists() and not (tmp_path / "staff.log").exists()
