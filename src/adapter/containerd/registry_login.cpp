#include "adapter/containerd/registry_login.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/evp.h>
#include <optional>

namespace json = boost::json;

namespace gantry::adapter::containerd {

static std::string encode_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()));
    text.resize(std::size_t(length));
    return text;
}

static std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes(text.size() / 4 * 3 + 1, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()), int(text.size()));
    if (length < 0) return std::nullopt;
    // It counts the padding as bytes.
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    bytes.resize(std::size_t(length) - padding);
    return bytes;
}

// "https://index.docker.io/v1/" -> "docker.io".
static std::string plain_host(std::string_view host) {
    for (std::string_view scheme : {"https://", "http://"})
        if (host.starts_with(scheme)) host.remove_prefix(scheme.size());
    host = host.substr(0, host.find('/'));
    if (host == "index.docker.io" || host == "registry-1.docker.io") return "docker.io";
    return std::string(host);
}

static Result<json::object> parse_logins(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return json::object();
    boost::system::error_code error;
    auto value = json::parse(text, error);
    if (error || !value.is_object()) return trouble(Errc::invalid, "it is not a JSON object as Docker's config.json");
    if (auto* auths = value.get_object().if_contains("auths"); auths && !auths->is_object())
        return trouble(Errc::invalid, "\"auths\" in it is not an object");
    return std::move(value.get_object());
}

static std::string text_in(const json::object& object, const char* name) {
    auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

static Result<port::RegistryAuth> login_of(const json::object& entry, std::string_view host) {
    const std::string of = "the login for " + std::string(host) + " ";
    port::RegistryAuth login{text_in(entry, "username"), text_in(entry, "password")};
    if (const auto packed = text_in(entry, "auth"); !packed.empty()) {
        const auto pair = decode_base64(packed);
        const auto colon = pair ? pair->find(':') : std::string::npos;
        if (colon == std::string::npos) return trouble(Errc::invalid, of + "is not the base64 of USER:PASSWORD");
        login = {pair->substr(0, colon), pair->substr(colon + 1)};
    }
    if (!text_in(entry, "identitytoken").empty() || !text_in(entry, "registrytoken").empty())
        return trouble(Errc::invalid, of + "is an identity token, which is not built yet; log in with a password");
    return login;
}

Result<port::RegistryAuth> registry_login(std::string_view text, std::string_view host) {
    const auto wanted = plain_host(host);
    TRY(const auto logins, parse_logins(text));
    if (auto* auths = logins.if_contains("auths"))
        for (const auto& [name, entry] : auths->get_object()) {
            if (plain_host(name) != wanted) continue;
            if (!entry.is_object()) return trouble(Errc::invalid, "the login for " + wanted + " is not an object");
            TRY(auto login, login_of(entry.get_object(), wanted));
            if (!login.username.empty()) return login;
        }
    const auto helper = [&](const std::string& program) {
        return trouble(Errc::invalid, "the login for " + wanted + " lies with the credential helper \"" + program +
                                          "\"; helpers are not built yet: log in with `gantry image login`");
    };
    if (auto* helpers = logins.if_contains("credHelpers"); helpers && helpers->is_object())
        for (const auto& [name, program] : helpers->get_object())
            if (plain_host(name) == wanted) return helper(program.is_string() ? std::string(program.get_string()) : "");
    // With a store every login has an entry, an empty one.
    if (auto* auths = logins.if_contains("auths"); auths && !text_in(logins, "credsStore").empty())
        for (const auto& [name, entry] : auths->get_object())
            if (plain_host(name) == wanted) return helper(text_in(logins, "credsStore"));
    return port::RegistryAuth{};
}

static std::size_t forget(json::object& logins, const std::string& host) {
    auto* auths = logins.if_contains("auths");
    if (!auths) return 0;
    std::vector<std::string> gone;
    for (const auto& [name, entry] : auths->get_object())
        if (plain_host(name) == host) gone.emplace_back(name);
    for (const auto& name : gone) auths->get_object().erase(name);
    return gone.size();
}

Result<std::string> with_registry_login(std::string_view text, std::string_view host, const port::RegistryAuth& login) {
    if (login.username.empty() || login.password.empty())
        return trouble(Errc::invalid, "a login has a user name and a password");
    if (login.username.find(':') != std::string::npos)
        return trouble(Errc::invalid, "a user name has no colon");
    for (const auto& word : {login.username, login.password})
        for (const unsigned char c : word)
            if (c < 0x20 || c == 0x7f) return trouble(Errc::invalid, "a control character in the user name or password");
    TRY(auto logins, parse_logins(text));
    const auto name = plain_host(host);
    forget(logins, name);
    auto& auths = logins["auths"];
    if (!auths.is_object()) auths = json::object();
    auths.get_object()[name] = json::object{{"auth", encode_base64(login.username + ":" + login.password)}};
    return json::serialize(logins) + "\n";
}

Result<std::string> without_registry_login(std::string_view text, std::string_view host) {
    TRY(auto logins, parse_logins(text));
    if (forget(logins, plain_host(host)) == 0)
        return trouble(Errc::not_found, "there is no login for " + plain_host(host));
    return json::serialize(logins) + "\n";
}

}  // namespace gantry::adapter::containerd
