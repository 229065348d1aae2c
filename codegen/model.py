"""Reads models/<service>.json and decides which shapes are generated and what they are called in C++."""

import json
import re

SCALARS = {"boolean", "integer", "long", "float", "double", "string", "blob", "timestamp"}

# Structures reachable from these keep the members that a newer client sends and our model does not know.
KEEP_UNKNOWN = {"ecs": ["RegisterTaskDefinitionRequest", "TaskDefinition"]}

KEYWORDS = set(
    """alignas alignof and asm auto bool break case catch char class concept const consteval constexpr constinit continue
    default delete do double else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new not nullptr operator or private protected public register requires return short signed sizeof static
    struct switch template this throw true try typedef typename union unsigned using virtual void volatile while xor
    unix linux""".split())


def snake(name):
    name = re.sub(r"[^A-Za-z0-9]+", "_", name)
    name = re.sub(r"([A-Z]{2,})s(?=$|[A-Z_])", lambda m: m[1].capitalize() + "s", name)  # ARNs is one word
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"_+", "_", name).strip("_").lower()
    return name + "_" if name in KEYWORDS else name


def pascal(name):
    return name[0].upper() + name[1:]


def constant(value):
    """Name of an enum value's constant: FARGATE_SPOT -> kFargateSpot, awsvpc -> kAwsvpc."""
    words = [w for w in re.split(r"[^A-Za-z0-9]+", value) if w]
    if not words:
        return "kEmpty"
    parts = [pascal(w.lower()) if w.upper() == w else pascal(w) for w in words]
    joined = parts[0]
    for part in parts[1:]:
        joined += ("_" if joined[-1].isdigit() and part[0].isdigit() else "") + part
    return "k" + joined


class Model:
    def __init__(self, path, service):
        with open(path) as file:
            self.raw = json.load(file)
        self.service = service
        self.metadata = self.raw["metadata"]
        self.shapes = self.raw["shapes"]
        self.operations = self.raw["operations"]
        self._inputs = self.reachable(o["input"] for o in self.operations.values() if "input" in o)
        self.keeps_unknown = self.reachable(KEEP_UNKNOWN.get(service, []))
        self._name_structures()

    def children(self, name):
        shape = self.shapes[name]
        for member in shape.get("members", {}).values():
            yield member["shape"]
        for part in ("member", "key", "value"):
            if part in shape:
                yield shape[part]["shape"]

    def reachable(self, roots):
        seen, stack = set(), list(roots)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(self.children(name))
        return seen

    def _name_structures(self):
        """Over all operations, handled or not, so that one more handler never renames a struct."""
        nested = {child for name in self.shapes for child in self.children(name)}
        roles = {}
        for operation, facts in self.operations.items():
            for role, suffix in (("input", "Request"), ("output", "Response")):
                if role in facts:
                    roles.setdefault(facts[role], []).append(operation + suffix)
        self.cpp_names, self.aliases = {}, {}
        for name, shape in self.shapes.items():
            if shape["type"] != "structure":
                continue
            uses = roles.get(name, [])
            if len(uses) == 1 and name not in nested:
                self.cpp_names[name] = uses[0]
            else:
                self.cpp_names[name] = pascal(name)
                self.aliases[name] = [use for use in uses if use != pascal(name)]

    def is_input(self, name):
        return name in self._inputs

    def is_structure(self, name):
        return self.shapes[name]["type"] == "structure" and not self.shapes[name].get("document")

    def input_name(self, operation):
        """Shape name of the input; a name of our own for an operation without one."""
        return self.operations[operation].get("input", operation + "Request")

    def output_name(self, operation):
        return self.operations[operation].get("output", operation + "Response")

    def close(self, operations):
        """All shapes that these operations need, children before parents; empty shapes for missing in- and outputs."""
        order, state = [], {}

        def visit(name):
            if state.get(name) is not None:
                return
            state[name] = "open"
            for child in self.children(name):
                visit(child)
            state[name] = "done"
            order.append(name)

        for operation in sorted(operations):
            for role, name in (("input", self.input_name(operation)), ("output", self.output_name(operation))):
                if role not in self.operations[operation]:
                    self.shapes[name] = {"type": "structure", "members": {}}
                    self.cpp_names[name] = pascal(name)
                    if role == "input":
                        self._inputs.add(name)
                visit(name)
        return order

    def recursive(self, name):
        """Whether a structure contains itself."""
        return name in self.reachable(self.children(name))
