"""The systemd unit is one that systemd takes, and its command line is one that the program takes."""

import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "packaging" / "gantry.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(tmp_path):
    # The program is not installed where the unit says; everything else is verified as it stands.
    unit = tmp_path / "gantry.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/gantry", shutil.which("true")))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "gantry.service:" not in done.stderr, done.stderr


def test_the_units_options_are_the_programs():
    command = re.search(r"^ExecStart=(.*)$", UNIT.read_text(), re.M).group(1).split()
    program = (ROOT / "app" / "main.cpp").read_text()
    for word in command[1:]:
        if word.startswith("--"):
            assert f'"{word}"' in program, word
