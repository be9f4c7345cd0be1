// What a fake datanode kept, compared with what should lie there.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "common/format/chunk_digest.h"
#include "common/format/frame.h"
#include "tests/client/fakes/fake_datanode.h"

namespace cairn::client::fakes {

// The replica is sealed; its packets follow each other without a gap and its frames in sequence,
// each bound to its chunk, none larger than the frame size; they unpack to `plain`; and length and
// digests that the writer sealed it with are those of `plain`.
inline void expectReplica(const FakeReplica& replica, std::string_view plain) {
  EXPECT_TRUE(replica.sealed);
  ASSERT_EQ(replica.length, plain.size());
  format::ChunkDigest digest;
  std::uint32_t sequence = 0;
  std::uint64_t at = 0;
  for (const auto& packet : replica.packets) {
    ASSERT_EQ(packet.offset, at);
    ByteView frames(packet.frames);
    while (!frames.empty()) {
      auto frame = format::frameAt(frames, replica.frameSize);
      ASSERT_TRUE(frame.has_value()) << frame.error().toString();
      ASSERT_EQ(frame->header.sequence, sequence++);
      ByteVector bytes(frame->header.plainLength);
      format::PieceDigest piece(at);
      auto decoded = format::decodeFrame(*frame, replica.chunk, bytes, &piece);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().toString();
      ASSERT_TRUE(asText(bytes) == plain.substr(at, bytes.size())) << "at byte " << at;
      digest.add(piece);
      at += bytes.size();
      frames = frames.subspan(frame->bytes.size());
    }
    ASSERT_EQ(at, packet.offset + packet.plainLength);
  }
  EXPECT_EQ(at, plain.size());
  EXPECT_EQ(replica.plainCrc, digest.plainCrc());
  EXPECT_EQ(replica.md5, static_cast<ByteVector>(digest.md5()));
}

}  // namespace cairn::client::fakes
