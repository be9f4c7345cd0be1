#include "client/core/open_file.h"

#include <algorithm>
#include <deque>

namespace cairn::client {

OpenFile::OpenFile(Session& session, std::string path, LocatedFile first, OpenOptions options)
    : layout_(session, std::move(path), std::move(first)),
      local_(std::make_shared<LocalReads>(session.decodedFrames, session.frameBuffers)),
      ranges_(session, layout_, *local_),
      sequential_(session, layout_, ranges_, options.readAheadBytes) {}

kj::Promise<Result<std::uint64_t>> OpenFile::refresh() {
  auto updated = co_await layout_.update();
  local_->clear();
  CO_TRY(kj::mv(updated));
  co_return layout_.length();
}

kj::Promise<Result<std::size_t>> OpenFile::pread(std::uint64_t offset, MutableBytes to) {
  const auto length = layout_.length();
  if (offset >= length) co_return std::size_t{0};
  to = to.first(std::min<std::uint64_t>(to.size(), length - offset));
  const auto total = to.size();
  std::deque<kj::Promise<Result<void>>> pieces;
  while (!to.empty() || !pieces.empty()) {
    if (!to.empty() && pieces.size() < PREAD_REQUESTS_MAX) {
      CO_ASSIGN(auto chunk, co_await layout_.at(offset));
      auto inChunk = offset - chunk->at.offset;
      // Pieces end where requests of a reader in order would, so at borders of frames.
      auto step = SequentialReader::SEGMENT_BYTES;
      auto end = std::min(chunk->at.length, (inChunk / step + 1) * step);
      auto size = std::min<std::uint64_t>(to.size(), end - inChunk);
      pieces.push_back(ranges_.read(kj::mv(chunk), inChunk, to.first(size)));
      offset += size;
      to = to.subspan(size);
      continue;
    }
    auto first = kj::mv(pieces.front());
    pieces.pop_front();
    CO_TRY(co_await kj::mv(first));
  }
  co_return total;
}

}  // namespace cairn::client
