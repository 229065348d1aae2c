#include "sim/prober.h"

namespace gantry::sim {

using End = port::Probed::End;

bool Prober::here(const std::string& address) const {
    for (const auto& [id, eni] : network_.attached())
        if (eni.address == address && !runtime_.running_of(task_of_(id)).empty()) return true;
    return false;
}

port::Probed Prober::answer(const port::Probe& probe) const {
    if (const auto script = scripted.find(probe.address); script != scripted.end()) return script->second;
    if (here(probe.address) || (elsewhere && elsewhere(probe.address)))
        return {End::answered, probe.protocol == "TCP" ? 0 : 200};
    return {End::refused, 0};
}

boost::asio::awaitable<port::Probed> Prober::probe(port::Probe probe) {
    ++probes[probe.address];
    const bool slow = faults_.hits(faults_.rates.slow);
    const Duration time = slow ? faults_.some_time(faults_.rates.slow_max) : takes;
    const auto found = answer(probe);
    const bool late = found.end == End::timeout || time >= probe.timeout;
    const auto slept = co_await faults_.clock().sleep_for(late ? probe.timeout : time);
    port::Probed out{End::not_made, 0};
    if (!slept || faults_.hits(faults_.rates.fail_before)) co_return out;
    out = found;
    if (late) out.end = End::timeout;
    co_return out;
}

}  // namespace gantry::sim
