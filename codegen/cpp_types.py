"""How AWS shapes are spelled in C++."""

from model import pascal, snake

SCALAR_TYPES = {
    "boolean": "bool", "integer": "std::int32_t", "long": "std::int64_t", "float": "double", "double": "double",
    "string": "std::string", "blob": "std::string", "timestamp": "::gantry::shapes::Timestamp",
}
KINDS = {"boolean": "boolean", "integer": "integer", "long": "long_", "float": "double_", "double": "double_",
         "string": "string", "blob": "blob", "timestamp": "timestamp", "list": "list", "map": "map",
         "structure": "structure"}


class Field:
    """One member of a generated struct."""

    def __init__(self, name, cpp_name, aws, shape, type_, optional, boxed, facts, required):
        self.name, self.cpp_name, self.aws, self.shape, self.type = name, cpp_name, aws, shape, type_
        self.optional, self.boxed, self.facts, self.required = optional, boxed, facts, required

    @property
    def declared(self):
        if self.boxed:
            return f"::gantry::shapes::Box<{self.type}>"
        return f"std::optional<{self.type}>" if self.optional else self.type


def kind(model, name):
    shape = model.shapes[name]
    return "document" if shape.get("document") else KINDS[shape["type"]]


def type_of(model, name):
    shape = model.shapes[name]
    what = kind(model, name)
    if what == "document":
        return "::gantry::shapes::Document"
    if what == "structure":
        return model.cpp_names[name]
    if what == "list":
        element = type_of(model, shape["member"]["shape"])
        if element == "bool":
            raise SystemExit(f"{model.service}: {name} is a list of booleans: std::vector<bool> has no elements to point to")
        return f"std::vector<{element}>"
    if what == "map":
        return f"std::map<std::string, {type_of(model, shape['value']['shape'])}>"
    return SCALAR_TYPES[shape["type"]]


def fields(model, name):
    shape = model.shapes[name]
    required = set(shape.get("required", []))
    result = []
    for aws, facts in shape["members"].items():
        target = facts["shape"]
        plain = model.is_input(name) and aws in required
        boxed = model.is_structure(target) and name in model.reachable([target])
        result.append(Field(aws, snake(aws), aws, target, type_of(model, target), not plain and not boxed, boxed, facts,
                            aws in required))
    names = [field.cpp_name for field in result]
    duplicates = {n for n in names if names.count(n) > 1}
    if duplicates:
        raise SystemExit(f"{model.service}: {name} has members that differ only in spelling: {duplicates}")
    return result


def enum_namespace(name):
    return snake(pascal(name))
