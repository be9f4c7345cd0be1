// Write leases: who holds what, and for how long.
#include "namenode/lease/lease_book.h"

#include <gtest/gtest.h>

namespace cairn::nn {
namespace {

const ClientId ANN = Uuid::fromHighLow(0, 1);
const ClientId BEN = Uuid::fromHighLow(0, 2);
using Files = std::vector<InodeId>;

// Protects a writer that gives signs of life, and the file of one that does not.
TEST(LeaseBookTest, LimitsCountFromTheLastSignOfLife) {
  LeaseBook book({.softMs = 100, .hardMs = 1000});
  book.grant(InodeId(1), ANN, 0);
  book.grant(InodeId(2), BEN, 0);
  EXPECT_FALSE(book.softExpired(ANN, 100));
  EXPECT_TRUE(book.softExpired(ANN, 101));
  book.renew(ANN, 900);
  EXPECT_FALSE(book.softExpired(ANN, 1000));
  EXPECT_EQ(book.hardExpired(1001, 10), Files{InodeId(2)});
  EXPECT_EQ(book.hardExpired(1901, 10), (Files{InodeId(2), InodeId(1)}));
  EXPECT_EQ(book.hardExpired(1901, 1), Files{InodeId(2)});
}

// Protects against a file with two writers: the newest grant holds.
TEST(LeaseBookTest, AGrantReplacesTheHolder) {
  LeaseBook book;
  book.grant(InodeId(1), ANN, 0);
  book.grant(InodeId(1), BEN, 0);
  EXPECT_EQ(book.holderOf(InodeId(1)), BEN);
  EXPECT_EQ(book.filesOf(ANN), 0U);
  EXPECT_EQ(book.files(), 1U);
  EXPECT_EQ(book.clients(), 1U);
}

// Protects memory: a client without files is forgotten, and releasing twice is harmless.
TEST(LeaseBookTest, AClientWithoutFilesIsForgotten) {
  LeaseBook book;
  book.grant(InodeId(1), ANN, 0);
  book.grant(InodeId(2), ANN, 5);
  EXPECT_EQ(book.filesOf(ANN), 2U);
  book.release(InodeId(1));
  book.release(InodeId(1));
  EXPECT_EQ(book.clients(), 1U);
  book.release(InodeId(2));
  EXPECT_EQ(book.clients(), 0U);
  EXPECT_FALSE(book.holderOf(InodeId(2)).has_value());
  book.renew(ANN, 7);
  EXPECT_EQ(book.clients(), 0U);
  EXPECT_TRUE(book.softExpired(ANN, 7));
}

}  // namespace
}  // namespace cairn::nn
