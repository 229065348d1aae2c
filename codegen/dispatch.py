"""Renders gen/dispatch/<folder>.{h,cpp}: the table through which the control loop calls the handlers."""


def render_header(folder):
    return f"""// Generated from the handlers in src/{folder}/ by codegen/.
#pragma once

#include "operation/handler.h"

namespace gantry::{folder} {{

// Every operation that this folder handles.
operation::Handlers operations();

}}  // namespace gantry::{folder}
"""


def _type(handler, suffix):
    return f"shapes::{handler.service}::{handler.operation}{suffix}"


def render_declarations(folder, found, models):
    services = sorted({handler.service for handler in found} or set(models))
    includes = "".join(f'#include "shapes/{service}/shapes.h"\n' for service in services)
    out = [f"// Generated from the handlers in src/{folder}/ by codegen/.\n#pragma once\n",
           f'#include "operation/handler.h"\n{includes}', f"namespace gantry::{folder} {{\n"]
    for handler in found:
        result, request = _type(handler, "Response"), _type(handler, "Request")
        if handler.kind == "transaction":
            out.append(f"// {handler.file}\nResult<{result}> {handler.function}(state::Txn& txn, const {request}& request, "
                       "const Caller& caller);")
            if handler.later:
                out.append(f"Result<Later> {handler.later}(state::Txn& txn, const {request}& request, "
                           "const Caller& caller);")
        else:
            out.append(f"// {handler.file}\nAwaitable<Result<{result}>> {handler.function}(DataContext& context, "
                       f"{request} request, Caller caller);")
    out.append(f"\n}}  // namespace gantry::{folder}\n")
    return "\n".join(out)


def _entry(handler):
    result, request = _type(handler, "Response"), _type(handler, "Request")
    operation = f"&shapes::{handler.service}::operations::{handler.operation}"
    if handler.kind == "transaction":
        later = f"""
        .transact_later = [](state::Txn& txn, const void* request, const Caller& caller) -> Result<Later> {{
            return {handler.later}(txn, *static_cast<const {request}*>(request), caller);
        }},""" if handler.later else ""
        return f"""    table.push_back({{
        .operation = {operation},
        .transact = [](state::Txn& txn, const void* request, const Caller& caller, void* response) -> Result<void> {{
            auto done = {handler.function}(txn, *static_cast<const {request}*>(request), caller);
            if (!done) return tl::unexpected<Error>(std::move(done).error());
            *static_cast<{result}*>(response) = *std::move(done);
            return {{}};
        }},{later}
    }});
"""
    return f"""    table.push_back({{
        .operation = {operation},
        .move_data = [](DataContext& context, std::shared_ptr<const void> request, Caller caller,
                        std::shared_ptr<void> response) -> Awaitable<Result<void>> {{
            auto copy = *static_cast<const {request}*>(request.get());
            auto done = co_await {handler.function}(context, std::move(copy), std::move(caller));
            if (!done) co_return tl::unexpected<Error>(std::move(done).error());
            *static_cast<{result}*>(response.get()) = *std::move(done);
            co_return Result<void>{{}};
        }},
    }});
"""


def render_table(folder, found):
    entries = "".join(_entry(handler) for handler in found)
    return f"""// Generated from the handlers in src/{folder}/ by codegen/.
#include "dispatch/{folder}.h"

#include <utility>

#include "dispatch/{folder}_handlers.h"

namespace gantry::{folder} {{

operation::Handlers operations() {{
    operation::Handlers table;
    table.reserve({len(found)});
{entries}    return table;
}}

}}  // namespace gantry::{folder}
"""
