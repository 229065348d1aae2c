"""Renders the constant tables (shapes, operations, errors) that the interpreters walk."""

from cpp_types import fields, kind, type_of

TIME_FORMATS = {"unixTimestamp": "unix_seconds", "iso8601": "iso8601", "rfc822": "rfc822"}
# rest-json has awsJson's bodies; shapes/rest.h says what stands outside of them.
PROTOCOLS = {"json": "aws_json", "rest-json": "aws_json", "query": "query", "ec2": "ec2"}


def main_protocol(meta):
    """The one that errors and texts follow. A service that lists several (CloudWatch) takes JSON and query both."""
    return meta["protocol"] if meta["protocol"] in PROTOCOLS else "json" if "json" in meta["protocols"] else meta["protocol"]


def takes_query_too(meta):
    return main_protocol(meta) == "json" and "query" in meta.get("protocols", [])


def text(value):
    """A C++ string literal, or nullptr."""
    if value is None:
        return "nullptr"
    out = []
    for byte in value.encode():
        char = chr(byte)
        out.append("\\" + char if char in '"\\' else char if 32 <= byte < 127 else f"\\{byte:03o}")
    return '"' + "".join(out).replace("??", '?""?') + '"'


def query_name(model, aws, facts):
    if model.metadata["protocol"] == "ec2":
        if "queryName" in facts:
            return facts["queryName"]
        if "locationName" in facts:
            return facts["locationName"][0].upper() + facts["locationName"][1:]
        return aws
    return facts.get("locationName", aws)


def flattened(model, member_facts, shape):
    # The ec2 protocol numbers list entries directly; its answers wrap them in <item>.
    return bool(member_facts.get("flattened") or shape.get("flattened"))


def symbol(name):
    return f"shape_{name}"


def number(value):
    return repr(float(value))


class Renderer:
    def __init__(self, model):
        self.model = model

    def member(self, owner, field):
        model, facts = self.model, field.facts
        shape = model.shapes[field.shape]
        query = query_name(model, field.aws, facts)
        xml = facts.get("locationName", field.aws)
        if shape["type"] == "list" and flattened(model, facts, shape) and "locationName" in shape["member"]:
            query = xml = shape["member"]["locationName"]
        optional = "nullptr"
        if field.optional or field.boxed:
            optional = f"&t::optional_access<{field.declared}>"
        time = TIME_FORMATS.get(facts.get("timestampFormat", shape.get("timestampFormat")), "protocol_default")
        return ("{%s, %s, %s, &%s, %s, offsetof(%s, %s), %s, %s, %s, t::TimeFormat::%s}" % (
            text(field.aws), text(query), text(xml), symbol(field.shape), optional, model.cpp_names[owner],
            field.cpp_name, str(field.required).lower(), str(flattened(model, facts, shape)).lower(),
            str(bool(facts.get("idempotencyToken"))).lower(), time))

    def shape(self, name):
        model = self.model
        shape = model.shapes[name]
        what = kind(model, name)
        before, parts = [], [f".name = {text(name)}", f".kind = t::Kind::{what}"]
        if "min" in shape:
            parts.append(".has_min = true")
        if "max" in shape:
            parts.append(".has_max = true")
        if shape.get("flattened"):
            parts.append(".flattened = true")
        if "timestampFormat" in shape:
            parts.append(f".time_format = t::TimeFormat::{TIME_FORMATS[shape['timestampFormat']]}")
        if "min" in shape:
            parts.append(f".min = {number(shape['min'])}")
        if "max" in shape:
            parts.append(f".max = {number(shape['max'])}")
        if "pattern" in shape:
            parts.append(f".pattern = {text(shape['pattern'])}")
        if shape.get("enum"):
            values = ", ".join(text(value) for value in shape["enum"])
            before.append(f"static const char* const enum_{name}[] = {{{values}}};")
            parts += [f".enum_values = enum_{name}", f".enum_count = {len(shape['enum'])}"]
        if what == "list":
            item = shape["member"]
            # The ec2 protocol numbers the entries directly: no name between the list's and the index.
            inner = None if model.metadata["protocol"] == "ec2" else item.get("locationName", "member")
            parts += [f".element = &{symbol(item['shape'])}", f".element_query = {text(inner)}",
                      f".element_xml = {text(item.get('locationName', 'member'))}",
                      f".list = &t::list_access<{type_of(model, name)}>"]
        elif what == "map":
            parts += [f".element = &{symbol(shape['value']['shape'])}", f".key = &{symbol(shape['key']['shape'])}",
                      f".element_xml = {text(shape['value'].get('locationName', 'value'))}",
                      f".key_xml = {text(shape['key'].get('locationName', 'key'))}",
                      f".map = &t::map_access<{type_of(model, name)}>"]
        elif what == "structure":
            members = fields(model, name)
            if members:
                rows = ",\n    ".join(self.member(name, field) for field in members)
                by_name = sorted(range(len(members)), key=lambda index: members[index].aws)
                before.append(f"static const t::Member members_{name}[] = {{\n    {rows}}};")
                before.append(f"static const std::uint16_t by_name_{name}[] = {{{', '.join(map(str, by_name))}}};")
                parts += [f".members = members_{name}", f".by_name = by_name_{name}",
                          f".member_count = {len(members)}"]
            if name in model.keeps_unknown:
                parts.append(f".unknown_offset = offsetof({model.cpp_names[name]}, unknown)")
        body = "\n".join(before) + ("\n" if before else "")
        body += f"extern const t::Shape {symbol(name)};\nconst t::Shape {symbol(name)} = {{{', '.join(parts)}}};\n"
        if what == "structure":
            body += f"const t::Shape& shape_of(const {model.cpp_names[name]}*) {{ return {symbol(name)}; }}\n"
        return body


