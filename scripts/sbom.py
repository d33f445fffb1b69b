#!/usr/bin/env python3
"""The bill of materials of a release build, for scripts/sbom.

    sbom.py [--check] ROOT SCRATCH GRAPH OUT

GRAPH is what `swift package show-dependencies --format json` said. What is linked is read from the list that the linker
was given, the shared libraries from the program itself, licences from the sources in SCRATCH/checkouts. Whatever cannot
be told (a library, a licence, a module that nobody has) ends it: a bill with holes is worse than none.
"""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

SWIFT = "Apache-2.0 WITH Swift-exception"
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"

# Shared libraries by soname: Debian 12's package, Debian 13's name if it is another, licence (of the library alone, from
# /usr/share/doc/PACKAGE/copyright). No version: the system's is loaded, and apt renews it.
SHARED = {
    "ld-linux-aarch64.so.1": ("libc6", None, "LGPL-2.1-or-later"),
    "ld-linux-x86-64.so.2": ("libc6", None, "LGPL-2.1-or-later"),
    "libbluetooth.so.3": ("libbluetooth3", None, "GPL-2.0-or-later"),
    "libc.so.6": ("libc6", None, "LGPL-2.1-or-later"),
    "libcrypt.so.1": ("libcrypt1", None, "LGPL-2.1-or-later"),
    "libcurl.so.4": ("libcurl4", "libcurl4t64", "curl"),
    "libdbus-1.so.3": ("libdbus-1-3", None, "AFL-2.1 OR GPL-2.0-or-later"),
    "libgcc_s.so.1": ("libgcc-s1", None, GCC),
    "libm.so.6": ("libc6", None, "LGPL-2.1-or-later"),
    "libmosquitto.so.1": ("libmosquitto1", None, "EPL-2.0 OR BSD-3-Clause"),
    "libpthread.so.0": ("libc6", None, "LGPL-2.1-or-later"),
    "libsqlite3.so.0": ("libsqlite3-0", None, "blessing"),
    "libstdc++.so.6": ("libstdc++6", None, GCC),
}

# C that Swift packages carry: module, name, licence, where its version stands and how.
CARRIED = {
    "CCryptoBoringSSL": ("boringssl", "Apache-2.0", "hash.txt", r"revision ([0-9a-f]{40})"),
    "CNIOBoringSSL": ("boringssl", "Apache-2.0", "hash.txt", r"revision ([0-9a-f]{40})"),
    "CNIOExtrasZlib": ("zlib", "Zlib", "vendored-zlib.version", r"(\d+\.\d+(?:\.\d+)*)"),
    "CNIOLLHTTP": ("llhttp", "MIT", "include/c_nio_llhttp.h", r"VERSION_(?:MAJOR|MINOR|PATCH) (\d+)"),
    "CXKCP": ("xkcp", "CC0-1.0", "vendored-sources.txt", r"-g([0-9a-f]{7,40})\)"),
    "CYaml": ("libyaml", "MIT", None, None),
}
HOMES = {
    "boringssl": "https://boringssl.googlesource.com/boringssl",
    "libyaml": "https://github.com/yaml/libyaml",
    "llhttp": "https://github.com/nodejs/llhttp",
    "xkcp": "https://github.com/XKCP/XKCP",
    "zlib": "https://zlib.net",
}
# Modules whose folder has another name.
ELSEWHERE = {"SystemPackage": "Sources/System", "GRDB": "GRDB"}


def stop(text):
    sys.exit(f"sbom: {text}")


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def licence(folder):
    """The SPDX expression of the licence file in a folder, by the words that make it that licence."""
    files = sorted(file for file in folder.iterdir() if re.match(r"(?i)(licen[cs]e|copying)", file.name))
    if not files:
        stop(f"{folder.name} has no licence file")
    text = " ".join(files[0].read_text(encoding="utf-8").split())
    if text.startswith("Apache License Version 2.0"):
        return SWIFT if "Runtime Library Exception" in text else "Apache-2.0"
    if "Permission is hereby granted, free of charge" in text and "The above copyright notice and this permission" in text:
        return "MIT"
    stop(f"the licence of {folder.name} is none that this script knows: read {files[0].name} and teach it")


def licences(expression):
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]


