#include "control/exposition.h"

#include <gtest/gtest.h>

#include "control/latest_metrics.h"

namespace gantry::control {
namespace {

TEST(Exposition, IsPrometheusText) {
    Exposition out;
    metric::Values cpu = metric::Values::of(40);
    cpu.add(20);
    out.add({"123456789012", "ap-northeast-1", "AWS/ECS", "CPUUtilization", {{"ClusterName", "c"}, {"ServiceName", "we\"b\\\n"}}}, cpu);
    out.add("gantry_records", "gauge", "Records.\nOf the state.", {{"table", "ecs.task"}}, 2);
    out.add("gantry_records", "gauge", "ignored", {{"table", "ecs.service"}}, 1);
    out.add("gantry_commits_total", "counter", "Commits.", {}, 1e6);
    const std::string labels = R"({account="123456789012",region="ap-northeast-1",cluster_name="c",service_name="we\"b\\\n"})";
    const auto family = [&](const std::string& statistic, const std::string& words, const std::string& value) {
        const std::string name = "aws_ecs_cpuutilization_" + statistic;
        return "# HELP " + name + " AWS/ECS CPUUtilization of the last whole minute: " + words + "\n# TYPE " + name +
               " gauge\n" + name + labels + " " + value + "\n";
    };
    EXPECT_EQ(
        out.text(),
        family("average", "Average", "30") + family("maximum", "Maximum", "40") + family("minimum", "Minimum", "20") +
            family("sample_count", "SampleCount", "2") + family("sum", "Sum", "60") +
            "# HELP gantry_commits_total Commits.\n# TYPE gantry_commits_total counter\ngantry_commits_total 1e+06\n"
            "# HELP gantry_records Records.\\nOf the state.\n# TYPE gantry_records gauge\n"
            "gantry_records{table=\"ecs.task\"} 2\ngantry_records{table=\"ecs.service\"} 1\n"
    );
}

TEST(Exposition, NamesAreThoseOfTheCloudWatchExporter) {
    Exposition out;
    out.add({"1", "r", "AWS/ApplicationELB", "HTTPCode_Target_2XX_Count", {{"LoadBalancer", "app/x/1"}}}, metric::Values::of(1));
    out.add({"1", "r", "ECS/ContainerInsights", "NetworkRxBytes", {}}, metric::Values::of(1));
    out.add({"1", "r", "AWS/X", "None", {}}, metric::Values());
    EXPECT_NE(out.text().find("\naws_applicationelb_httpcode_target_2_xx_count_sum{account=\"1\",region=\"r\",load_balancer=\"app/x/1\"} 1\n"), std::string::npos) << out.text();
    EXPECT_NE(out.text().find("\necs_containerinsights_network_rx_bytes_sum{account=\"1\",region=\"r\"} 1\n"), std::string::npos);
    EXPECT_EQ(out.text().find("aws_x"), std::string::npos);
}

TEST(LatestMetrics, TellsOfTheLastWholeMinute) {
    LatestMetrics latest;
    const auto sample = [](const char* name, std::int64_t at_s, double value) {
        return port::MetricSample{{"1", "r", "s", name, {}}, {at_s, 60, "Count", metric::Values::of(value)}};
    };
    latest.add({sample("a", 60, 1), sample("a", 60, 2), sample("b", 60, 5)});
    EXPECT_TRUE(latest.page(119, nullptr, 10).empty()) << "the minute is not over";
    ASSERT_EQ(latest.page(120, nullptr, 10).size(), 2u);
    EXPECT_EQ(latest.page(120, nullptr, 10)[0].values.sum(), 3);
    latest.add({sample("a", 120, 7), sample("a", 60, 100)});
    EXPECT_EQ(latest.page(130, nullptr, 1).at(0).values.sum(), 3) << "and what comes too late is left out";
    EXPECT_EQ(latest.page(180, nullptr, 1).at(0).values.sum(), 7);
    const metric::Name a{"1", "r", "s", "a", {}};
    EXPECT_EQ(latest.page(180, &a, 10).at(0).name.name, "b");
    EXPECT_EQ(latest.page(430, nullptr, 10).size(), 1u) << "b is too old";
    EXPECT_TRUE(latest.page(1'000, nullptr, 10).empty());
}

}  // namespace
}  // namespace gantry::control
