#pragma once

#include <string_view>

#include "shapes/rest.h"
#include "wire/route.h"

namespace gantry::wire {

// The rest-json operation with that method and path, or null. Absent labels are none: "/schedules/" is not
// "/schedules/{Name}".
const shapes::RestBinding* find_rest(std::string_view method, std::string_view path);
const shapes::RestBinding* find_rest(const shapes::Operation& operation);

// What stands in path and query, as a form; the path's labels by their names in braces, which no query's parameter of
// a model has. Errc::invalid as Form::parse.
Result<Form> rest_form(const shapes::RestBinding& binding, const HttpRequest& request);

}  // namespace gantry::wire
