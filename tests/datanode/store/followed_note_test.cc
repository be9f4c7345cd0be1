// Protects what a datanode knows of its namenode from a note that does not say what was written.
#include "datanode/store/followed_note.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

TEST(FollowedNote, IsReadAsItWasWritten) {
  const Followed followed{.epoch = Epoch(5), .group = TxId(81234)};
  ASSERT_VALUE(const auto read, decodeFollowed(encode(followed)));
  EXPECT_EQ(read, followed);
  EXPECT_LT(encode(followed).size(), FOLLOWED_NOTE_BYTES_MAX);
}

TEST(FollowedNote, AnyOtherByteIsDamage) {
  const std::string good = encode({.epoch = Epoch(5), .group = TxId(81234)});
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(decodeFollowed(bad).has_value()) << bad;
    EXPECT_FALSE(decodeFollowed(good.substr(0, i)).has_value()) << i;
  }
  EXPECT_CODE(Code::CORRUPT, decodeFollowed(good + "x"));
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, decodeFollowed("cairn-datanode-followed 2\n"));
}

TEST(FollowedNote, ANewerEpochIsNewerWhateverItsGroup) {
  EXPECT_LT((Followed{Epoch(5), TxId(90)}), (Followed{Epoch(6), TxId(3)}));
  EXPECT_LT((Followed{Epoch(5), TxId(90)}), (Followed{Epoch(5), TxId(91)}));
}

}  // namespace
}  // namespace cairn::dn
