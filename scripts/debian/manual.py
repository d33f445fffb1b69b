#!/usr/bin/env python3
"""Makes station-agent(1) from what the program says of itself.

    station-agent --experimental-dump-help | manual.py VERSION DATE > station-agent.1
"""
import json
import re
import sys

FILES = [
    ("/etc/station-agent/station-agent.yaml", "The configuration; see /usr/share/doc/station-agent/configuration.md."),
    ("/etc/station-agent/station-agent.env", "The same as environment variables, read by the service only. An example is "
     "in /usr/share/doc/station-agent/examples."),
    ("/etc/station-agent/mqtt-policy.json", "What holders of tokens may do on the broker; see "
     "/usr/share/doc/station-agent/broker.md."),
    ("/etc/station-agent/device-types.d", "Further types of devices."),
    ("/var/lib/station-agent", "Store, secrets, firmware and backups (DATA_DIR)."),
    ("/etc/mosquitto/conf.d/50-station-agent.conf, /var/lib/mosquitto/station", "The broker's part, made by "
     "\"station-agent broker init\"."),
]
EXIT_CODES = [("0", "Fine."), ("64", "The command line is not understood."), ("74", "Reading or writing failed."),
              ("75", "Try again later, such as when the daemon must be stopped first."),
              ("78", "The configuration is faulty: the message names the setting, the value and what is allowed.")]


def text(words):
    """Running text: hyphens that can be copied, nothing that roff would take for itself."""
    words = " ".join((words or "").split()).replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", words)


def option_names(argument):
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    names = [dashes[name["kind"]] + name["name"] for name in argument.get("names") or []]
    value = "" if argument["kind"] == "flag" else f" \\fI{text(argument.get('valueName'))}\\fR"
    if argument["kind"] == "positional":
        return f"\\fI{text(argument.get('valueName', '').upper())}\\fR"
    return ", ".join(f"\\fB{text(name)}\\fR" for name in names) + value


def shown(argument):
    is_common = any(name["name"] in ("help", "version") for name in argument.get("names") or [])
    return argument.get("shouldDisplay", True) and not is_common


def describe(command, path, lines):
    name = " ".join(path)
    children = [child for child in command.get("subcommands") or [] if child["commandName"] != "help"]
    if not children:
        usage = [option_names(each) for each in command.get("arguments") or [] if each["kind"] == "positional"]
        lines += [f".SS \\fB{text(name)}\\fR " + " ".join(usage)]
        lines += [text(command.get("abstract"))]
        if command.get("discussion"):
            lines += [".PP", text(command["discussion"])]
        for argument in filter(shown, command.get("arguments") or []):
            default = f" Default: {argument['defaultValue']}." if argument.get("defaultValue") else ""
            lines += [".TP", option_names(argument), text((argument.get("abstract") or "") + default) or "\\&"]
    for child in children:
        if child.get("shouldDisplay", True):
            describe(child, path + [child["commandName"]], lines)


def main():
    version, date = sys.argv[1:]
    root = json.load(sys.stdin)["command"]
    lines = [f'.TH STATION\\-AGENT 1 "{date}" "station\\-agent {version}" "User Commands"', ".SH NAME",
             "station\\-agent \\- station of a smart home or building", ".SH SYNOPSIS",
             ".B station\\-agent\n[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]", ".SH DESCRIPTION", text(root["abstract"]),
             "Its daemon talks to devices through the local Mosquitto, keeps what they report in SQLite, and serves it on "
             "the LAN; the other commands administer it. Those that read or change the station's data are run as root or "
             "as the user station\\-agent.",
             ".SH COMMANDS", "Every command knows \\fB\\-\\-help\\fR, the program \\fB\\-\\-version\\fR."]
    describe(root, [root["commandName"]], lines)
    lines += [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES:
        lines += [".TP", f"\\fB{code}\\fR", text(meaning)]
    lines += [".SH FILES"]
    for name, meaning in FILES:
        lines += [".TP", f"\\fI{text(name)}\\fR", text(meaning)]
    lines += [".SH SEE ALSO", ".BR mosquitto (8),", ".BR systemctl (1);", "/usr/share/doc/station\\-agent"]
    print("\n".join(lines))


main()
