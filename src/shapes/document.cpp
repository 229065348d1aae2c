#include "shapes/document.h"

#include <boost/json/value.hpp>
#include <utility>

namespace gantry::shapes {

// Always on the default storage: the value may come from a parser whose arena ends before we do.
Document::Document(boost::json::value value)
    : value_(new boost::json::value(std::move(value), boost::json::storage_ptr())) {}

Document::Document(const Document& other)
    : value_(other.value_ == nullptr ? nullptr : new boost::json::value(*other.value_)) {}

Document& Document::operator=(const Document& other) {
    Document copy(other);
    std::swap(value_, copy.value_);
    return *this;
}

Document& Document::operator=(Document&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
}

Document::~Document() { delete value_; }

boost::json::value& Document::edit() {
    if (value_ == nullptr) value_ = new boost::json::value;
    return *value_;
}

bool operator==(const Document& left, const Document& right) {
    if (left.empty() || right.empty()) return left.empty() == right.empty();
    return *left.value_ == *right.value_;
}

}  // namespace gantry::shapes
