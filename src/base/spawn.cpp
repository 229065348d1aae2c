#include "base/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace gantry {

Result<pid_t> spawn(const Spawn& request) {
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    const int streams[] = {request.in, request.out, request.err};
    for (int i = 0; i < 3; ++i) {
        if (streams[i] >= 0) {
            ::posix_spawn_file_actions_adddup2(&files, streams[i], i);
        } else {
            ::posix_spawn_file_actions_addopen(&files, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
        }
    }
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, static_cast<short>(
                         POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                         (request.session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP)
                     )
    );
    std::vector<char*> words;
    for (const auto& word : request.command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, words[0], &files, &attributes, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (error == ENOENT) return trouble(Errc::not_found, request.command[0] + " is not installed");
    if (error != 0) {
        return trouble(Errc::unavailable, "cannot start " + request.command[0] + ": " + std::strerror(error));
    }
    return child;
}

int reap(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace gantry
