#include "adapter/containerd/pull_error.h"

#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

TEST(PullError, TheLastWordOfCtrDecidesWhetherARetryMakesSense) {
    struct Case {
        const char* output;
        Errc errc;
        const char* message;
    };
    for (const auto& [output, errc, message] : std::vector<Case>{
             {"elapsed: 0.1 s\nctr: failed to resolve reference \"a.b/c:d\": a.b/c:d: not found\n", Errc::refused,
              "failed to resolve ref a.b/c:d: a.b/c:d: not found"},
             {"ctr: failed to resolve reference \"h/x:1\": pulling from host h failed with status code [manifests 1]: 401 "
              "Unauthorized\r\n",
              Errc::refused,
              "failed to resolve ref h/x:1: pulling from host h failed with status code [manifests 1]: 401 Unauthorized"},
             {"ctr: no match for platform in manifest sha256:12: not found\n", Errc::refused,
              "image Manifest does not contain descriptor matching platform 'linux/amd64'"},
             {"ctr: failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://h/v2/\": dial tcp: i/o "
              "timeout\n",
              Errc::timeout, nullptr},
             {"ctr: failed to do request: dial tcp 1.2.3.4:443: connect: connection refused\n", Errc::unavailable, nullptr},
             {"ctr: toomanyrequests: You have reached your pull rate limit\n", Errc::unavailable, nullptr},
             {"ctr: failed to extract layer sha256:1: write /x: no space left on device: unknown\n", Errc::exhausted, nullptr},
             {"ctr: failed to extract layer sha256:1: archive/tar: invalid tar header: unknown\n", Errc::refused, nullptr},
             {"time=\"now\" level=error msg=\"detail\"\nctr: x509: certificate signed by unknown authority\n", Errc::refused,
              "x509: certificate signed by unknown authority"},
             {"panic: something\n", Errc::unavailable, "panic: something"},
             {"", Errc::unavailable, "pulling a.b/c:d failed"},
         }) {
        const auto error = pull_error("a.b/c:d", output, "linux/amd64");
        EXPECT_EQ(error.errc, errc) << output;
        EXPECT_EQ(error.code, errc == Errc::refused ? "CannotPullContainerError" : "") << output;
        if (message) {
            EXPECT_EQ(error.message, message);
        }
        EXPECT_EQ(error.message.find("ctr:"), std::string::npos);
    }
}

TEST(PullProgress, IsReadFromWhatCtrPaints) {
    ProgressLine line;
    ASSERT_TRUE(parse_progress("\x1b[32mlayer-sha256:12ab: downloading    |\x1b[32m++--\x1b[0m| 1.5 MiB/3.0 MiB", line));
    EXPECT_EQ(line.item, "layer-sha256:12ab");
    EXPECT_EQ(line.state, "downloading");
    EXPECT_EQ(line.done_bytes, 3u << 19);
    EXPECT_EQ(line.total_bytes, 3u << 20);
    ASSERT_TRUE(parse_progress("config-sha256:1:  done           |++++|", line));
    EXPECT_EQ(line.state, "done");
    EXPECT_EQ(line.total_bytes, 0u);
    ASSERT_TRUE(parse_progress("layer-sha256:1: downloading |--| 0.0 B/512 B", line));
    EXPECT_EQ(line.total_bytes, 512u);
    for (auto other : {"", "elapsed: 0.4 s total: 1.2 Mi (3.0 MiB/s)", "unpacking linux/amd64 sha256:1...", "no colon",
                       "x: y | z"})
        EXPECT_FALSE(parse_progress(other, line)) << other;
}

TEST(PullProgress, AnImportSaysWhatItBrought) {
    EXPECT_EQ(imported_reference("unpacking docker.io/library/nginx:latest (sha256:12)...done"),
              "docker.io/library/nginx:latest");
    EXPECT_EQ(imported_reference("unpacking linux/amd64 sha256:12..."), "");
    EXPECT_EQ(imported_reference(""), "");
}

}  // namespace gantry::adapter::containerd
