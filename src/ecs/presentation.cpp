#include "ecs/presentation.h"

namespace gantry::ecs {

PresentationRecord presentation(const state::View& view) {
    const auto known = view.get<PresentationRecord>(PresentationRecord().key());
    return known ? *known : PresentationRecord();
}

void set_presentation(state::Txn& txn, const PresentationRecord& wanted) {
    if (presentation(txn) == wanted) return;
    if (wanted == PresentationRecord())
        txn.erase<PresentationRecord>(wanted.key());
    else
        txn.put(wanted);
}

}  // namespace gantry::ecs
