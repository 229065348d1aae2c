#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

// Enters the box by starting itself again inside of it.
int main(int argc, char** argv) {
    if (::geteuid() != 0) {
        std::puts("SKIPPED: the network tests need root");
        return 77;
    }
    if (std::getenv("GANTRY_IN_BOX") == nullptr) {
        ::setenv("GANTRY_IN_BOX", "1", 1);
        std::vector<char*> command{const_cast<char*>(GANTRY_BOX), const_cast<char*>("/proc/self/exe")};
        char self[4096];
        auto length = ::readlink("/proc/self/exe", self, sizeof self - 1);
        if (length <= 0) return 1;
        self[length] = 0;
        command[1] = self;
        for (int i = 1; i < argc; ++i) command.push_back(argv[i]);
        command.push_back(nullptr);
        ::execv(command[0], command.data());
        std::perror("cannot enter the box");
        return 1;
    }
    ::signal(SIGPIPE, SIG_IGN);
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
