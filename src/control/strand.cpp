#include "control/strand.h"

#include <type_traits>
#include <utility>

namespace gantry::control {
namespace asio = boost::asio;
namespace {

// The executor of the strand's io_context, with the lock around what it runs. Properties are the inner one's.
template <class Inner>
class Executor {
  public:
    Executor(Inner inner, Strand& strand) noexcept : inner_(std::move(inner)), strand_(&strand) {}

    template <class Property>
        requires asio::can_query<const Inner&, Property>::value
    auto query(const Property& property) const noexcept ->
        typename asio::query_result<const Inner&, Property>::type {
        return asio::query(inner_, property);
    }
    template <class Property>
        requires asio::can_require<const Inner&, Property>::value
    auto require(const Property& property) const {
        auto inner = asio::require(inner_, property);
        return Executor<decltype(inner)>(std::move(inner), *strand_);
    }
    template <class Property>
        requires asio::can_prefer<const Inner&, Property>::value
    auto prefer(const Property& property) const {
        auto inner = asio::prefer(inner_, property);
        return Executor<decltype(inner)>(std::move(inner), *strand_);
    }

    template <class Call>
    void execute(Call&& given) const {
        const bool may_block = asio::query(inner_, asio::execution::blocking) != asio::execution::blocking.never;
        if (may_block && strand_->here()) {
            std::decay_t<Call> call(std::forward<Call>(given));
            call();
            return;
        }
        inner_.execute([strand = strand_, call = std::decay_t<Call>(std::forward<Call>(given))]() mutable {
            const Strand::Running running(*strand);
            // What it holds goes on the strand too.
            auto here = std::move(call);
            here();
        });
    }

    friend bool operator==(const Executor& a, const Executor& b) noexcept {
        return a.strand_ == b.strand_ && a.inner_ == b.inner_;
    }
    friend bool operator!=(const Executor& a, const Executor& b) noexcept { return !(a == b); }

  private:
    Inner inner_;
    Strand* strand_;
};

}  // namespace

thread_local const Strand* Strand::running_ = nullptr;

asio::any_io_executor Strand::executor() {
    return Executor<asio::io_context::executor_type>(thread_.get_executor(), *this);
}

}  // namespace gantry::control
