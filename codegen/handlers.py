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


class Handler:
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
    return [found[key] for key in sorted(found)]
