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
}

// As Hadoop's shell shows them (hadoop_sessions/paths.txt).
TEST(RemotePath, AboveHomeTheyAreRelativeToo) {
  EXPECT_EQ(shown("../bob"), "../bob");
  EXPECT_EQ(shown(".."), "..");
  EXPECT_EQ(shown("../.."), "../..");
  EXPECT_EQ(shown("../../../x"), "../../x") << "there is nothing above the root";
  EXPECT_EQ(shown("../ann/x"), "x");
  EXPECT_EQ(shown("../annex"), "../annex");
  const auto users = *RemotePath::resolve("..", CONTEXT);
  EXPECT_EQ(users.child("ann").shown(), "../ann") << "as it was come by";
  EXPECT_EQ(users.child("ann").child("x").shown(), "../ann/x");
  EXPECT_EQ(users.sibling("/user/ann").shown(), ".") << "as it is";
  EXPECT_EQ(users.sibling("/tmp").shown(), "../../tmp");
  EXPECT_EQ(users.sibling("/").child("user").shown(), "../../user");
}

TEST(RemotePath, MayNameThisClusterAndNoOther) {
  EXPECT_EQ(absolute("hdfs://nn1:8020/a"), "/a");
  EXPECT_EQ(absolute("cairn://nn1:8020"), "/user/ann");
  EXPECT_EQ(shown("hdfs://nn1:8020"), "hdfs://nn1:8020/user/ann");
  EXPECT_EQ(absolute("cairn://nn1:8020/"), "/");
  EXPECT_EQ(absolute("hdfs:///a"), "/a");
  EXPECT_EQ(absolute("hdfs:/a/b"), "/a/b");
  EXPECT_EQ(shown("hdfs:/a//b"), "hdfs:///a/b");
  EXPECT_EQ(absolute("hdfs:a"), "/user/ann/hdfs:a") << "a name";
  EXPECT_EQ(shown("hdfs://nn1:8020/a/"), "hdfs://nn1:8020/a");
  EXPECT_NE(absolute("hdfs://nn2:8020/a").find("--namenode nn2:8020"), std::string::npos);
  EXPECT_EQ(absolute(""), "error: a path cannot be empty");
  EXPECT_EQ(absolute("bogus://nn1:8020/a"), "error: No FileSystem for scheme \"bogus\"");
  EXPECT_EQ(absolute("s3a:/a"), "error: No FileSystem for scheme \"s3a\"");
  EXPECT_EQ(absolute("12:/a"), "/user/ann/12:/a") << "a name";
  EXPECT_EQ(absolute("x/b:/a"), "/user/ann/x/b:/a") << "a name";
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
