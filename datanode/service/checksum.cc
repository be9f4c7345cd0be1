#include "datanode/service/checksum.h"

#include <algorithm>
#include <utility>

#include "common/format/chunk_digest.h"
#include "datanode/store/frame_walk.h"

namespace cairn::dn {
namespace {

// The digest of those of the span's plain bytes that lie before `end`.
Result<format::PieceDigest> digestOf(const FramesAt& at, ChunkId chunk, std::uint64_t end) {
  ByteVector frames(static_cast<std::size_t>(at.span.fileLength));
  TRY(readFrames(*at.file, chunk, at.frameSize, at.span, frames));
  format::PieceDigest digest(at.span.plainOffset);
  ByteVector plain;
  for (ByteView rest = frames; !rest.empty();) {
    ASSIGN(const auto frame, format::frameAt(rest, at.frameSize));
    plain.resize(frame.header.plainLength);
    TRY(format::decodeFrame(frame, chunk, plain));
    const auto left = end - at.span.plainOffset - digest.length();
    digest.add(ByteView(plain).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(plain.size(), left))));
    rest = rest.subspan(frame.bytes.size());
  }
  return digest;
}

}  // namespace

kj::Promise<Result<Checksum>> checksumOf(Node& node, ReplicaKey key, std::uint64_t length) {
  CO_ASSIGN(const auto visible, co_await node.store.look(key));
  const auto end = std::min(length, visible.length);
  if (visible.isFinal && end == visible.length) {
    CO_ASSIGN(const auto file, co_await node.store.openFinal(key, Urgency::CLIENT));
    co_return Checksum{.md5 = file->trailer().md5, .length = end};
  }
  format::ChunkDigest digest;
  while (digest.length() < end) {
    CO_ASSIGN(auto at, co_await node.store.locate(key, digest.length(), end - digest.length(),
                                                  Urgency::CLIENT));
    if (at.span.frameCount == 0 || at.span.plainOffset != digest.length()) {
      co_return fail(Code::UNAVAILABLE, key.toString() + " was cut while it was read");
    }
    CO_ASSIGN(const auto lease, co_await node.budget.take(at.span.fileLength));
    const auto volume = at.volume;
    const auto which = at.incarnation;
    auto piece = co_await node.store.run(
        volume, Urgency::CLIENT,
        [at = kj::mv(at), chunk = key.chunk, end](Volume&) { return digestOf(at, chunk, end); });
    if (!piece.has_value()) {
      if (piece.error().code() == Code::CORRUPT) node.store.damaged(key, which, piece.error());
      co_return fail(kj::mv(piece).error());
    }
    digest.add(*piece);
  }
  co_return Checksum{.md5 = digest.md5(), .length = end};
}

}  // namespace cairn::dn
