#include "elbv2/controllers.h"

#include "elbv2/carrier_controller.h"
#include "elbv2/target_controller.h"

namespace gantry::elbv2 {

std::vector<std::shared_ptr<const Controller>> controllers() {
    return {std::make_shared<CarrierController>(), std::make_shared<TargetController>()};
}

}  // namespace gantry::elbv2
