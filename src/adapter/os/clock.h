#pragma once

#include "port/clock.h"

namespace gantry::adapter::os {

class Clock : public port::Clock {
  public:
    RealInstant now() const override;
    port::SteadyInstant steady_now() const override;
    boost::asio::awaitable<Result<void>> sleep_until(port::SteadyInstant at) override;
    using port::Clock::sleep_until;
};

}  // namespace gantry::adapter::os
