#include "mapreduce/tasktracker/map_output_service.h"

#include <capnp/orphan.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "common/async/coroutine.h"
#include "common/base/fault.h"
#include "common/rpc/convert.h"
#include "mapreduce/api/unique_fd.h"

namespace cairn::mr {

namespace {

// Cap'n Proto wants external bytes to begin at a word and may send up to 7 bytes behind them.
struct Piece {
  kj::Array<capnp::word> words;
  std::size_t bytes = 0;
};

Result<Piece> readPiece(const std::string& path, std::uint64_t offset, std::uint32_t length) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail(statusFromErrno(errno, path));
  Piece piece{kj::heapArray<capnp::word>((length + 7) / 8 + 1), 0};
  auto* to = reinterpret_cast<char*>(piece.words.begin());
  while (piece.bytes < length) {
    const auto got = ::pread(fd.get(), to + piece.bytes, length - piece.bytes,
                             static_cast<off_t>(offset + piece.bytes));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(statusFromErrno(errno, path));
    if (got == 0) break;
    piece.bytes += static_cast<std::size_t>(got);
  }
  std::fill(to + piece.bytes, reinterpret_cast<char*>(piece.words.end()), 0);
  return piece;
}

class MapOutputService final : public wire::MapOutputs::Server {
public:
  MapOutputService(rpc::Host& host, const Layout& layout, TaskTrackerMetrics& metrics,
                   kj::Own<rpc::SentBuffers> sentBuffers)
      : host_(host), layout_(layout), metrics_(metrics), sentBuffers_(kj::mv(sentBuffers)) {}

  kj::Promise<void> read(ReadContext context) override {
    const auto params = context.getParams();
    auto piece = co_await readFrom(rpc::toString(params.getAttempt()), params.getOffset(),
                                   std::min(params.getLength(), SHUFFLE_PIECE_BYTES));
    auto results = context.getResults();
    if (!piece.has_value()) {
      rpc::toWire(piece.error(), results.initFault());
      co_return;
    }
    metrics_.shuffledBytes.add(piece->bytes);
    auto words = kj::heap(kj::mv(piece->words));
    const auto* begin = words->begin();
    results.adoptBytes(
        capnp::Orphanage::getForMessageContaining(wire::MapOutputs::ReadResults::Builder(results))
            .referenceExternalData(
                capnp::Data::Reader(reinterpret_cast<const kj::byte*>(begin), piece->bytes)));
    sentBuffers_->keepUntilSent(begin, kj::mv(words));
  }

private:
  kj::Promise<Result<Piece>> readFrom(std::string attempt, std::uint64_t offset,
                                      std::uint32_t length) {
    CO_ASSIGN(const auto id, AttemptId::parse(attempt));
    CO_TRY(faultError("tt.shuffle.before_send"));
    co_return co_await host_.workPool.run(
        [path = layout_.output(id), offset, length]() { return readPiece(path, offset, length); });
  }

  rpc::Host& host_;
  const Layout& layout_;
  TaskTrackerMetrics& metrics_;
  kj::Own<rpc::SentBuffers> sentBuffers_;
};

}  // namespace

wire::MapOutputs::Client newMapOutputService(rpc::Host& host, const Layout& layout,
                                             TaskTrackerMetrics& metrics,
                                             kj::Own<rpc::SentBuffers> sentBuffers) {
  return kj::heap<MapOutputService>(host, layout, metrics, kj::mv(sentBuffers));
}

}  // namespace cairn::mr
