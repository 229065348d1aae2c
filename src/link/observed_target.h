#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <string>

#include "base/codec.h"

// What a worker has seen of one registration of a target: the whole, never a difference, so that a report
// replaces the one before.
namespace gantry::link {

// How the last probe ended. none: not probed yet (or not to be probed).
enum class ProbeOutcome { none, success, timeout, refused, wrong_response };
BOOST_DESCRIBE_ENUM(ProbeOutcome, none, success, timeout, refused, wrong_response)

struct ObservedTarget {
    ProbeOutcome outcome = ProbeOutcome::none;
    // How many probes in a row succeeded, or how many failed (whatever the way); counted up to the larger of
    // the two thresholds, so that a target at rest has nothing new to report.
    int streak = 0;
    // wrong_response: what came instead of what the matcher wants, for AWS's words: an HTTP status, 0 for
    // none.
    int http_status = 0;
    // Draining: no new flow can reach it any more, and no flow is left.
    bool drained = false;
    friend bool operator==(const ObservedTarget&, const ObservedTarget&) = default;
};
BOOST_DESCRIBE_STRUCT(ObservedTarget, (), (outcome, streak, http_status, drained))

}  // namespace gantry::link
