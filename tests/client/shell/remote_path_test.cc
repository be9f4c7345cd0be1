// Protects: what a typed path stands for, and that it is shown as the user wrote it.
#include "client/shell/remote_path.h"

#include <gtest/gtest.h>

namespace cairn::shell {
namespace {

const PathContext CONTEXT{.user = "ann", .namenode = "nn1:8020"};

std::string absolute(std::string_view typed) {
  const auto path = RemotePath::resolve(typed, CONTEXT);
  return path.has_value() ? path->absolute() : "error: " + path.error().message();
}
std::string shown(std::string_view typed) { return RemotePath::resolve(typed, CONTEXT)->shown(); }

TEST(RemotePath, IsMadeNormal) {
  EXPECT_EQ(absolute("/a/b"), "/a/b");
  EXPECT_EQ(absolute("/a//b/"), "/a/b");
  EXPECT_EQ(absolute("/a/./b/../c"), "/a/c");
  EXPECT_EQ(absolute("/.."), "/");
  EXPECT_EQ(absolute("/"), "/");
  EXPECT_EQ(absolute("//"), "/");
  EXPECT_EQ(absolute("/a\nb c"), "/a\nb c");
}

TEST(RemotePath, RelativeOnesBeginAtHome) {
  EXPECT_EQ(absolute("x/y"), "/user/ann/x/y");
  EXPECT_EQ(absolute("."), "/user/ann");
  EXPECT_EQ(absolute("../bob"), "/user/bob");
  EXPECT_EQ(shown("x//y"), "x/y");
  EXPECT_EQ(shown("./x"), "x");
  EXPECT_EQ(shown("."), ".");
  EXPECT_EQ(shown("../bob"), "/user/bob");
}

TEST(RemotePath, MayNameThisClusterAndNoOther) {
  EXPECT_EQ(absolute("hdfs://nn1:8020/a"), "/a");
  EXPECT_EQ(absolute("cairn://nn1:8020"), "/");
  EXPECT_EQ(absolute("hdfs:///a"), "/a");
  EXPECT_EQ(absolute("hdfs:/a/b"), "/a/b");
  EXPECT_EQ(shown("hdfs:/a//b"), "hdfs:/a/b");
  EXPECT_EQ(absolute("hdfs:a"), "/user/ann/hdfs:a") << "a name";
  EXPECT_EQ(shown("hdfs://nn1:8020/a/"), "hdfs://nn1:8020/a");
  EXPECT_NE(absolute("hdfs://nn2:8020/a").find("--namenode nn2:8020"), std::string::npos);
  EXPECT_EQ(absolute(""), "error: a path cannot be empty");
}

TEST(RemotePath, ChildrenAndParentsKeepTheManner) {
  const auto relative = *RemotePath::resolve(".", CONTEXT);
  EXPECT_EQ(relative.child("x").shown(), "x");
  EXPECT_EQ(relative.child("x").child("y").shown(), "x/y");
  EXPECT_EQ(relative.parent().absolute(), "/user");
  const auto root = *RemotePath::resolve("/", CONTEXT);
  EXPECT_TRUE(root.isRoot());
  EXPECT_EQ(root.child("x").absolute(), "/x");
  EXPECT_EQ(root.parent().absolute(), "/");
  EXPECT_EQ(root.name(), "");
  const auto full = *RemotePath::resolve("hdfs://nn1:8020/a", CONTEXT);
  EXPECT_EQ(full.child("b").shown(), "hdfs://nn1:8020/a/b");
  EXPECT_EQ(full.child("b").name(), "b");
  EXPECT_TRUE(RemotePath::resolve("/a/", CONTEXT)->saysDirectory());
  EXPECT_FALSE(RemotePath::resolve("/a", CONTEXT)->saysDirectory());
}

}  // namespace
}  // namespace cairn::shell
