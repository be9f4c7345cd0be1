#include "mapreduce/task/local_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "mapreduce/shuffle/local_file.h"

namespace cairn::mr {
namespace {

namespace fs = std::filesystem;

class LocalInput final : public InputStream {
public:
  LocalInput(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> readAt(std::uint64_t offset, MutableBytes to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const auto got =
          ::pread(fd_.get(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR) continue;
        return fail(statusFromErrno(errno, path_));
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

private:
  UniqueFd fd_;
  std::string path_;
};

class LocalOutput final : public OutputSink {
public:
  LocalOutput(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  ~LocalOutput() override {
    if (fd_) ::unlink(path_.c_str());
  }

  Result<void> write(ByteView bytes) override { return writeFully(fd_.get(), bytes); }
  Result<void> close() override {
    // Full disks show here on some file systems.
    if (::close(fd_.release()) != 0) return fail(statusFromErrno(errno, path_));
    return {};
  }

private:
  UniqueFd fd_;
  std::string path_;
};

bool isHidden(const fs::path& path) {
  const auto name = path.filename().string();
  return name.starts_with('_') || name.starts_with('.');
}

Result<InputFile> describe(const fs::path& path) {
  std::error_code error;
  const auto length = fs::file_size(path, error);
  if (error) return fail(statusFromErrno(error.value(), path.string()));
  return InputFile{.path = path.string(), .length = length};
}

}  // namespace

Result<std::vector<InputFile>> LocalFiles::list(std::string_view path) {
  const fs::path root(path);
  std::error_code error;
  const auto status = fs::status(root, error);
  if (status.type() == fs::file_type::not_found) {
    return fail(Code::NOT_FOUND, "input " + root.string() + " does not exist");
  }
  if (error) return fail(statusFromErrno(error.value(), root.string()));
  std::vector<InputFile> files;
  if (status.type() != fs::file_type::directory) {
    ASSIGN(auto file, describe(root));
    files.push_back(std::move(file));
    return files;
  }
  for (fs::directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    if (isHidden(at->path())) continue;
    if (at->is_directory(error)) {
      return fail(Code::IS_A_DIRECTORY, "input " + at->path().string() +
                                            " is a directory; name it as an input of its own");
    }
    ASSIGN(auto file, describe(at->path()));
    files.push_back(std::move(file));
  }
  if (error) return fail(statusFromErrno(error.value(), root.string()));
  std::ranges::sort(files, {}, &InputFile::path);
  return files;
}

Result<std::unique_ptr<InputStream>> LocalFiles::open(std::string_view path) {
  std::string name(path);
  ASSIGN(auto fd, openLocalFile(name));
  return std::make_unique<LocalInput>(std::move(fd), std::move(name));
}

Result<std::unique_ptr<OutputSink>> createLocalOutput(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!fd) return fail(statusFromErrno(errno, path));
  return std::make_unique<LocalOutput>(std::move(fd), path);
}

}  // namespace cairn::mr