def packages(graph):
    """Every package of the graph once: identity to (version, URL, identities of what it needs)."""
    found, waiting = {}, list(graph["dependencies"])
    while waiting:
        node = waiting.pop()
        needs = sorted(each["identity"] for each in node["dependencies"])
        found[node["identity"]] = (node["version"], node["url"].removesuffix(".git"), needs)
        waiting += node["dependencies"]
    return found


def linked(scratch):
    """The modules that the linker was given, each with its objects; none where nothing is built."""
    listed = scratch / "release" / "station-agent.product" / "Objects.LinkFileList"
    modules = {}
    if listed.exists():
        for name, rest in re.findall(r"/(\w+)\.build/(.+)\.o\b", listed.read_text(encoding="utf-8")):
            modules.setdefault(name, []).append(rest)
    return modules


def owners(modules, root, checkouts):
    """Of each module the checkout that it is from; the station's own are left out."""
    result = {}
    for module, objects in modules.items():
        if (root / "Sources" / module).is_dir():
            continue
        places = ("Sources/" + module, module, ELSEWHERE.get(module, ""))
        found = {
            checkout.name
            for checkout in checkouts.iterdir()
            for place in places
            if place and any((checkout / place).rglob(os.path.basename(objects[0])))
        }
        if len(found) != 1:
            stop(f"module {module} is from {' or '.join(sorted(found)) or 'nowhere'}")
        result[module] = found.pop()
    return result


def carried(module, folder):
    name, expression, file, pattern = CARRIED[module]
    component = {"type": "library", "name": name, "licenses": licences(expression)}
    if file:
        version = ".".join(re.findall(pattern, (folder / file).read_text(encoding="utf-8")))
        if not version:
            stop(f"{module}/{file} does not say its version as it used to")
        component["version"] = version
    component["externalReferences"] = [{"type": "website", "url": HOMES[name]}]
    return component


def swift_package(identity, facts, checkout, modules):
    version, url, _ = facts
    place = url.removeprefix("https://")
    if not place.startswith("github.com/"):
        stop(f"{identity} is not from github.com but from {url}")
    component = {
        "type": "library",
        "bom-ref": f"pkg:swift/{place}@{version}",
        "name": checkout.name,
        "version": version,
        "scope": "required" if modules else "excluded",
        "licenses": licences(licence(checkout)),
        "purl": f"pkg:swift/{place}@{version}",
        "externalReferences": [
            {"type": "vcs", "url": url, "comment": "commit " + run("git", "-C", str(checkout), "rev-parse", "HEAD").strip()}
        ],
    }
    inside = [carried(module, checkout / "Sources" / module) for module in sorted(modules) if module in CARRIED]
    for each in inside:
        each["bom-ref"] = f"{component['bom-ref']}#{each['name']}"
    # In the order of the schema, for whoever reads it.
    return component | ({"components": inside} if inside else {})


def shared(program):
    """The packages of the shared libraries that the program names."""
    found = {}
    for soname in re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-dW", str(program))):
        if soname not in SHARED:
            stop(f"{soname} is in no package that this script knows: add it to SHARED")
        package, renamed, expression = SHARED[soname]
        found.setdefault(package, (renamed, expression, []))[2].append(soname)
    return found


def shared_component(package, renamed, expression, sonames):
    # The loader's name is the machine's; the bill is for all.
    sonames = sorted(name for name in sonames if not name.startswith("ld-"))
    properties = [{"name": "station-agent:soname", "value": name} for name in sonames]
    if renamed:
        properties.append({"name": "station-agent:debian-13", "value": renamed})
    return {
        "type": "library",
        "bom-ref": f"pkg:deb/debian/{package}",
        "name": package,
        "scope": "required",
        "licenses": licences(expression),
        "purl": f"pkg:deb/debian/{package}",
        "properties": properties,
    }


