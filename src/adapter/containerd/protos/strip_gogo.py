#!/usr/bin/env python3
"""strip_gogo.py SOURCE_ROOT OUT_ROOT FILE...

Copies containerd's .proto files without their gogoproto parts, which exist for Go only and do not touch the wire
format, so that plain protoc can compile them for C++.
"""
import pathlib
import re
import sys

IMPORT = re.compile(r'^import\s+(weak\s+|public\s+)?"(gogoproto/|[^"]*protobuf/plugin/)[^"]*";\s*$')
FILE_OPTION = re.compile(r"^\s*option\s*\((gogoproto|containerd\.plugin)\.[^;]*;\s*$")
FIELD_OPTION = re.compile(r"\(gogoproto\.\w+\)\s*=\s*(\"[^\"]*\"|\w+)")


def strip(text):
    lines = []
    for line in text.splitlines():
        if IMPORT.match(line) or FILE_OPTION.match(line):
            continue
        if "gogoproto" in line:
            line = FIELD_OPTION.sub("", line)
            line = re.sub(r"\[[\s,]*\]", "", line)
            line = re.sub(r"\[[\s,]+", "[", line)
            line = re.sub(r"[\s,]+\]", "]", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for name in sys.argv[3:]:
        text = strip((source / name).read_text(encoding="utf-8"))
        if "gogoproto" in text.replace("github.com/gogo", ""):
            sys.exit(f"{name}: a gogoproto part was not understood")
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


main()
