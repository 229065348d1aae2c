#include "link/message.h"

#include "base/codec.h"

namespace gantry::link {
namespace {

template <class T>
constexpr const char* type_name = nullptr;
template <>
constexpr const char* type_name<Hello> = "Hello";
template <>
constexpr const char* type_name<Heartbeat> = "Heartbeat";
template <>
constexpr const char* type_name<Holding> = "Holding";
template <>
constexpr const char* type_name<Resync> = "Resync";
template <>
constexpr const char* type_name<TaskReport> = "TaskReport";
template <>
constexpr const char* type_name<TargetReport> = "TargetReport";
template <>
constexpr const char* type_name<Welcome> = "Welcome";
template <>
constexpr const char* type_name<Want> = "Want";
template <>
constexpr const char* type_name<Drop> = "Drop";
template <>
constexpr const char* type_name<Inventory> = "Inventory";
template <>
constexpr const char* type_name<ReportAck> = "ReportAck";
template <>
constexpr const char* type_name<TargetReportAck> = "TargetReportAck";

template <class Variant>
std::string encode_variant(const Variant& message) {
    return std::visit(
        []<class T>(const T& body) {
            boost::json::object envelope;
            envelope["type"] = type_name<T>;
            envelope["body"] = encode(body);
            return boost::json::serialize(envelope);
        },
        message
    );
}

struct Envelope {
    std::string type;
    boost::json::value body;
};
BOOST_DESCRIBE_STRUCT(Envelope, (), (type, body))

template <class Variant, class... Ts>
Result<Variant> decode_any(const Envelope& envelope, std::variant<Ts...>*) {
    Result<Variant> out = trouble(Errc::invalid, "unknown message type " + envelope.type);
    const auto attempt = [&]<class T>(T*) {
        if (envelope.type != type_name<T>) return false;
        auto body = decode<T>(envelope.body);
        if (body)
            out = Variant(*std::move(body));
        else
            out = trouble(Errc::invalid, envelope.type + ": " + body.error().message);
        return true;
    };
    (attempt(static_cast<Ts*>(nullptr)) || ...);
    return out;
}

template <class Variant>
Result<Variant> decode_variant(std::string_view bytes) {
    TRY(const auto envelope, decode_text<Envelope>(bytes));
    return decode_any<Variant>(envelope, static_cast<Variant*>(nullptr));
}

}  // namespace

std::string encode_message(const ToControl& message) { return encode_variant(message); }
std::string encode_message(const ToWorker& message) { return encode_variant(message); }
Result<ToControl> decode_to_control(std::string_view bytes) { return decode_variant<ToControl>(bytes); }
Result<ToWorker> decode_to_worker(std::string_view bytes) { return decode_variant<ToWorker>(bytes); }

}  // namespace gantry::link
