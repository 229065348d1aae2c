#include "plane.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "acm/certificate.h"
#include "autoscaling/schema.h"
#include "base/log.h"
#include "cloudwatch/history_expiry.h"
#include "cloudwatch/schema.h"
#include "codedeploy/controllers.h"
#include "codedeploy/schema.h"
#include "dispatch/acm.h"
#include "dispatch/autoscaling.h"
#include "dispatch/cloudwatch.h"
#include "dispatch/codedeploy.h"
#include "dispatch/ec2.h"
#include "dispatch/ecs.h"
#include "dispatch/elbv2.h"
#include "dispatch/eventbus.h"
#include "dispatch/iam.h"
#include "dispatch/logs.h"
#include "dispatch/sts.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ecs/controllers.h"
#include "ecs/presentation.h"
#include "ecs/publishers.h"
#include "ecs/service_stability.h"
#include "ecs/tables.h"
#include "elbv2/controllers.h"
#include "elbv2/publishers.h"
#include "elbv2/schema.h"
#include "eventbus/schema.h"
#include "iam/schema.h"
#include "iam/seed.h"
#include "logs/records.h"
#include "logs/removal.h"
#include "logs/sweep.h"
#include "sts/session.h"
#include "sts/session_expiry.h"

namespace gantry::app {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

operation::Handlers all_handlers() {
    operation::Handlers all;
    for (auto part : {acm::operations(), autoscaling::operations(), cloudwatch::operations(), codedeploy::operations(), ec2::operations(), ecs::operations(), elbv2::operations(), eventbus::operations(), iam::operations(),
                      logs::operations(), sts::operations()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

template <class T>
std::vector<std::shared_ptr<const T>> shared(std::vector<std::unique_ptr<T>> owned) {
    std::vector<std::shared_ptr<const T>> all;
    for (auto& one : owned) all.push_back(std::move(one));
    return all;
}

std::vector<std::shared_ptr<const Publisher>> all_publishers() {
    auto all = elbv2::publishers();
    for (auto& one : shared(ecs::publishers())) all.push_back(std::move(one));
    return all;
}

}  // namespace

Result<std::unique_ptr<Plane>> Plane::open(Executors executors, port::LinkAcceptor& workers, Options options) {
    TRY(auto store, adapter::sqlite::Store::open(options.installation.store_path()));
    adapter::logstore::Options log_options;
    log_options.folder = options.installation.logs_dir();
    TRY(auto logs, adapter::logstore::Store::open(log_options));
    return std::unique_ptr<Plane>(
        new Plane(std::move(executors), workers, std::move(options), std::move(store), std::move(logs))
    );
}

Plane::Plane(
    Executors executors,
    port::LinkAcceptor& workers,
    Options options,
    std::unique_ptr<adapter::sqlite::Store> store,
    std::unique_ptr<adapter::logstore::Store> logs
)
    : synthetic_deployment_(options.codedeploy_synthetic_deployment),
      store_(std::move(store)),
      log_store_(std::move(logs)),
      reports_(options.overcommit),
      sweep_wake_(executors.strand.executor()),
      group_(executors.strand.executor()) {
    control::declare_tables(schema_);
    iam::declare(schema_);
    acm::declare(schema_);
    cloudwatch::declare(schema_);
    sts::declare(schema_);
    ec2::declare(schema_);
    logs::declare(schema_);
    eventbus::declare(schema_);
    elbv2::declare(schema_);
    ecs::declare_tables(schema_);
    codedeploy::declare(schema_);
    autoscaling::declare(schema_);

    loop_ = std::make_unique<control::Loop>(
        control::LoopParts{
            executors.strand.executor(), executors.offload, clock_, *store_, chance_, schema_, &executors.strand
        }
    );
    loop_->add_controller(std::make_shared<sts::SessionExpiry>());
    loop_->add_controller(std::make_shared<cloudwatch::HistoryExpiry>());
    loop_->add_controller(std::make_shared<logs::RemovalController>());
    for (auto& controller : autoscaling::controllers()) loop_->add_controller(controller);
    for (auto& controller : elbv2::controllers()) loop_->add_controller(controller);
    for (auto& controller : shared(ecs::controllers())) loop_->add_controller(controller);
    for (auto& controller : codedeploy::controllers()) loop_->add_controller(controller);
    loop_->add_seeder({"iam.account", control::Seeder::Per::account, iam::seed});
    loop_->add_seeder({"ec2.default_vpc", control::Seeder::Per::account_and_region, ec2::seed});
    loop_->on_durable([this](const state::ChangeSet& changes) {
        for (const auto& change : changes) {
            if (change.table == schema_.table_of<logs::LogRemovalRecord>() && change.after) sweep_wake_.set();
        }
    });

    data_ = std::make_unique<control::LoopDataContext>(*loop_, *log_store_);
    log_sink_ = std::make_unique<logs::Sink>(*data_);
    sessions_ = std::make_unique<control::WorkerSessions>(
        *loop_, workers, reports_, all_publishers(), executors.offload, control::WorkerSessions::Options{}
    );
    sessions_->report_targets_to(target_reports_);
    options.api.explain = [](const state::View& view) {
        constexpr std::size_t kServicesTold = 20;
        boost::json::array services;
        for (const auto& line : ecs::unstable_services(view, kServicesTold)) services.emplace_back(line);
        return boost::json::object{{"services", std::move(services)}};
    };
    api_ = std::make_unique<control::Api>(*loop_, all_handlers(), *log_store_, api_chance_, std::move(options.api));
}

Plane::~Plane() = default;

asio::awaitable<Result<>> Plane::start() {
    CO_TRY_VOID(co_await loop_->start());
    control::Loop::Work present = [this](state::Txn& txn) -> Result<void> {
        ecs::PresentationRecord wanted;
        wanted.codedeploy_synthetic_deployment = synthetic_deployment_;
        ecs::set_presentation(txn, wanted);
        return {};
    };
    CO_TRY_VOID(co_await loop_->transact(std::move(present)));
    sessions_->start();
    group_.spawn("log sweep", sweep_logs());
    co_return Result<>{};
}

asio::awaitable<void> Plane::stop() {
    co_await group_.stop();
    co_await sessions_->stop();
    co_await loop_->stop();
}

// Whenever a group or stream was deleted, and once an hour of real time for what is past its retention (a bent policy
// clock is looked at then).
asio::awaitable<void> Plane::sweep_logs() {
    while (true) {
        if (auto swept = co_await logs::sweep(*data_); !swept) {
            if (swept.error().errc == Errc::cancelled) co_return;
            log::warn("log events past their retention stay", {{"why", swept.error()}});
        }
        const auto woken = co_await (sweep_wake_.wait() || clock_.sleep_for(std::chrono::hours(1)));
        const bool cancelled = woken.index() == 0 ? !std::get<0>(woken) : !std::get<1>(woken);
        if (cancelled) co_return;
    }
}

}  // namespace gantry::app
