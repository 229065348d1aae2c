#include <charconv>

#include "shapes/base64.h"
#include "shapes/shape.h"
#include "shapes/timestamp.h"
#include "wire/encode.h"
#include "wire/form.h"
#include "wire/time_text.h"

namespace gantry::wire {

namespace {

using shapes::Kind;
using shapes::Member;
using shapes::Shape;

void open(std::string& out, std::string_view tag) { out.append("<").append(tag).append(">"); }
void close(std::string& out, std::string_view tag) { out.append("</").append(tag).append(">"); }

template <class T>
void append_number(std::string& out, T number) {
    char digits[40];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}

class XmlWriter {
  public:
    XmlWriter(std::string& out, bool fill_lists) : out_(out), fill_lists_(fill_lists) {}

    // AWS sends the lists of an answer's top level also when they are empty.
    void structure(const Shape& shape, const void* value, bool top) {
        for (std::size_t i = 0; i < shape.member_count; ++i) {
            const Member& member = shape.members[i];
            const void* field = shapes::member_value(member, value);
            if (field != nullptr) {
                named(*member.shape, field, member.xml, member.flattened);
            } else if (top && fill_lists_ && member.shape->kind == Kind::list && !member.flattened) {
                out_.append("<").append(member.xml).append("/>");
            }
        }
    }

  private:
    void named(const Shape& shape, const void* value, const char* tag, bool flattened) {
        if (shape.kind == Kind::list) return list(shape, value, tag, flattened);
        if (shape.kind == Kind::map) return map(shape, value, tag, flattened);
        open(out_, tag);
        if (shape.kind == Kind::structure) {
            structure(shape, value, false);
        } else {
            scalar(shape, value);
        }
        close(out_, tag);
    }

    void list(const Shape& shape, const void* value, const char* tag, bool flattened) {
        const std::size_t size = shape.list->size(value);
        if (size == 0) {
            if (!flattened) out_.append("<").append(tag).append("/>");
            return;
        }
        if (!flattened) open(out_, tag);
        for (std::size_t i = 0; i < size; ++i)
            named(*shape.element, shape.list->at(value, i), flattened ? tag : shape.element_xml, false);
        if (!flattened) close(out_, tag);
    }

    void map(const Shape& shape, const void* value, const char* tag, bool flattened) {
        struct Walk {
            XmlWriter& writer;
            const Shape& shape;
            const char* entry;
        } walk{*this, shape, flattened ? tag : "entry"};
        if (!flattened) open(out_, tag);
        shape.map->each(value, &walk, [](void* context, const std::string& key, const void* element) {
            auto& [writer, of, entry] = *static_cast<Walk*>(context);
            open(writer.out_, entry);
            open(writer.out_, of.key_xml);
            append_xml_text(writer.out_, key);
            close(writer.out_, of.key_xml);
            writer.named(*of.element, element, of.element_xml, false);
            close(writer.out_, entry);
        });
        if (!flattened) close(out_, tag);
    }

    void scalar(const Shape& shape, const void* value) {
        switch (shape.kind) {
            case Kind::boolean:
                out_ += *static_cast<const bool*>(value) ? "true" : "false";
                return;
            case Kind::integer:
                append_number(out_, *static_cast<const std::int32_t*>(value));
                return;
            case Kind::long_:
                append_number(out_, *static_cast<const std::int64_t*>(value));
                return;
            case Kind::double_:
                append_number(out_, *static_cast<const double*>(value));
                return;
            case Kind::blob:
                out_ += shapes::encode_base64(*static_cast<const std::string*>(value));
                return;
            case Kind::timestamp:
                out_ += format_time(static_cast<const shapes::Timestamp*>(value)->ms);
                return;
            default:
                append_xml_text(out_, *static_cast<const std::string*>(value));
                return;
        }
    }

    std::string& out_;
    bool fill_lists_;
};

// The length of the character at the start, 0 if XML cannot carry it.
std::size_t character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return lead >= 0x20 || lead == '\n' || lead == '\t' || lead == '\r' ? 1 : 0;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (length > text.size() || !is_utf8(text.substr(0, length))) return 0;
    const bool not_a_character =
        length == 3 && (text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF"));
    return not_a_character ? 0 : length;
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = character(text);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
            continue;
        }
        switch (text[0]) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\r':
                out += "&#xD;";
                break;
            default:
                out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
}

std::string encode_xml(const shapes::Operation& operation, const void* output, std::string_view request_id) {
    const auto& service = *operation.service;
    const bool ec2 = service.protocol == shapes::Protocol::ec2;
    const std::string root = std::string(operation.name) + "Response";
    std::string name_space(service.xml_namespace);
    if (ec2 && !name_space.ends_with('/')) name_space += '/';
    std::string out = ec2 ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "";
    out += "<" + root + " xmlns=\"" + name_space + "\">";
    XmlWriter writer(out, ec2);
    if (ec2) {
        out += "<requestId>" + std::string(request_id) + "</requestId>";
        writer.structure(*operation.output, output, true);
        if (operation.output->member_count == 0) out += "<return>true</return>";
    } else {
        if (operation.result_wrapper != nullptr) open(out, operation.result_wrapper);
        writer.structure(*operation.output, output, true);
        if (operation.result_wrapper != nullptr) close(out, operation.result_wrapper);
        out += "<ResponseMetadata><RequestId>" + std::string(request_id) + "</RequestId></ResponseMetadata>";
    }
    return out += "</" + root + ">";
}

}  // namespace gantry::wire
