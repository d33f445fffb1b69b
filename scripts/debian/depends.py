#!/usr/bin/env python3
"""Prints the Depends of a program, from what it needs: each library of its own, at the version that has the symbols.

    depends.py PROGRAM [ROOT]

ROOT is where dpkg's data are that were built against: / or the tree of a cross-build.
"""
import glob
import re
import subprocess
import sys

# Debian 13 has these under another name; either will do. (The ABI of 64-bit architectures is the same.)
RENAMED = {"libcurl4": "libcurl4t64"}
# Symbols that a start file asks for and nobody has to have.
OPTIONAL = re.compile(r"^(_ITM_|__gmon_start__|__cxa_finalize|_Jv_)")


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def needed(program):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-dW", program))


def undefined(program):
    """The symbols that others must have, as dpkg writes them: name@VERSION; and whether each may be missing."""
    found = {}
    for line in run("readelf", "--dyn-syms", "-W", program).splitlines():
        words = line.split()
        if len(words) >= 8 and words[6] == "UND":
            name, _, version = words[7].partition("@")
            found[f"{name}@{version.lstrip('@') or 'Base'}"] = words[4] == "WEAK"
    return found


def symbol_files(root):
    """What each library has, by the symbols files of dpkg: soname to (package, {symbol: version})."""
    libraries = {}
    for path in glob.glob(f"{root.rstrip('/')}/var/lib/dpkg/info/*.symbols"):
        symbols = None
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line[0] in "|*#\n":
                    continue
                if line[0] != " ":
                    soname, package = line.split()[:2]
                    symbols = {}
                    libraries[soname] = (package, symbols)
                elif symbols is not None:
                    name, version = line.split()[:2]
                    symbols[name] = version
    return libraries


def newest(versions):
    best = "0"
    for version in versions:
        if subprocess.run(["dpkg", "--compare-versions", version, "gt", best], check=False).returncode == 0:
            best = version
    return best


def main():
    program, root = sys.argv[1], (sys.argv[2:] or ["/"])[0]
    libraries = symbol_files(root)
    wanted = undefined(program)
    missing = dict(wanted)
    versions = {}
    for soname in needed(program):
        if soname not in libraries:
            sys.exit(f"depends.py: no package below {root} has {soname}: install it there")
        package, symbols = libraries[soname]
        here = [symbols[name] for name in wanted if name in symbols]
        versions.setdefault(package, []).extend(here)
        for name in wanted:
            if name in symbols:
                missing.pop(name, None)
    lost = [name for name, is_weak in missing.items() if not is_weak and not OPTIONAL.match(name)]
    if lost:
        sys.exit(f"depends.py: no needed library has {', '.join(sorted(lost)[:10])}")
    result = []
    for package, present in sorted(versions.items()):
        version = newest(present)
        plain = re.sub(r"t64$", "", package)
        names = [RENAMED[plain], plain] if RENAMED.get(plain) else [package]
        result.append(" | ".join(f"{name} (>= {version})" if present else name for name in names))
    print(", ".join(result))


main()
