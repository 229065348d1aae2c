"""Renders gen/shapes/<service>/shapes.h: the structs, lean enough to include anywhere."""

from cpp_types import enum_namespace, fields
from model import constant, pascal


def enum_block(model, name):
    values = model.shapes[name]["enum"]
    seen, lines = {}, []
    for value in values:
        symbol = constant(value)
        while symbol in seen:
            symbol += "_"
        seen[symbol] = value
        lines.append(f'inline constexpr std::string_view {symbol} = "{value}";')
    return f"namespace {enum_namespace(name)} {{\n" + "\n".join(lines) + "\n}\n"


def struct_block(model, name):
    lines = [f"struct {model.cpp_names[name]} {{"]
    for field in fields(model, name):
        default = "{}" if not field.optional and not field.boxed else ""
        if field.type in ("bool", "std::int32_t", "std::int64_t", "double") and not field.optional:
            default = " = false" if field.type == "bool" else " = 0"
        elif default:
            default = ""
        lines.append(f"    {field.declared} {field.cpp_name}{default};")
    if name in model.keeps_unknown:
        lines.append("    ::gantry::shapes::UnknownMembers unknown;")
    lines.append("};")
    return "\n".join(lines) + "\n"


def aliases(model, operations, name):
    lines = []
    for alias in model.aliases.get(name, []):
        operation = alias.removesuffix("Request") if alias.endswith("Request") else alias.removesuffix("Response")
        if operation in operations:
            lines.append(f"using {alias} = {model.cpp_names[name]};\n")
    return "".join(lines)


def render(model, operations, order):
    structures = [name for name in order if model.is_structure(name)]
    enums = sorted(name for name in order if model.shapes[name].get("enum"))
    out = [
        f"// Generated from models/{model.service}.json by codegen/. Edit those.\n#pragma once\n",
        "#include <cstdint>\n#include <map>\n#include <optional>\n#include <string>\n#include <string_view>\n"
        "#include <vector>\n",
        '#include "shapes/box.h"\n#include "shapes/document.h"\n#include "shapes/operation.h"\n'
        '#include "shapes/timestamp.h"\n',
        f"namespace gantry::shapes::{model.service} {{\n",
        "extern const ::gantry::shapes::Service service;\n",
    ]
    out += [enum_block(model, name) for name in enums]
    recursive = [name for name in structures if model.recursive(name)]
    if recursive:
        out.append("".join(f"struct {model.cpp_names[name]};\n" for name in recursive))
    for name in structures:
        out.append(struct_block(model, name) + aliases(model, operations, name))
    out.append("".join(f"const ::gantry::shapes::Shape& shape_of(const {model.cpp_names[name]}*);\n" for name in structures))
    # The table entries, for the dispatch tables and for errors that name an operation.
    out.append("namespace operations {\n"
               + "".join(f"extern const ::gantry::shapes::Operation& {pascal(name)};\n" for name in sorted(operations)) + "}\n")
    out.append(f"}}  // namespace gantry::shapes::{model.service}\n")
    return "\n".join(out)
