#include "ecs/service_rolling.h"

#include <algorithm>

#include "ecs/service_scale_in.h"
#include "ecs/service_spread.h"
#include "ecs/service_words.h"

namespace gantry::ecs::scheduler {

int least_healthy(const Service& service) {
    return service.deleted ? 0 : (service.desired * service.minimum_percent + 99) / 100;
}
int most_tasks(const Service& service) {
    return service.deleted ? 0 : service.desired * service.maximum_percent / 100;
}

namespace {

class Roll {
  public:
    Roll(const Service& service, const Census& census, const Now& now, ServicePlan& plan, int budget)
        : service_(service), census_(census), now_(now), plan_(plan), budget_(budget) {
        desired_ = service.deleted ? 0 : service.desired;
        least_ = least_healthy(service);
        most_ = most_tasks(service);
        serving_ = census.all.serving;
        total_ = census.all.size();
    }

    void decide() {
        if (!find_deployments()) return;
        measure();
        stop_old();
        stop_failing();
        stop_excess();
        make_room();
        cut();
        start();
        rebalance();
    }

  private:
    // Who is wanted (mine), and which of the others can stand in for it.
    bool find_deployments() {
        for (auto& deployment : plan_.deployments) {
            if (deployment.primary)
                primary_ = &deployment;
            else if (deployment.sound() && fallback_ == nullptr)
                fallback_ = &deployment;
        }
        if (primary_ == nullptr) return false;
        for (const auto& member : census_.all.members) {
            if (member.task->deployment == primary_->id)
                mine_.push_back(member);
            else
                others_.push_back(member);
        }
        return true;
    }

    int count(const std::vector<Member>& members, Stage stage) const {
        return static_cast<int>(std::count_if(members.begin(), members.end(), [&](const Member& member) {
            return member.stage == stage;
        }));
    }

    bool waits(const Deployment& deployment) {
        if (!deployment.start_again_at || now_.real >= *deployment.start_again_at) return false;
        if (!plan_.real_again || *deployment.start_again_at < *plan_.real_again)
            plan_.real_again = deployment.start_again_at;
        return true;
    }

    void measure() {
        const auto starting = count(mine_, Stage::starting);
        const auto serving = count(mine_, Stage::serving);
        up_ = starting + serving;
        const bool failed = primary_->rollout == Rollout::failed;
        const int missing = std::max(0, desired_ - up_);
        need_ = missing == 0 || failed || waits(*primary_) ? 0 : missing;
        if (fallback_ == nullptr || service_.deleted) return;
        // The last completed revision stands in while the new one has not shown that it can serve, so that
        // tasks that die meanwhile do not take the service below its minimum.
        const int sure = serving_ + (serving > 0 ? starting : 0);
        fallback_wanted_ = std::max(0, (failed ? desired_ : least_) - sure);
        // One that does not serve itself is no help: it must not take the room that the new one needs.
        const auto& standing_in = census_.deployments.at(fallback_->id);
        if (!failed && standing_in.failing > 0 && standing_in.serving == 0) fallback_wanted_ = 0;
        const int fallback_starting =
            static_cast<int>(std::count_if(others_.begin(), others_.end(), [&](const Member& member) {
                return member.stage == Stage::starting && member.task->deployment == fallback_->id;
            }));
        fallback_need_ = std::max(0, fallback_wanted_ - fallback_starting);
        if (fallback_need_ > 0 && waits(*fallback_)) fallback_need_ = 0;
    }

    void stop(const std::vector<Member>& picked, bool rebalancing = false) {
        for (const auto& member : picked) {
            const auto& task = *member.task;
            --total_;
            Stop stop{task.id, words::scaling_activity(primary_->id), "", false, rebalancing, task.zone};
            if (member.stage == Stage::serving) --serving_;
            if (member.stage == Stage::failing) {
                stop.reason = task.unhealthy_reason;
                stop.event = task.unhealthy_event;
                stop.hung = true;
            }
            plan_.stops.push_back(std::move(stop));
            stopped_.push_back(member);
        }
    }

