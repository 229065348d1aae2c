#include "shapes/operation.h"

#include <algorithm>

namespace gantry::shapes {

const Service* find_service(std::string_view id) {
    for (const Service* service : services()) {
        if (id == service->id) return service;
    }
    return nullptr;
}

const Operation* find_operation(const Service& service, std::string_view name) {
    const Operation* end = service.operations + service.operation_count;
    const Operation* found =
        std::lower_bound(service.operations, end, name, [](const Operation& one, std::string_view wanted) {
            return one.name < wanted;
        });
    return found != end && found->name == name ? found : nullptr;
}

const ErrorFact* find_error(const Service& service, std::string_view code) {
    const ErrorFact* end = service.errors + service.error_count;
    const ErrorFact* found =
        std::lower_bound(service.errors, end, code, [](const ErrorFact& one, std::string_view wanted) {
            return one.code < wanted;
        });
    return found != end && found->code == code ? found : nullptr;
}

}  // namespace gantry::shapes
