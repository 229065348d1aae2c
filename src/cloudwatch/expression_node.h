#pragma once

#include <string>
#include <vector>

#include "cloudwatch/expression.h"

namespace gantry::cloudwatch {

struct Expression::Node {
    enum class Kind { number, text, name, call, operation, negation, array };
    Kind kind = Kind::number;
    double number = 0;
    std::string text;  // a name, a text, a function in upper case, or an operator
    std::vector<Node> parts;
};

// Functions over values whose number was checked by the caller.
Result<MathValue> apply_operator(const std::string& op, const MathValue& left, const MathValue& right);
Result<MathValue> call_function(
    const std::string& name, const std::vector<MathValue>& arguments, const MathScope& scope
);

}  // namespace gantry::cloudwatch