    std::vector<Member> pick(std::vector<Member>& from, int many) {
        if (many <= 0) return {};
        return pick_to_stop(from, many, plan_.deployments, service_.deleted, plan_.policy_again);
    }

    template <class Is>
    std::vector<Member> take(std::vector<Member>& from, Is is) {
        const auto middle =
            std::stable_partition(from.begin(), from.end(), [&](const Member& m) { return !is(m); });
        std::vector<Member> taken(middle, from.end());
        from.erase(middle, from.end());
        return taken;
    }

    void stop_old() {
        // Those on their way go at once, except the ones that stand in.
        auto starting = take(others_, [](const Member& member) { return member.stage == Stage::starting; });
        int spared = fallback_wanted_;
        auto going = take(starting, [&](const Member& member) {
            if (fallback_ == nullptr || member.task->deployment != fallback_->id) return true;
            return --spared < 0;
        });
        stop(pick(going, static_cast<int>(going.size())));
        // Those that run (well or not) go as others take their place: down to the desired count, or, where
        // the maximum or the machines leave no room, down to the minimum.
        const int failing = count(others_, Stage::failing);
        const int base = serving_ + failing;
        int needed = need_ - std::max(0, most_ - total_);
        if (service_.no_room) needed = std::max(needed, unplaced());
        int many = std::max(base - desired_, std::min(base - least_, needed));
        many = std::max(many, 0);
        auto sick = take(others_, [](const Member& member) { return member.stage == Stage::failing; });
        const auto first = pick(sick, std::min(many, failing));
        stop(first);
        many -= static_cast<int>(first.size());
        stop(pick(others_, std::min(many, serving_ - least_)));
    }

    int unplaced() const {
        return static_cast<int>(std::count_if(mine_.begin(), mine_.end(), [](const Member& member) {
            return !member.task->placed;
        }));
    }

    // A failing task goes when its replacement serves.
    void stop_failing() {
        failing_ = take(mine_, [](const Member& member) { return member.stage == Stage::failing; });
        const int kept = std::clamp(desired_ - serving_, 0, static_cast<int>(failing_.size()));
        stop(pick(failing_, static_cast<int>(failing_.size()) - kept));
    }

    // How many of what is up beyond the desired count wait for their turn in a rebalancing.
    std::vector<Member> held_for_balance() {
        if (!service_.rebalances || !others_.empty()) return {};
        const auto& at = placement();
        Spread spread(at.zones, at.providers);
        for (const auto& member : mine_)
            if (member.stage == Stage::serving) spread.add(member.task->zone, member.task->provider);
        if (spread.imbalance() < 2) return {};
        const int emptiest = spread.in_zone(spread.next_zone());
        auto held = take(mine_, [&, one = false](const Member& member) mutable {
            if (one || member.stage != Stage::starting || spread.in_zone(member.task->zone) != emptiest)
                return false;
            return one = true;
        });
        return held;
    }

    void stop_excess() {
        int excess = up_ - desired_;
        if (excess <= 0) return;
        const auto held = held_for_balance();
        excess -= static_cast<int>(held.size());
        auto starting = take(mine_, [](const Member& member) { return member.stage == Stage::starting; });
        const auto first = pick(starting, excess);
        stop(first);
        excess -= static_cast<int>(first.size());
        const bool moved = service_.told.unbalanced && excess == 1 && first.empty();
        stop(pick(mine_, std::min(excess, serving_ - least_)), moved);
        mine_.insert(mine_.end(), starting.begin(), starting.end());
        mine_.insert(mine_.end(), held.begin(), held.end());
    }

    // Where a replacement cannot start before its predecessor goes: one after the other.
    void make_room() {
        const bool crowded = service_.no_room && unplaced() > 0;
        if ((need_ == 0 || most_ > total_) && !crowded) return;
        if (!plan_.stops.empty()) return;
        const int coming = count(mine_, Stage::starting) - unplaced();
        if (coming > 0 || (!crowded && unplaced() > 0)) return;
        stop(pick(failing_, 1));
        if (!plan_.stops.empty() || crowded || census_.all.starting > 0 || plan_.policy_again) return;
        if (!plan_.told.blocked) plan_.events.push_back(words::blocked_by_configuration());
        plan_.told.blocked = true;
        still_blocked_ = true;
    }

