#include "adapter/workerdisk/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/assertion.h"

namespace gantry::adapter::workerdisk {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".unfinished";

tl::unexpected<Error> failed(const std::string& what, int code) {
    return trouble(
        code == ENOSPC || code == EDQUOT ? Errc::exhausted : Errc::unavailable,
        what + ": " + std::strerror(code)
    );
}

bool is_name(std::string_view name) {
    if (name.empty() || name.size() > 200 || name == "." || name == "..") return false;
    for (const char c : name) {
        if (!std::isalnum(static_cast<unsigned char>(c)) && !std::strchr("_.:-", c)) return false;
    }
    return true;
}

Result<> make_folder(const std::string& path) {
    std::error_code code;
    fs::create_directories(path, code);
    if (code) return failed("cannot make " + path, code.value());
    return {};
}

Result<> write_file(const std::string& path, const std::string& content) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return failed("cannot write " + path, errno);
    std::size_t done = 0;
    while (done < content.size()) {
        const auto n = ::write(fd, content.data() + done, content.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int code = errno;
            ::close(fd);
            return failed("cannot write " + path, code);
        }
        done += static_cast<std::size_t>(n);
    }
    // The program's umask must not hide hosts and resolv.conf from users inside containers.
    ::fchmod(fd, 0644);
    if (::close(fd) != 0) return failed("cannot write " + path, errno);
    return {};
}

}  // namespace

port::WorkerDisk::Reply<> Disk::put(std::string name, std::string text) {
    ASSERT(is_name(name), "a name that is no file name");
    CO_TRY_VOID(make_folder(folder_ + "/objects"));
    const std::string fresh = object(name) + std::string(kUnfinished);
    if (auto written = write_file(fresh, text); !written) {
        ::unlink(fresh.c_str());
        co_return written;
    }
    if (::rename(fresh.c_str(), object(name).c_str()) != 0)
        co_return failed("cannot replace " + object(name), errno);
    co_return Result<>{};
}

port::WorkerDisk::Reply<> Disk::erase(std::string name) {
    ASSERT(is_name(name), "a name that is no file name");
    if (::unlink(object(name).c_str()) != 0 && errno != ENOENT)
        co_return failed("cannot remove " + object(name), errno);
    co_return Result<>{};
}

port::WorkerDisk::Reply<std::map<std::string, std::string>> Disk::load() {
    std::map<std::string, std::string> texts;
    std::error_code code;
    for (fs::directory_iterator entry(folder_ + "/objects", code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename();
        if (name.ends_with(kUnfinished)) {
            ::unlink(entry->path().c_str());
            continue;
        }
        std::ifstream file(entry->path());
        std::ostringstream text;
        text << file.rdbuf();
        if (!file) co_return trouble(Errc::unavailable, "cannot read " + entry->path().string());
        texts.emplace(name, text.str());
    }
    if (code && code != std::errc::no_such_file_or_directory)
        co_return failed("cannot read " + folder_, code.value());
    co_return texts;
}

port::WorkerDisk::Reply<std::string> Disk::put_file(std::string task, std::string name, std::string content) {
    ASSERT(is_name(task) && is_name(name), "a name that is no file name");
    CO_TRY_VOID(make_folder(task_folder(task)));
    const std::string path = fs::absolute(task_folder(task) + "/" + name);
    CO_TRY_VOID(write_file(path, content));
    co_return path;
}

port::WorkerDisk::Reply<std::vector<std::string>> Disk::list_files() {
    std::vector<std::string> tasks;
    std::error_code code;
    for (fs::directory_iterator entry(folder_ + "/files", code), end; !code && entry != end;
         entry.increment(code))
        tasks.push_back(entry->path().filename());
    if (code && code != std::errc::no_such_file_or_directory)
        co_return failed("cannot read " + folder_, code.value());
    co_return tasks;
}

port::WorkerDisk::Reply<> Disk::remove_files(std::string task) {
    ASSERT(is_name(task), "a name that is no file name");
    std::error_code code;
    fs::remove_all(task_folder(task), code);
    if (code) co_return failed("cannot remove " + task_folder(task), code.value());
    co_return Result<>{};
}

}  // namespace gantry::adapter::workerdisk
