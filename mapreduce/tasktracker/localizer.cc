#include "mapreduce/tasktracker/localizer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "client/core/file_system.h"
#include "common/format/crc32c.h"
#include "common/log/log.h"
#include "mapreduce/api/unique_fd.h"

namespace cairn::mr {

Localizer::Localizer(rpc::Host& host, const Layout& layout, client::Options fileOptions)
    : host_(host), layout_(layout), fileOptions_(std::move(fileOptions)) {}

Localizer::~Localizer() noexcept(false) {}

kj::Promise<Result<std::string>> Localizer::program(JobId job, std::string user, Program program) {
  auto at = programs_.find(job);
  if (at == programs_.end()) {
    at = programs_.emplace(job, download(job, std::move(user), std::move(program)).fork()).first;
  }
  auto path = co_await at->second.addBranch();
  if (!path.has_value()) programs_.erase(job);
  co_return path;
}

void Localizer::forget(const JobId& job) { programs_.erase(job); }

kj::Promise<Result<std::string>> Localizer::download(JobId job, std::string user, Program program) {
  const auto path = layout_.program(job);
  const auto temporary = path + ".part";
  auto file = std::make_shared<UniqueFd>();
  auto open = [file, temporary]() -> Result<void> {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(temporary).parent_path(), error);
    file->reset(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));
    if (!*file) return fail(statusFromErrno(errno, temporary));
    return {};
  };
  CO_TRY(co_await host_.workPool.run(std::move(open)));

  auto options = fileOptions_;
  options.user = user;
  client::FileSystem files(host_, options);
  CO_ASSIGN(auto reader, co_await files.open(program.path));
  std::uint32_t crc = 0;
  std::uint64_t length = 0;
  while (true) {
    CO_ASSIGN(auto piece, co_await reader->next());
    if (piece.bytes.empty()) break;
    crc = format::crc32c(piece.bytes, crc);
    length += piece.bytes.size();
    auto write = [file, piece, temporary]() -> Result<void> {
      auto bytes = piece.bytes;
      while (!bytes.empty()) {
        const auto done = ::write(file->get(), bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) return fail(statusFromErrno(errno, temporary));
        if (done > 0) bytes = bytes.subspan(static_cast<std::size_t>(done));
      }
      return {};
    };
    CO_TRY(co_await host_.workPool.run(std::move(write)));
  }
  if (length != program.lengthBytes || crc != program.crc32c) {
    co_return fail(Code::CORRUPT, "the program " + program.path +
                                      " is not the one that was submitted with the job");
  }
  auto finish = [file, temporary, path]() -> Result<void> {
    // Nobody may have it open for writing when it is executed (ETXTBSY).
    file->reset();
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
      return fail(statusFromErrno(errno, path));
    }
    return {};
  };
  CO_TRY(co_await host_.workPool.run(std::move(finish)));
  LOG(INFO) << "fetched " << program.path << " (" << length << " bytes)";
  co_return path;
}

}  // namespace cairn::mr
