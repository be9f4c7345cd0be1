// Attributes of files and directories: who may change them, what is refused and with which words
// (HDFS's, which its shell prints), and what follows from them.
#include <algorithm>

#include "namenode/meta/summaries.h"
#include "namenode/ops/content_summary.h"
#include "namenode/ops/get_locations.h"
#include "namenode/ops/get_xattrs.h"
#include "namenode/ops/note_read.h"
#include "namenode/ops/remove_xattr.h"
#include "namenode/ops/set_compression.h"
#include "namenode/ops/set_owner.h"
#include "namenode/ops/set_permission.h"
#include "namenode/ops/set_replication.h"
#include "namenode/ops/set_storage_policy.h"
#include "namenode/ops/set_times.h"
#include "namenode/ops/set_xattr.h"
#include "tests/namenode/ops/fixture.h"

namespace cairn::nn {
namespace {

class AttributesTest : public OpsTest {
protected:
  // Runs `operate(draft, context, path)`.
  template <typename Operate>
  Result<Outcome> on(const std::string& path, Operate&& operate) {
    ASSIGN(const auto parsed, Path::parse(path));
    return run([&](Draft& draft, Context& context) { return operate(draft, context, parsed); });
  }
  Result<Outcome> setMode(const std::string& path, std::uint16_t mode) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setPermission(draft, context, at, mode);
    });
  }
  Result<Outcome> own(const std::string& path, const std::string& owner, const std::string& group) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setOwner(draft, context, {.path = at, .owner = owner, .group = group});
    });
  }
  Result<Outcome> replicate(const std::string& path, unsigned replication) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setReplication(draft, context, at, replication);
    });
  }
  Result<Outcome> times(const std::string& path, UnixMillis mtime, UnixMillis atime) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setTimes(draft, context, at, mtime, atime);
    });
  }
  Result<Outcome> policy(const std::string& path, unsigned number) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setStoragePolicy(draft, context, at, number);
    });
  }
  Result<Outcome> compress(const std::string& path, std::optional<CompressionSetting> how) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setCompression(draft, context, at, how);
    });
  }
  Result<Outcome> put(const std::string& path, const std::string& name, const std::string& value,
                      bool create = true, bool replace = true) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return setXAttr(
          draft, context,
          {.path = at, .name = name, .value = value, .create = create, .replace = replace});
    });
  }
  Result<Outcome> drop(const std::string& path, const std::string& name) {
    return on(path, [&](auto& draft, auto& context, const Path& at) {
      return removeXAttr(draft, context, at, name);
    });
  }
  // "user.a=1|"
  Result<std::string> xattrs(const std::string& path, const std::vector<std::string>& names = {}) {
    ASSIGN(const auto parsed, Path::parse(path));
    ASSIGN(const auto found, getXAttrs(view, caller, parsed, names));
    std::string text;
    for (const auto& one : found) text += one.name.text + "=" + one.value + "|";
    return text;
  }
  Result<FilePlaces> locate(const std::string& path) {
    ASSIGN(const auto parsed, Path::parse(path));
    return getLocations(view, caller, parsed, 0, 1000);
  }
};

// Protects modes: the owner and superusers change them, and they act at once.
TEST_F(AttributesTest, TheOwnerSetsTheMode) {
  ASSERT_OK(makeDirectory("/team", 0777));
  become("ann");
  ASSERT_OK(makeFile("/team/f"));
  ASSERT_OK(setMode("/team/f", 0600));
  EXPECT_CODE(Code::INVALID_ARGUMENT, setMode("/team/f", 02000));
  EXPECT_CODE(Code::NOT_FOUND, setMode("/team/none", 0600));
  become("ben");
  EXPECT_MESSAGE("Permission denied. user=ben is not the owner of inode=/team/f",
                 setMode("/team/f", 0666));
  EXPECT_CODE(Code::PERMISSION_DENIED, setMode("/", 0777));
  become("root");
  ASSERT_OK(setMode("/team/f", 0644));
  EXPECT_EQ(look("/team/f").value().mode(), 0644U);
  ASSERT_OK(setMode("/team", 01700));
  ASSERT_OK(setMode("/", 01777));
  EXPECT_EQ(look("/").value().mode(), 01777U);
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, setMode("/team/f", 0600));  // behind a closed directory
}

