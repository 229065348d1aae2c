"""What GCC 12 compiles wrongly in coroutines (each was reduced and seen with valgrind), and how to write it instead.

- co_await in the condition of an if or while, or behind && or ||: temporaries are destroyed that were never made.
  Instead: `const auto done = co_await f(); if (!done) …` or `if (const auto done = co_await f(); !done) …`.
- A braced aggregate with members that own memory, made in the arguments of an awaited call: it is copied bit by bit
  and freed twice. Instead: a named variable.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted(p for top in ("src", "app", "tests", "bench") for p in (ROOT / top).rglob("*")
                 if p.suffix in (".h", ".cpp"))

IN_CONDITION = re.compile(r"\b(?:if|while) \((?:[^;{}()]|\([^;{}()]*\))*?co_await (?!boost::asio::this_coro|asio::this_coro)")
WITH_INITIALIZER = re.compile(r"\b(?:if|while) \((?:const )?(?:auto|bool)\b[^;{}]*?co_await")
BEHIND_OPERATOR = re.compile(r"(?:&&|\|\|)\s*!?\s*\(?co_await")
# Braces with something in them, in the arguments of an awaited call; a lambda's braces follow a parenthesis.
BRACED_ARGUMENT = re.compile(r"co_await [\w.:>\-]+\((?:[^;{}]*?[(,]\s*)?(?:[A-Z]\w*|[\w:]+::[A-Z]\w*)?\{[^}]")


def findings(path):
    text = re.sub(r"//[^\n]*", lambda m: " " * len(m.group()), path.read_text())
    hits = [m for m in IN_CONDITION.finditer(text) if not WITH_INITIALIZER.match(text, m.start())]
    hits += list(BEHIND_OPERATOR.finditer(text)) + list(BRACED_ARGUMENT.finditer(text))
    for hit in hits:
        yield f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {' '.join(hit.group().split())}"


def test_nothing_that_the_compiler_gets_wrong():
    wrong = [line for path in SOURCES for line in findings(path)]
    assert not wrong, "\n".join(wrong)
