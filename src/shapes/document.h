#pragma once

namespace boost::json {
class value;
}

namespace gantry::shapes {

// A JSON value that the model does not describe, or nothing. Value semantics; empty costs one pointer.
// Keeps Boost out of the generated headers.
class Document {
  public:
    Document() = default;
    explicit Document(boost::json::value value);
    Document(const Document& other);
    Document(Document&& other) noexcept : value_(other.value_) { other.value_ = nullptr; }
    Document& operator=(const Document& other);
    Document& operator=(Document&& other) noexcept;
    ~Document();

    bool empty() const { return value_ == nullptr; }
    // Null when empty.
    const boost::json::value* get() const { return value_; }
    // Makes the value (JSON null) when empty.
    boost::json::value& edit();

    friend bool operator==(const Document& left, const Document& right);

  private:
    boost::json::value* value_ = nullptr;
};

// The members of a structure that the client sent and our model does not have: empty, or a JSON object. They
// survive decode, the stored record and the encoded answer, as a newer AWS would keep them.
using UnknownMembers = Document;

}  // namespace gantry::shapes