// Protects ownership: nobody but a superuser gives files away, and groups are given to members.
TEST_F(AttributesTest, OwnersAreGivenBySuperusersGroupsByMembers) {
  ASSERT_OK(makeDirectory("/team", 0777));
  become("ann");
  caller.groups = {"staff"};
  ASSERT_OK(makeFile("/team/f"));
  ASSERT_OK(own("/team/f", "ann", "staff"));
  EXPECT_MESSAGE("User ann does not belong to wheel", own("/team/f", "", "wheel"));
  EXPECT_MESSAGE("User ann is not a super user (non-super user cannot change owner).",
                 own("/team/f", "ben", ""));
  become("ben");
  caller.groups = {"staff"};
  EXPECT_MESSAGE("Permission denied. user=ben is not the owner of inode=/team/f",
                 own("/team/f", "", "staff"));
  become("root");
  EXPECT_CODE(Code::INVALID_ARGUMENT, own("/team/f", "a:b", ""));
  EXPECT_CODE(Code::INVALID_ARGUMENT, own("/team/f", "", "\xff"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, own("/team/f", std::string(256, 'u'), ""));
  ASSERT_OK(own("/team/f", std::string(255, 'u'), ""));
  ASSERT_OK(own("/team/f", "nobody-knows", "neither"));
  EXPECT_EQ(look("/team/f").value().owner(), "nobody-knows");
  EXPECT_EQ(look("/team/f").value().group(), "neither");
}

// Protects the bounds of replication, and that directories have none.
TEST_F(AttributesTest, ReplicationOfFiles) {
  ASSERT_OK(writeFile("/d/f"));
  ASSERT_VALUE(const auto file, replicate("/d/f", 512));
  EXPECT_TRUE(file.answer.flag());
  EXPECT_EQ(look("/d/f").value().replication(), 512U);
  ASSERT_OK(replicate("/d/f", 1));
  ASSERT_VALUE(const auto directory, replicate("/d", 2));
  EXPECT_FALSE(directory.answer.flag());
  EXPECT_MESSAGE("Requested replication factor of 513 exceeds maximum of 512 for /d/f",
                 replicate("/d/f", 513));
  EXPECT_MESSAGE(
      "Requested replication factor of 0 is less than the required minimum of 1 for /d/f",
      replicate("/d/f", 0));
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, replicate("/d/f", 2));
}

// Protects times: who may write may set them, each for itself.
TEST_F(AttributesTest, TimesAreSetOneByOne) {
  ASSERT_OK(writeFile("/d/f"));
  ASSERT_OK(times("/d/f", 5, TIME_STAYS));
  EXPECT_EQ(look("/d/f").value().atime_ms(), nowMs);
  ASSERT_OK(times("/d/f", TIME_STAYS, 7));
  EXPECT_EQ(look("/d/f").value().mtime_ms(), 5);
  EXPECT_EQ(look("/d/f").value().atime_ms(), 7);
  ASSERT_OK(times("/d", 9, 9));
  EXPECT_EQ(look("/d").value().mtime_ms(), 9);
  EXPECT_EQ(look("/d").value().atime_ms(), 0);
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, times("/d/f", 1, 1));
}

// Protects times of access: a read moves one that is older than the precision, of the file that was
// read and no other, and changes nothing else of it.
TEST_F(AttributesTest, AReadMovesAnOldTimeOfAccess) {
  ASSERT_OK(writeFile("/d/f"));
  const auto before = look("/d/f").value();
  const InodeId file(before.id());
  const UnixMillis madeMs = nowMs;
  const auto read = [&](const std::string& path, InodeId what, UnixMillis atMs,
                        std::int64_t precisionMs) {
    return on(path, [&](auto& draft, auto&, const Path& at) {
      return noteRead(
          draft,
          {.caller = caller, .path = at, .file = what, .nowMs = atMs, .precisionMs = precisionMs});
    });
  };
  ASSERT_OK(read("/d/f", file, madeMs + 500, 500));
  ASSERT_OK(read("/d/f", file, madeMs + 5000, 0));
  ASSERT_OK(read("/d/f", InodeId(file.value + 1), madeMs + 5000, 500));
  ASSERT_OK(read("/d/f", file, madeMs - 5000, 500));  // by a clock that was set back
  EXPECT_EQ(look("/d/f").value().atime_ms(), madeMs);
  ASSERT_OK(read("/d/f", file, madeMs + 501, 500));
  auto after = look("/d/f").value();
  EXPECT_EQ(after.atime_ms(), madeMs + 501);
  after.set_atime_ms(before.atime_ms());
  after.set_txid(before.txid());
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  EXPECT_CODE(Code::IS_A_DIRECTORY, read("/d", file, madeMs + 5000, 500));
  EXPECT_CODE(Code::NOT_FOUND, read("/none", file, madeMs + 5000, 500));
}

