#include "client/cairn/mini_control.h"

#include <errno.h>
#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "common/async/coroutine.h"
#include "common/log/log.h"

namespace cairn::app {
namespace {

constexpr std::size_t LINE_MAX_BYTES = 4096;
constexpr std::string_view VERB = "stop-datanode ";
constexpr std::string_view DONE = "done";
constexpr int BACKLOG = 4;

// The socket is reached through the directory's descriptor: its path may be too long for
// sockaddr_un.
sockaddr_un addressOf(int directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = "/proc/self/fd/" + std::to_string(directory) + "/control.sock";
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

// Everything up to the first newline or the end.
kj::Promise<std::string> readLine(kj::AsyncIoStream& stream) {
  std::string line;
  std::array<char, 256> piece;
  while (line.size() < LINE_MAX_BYTES) {
    const auto got = co_await stream.tryRead(piece.data(), 1, piece.size());
    if (got == 0) break;
    line.append(piece.data(), got);
    if (const auto end = line.find('\n'); end != std::string::npos) {
      line.resize(end);
      break;
    }
  }
  co_return line;
}

kj::Promise<void> writeLine(kj::AsyncIoStream& stream, std::string line) {
  line += '\n';
  co_await stream.write(line.data(), line.size());
}

std::string answer(std::string_view line, kj::Function<Result<void>(std::uint32_t)>& stopDatanode) {
  std::uint32_t number = 0;
  if (line.starts_with(VERB)) {
    const auto digits = line.substr(VERB.size());
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error == std::errc() && end == digits.end()) {
      auto stopped = stopDatanode(number);
      return stopped.has_value() ? std::string(DONE) : stopped.error().message();
    }
  }
  return "this is the control socket of a small cluster; it understands 'stop-datanode N'";
}

}  // namespace

kj::Promise<void> serveMiniControl(kj::AsyncIoContext& io, std::string directory,
                                   kj::Function<Result<void>(std::uint32_t)> stopDatanode) {
  kj::AutoCloseFd at(::open(directory.c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC));
  if (at.get() < 0) KJ_FAIL_SYSCALL("open", errno, directory);
  // Of a cluster that was killed; the directory's lock says that none lives.
  ::unlinkat(at.get(), "control.sock", 0);
  const auto address = addressOf(at.get());
  kj::AutoCloseFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) KJ_FAIL_SYSCALL("socket", errno);
  KJ_SYSCALL(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  KJ_SYSCALL(::fchmodat(at.get(), "control.sock", 0600, 0));
  KJ_SYSCALL(::listen(fd.get(), BACKLOG));
  auto listener = io.lowLevelProvider->wrapListenSocketFd(
      kj::mv(fd),
      kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  for (;;) {
    auto stream = co_await listener->accept();
    auto talk = readLine(*stream).then([&stream, &stopDatanode](std::string line) {
      return writeLine(*stream, answer(line, stopDatanode));
    });
    // One at a time; a peer that says nothing is given this long.
    auto patience = io.provider->getTimer().afterDelay(5 * kj::SECONDS);
    co_await talk.exclusiveJoin(kj::mv(patience)).catch_([](kj::Exception&& e) {
      LOG(WARNING) << "control socket: " << e.getDescription().cStr();
    });
  }
}

kj::Promise<Result<void>> askMiniToStopDatanode(kj::AsyncIoContext& io, std::string directory,
                                                std::uint32_t number) {
  const auto nobody = [&]() {
    return fail(Code::UNAVAILABLE, "no small cluster runs in " + directory +
                                       " (start one there with 'cairn mini --dir')");
  };
  kj::AutoCloseFd at(::open(directory.c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC));
  if (at.get() < 0) co_return nobody();
  const auto address = addressOf(at.get());
  kj::AutoCloseFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0 ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    co_return nobody();
  }
  auto stream =
      io.lowLevelProvider->wrapSocketFd(kj::mv(fd), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  co_await writeLine(*stream, std::string(VERB) + std::to_string(number));
  const auto line = co_await readLine(*stream);
  if (line == DONE) co_return Result<void>();
  co_return fail(Code::UNAVAILABLE, line.empty() ? "the cluster ended" : line);
}

}  // namespace cairn::app
