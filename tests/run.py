"""Runs every test and prints "N passed, N failed[, N skipped]" as its last line; exits 1 if any failed."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
REPORTS = BUILD / "reports"


def tally(path, counts, failures):
    """Adds the cases of one JUnit or GTest report; returns whether it could be read."""
    try:
        tree = ElementTree.parse(path)
    except (ElementTree.ParseError, OSError):
        return False
    for case in tree.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
            failures.append(name)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            counts["skipped"] += 1
            reason = case.find("skipped")
            print(f"SKIPPED {name}: {reason.get('message', '') if reason is not None else ''}")
        else:
            counts["passed"] += 1
    return True


def run_ctest(counts, failures, labels):
    """ctest runs one program per folder; each writes a GTest report, and scripts count as one case each."""
    junit = REPORTS / "ctest.xml"
    environment = dict(os.environ, GTEST_OUTPUT=f"xml:{REPORTS}/gtest/", PYTHONDONTWRITEBYTECODE="1")
    command = ["ctest", "--test-dir", str(BUILD), "--output-on-failure", "-j2", "--output-junit", str(junit)]
    if labels:
        command += ["-L", labels]
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)
    reported = {}
    for report in sorted((REPORTS / "gtest").glob("*.xml")):
        before = counts["failed"]
        if tally(report, counts, failures):
            reported[report.stem] = counts["failed"] - before
    try:
        cases = list(ElementTree.parse(junit).iter("testcase"))
    except (ElementTree.ParseError, OSError):
        counts["failed"] += 1
        failures.append("ctest did not finish")
        return
    for case in cases:
        name = case.get("name")
        status = case.get("status")
        program = name if name in reported else f"{name}_test"
        if status == "fail":
            if not reported.get(program):  # a crash, a time-out, or a script
                counts["failed"] += 1
                failures.append(f"ctest {name}")
        elif program not in reported:
            if status == "run":
                counts["passed"] += 1
            else:
                counts["skipped"] += 1
                print(f"SKIPPED {name}")


def run_pytest(counts, failures, suite, boxed):
    report = REPORTS / f"{suite.replace('/', '-')}.xml"
    python = str(BUILD / "venv" / "bin" / "python")
    command = [python, "-B", "-m", "pytest", "-q", "-x" if os.environ.get("FAIL_FAST") else "-q",
               "-p", "no:cacheprovider", str(ROOT / "tests" / suite), f"--junitxml={report}"]
    if boxed:
        command = [str(ROOT / "tests" / "box.sh")] + command
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    before = counts["failed"]
    if not tally(report, counts, failures) or (code not in (0, 5) and counts["failed"] == before):
        counts["failed"] += 1
        failures.append(f"pytest {suite} (exit {code})")


def make_images():
    """Archives of the images that tests run; what is there is kept."""
    for script, archive in (("examples/nginx/make_image.sh", "nginx-image.tar"),
                            ("tests/images/make_busybox.sh", "busybox-image.tar")):
        subprocess.run([str(ROOT / script), str(BUILD / archive)], check=True, stdin=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unit", action="store_true", help="only what needs no containers")
    options = parser.parse_args()
    shutil.rmtree(REPORTS, ignore_errors=True)
    (REPORTS / "gtest").mkdir(parents=True)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failures = []
    make_images()
    run_pytest(counts, failures, "house", boxed=False)
    run_ctest(counts, failures, "unit" if options.unit else None)
    if not options.unit:
        run_pytest(counts, failures, "e2e", boxed=True)
    for name in failures:
        print(f"FAILED {name}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped", flush=True)
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
