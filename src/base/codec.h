#pragma once

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace gantry {

// JSON for records in the store and for the link's messages: a person can read it with sqlite3.
// A struct takes part by BOOST_DESCRIBE_STRUCT(Name, (), (members...)), an enum by BOOST_DESCRIBE_ENUM.
//
// Evolution: members that are missing keep the struct's default, members that are not known are ignored;
// so a member may be added any time, and a database of an older build opens. Absent optionals and members
// that equal a default-constructed vector, map or optional are not written.
template <class T>
struct Codec;

template <class T>
boost::json::value encode(const T& value) {
    return Codec<T>::encode(value);
}

// Errc::invalid with the path of the offending member.
template <class T>
Result<T> decode(const boost::json::value& json) {
    T value{};
    if (std::string why = Codec<T>::decode(json, value); !why.empty())
        return trouble(Errc::invalid, std::move(why));
    return value;
}

template <class T>
std::string encode_text(const T& value) {
    return boost::json::serialize(encode(value));
}

template <class T>
Result<T> decode_text(std::string_view text) {
    boost::system::error_code failed;
    const auto json = boost::json::parse(text, failed);
    if (failed) return trouble(Errc::invalid, "not JSON: " + failed.message());
    return decode<T>(json);
}

// decode() of a Codec returns an empty string, or what is wrong.
template <>
struct Codec<bool> {
    static boost::json::value encode(bool v) { return v; }
    static std::string decode(const boost::json::value& j, bool& v) {
        if (!j.is_bool()) return "not a boolean";
        v = j.get_bool();
        return {};
    }
};

template <std::integral T>
    requires(!std::same_as<T, bool>)
struct Codec<T> {
    static boost::json::value encode(T v) { return v; }
    static std::string decode(const boost::json::value& j, T& v) {
        boost::system::error_code failed;
        v = j.to_number<T>(failed);
        return failed ? "not an integer in range" : "";
    }
};

template <std::floating_point T>
struct Codec<T> {
    static boost::json::value encode(T v) { return v; }
    static std::string decode(const boost::json::value& j, T& v) {
        boost::system::error_code failed;
        v = j.to_number<T>(failed);
        return failed ? "not a number" : "";
    }
};

template <>
struct Codec<std::string> {
    static boost::json::value encode(const std::string& v) { return boost::json::string(v); }
    static std::string decode(const boost::json::value& j, std::string& v) {
        if (!j.is_string()) return "not a string";
        v.assign(j.get_string().data(), j.get_string().size());
        return {};
    }
};

template <>
struct Codec<boost::json::object> {
    static boost::json::value encode(const boost::json::object& v) { return v; }
    static std::string decode(const boost::json::value& j, boost::json::object& v) {
        if (!j.is_object()) return "not an object";
        v = j.get_object();
        return {};
    }
};

template <>
struct Codec<boost::json::value> {
    static boost::json::value encode(const boost::json::value& v) { return v; }
    static std::string decode(const boost::json::value& j, boost::json::value& v) {
        v = j;
        return {};
    }
};

template <class Tag>
struct Codec<Instant<Tag>> {
    static boost::json::value encode(Instant<Tag> v) { return v.ms; }
    static std::string decode(const boost::json::value& j, Instant<Tag>& v) {
        return Codec<std::int64_t>::decode(j, v.ms);
    }
};

template <>
struct Codec<Duration> {
    static boost::json::value encode(Duration v) { return v.count(); }
    static std::string decode(const boost::json::value& j, Duration& v) {
        std::int64_t ms = 0;
        std::string why = Codec<std::int64_t>::decode(j, ms);
        v = Duration{ms};
        return why;
    }
};

template <class T>
struct Codec<std::optional<T>> {
    static boost::json::value encode(const std::optional<T>& v) {
        return v ? Codec<T>::encode(*v) : boost::json::value(nullptr);
    }
    static std::string decode(const boost::json::value& j, std::optional<T>& v) {
        if (j.is_null()) {
            v.reset();
            return {};
        }
        return Codec<T>::decode(j, v.emplace());
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static boost::json::value encode(const std::vector<T>& v) {
        boost::json::array out;
        out.reserve(v.size());
        for (const auto& item : v) out.push_back(Codec<T>::encode(item));
        return out;
    }
    static std::string decode(const boost::json::value& j, std::vector<T>& v) {
        if (!j.is_array()) return "not an array";
        v.clear();
        v.reserve(j.get_array().size());
        for (const auto& item : j.get_array()) {
            T element{};
            if (std::string why = Codec<T>::decode(item, element); !why.empty()) {
                return "[" + std::to_string(v.size()) + "]: " + why;
            }
            v.push_back(std::move(element));
        }
        return {};
    }
};

template <class T>
struct Codec<std::map<std::string, T>> {
    static boost::json::value encode(const std::map<std::string, T>& v) {
        boost::json::object out;
        out.reserve(v.size());
        for (const auto& [key, item] : v) out.emplace(key, Codec<T>::encode(item));
        return out;
    }
    static std::string decode(const boost::json::value& j, std::map<std::string, T>& v) {
        if (!j.is_object()) return "not an object";
        v.clear();
        for (const auto& [key, item] : j.get_object()) {
            if (std::string why = Codec<T>::decode(item, v[std::string(key)]); !why.empty()) {
                return std::string(key) + ": " + why;
            }
        }
        return {};
    }
};

template <class T>
    requires boost::describe::has_describe_enumerators<T>::value
struct Codec<T> {
    static boost::json::value encode(T v) {
        const char* name = boost::describe::enum_to_string(v, "");
        return boost::json::string(name);
    }
    static std::string decode(const boost::json::value& j, T& v) {
        if (j.is_string() && boost::describe::enum_from_string(j.get_string().c_str(), v)) return {};
        return "not one of the enum's names";
    }
};

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_enum_v<T>;

template <Described T>
struct Codec<T> {
    using Members =
        boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

    static boost::json::value encode(const T& v) {
        boost::json::object out;
        boost::mp11::mp_for_each<Members>([&](auto member) {
            const auto& field = v.*member.pointer;
            using Field = std::remove_cvref_t<decltype(field)>;
            if constexpr (requires { field.has_value(); }) {
                if (!field.has_value()) return;
            } else if constexpr (!std::same_as<Field, std::string> && requires { field.empty(); }) {
                if (field.empty()) return;
            }
            out.emplace(member.name, Codec<Field>::encode(field));
        });
        return out;
    }

    static std::string decode(const boost::json::value& j, T& v) {
        if (!j.is_object()) return "not an object";
        const auto& object = j.get_object();
        std::string why;
        boost::mp11::mp_for_each<Members>([&](auto member) {
            if (!why.empty()) return;
            const auto* found = object.if_contains(member.name);
            if (found == nullptr) return;
            auto& field = v.*member.pointer;
            why = Codec<std::remove_cvref_t<decltype(field)>>::decode(*found, field);
            if (!why.empty()) why = std::string(member.name) + ": " + why;
        });
        return why;
    }
};

}  // namespace gantry
