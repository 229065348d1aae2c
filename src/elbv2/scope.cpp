#include "elbv2/scope.h"

namespace gantry::elbv2 {

std::string fresh_id(state::Chance& chance) { return chance.hex(16); }

std::string_view id_in(std::string_view key) { return key.substr(key.rfind('/') + 1); }

}  // namespace gantry::elbv2