    // The rest comes in the next step.
    void cut() {
        if (!still_blocked_) plan_.told.blocked = false;
        // One that fails is told of too, which is as much as a second change.
        std::size_t kept = 0;
        int used = 0;
        for (; kept < stopped_.size(); ++kept) {
            const int cost = stopped_[kept].stage == Stage::failing ? 2 : 1;
            if (kept > 0 && used + cost > budget_) break;
            used += cost;
        }
        plan_.stops.resize(kept);
        stopped_.resize(kept);
        budget_ -= used;
        total_ = census_.all.size() - static_cast<int>(plan_.stops.size());
        for (const auto& member : stopped_) {
            if (member.stage != Stage::failing) continue;
            if (member.task->deployment == primary_->id && primary_->rollout == Rollout::in_progress)
                ++primary_->failed_tasks;
        }
    }

    const Placement& placement() const { return placement(primary_->id); }
    const Placement& placement(const std::string& deployment) const {
        static const Placement nowhere;
        const auto found = service_.placements.find(deployment);
        return found == service_.placements.end() ? nowhere : found->second;
    }

    bool is_stopped(const Member& member) const {
        return std::any_of(stopped_.begin(), stopped_.end(), [&](const Member& one) {
            return one.task == member.task;
        });
    }

    void start(const Deployment& deployment, int many, bool rebalancing = false) {
        many = std::min({many, most_ - total_, budget_});
        if (many <= 0) return;
        const auto& at = placement(deployment.id);
        Spread spread(at.zones, at.providers);
        for (const auto& member : census_.all.members) {
            if (member.task->deployment == deployment.id && !is_stopped(member))
                spread.add(member.task->zone, member.task->provider);
        }
        for (int i = 0; i < many; ++i) {
            Start start{
                deployment.id, spread.next_zone(), spread.next_provider(), deployment.wave, rebalancing
            };
            spread.add(start.zone, start.provider);
            plan_.starts.push_back(std::move(start));
        }
        total_ += many;
        budget_ -= many;
    }

    void start() {
        if (fallback_ != nullptr) start(*fallback_, fallback_need_);
        start(*primary_, need_);
    }

    void rebalance() {
        if (!service_.rebalances || service_.deleted || primary_->rollout != Rollout::completed) return;
        if (!plan_.starts.empty() || !plan_.stops.empty() || !others_.empty() || !failing_.empty()) return;
        const auto& at = placement();
        Spread spread(at.zones, at.providers);
        for (const auto& member : mine_) spread.add(member.task->zone, member.task->provider);
        const bool at_rest = up_ == desired_ && census_.all.starting == 0 && census_.all.leaving == 0;
        if (!at_rest || waits(*primary_)) return;
        if (spread.imbalance() >= 2 && most_ > total_) {
            if (!plan_.told.unbalanced) plan_.events.push_back(words::unbalanced(spread.words()));
            plan_.told.unbalanced = true;
            start(*primary_, 1, true);
        } else if (plan_.told.unbalanced) {
            plan_.told.unbalanced = false;
            plan_.events.push_back(words::balanced(spread.words()));
        }
    }

    const Service& service_;
    const Census& census_;
    const Now& now_;
    ServicePlan& plan_;
    int budget_;
    int desired_, least_, most_;

    Deployment* primary_ = nullptr;
    Deployment* fallback_ = nullptr;
    std::vector<Member> mine_, others_, failing_, stopped_;
    // As they are after the stops that are planned so far.
    int serving_, total_;
    int up_ = 0;               // mine: starting or serving
    int need_ = 0;             // of mine
    int fallback_wanted_ = 0;  // so many of the last completed revision's tasks may be on their way
    int fallback_need_ = 0;
    bool still_blocked_ = false;
};

}  // namespace

void roll(const Service& service, const Census& census, const Now& now, ServicePlan& plan, int budget) {
    Roll(service, census, now, plan, budget).decide();
}

}  // namespace gantry::ecs::scheduler
