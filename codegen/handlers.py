"""Finds the handler functions in the domain's sources: whoever defines one has added an operation."""

import pathlib
import re

# folder under src/ -> services whose operations it may handle
FOLDERS = {
    "acm": ["acm"],
    "ecs": ["ecs"],
    "ec2": ["ec2"],
    "logs": ["logs"],
    "iam": ["iam", "sts"],
    "sts": ["sts"],
    "elbv2": ["elbv2"],
    "codedeploy": ["codedeploy"],
    "autoscaling": ["applicationautoscaling"],
    "cloudwatch": ["cloudwatch"],
    "eventbus": ["events"],
    "events": ["events"],
    "scheduler": ["scheduler"],
}

TRANSACTION = re.compile(r"^Result<(?:[\w:]+::)?(\w+)Response>\s+(\w+)\(\s*(?:\w+::)*Txn&", re.MULTILINE)
DATA = re.compile(
    r"^(?:\w+::)*[Aa]waitable<\s*Result<(?:[\w:]+::)?(\w+)Response>>\s+(\w+)\(\s*(?:\w+::)*DataContext&", re.MULTILINE)
# Beside a transaction: the same answer, encoded off the strand (operation/later.h).
LATER = re.compile(r"^Result<Later>\s+(\w+)\(\s*(?:\w+::)*Txn&\s+\w+,\s*const\s+(?:[\w:]+::)?(\w+)Request&", re.MULTILINE)


class Handler:
    later = None  # the function's name, if there is one

    def __init__(self, service, operation, function, kind, file):
        self.service, self.operation, self.function, self.kind, self.file = service, operation, function, kind, file


def scan(source_root, folder, models):
    """models: service -> Model. Returns Handlers sorted by operation; two for one operation are an error."""
    found = {}
    for path in sorted((pathlib.Path(source_root) / folder).glob("*.cpp")):
        if path.stem.endswith(("_test", "_bench", "_fuzz")):
            continue
        text = path.read_text()
        for kind, pattern in (("transaction", TRANSACTION), ("data", DATA)):
            for match in pattern.finditer(text):
                for service in FOLDERS[folder]:
                    if service in models and match[1] in models[service].operations:
                        key = (service, match[1])
                        if key in found:
                            raise SystemExit(f"{path}: {match[1]} is handled in {found[key].file} already")
                        found[key] = Handler(service, match[1], match[2], kind, path.name)
                        break
        for match in LATER.finditer(text):
            for service in FOLDERS[folder]:
                if (service, match[2]) in found:
                    found[(service, match[2])].later = match[1]
    return [found[key] for key in sorted(found)]
