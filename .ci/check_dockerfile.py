"""Checks the Dockerfile on a machine without a container engine.

Every stage that is copied from exists, every image has a tag of its own, the compiler is the
workspace's, the packages that are built are members of it and the programs that are copied are
theirs, and what runs at last is not root and has the settings of production.
"""

import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
INSTRUCTION = re.compile(r"^([A-Z]+)\s+(.*)$")


def instructions(text):
    """Name and argument of each instruction, lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    for line in joined.splitlines():
        if line.strip():
            found = INSTRUCTION.match(line.strip())
            yield (found[1], found[2]) if found else ("", line)


def stages(found):
    stage = None
    for name, argument in found:
        if name == "FROM":
            image, *alias = re.split(r"\s+AS\s+", argument, flags=re.I)
            stage = {"image": image, "name": alias[0] if alias else None, "steps": []}
            yield stage
        elif stage is not None:
            stage["steps"].append((name, argument))


def images(all_stages, rust_version):
    names = set()
    for stage in all_stages:
        image = stage["image"]
        if image not in names and ":" not in image:
            yield f"FROM {image}: no tag"
        if image.endswith(":latest"):
            yield f"FROM {image}: the tag says nothing"
        if image.startswith("rust:") and not image.startswith(f"rust:{rust_version}-"):
            yield f"FROM {image}: the workspace needs Rust {rust_version}"
        for name, argument in stage["steps"]:
            source = re.search(r"--from=(\S+)", argument)
            if name == "COPY" and source and source[1] not in names:
                yield f"COPY {argument}: no stage {source[1]} before it"
        names.add(stage["name"])


def programs(all_stages, packages):
    """What is built is ours, and what is copied was built."""
    built = set()
    for stage in all_stages:
        for name, argument in stage["steps"]:
            if name == "RUN" and "cargo build" in argument:
                if "--locked" not in argument:
                    yield "cargo build: not --locked"
                built |= set(re.findall(r"-p\s+(\S+)", argument))
            if name == "COPY" and "--from=" in argument:
                for source in argument.split()[1:-1]:
                    if pathlib.PurePath(source).name not in built:
                        yield f"COPY {source}: nobody builds it"
    for package in sorted(built - packages):
        yield f"cargo build -p {package}: no such member"


def last(stage):
    steps = dict(stage["steps"])
    if steps.get("USER", "root").split(":")[0] in ("root", "0"):
        yield "the last stage runs as root"
    if "BK_ENV=production" not in steps.get("ENV", ""):
        yield "the last stage does not set BK_ENV=production"
    if not steps.get("ENTRYPOINT", "").startswith("["):
        yield "ENTRYPOINT needs a list: a shell would not pass signals on"


def main():
    found = list(instructions((ROOT / "Dockerfile").read_text()))
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    packages = {
        tomllib.loads((ROOT / member / "Cargo.toml").read_text())["package"]["name"]
        for member in workspace["members"]
    }
    all_stages = list(stages(found))
    mistakes = [f"{argument}: not an instruction" for name, argument in found if not name]
    mistakes += images(all_stages, workspace["package"]["rust-version"])
    mistakes += programs(all_stages, packages)
    mistakes += last(all_stages[-1])
    for mistake in mistakes:
        print(f"Dockerfile: {mistake}")
    if mistakes:
        sys.exit(1)
    print(f"Dockerfile: {len(all_stages)} stages, nothing wrong")


if __name__ == "__main__":
    main()
