#pragma once

#include <string>
#include <utility>

#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::state {

// A transaction: writes go to the database at once (it reads its own writes) and are kept with their
// before-images. Whoever opened it either takes finish() or calls undo(); the destructor asserts that one of
// them happened. A transaction touches at most kRecordsMax records: larger work is a marker record that a
// controller works off.
class Txn : public View {
  public:
    static constexpr std::size_t kRecordsMax = 100;

    Txn(Database& database, const Turn& turn) : View(database), database_(database), turn_(turn) {}
    ~Txn();
    Txn(const Txn&) = delete;
    Txn& operator=(const Txn&) = delete;

    PolicyInstant now() const { return turn_.now; }
    RealInstant real_now() const { return turn_.real_now; }
    Chance& chance() const { return turn_.chance; }
    const Turn& turn() const { return turn_; }

    template <Record R>
    void put(R record) {
        const auto table = schema().table_of<R>();
        std::string key = record.key();
        write(table, std::move(key), std::make_shared<const R>(std::move(record)));
    }
    template <Record R>
    void erase(std::string key) {
        write(schema().table_of<R>(), std::move(key), nullptr);
    }
    // The one place where plans are carried out.
    void apply(const Plan& plan);

    ChangeSet finish();
    void undo();

  private:
    void write(TableId table, std::string key, Erased record);

    Database& database_;
    const Turn& turn_;
    ChangeSet changes_;
    bool done_ = false;
};

}  // namespace gantry::state