// Protects scripts that set HDFS's policies: its numbers are kept, others refused.
TEST_F(AttributesTest, StoragePoliciesAreKept) {
  ASSERT_OK(makeDirectory("/d"));
  for (const unsigned number : {1, 2, 5, 7, 10, 12, 14, 15, 0}) {
    ASSERT_OK(policy("/d", number));
    EXPECT_EQ(look("/d").value().storage_policy(), number);
  }
  EXPECT_CODE(Code::INVALID_ARGUMENT, policy("/d", 3));
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, policy("/d", 7));
}

// Protects what users choose: the nearest directory that says anything decides for a new file
// without a wish of its own, and old files stay as they are.
TEST_F(AttributesTest, NewFilesTakeTheNearestCompression) {
  ASSERT_OK(makeFile("/far/before"));
  ASSERT_OK(compress("/far", CompressionSetting{record::CODEC_ZSTD, 19}));
  ASSERT_OK(makeDirectory("/far/near"));
  ASSERT_OK(compress("/far/near", CompressionSetting{record::CODEC_NONE, 0}));
  ASSERT_OK(makeFile("/far/x/y/f"));
  ASSERT_OK(makeFile("/far/near/x/f"));
  ASSERT_OK(makeFile("/f"));
  EXPECT_EQ(look("/far/before").value().zstd_level(), 1);
  EXPECT_EQ(look("/far/x/y/f").value().zstd_level(), 19);
  EXPECT_EQ(look("/far/near/x/f").value().codec(), record::CODEC_NONE);
  EXPECT_EQ(look("/f").value().zstd_level(), 1);
  ASSERT_VALUE(const auto named, Path::parse("/far/near/named"));
  ASSERT_OK(run([&](Draft& draft, Context& context) {
    return create(draft, context, {.path = named, .codec = record::CODEC_ZSTD, .zstdLevel = 3});
  }));
  EXPECT_EQ(look("/far/near/named").value().zstd_level(), 3);
  ASSERT_OK(compress("/far/near", {}));
  ASSERT_OK(makeFile("/far/near/again"));
  EXPECT_EQ(look("/far/near/again").value().zstd_level(), 19);
  EXPECT_CODE(Code::INVALID_ARGUMENT, compress("/far", CompressionSetting{record::CODEC_ZSTD, 20}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, compress("/far", CompressionSetting{record::CODEC_ZSTD, -6}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, compress("/f", {}));
}

// Protects a file's compression: chunks that come later have it.
TEST_F(AttributesTest, AFilesCompressionHoldsForItsNextChunks) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto first, allocate(file));
  EXPECT_EQ(first.zstd_level(), 1);
  ASSERT_OK(compress("/f", CompressionSetting{record::CODEC_ZSTD, 7}));
  ASSERT_VALUE(const auto second, allocate(file, sealed(first, 1000)));
  EXPECT_EQ(second.zstd_level(), 7);
  EXPECT_FALSE(look("/f").value().codec_set());
}

// Protects setfattr and getfattr: flags, texts, order.
TEST_F(AttributesTest, XAttrsAreSetReplacedAndRemoved) {
  ASSERT_OK(makeFile("/f"));
  EXPECT_FALSE(look("/f").value().has_xattrs());
  ASSERT_OK(put("/f", "user.b", "1"));
  ASSERT_OK(put("/f", "USER.a", std::string("\0x", 2)));
  ASSERT_OK(put("/f", "trusted.t", ""));
  EXPECT_TRUE(look("/f").value().has_xattrs());
  EXPECT_EQ(xattrs("/f").value(), "trusted.t=|user.a=" + std::string("\0x", 2) + "|user.b=1|");
  EXPECT_MESSAGE("XAttr: b already exists. The REPLACE flag must be specified.",
                 put("/f", "user.b", "2", true, false));
  EXPECT_MESSAGE("XAttr: c does not exist. The CREATE flag must be specified.",
                 put("/f", "user.c", "2", false, true));
  EXPECT_MESSAGE("A flag must be specified.", put("/f", "user.c", "2", false, false));
  ASSERT_OK(put("/f", "user.b", "3", false, true));
  EXPECT_EQ(xattrs("/f", {"user.b"}).value(), "user.b=3|");
  EXPECT_MESSAGE("At least one of the attributes provided was not found.",
                 xattrs("/f", {"user.b", "user.none"}));
  EXPECT_MESSAGE("No matching attributes found for remove operation", drop("/f", "user.none"));
  for (const char* bad : {"plain", ".x", "us.x", "other.x"}) {
    EXPECT_MESSAGE(
        "An XAttr name must be prefixed with user/trusted/security/system/raw, followed by a '.'",
        put("/f", bad, ""))
        << bad;
  }
  EXPECT_MESSAGE("XAttr name cannot be empty.", put("/f", "user.", ""));
  EXPECT_CODE(Code::INVALID_ARGUMENT, put("/f", "user.\xff", ""));
  ASSERT_OK(drop("/f", "user.a"));
  ASSERT_OK(drop("/f", "user.b"));
  EXPECT_TRUE(look("/f").value().has_xattrs());
  ASSERT_OK(drop("/f", "trusted.t"));
  EXPECT_FALSE(look("/f").value().has_xattrs());
  EXPECT_EQ(xattrs("/f").value(), "");
}