PROLOGUE = """// Generated from models/%s.json by codegen/. Edit those.
#include "shapes/access.h"
#include "shapes/%s/shapes.h"

// The structs are plain aggregates; GCC and Clang lay them out as offsetof expects.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

// Short, because a service may have a shape called Service.
namespace t = gantry::shapes;

namespace gantry::shapes::%s {
"""


def error_facts(model):
    """code -> (shape, status, sender)"""
    result = {}
    for name, shape in model.shapes.items():
        if shape.get("exception"):
            error = shape.get("error", {})
            fault = shape.get("fault", False)
            code = error.get("code", name)
            result[code] = (name, error.get("httpStatusCode", 500 if fault else 400),
                            error.get("senderFault", not fault))
    return result


def render_operations(model, operations):
    service, meta = model.service, model.metadata
    out = [PROLOGUE % (service, service, service)]
    errors = error_facts(model)
    position = {facts[0]: index for index, (code, facts) in enumerate(sorted(errors.items()))}
    rows = ",\n    ".join(f"{{{text(code)}, {text(shape)}, {status}, {str(sender).lower()}}}"
                          for code, (shape, status, sender) in sorted(errors.items()))
    out.append(f"static const t::ErrorFact errors[] = {{\n    {rows or '{}'}}};\n")
    used = {model.input_name(o) for o in operations} | {model.output_name(o) for o in operations}
    out.append("".join(f"extern const t::Shape {symbol(name)};\n" for name in sorted(used)))
    out.append("template <class T>\nstatic std::shared_ptr<void> make() {\n    return std::make_shared<T>();\n}\n")
    rows = []
    for name, facts in sorted(model.operations.items()):
        listed = [f"&errors[{position[error]}]" for error in facts.get("errors", []) if error in position]
        if listed and name in operations:
            out.append(f"static const t::ErrorFact* const errors_{name}[] = {{{', '.join(listed)}}};")
        if name in operations:
            taken, given = model.input_name(name), model.output_name(name)
            shapes = (f"&{symbol(taken)}, &{symbol(given)}, make<{model.cpp_names[taken]}>, "
                      f"make<{model.cpp_names[given]}>")
        else:
            shapes, listed = "nullptr, nullptr, nullptr, nullptr", []
        errors_text = f"errors_{name}, {len(listed)}" if listed else "nullptr, 0"
        # Models that list query behind JSON leave the wrapper out; on the wire it has always the same name.
        implied = f"{name}Result" if takes_query_too(meta) and "output" in facts else None
        wrapper = text(facts.get("resultWrapper", implied))
        rows.append(f"{{&service, {text(name)}, {shapes}, {wrapper}, {errors_text}, "
                    f"{str(bool(facts.get('unsigned'))).lower()}}}")
    out.append("static const t::Operation all_operations[] = {\n    " + ",\n    ".join(rows) + "};\n")
    sorted_names = sorted(model.operations)
    out.append("namespace operations {\n" + "".join(
        f"const t::Operation& {name} = all_operations[{sorted_names.index(name)}];\n" for name in sorted(operations)) + "}\n")
    query_compatible = "true" if "awsQueryCompatible" in meta else "false"
    namespace = meta.get("xmlNamespace")
    if isinstance(namespace, dict):
        namespace = namespace["uri"]
    protocol = main_protocol(meta)
    json_version = meta.get("jsonVersion") if protocol == "json" else None
    out.append("const t::Service service = {%s};\n" % ", ".join([
        text(service), text(meta["serviceFullName"]), text(meta.get("signingName", meta["endpointPrefix"])),
        f"t::Protocol::{PROTOCOLS[protocol]}", text(meta["apiVersion"]),
        text(meta.get("targetPrefix") if protocol == "json" else None), text(json_version), text(namespace),
        query_compatible, "all_operations", str(len(model.operations)), "errors", str(len(errors))]))
    out.append(f"}}  // namespace gantry::shapes::{service}\n")
    return "\n".join(out)


