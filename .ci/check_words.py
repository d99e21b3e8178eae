"""Looks for what must not be in any file of the repository.

Paths of somebody's machine, addresses of package registries in lock files, and work that was put
off. Prints one line per finding and exits with 1.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Written so that this file does not find itself.
HOMES = ("wor[k]", "roo[t]", "hom[e]", "User[s]", "far[m]", "mn[t]")
MACHINE_PATH = re.compile(rf"(?<![\w.$}}/~:*-])/(?:{'|'.join(HOMES)})/[\w.]|/tm[p]/[\w.]+/")
REGISTRY = re.compile(
    r"registr[y]\.npmjs|registr[y]\.yarnpkg|static\.crate[s]\.io|files\.pythonhoste[d]|index-ur[l]|\"resolve[d]\""
)
PUT_OFF = re.compile(r"\b(?:TOD[O]|FIXM[E]|HAC[K])\b|\btod[o]!|\bunimplemente[d]!|#\[ignor[e]\b|\bdb[g]!\(")

# A pattern that is allowed somewhere: (file, pattern) with the reason.
ALLOWED = {
    ("clippy.toml", PUT_OFF): "names the macro it denies",
}
WHAT = {
    MACHINE_PATH: "the path of a machine",
    REGISTRY: "the address of a registry",
    PUT_OFF: "work that was put off",
}


def tracked():
    names = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(names, cwd=ROOT, check=True, capture_output=True).stdout
    return [name for name in listing.decode().split("\0") if name]


def main():
    findings = 0
    files = tracked()
    for name in files:
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            for pattern, what in WHAT.items():
                found = pattern.search(line)
                if found and (name, pattern) not in ALLOWED:
                    print(f"{name}:{number}: {what}: {found[0]}")
                    findings += 1
    if findings:
        sys.exit(1)
    print(f"words: {len(files)} files, nothing found")


if __name__ == "__main__":
    main()