// Protects attributes from users without the right, and hides trusted ones from them.
TEST_F(AttributesTest, NamespacesHaveTheirRights) {
  ASSERT_OK(makeDirectory("/tmp", 01777));
  ASSERT_OK(put("/tmp", "trusted.t", "1"));
  for (const char* name : {"system.x", "security.x", "raw.x"}) {
    EXPECT_MESSAGE("User doesn't have permission for xattr: " + std::string(name),
                   put("/tmp", name, ""));
  }
  become("ann");
  EXPECT_MESSAGE("User doesn't have permission for xattr: trusted.t", put("/tmp", "trusted.t", ""));
  EXPECT_CODE(Code::PERMISSION_DENIED, xattrs("/tmp", {"trusted.t"}));
  EXPECT_EQ(xattrs("/tmp").value(), "");
  // Anyone may write to /tmp, but not mark it.
  EXPECT_MESSAGE("Permission denied. user=ann is not the owner of inode=/tmp",
                 put("/tmp", "user.x", "1"));
  ASSERT_OK(makeFile("/tmp/f"));
  ASSERT_OK(put("/tmp/f", "user.x", "1"));
  become("ben");
  EXPECT_CODE(Code::PERMISSION_DENIED, put("/tmp/f", "user.x", "2"));
  EXPECT_CODE(Code::PERMISSION_DENIED, drop("/tmp/f", "user.x"));
  EXPECT_EQ(xattrs("/tmp/f").value(), "user.x=1|");
}

// Protects files that even superusers are not to read.
TEST_F(AttributesTest, AFileMayBeHiddenFromSuperusers) {
  ASSERT_OK(writeFile("/f"));
  const std::string name(XATTR_HIDES_FROM_SUPERUSER);
  EXPECT_CODE(Code::PERMISSION_DENIED, put("/f", name, "value"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, put("/", name, ""));
  ASSERT_OK(put("/f", name, ""));
  EXPECT_MESSAGE(
      "Access is denied for root since the superuser is not allowed to perform this operation.",
      locate("/f"));
  EXPECT_CODE(Code::PERMISSION_DENIED, drop("/f", name));
  become("ann");
  EXPECT_OK(locate("/f"));
}

// Protects the tables: attributes go with what they belong to, and move with it.
TEST_F(AttributesTest, XAttrsFollowTheirEntry) {
  ASSERT_OK(makeFile("/d/f"));
  ASSERT_OK(put("/d/f", "user.x", "1"));
  ASSERT_OK(put("/d", "user.y", "2"));
  ASSERT_OK(move("/d", "/e"));
  EXPECT_EQ(xattrs("/e/f").value(), "user.x=1|");
  ASSERT_OK(makeFile("/e/f", true));
  EXPECT_EQ(xattrs("/e/f").value(), "");
  EXPECT_EQ(rows(Table::XATTR), 1U);
  ASSERT_OK(removePath("/e"));
  EXPECT_EQ(rows(Table::XATTR), 0U);
}

// Protects du: what is answered of files and directories, and to whom.
TEST_F(AttributesTest, ContentSummary) {
  ASSERT_OK(writeFile("/d/e/f", 100));
  const auto summary = [&](const std::string& path) -> Result<Totals> {
    ASSIGN(const auto parsed, Path::parse(path));
    return contentSummary(view, caller, parsed);
  };
  ASSERT_VALUE(const auto file, summary("/d/e/f"));
  EXPECT_EQ(file.files, 1U);
  EXPECT_EQ(file.directories, 0U);
  EXPECT_EQ(file.spaceConsumed, 200U);
  EXPECT_EQ(file.storedConsumed, 100U);
  ASSERT_VALUE(const auto empty, summary("/d/e"));
  EXPECT_EQ(empty.directories, 1U);  // itself; this fixture keeps no table of summaries
  become("ann");
  EXPECT_OK(summary("/d"));
  become("root");
  ASSERT_OK(setMode("/d", 0711));
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, summary("/d"));
  EXPECT_OK(summary("/d/e"));
  EXPECT_CODE(Code::NOT_FOUND, summary("/none"));
}

}  // namespace
}  // namespace cairn::nn