def swift_itself(program):
    """The standard library, Dispatch and Foundation, which are linked statically; ICU where Foundation brings it."""
    version = re.search(r"Swift version ([0-9.]+)", run("swift", "--version"))
    if not version:
        stop("swift --version names no version")
    reference = f"pkg:github/swiftlang/swift@swift-{version[1]}-RELEASE"
    component = {
        "type": "framework",
        "bom-ref": reference,
        "name": "swift",
        "version": version[1],
        "description": "Standard library, Dispatch and Foundation, linked statically",
        "scope": "required",
        "licenses": licences(SWIFT),
        "purl": reference,
        "externalReferences": [{"type": "website", "url": "https://www.swift.org"}],
    }
    icu = re.search(rb"icudt(\d\d)l", program.read_bytes())
    if icu:
        component["components"] = [
            {
                "type": "library",
                "bom-ref": reference + "#icu",
                "name": "icu",
                "version": icu[1].decode(),
                "licenses": licences("Unicode-3.0"),
                "externalReferences": [{"type": "vcs", "url": "https://github.com/swiftlang/swift-foundation-icu"}],
            }
        ]
    return component


def bill(root, scratch, graph):
    checkouts, program = scratch / "checkouts", scratch / "release" / "station-agent"
    modules = linked(scratch)
    if not modules or not program.exists():
        stop(f"no release build in {scratch}")
    owned = {}
    for module, name in owners(modules, root, checkouts).items():
        owned.setdefault(name.lower(), set()).add(module)
    found = packages(graph)
    folders = {folder.name.lower(): folder for folder in checkouts.iterdir()}
    swift = {
        identity: swift_package(identity, facts, folders[identity], owned.get(identity, set()))
        for identity, facts in found.items()
    }
    lost = set(owned) - set(swift)
    if lost:
        stop(f"linked, but not in the package graph: {', '.join(sorted(lost))}")
    libraries = [shared_component(name, *facts) for name, facts in shared(program).items()]
    itself = swift_itself(program)
    version = re.search(r'"(.+)"', (root / "Sources/StationAgent/AgentVersion.swift").read_text(encoding="utf-8"))[1]
    reference = f"pkg:generic/station-agent@{version}"
    direct = [swift[each["identity"]]["bom-ref"] for each in graph["dependencies"]]
    depends = {reference: direct + [each["bom-ref"] for each in libraries + [itself]], itself["bom-ref"]: []}
    depends |= {swift[name]["bom-ref"]: [swift[each]["bom-ref"] for each in facts[2]] for name, facts in found.items()}
    depends |= {each["bom-ref"]: [] for each in libraries}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": reference,
                "name": "station-agent",
                "version": version,
                "licenses": licences("Apache-2.0"),
                "purl": reference,
            },
        },
        "components": sorted([*swift.values(), *libraries, itself], key=lambda each: each["bom-ref"].lower()),
        "dependencies": [{"ref": key, "dependsOn": sorted(depends[key])} for key in sorted(depends, key=str.lower)],
    }


def stamped(document):
    """With a serial number that follows from the content, and a date where the environment gives one."""
    body = json.dumps(document, sort_keys=True)
    head = {key: document[key] for key in ("$schema", "bomFormat", "specVersion")}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, "station-agent.cdx.json " + body)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        date = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
        dated = {"timestamp": date.strftime("%Y-%m-%dT%H:%M:%SZ")} | document["metadata"]
        document = document | {"metadata": dated}
    return head | {"serialNumber": f"urn:uuid:{serial}"} | document


def compare(root, scratch, graph, out):
    """Names only: versions move with every build that resolves anew."""
    if not out.exists():
        stop(f"{out.name} is not there: scripts/sbom writes it")
    said = {each["name"].lower() for each in json.loads(out.read_text(encoding="utf-8"))["components"]} - {"swift"}
    program = scratch / "release" / "station-agent"
    real = set(packages(graph))
    if program.exists():
        real |= set(shared(program))
    else:
        said -= {package for package, _, _ in SHARED.values()}
    faults = [f"{name} is not in the bill" for name in sorted(real - said)]
    faults += [f"{name} is in the bill and not in the product" for name in sorted(said - real)]
    if faults:
        stop("; ".join(faults) + ": run scripts/sbom")
    print(f"sbom: {len(real)} names, as in the bill")


def main():
    words = sys.argv[1:]
    checking = words[:1] == ["--check"]
    root, scratch, graph_file, out = (pathlib.Path(word) for word in words[checking:])
    graph = json.loads(graph_file.read_text(encoding="utf-8"))
    if checking:
        return compare(root, scratch, graph, out)
    document = stamped(bill(root, scratch, graph))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    excluded = sum(each.get("scope") == "excluded" for each in document["components"])
    print(f"sbom: {len(document['components'])} components, {excluded} of them in no part of the program")


main()