def render(model, operations, order, parts):
    """File name -> text: tables_1.cpp ... tables_PARTS.cpp and operations.cpp."""
    service = model.service
    renderer = Renderer(model)
    result = {"operations.cpp": render_operations(model, operations)}
    # Structures are what costs compile time: deal them out evenly, in order, with the scalars in front of them.
    structures = max(1, sum(model.is_structure(name) for name in order))
    chunks, seen = [[] for _ in range(parts)], 0
    for name in order:
        chunks[min(parts - 1, seen * parts // structures)].append(name)
        seen += model.is_structure(name)
    for index, chunk in enumerate(chunks, 1):
        used = sorted(set(chunk).union(*(set(model.children(name)) for name in chunk))) if chunk else []
        out = [PROLOGUE % (service, service, service)]
        out.append("".join(f"extern const t::Shape {symbol(name)};\n" for name in used))
        out += [renderer.shape(name) for name in chunk]
        out.append(f"}}  // namespace gantry::shapes::{service}\n")
        result[f"tables_{index}.cpp"] = "\n".join(out)
    return result


def rest_members(model, operation):
    """Of the input's members those in the path or in the query."""
    shape = model.shapes[model.operations[operation]["input"]] if "input" in model.operations[operation] else {}
    rows = []
    for name, facts in shape.get("members", {}).items():
        place = facts.get("location")
        if place not in (None, "uri", "querystring"):
            raise SystemExit(f"{operation}: a member in the {place} is not provided for")
        if place:
            rows.append(f"{{{text(name)}, {text(facts.get('locationName', name))}, {str(place == 'uri').lower()}}}")
    return rows


def render_rest(models):
    out, rows = [], []
    for service, model in models.items():
        if model.metadata["protocol"] != "rest-json":
            continue
        for operation, facts in sorted(model.operations.items()):
            members, pointer = rest_members(model, operation), "nullptr"
            http = facts.get("http", {"method": "POST", "requestUri": "/"})
            if members:
                pointer = f"rest_{service}_{operation}"
                out.append(f"static const RestMember {pointer}[] = {{{', '.join(members)}}};\n")
            rows.append(f"    {{&{service}::service, {text(operation)}, {text(http['method'])}, {text(http['requestUri'])}, "
                        f"{pointer}, {len(members)}}},\n")
    return "".join(out) + "static const RestBinding all_bindings[] = {\n" + "".join(rows) + "};\n"


def render_services(models):
    declarations = "".join(f"namespace {name} {{\nextern const Service service;\n}}\n" for name in models)
    rows = ", ".join(f"&{name}::service" for name in models)
    return ("// Generated from models/ by codegen/.\n#include \"shapes/operation.h\"\n#include \"shapes/rest.h\"\n\n"
            f"namespace gantry::shapes {{\n\n{declarations}\nstatic const Service* const all_services[] = {{{rows}}};\n\n"
            f"std::span<const Service* const> services() {{ return all_services; }}\n\n{render_rest(models)}\n"
            "std::span<const RestBinding> rest_bindings() { return all_bindings; }\n\n}  // namespace gantry::shapes\n")
