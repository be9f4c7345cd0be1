// Names and directories: paths, mkdirs, rename, remove, list, rights. The texts are HDFS's: its
// shell prints them, so they are part of the interface.
#include "namenode/ops/access.h"
#include "namenode/ops/list.h"
#include "namenode/ops/resolve.h"
#include "namenode/ops/subtree_check.h"
#include "tests/namenode/ops/fixture.h"

namespace cairn::nn {
namespace {

using NamesTest = OpsTest;

// Protects the test of eight bytes at a time: what is wrong, and what is right, is found wherever
// it stands.
TEST(PathTest, Utf8IsCheckedAtEveryPlace) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string ascii(length, 'a');
    EXPECT_TRUE(isUtf8(ascii));
    for (std::size_t at = 0; at <= length; ++at) {
      const auto with = [&](std::string_view bytes) {
        return std::string(ascii).insert(at, bytes);
      };
      EXPECT_TRUE(isUtf8(with("\xc3\xa9"))) << length << " " << at;
      EXPECT_TRUE(isUtf8(with("\xf0\x9f\x98\x80"))) << length << " " << at;
      EXPECT_FALSE(isUtf8(with("\xff"))) << length << " " << at;
      EXPECT_FALSE(isUtf8(with("\xc3"))) << length << " " << at;
      EXPECT_FALSE(isUtf8(with("\x80"))) << length << " " << at;
    }
  }
}

// Protects the tables from names no client can have meant.
TEST(PathTest, RefusesWhatIsNoPath) {
  for (const char* bad :
       {"", "a", "/a/", "//", "/a//b", "/./a", "/a/..", "/\xff", "/\xed\xa0\x80", "/\xc0\xaf"}) {
    EXPECT_CODE(Code::INVALID_PATH, Path::parse(bad)) << bad;
  }
  EXPECT_CODE(Code::INVALID_PATH, Path::parse(std::string_view("/a\0b", 4)));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, Path::parse("/" + std::string(9000, 'a')));
  ASSERT_VALUE(const auto path, Path::parse("/a b/\xc3\xa4/...\n"));
  EXPECT_EQ(path.depth(), 3U);
  EXPECT_EQ(path.component(1), "\xc3\xa4");
  EXPECT_EQ(path.prefix(2), "/a b/\xc3\xa4");
  EXPECT_EQ(path.prefix(0), "/");
  ASSERT_VALUE(const auto root, Path::parse("/"));
  EXPECT_TRUE(root.contains(path));
  ASSERT_VALUE(const auto sibling, Path::parse("/a b2"));
  ASSERT_VALUE(const auto top, Path::parse("/a b"));
  EXPECT_TRUE(top.contains(path));
  EXPECT_FALSE(top.contains(sibling));
}

// Protects mkdir -p: what is missing is made, with rights that let its maker go on, and counted.
TEST_F(NamesTest, MkdirsMakesWhatIsMissing) {
  ASSERT_OK(makeDirectory("/a/b/c", 0500));
  EXPECT_EQ(look("/a").value().mode(), 0700U);
  EXPECT_EQ(look("/a/b/c").value().mode(), 0500U);
  EXPECT_EQ(look("/a").value().child_count(), 1U);
  EXPECT_EQ(look("/a").value().group(), "supergroup");
  EXPECT_EQ(counts.directories, 3);
  ASSERT_VALUE(const auto again, makeDirectory("/a/b"));
  EXPECT_FALSE(again.answer.flag());
  EXPECT_MESSAGE("Parent directory doesn't exist: /x/y", makeDirectory("/x/y/z", 0755, false));
  ASSERT_OK(makeFile("/f"));
  EXPECT_CODE(Code::ALREADY_EXISTS, makeDirectory("/f"));
  EXPECT_CODE(Code::NOT_A_DIRECTORY, makeDirectory("/f/g"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, makeDirectory("/" + std::string(256, 'n')));
  EXPECT_OK(makeDirectory("/" + std::string(255, 'n')));
}

// Protects programs that know HDFS from entries under names that mean something else there; and
// what has such a name from before, which can be read, moved away and removed.
TEST_F(NamesTest, ReservedNamesAreNotMade) {
  const std::string reserved =
      "File name \".reserved\" is reserved and cannot be created. If this is during upgrade change "
      "the name of the existing file or directory to another name before upgrading to the new "
      "release.";
  const std::string snapshot = "\".snapshot\" is a reserved name.";
  ASSERT_OK(makeFile("/f"));
  ASSERT_OK(makeDirectory("/d"));
  for (const std::string path : {"/.reserved", "/.reserved/x", "/.reserved/x/y"}) {
    EXPECT_MESSAGE(reserved, makeDirectory(path)) << path;
    EXPECT_MESSAGE("Invalid path name " + path, makeFile(path)) << path;
  }
  for (const std::string path : {"/.reserved/.inodes", "/.reserved/.inodes._COPYING_"}) {
    EXPECT_MESSAGE(reserved, makeDirectory(path)) << path;
    EXPECT_MESSAGE(reserved, makeFile(path)) << path;
  }
  for (const std::string path :
       {"/.snapshot", "/d/.snapshot", "/d/.snapshot/x", "/new/.snapshot"}) {
    EXPECT_MESSAGE(snapshot, makeDirectory(path)) << path;
    EXPECT_MESSAGE(snapshot, makeFile(path)) << path;
  }
  // A parent that is only shown is one.
  EXPECT_MESSAGE(reserved, makeDirectory("/.reserved/x", 0755, false));
  EXPECT_MESSAGE("Invalid path name /.reserved/x", makeFile("/.reserved/x", false, false));
  EXPECT_CODE(Code::NOT_FOUND, makeDirectory("/.reserved/x/y", 0755, false));
  EXPECT_CODE(Code::NOT_FOUND, makeFile("/.reserved/x/y", false, false));
  EXPECT_CODE(Code::INVALID_ARGUMENT, makeDirectory("/.reserved"));
  for (const std::string from : {"/f", "/d"}) {
    EXPECT_MESSAGE(reserved, move(from, "/.reserved"));
    EXPECT_MESSAGE(snapshot, move(from, "/.snapshot"));
    EXPECT_MESSAGE(snapshot, move(from, "/.snapshot", true));
  }
  // HDFS's first rename answers false of the one, and tells why of the other.
  for (const std::string to : {"/.reserved", "/.reserved/x", "/.reserved/x/y"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, moveInto("/f", to)) << to;
  }
  EXPECT_CODE(Code::INVALID_PATH, moveInto("/f", "/d/.snapshot"));
  EXPECT_MESSAGE(snapshot, moveInto("/f", "/d/.snapshot"));
  EXPECT_CODE(Code::NOT_FOUND, look("/new"));
  // Elsewhere, and longer ones.
  EXPECT_OK(makeDirectory("/d/.reserved/x"));
  EXPECT_OK(makeFile("/missing/.reserved"));
  EXPECT_OK(makeFile("/.reserved2"));
  EXPECT_OK(makeFile("/.snapshots"));
}

// Protects what programs see of "/.reserved": as in HDFS it is there and cannot be changed. What
// lies in no table is not taken for what does.
TEST_F(NamesTest, TheReservedDirectoryIsOnlyShown) {
  ASSERT_VALUE(const auto path, Path::parse("/.reserved"));
  ASSERT_VALUE(const auto entry, look("/.reserved"));
  EXPECT_EQ(entry.kind(), record::DIRECTORY);
  EXPECT_EQ(entry.mode(), 01770U);
  EXPECT_CODE(Code::NOT_FOUND, look("/.reserved/x"));
  EXPECT_CODE(Code::NOT_FOUND, look("/.reserved/.inodes"));
  EXPECT_CODE(Code::NOT_FOUND, look("/d/.reserved"));
  ASSERT_VALUE(const auto all, nn::list(view, caller, path, "", 10));
  ASSERT_EQ(all.entries.size(), 2U);
  EXPECT_FALSE(all.more);
  ASSERT_VALUE(const auto first, nn::list(view, caller, path, "", 1));
  ASSERT_EQ(first.entries.size(), 1U);
  EXPECT_EQ(first.entries[0].name, ".inodes");
  EXPECT_TRUE(first.more);
  ASSERT_VALUE(const auto rest, nn::list(view, caller, path, ".inodes", 1));
  ASSERT_EQ(rest.entries.size(), 1U);
  EXPECT_EQ(rest.entries[0].name, "raw");
  EXPECT_EQ(rest.entries[0].entry.group(), "supergroup");
  EXPECT_FALSE(rest.more);
  EXPECT_MESSAGE("Invalid path name /.reserved", removePath("/.reserved"));
  EXPECT_MESSAGE("Invalid path name /.reserved", resolveExisting(view, caller, path));
  EXPECT_CODE(Code::NOT_FOUND, move("/.reserved", "/x"));
  for (const char* text : {"/.reserved/raw", "/.reserved/raw/f", "/.reserved/.inodes/16385"}) {
    EXPECT_CODE(Code::UNSUPPORTED, Path::parse(text)) << text;
  }
  EXPECT_OK(Path::parse("/d/.reserved/raw"));
  // In the root's listing it is not.
  ASSERT_VALUE(const auto root, Path::parse("/"));
  ASSERT_VALUE(const auto top, nn::list(view, caller, root, "", 10));
  EXPECT_TRUE(top.entries.empty());
}

// Protects O(1) rename: one entry moves, what is below it is not touched.
TEST_F(NamesTest, RenameMovesOneRow) {
  for (int i = 0; i < 20; ++i) ASSERT_OK(makeFile("/d/sub/f" + std::to_string(i)));
  ASSERT_OK(makeDirectory("/e"));
  const auto before = look("/d/sub").value();
  const auto rowsBefore = view.rows(Table::DIRENT);
  ASSERT_OK(move("/d/sub", "/e/moved"));
  std::size_t changed = 0;
  for (const auto& [key, value] : view.rows(Table::DIRENT)) {
    const auto it = rowsBefore.find(key);
    changed += it == rowsBefore.end() || it->second != value ? 1 : 0;
  }
  EXPECT_EQ(changed, 3U);  // itself and both parents
  EXPECT_EQ(look("/e/moved").value().id(), before.id());
  EXPECT_OK(look("/e/moved/f7"));
  EXPECT_EQ(look("/d").value().child_count(), 0U);
  EXPECT_EQ(look("/e").value().child_count(), 1U);
}

// Protects every refusal of rename2, with its text.
TEST_F(NamesTest, RenameRefuses) {
  ASSERT_OK(makeDirectory("/d/e"));
  ASSERT_OK(makeDirectory("/full/x"));
  ASSERT_OK(makeFile("/f"));
  ASSERT_OK(makeFile("/g"));
  EXPECT_MESSAGE("rename source /none is not found.", move("/none", "/x"));
  EXPECT_MESSAGE("rename destination parent /no/where not found.", move("/f", "/no/where/x"));
  EXPECT_MESSAGE("Rename destination /d/e/y is a directory or file under source /d",
                 move("/d", "/d/e/y"));
  EXPECT_MESSAGE("The source /f and destination /f are the same", move("/f", "/f"));
  EXPECT_MESSAGE("rename destination /g already exists", move("/f", "/g"));
  EXPECT_MESSAGE("rename destination directory is not empty: /full", move("/d", "/full", true));
  EXPECT_CODE(Code::ALREADY_EXISTS, move("/d", "/full", true));
  EXPECT_CODE(Code::ALREADY_EXISTS, move("/f", "/d", true));
  EXPECT_CODE(Code::INVALID_ARGUMENT, move("/", "/x"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, move("/f", "/"));
  ASSERT_OK(move("/f", "/g", true));
  ASSERT_OK(move("/d/e", "/full/x", true));
  EXPECT_CODE(Code::NOT_FOUND, look("/f"));
}

// Protects HDFS's first rename, as recorded from it: what moves into a directory, what stays, and
// which refusals its protocol tells as false (by their codes; it has no text for them).
TEST_F(NamesTest, RenameMovesIntoDirectories) {
  ASSERT_OK(makeDirectory("/d/e"));
  ASSERT_OK(makeDirectory("/x/e"));
  for (const char* file : {"/f", "/g", "/d/f"}) ASSERT_OK(makeFile(file));
  const auto file = look("/g").value().id();
  ASSERT_OK(moveInto("/g", "/d"));
  EXPECT_EQ(look("/d/g").value().id(), file);
  EXPECT_CODE(Code::NOT_FOUND, look("/g"));
  ASSERT_OK(moveInto("/d/g", "/"));
  EXPECT_EQ(look("/g").value().id(), file);
  ASSERT_OK(moveInto("/g", "/h"));  // a new name, where there is no directory
  EXPECT_EQ(look("/h").value().id(), file);
  ASSERT_OK(moveInto("/x", "/d"));
  EXPECT_OK(look("/d/x/e"));

  EXPECT_CODE(Code::ALREADY_EXISTS, moveInto("/f", "/h"));
  EXPECT_CODE(Code::ALREADY_EXISTS, moveInto("/f", "/d"));      // /d/f
  EXPECT_CODE(Code::ALREADY_EXISTS, moveInto("/d/e", "/d/x"));  // /d/x/e, though that is empty
  EXPECT_CODE(Code::INVALID_ARGUMENT, moveInto("/d", "/d"));    // /d/d
  EXPECT_CODE(Code::INVALID_ARGUMENT, moveInto("/d", "/d/e"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, moveInto("/d", "/d/new"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, moveInto("/", "/d"));
  EXPECT_CODE(Code::NOT_FOUND, moveInto("/none", "/y"));
  EXPECT_CODE(Code::NOT_FOUND, moveInto("/none", "/none"));
  EXPECT_CODE(Code::NOT_FOUND, moveInto("/f", "/no/y"));
  // No false in HDFS either.
  EXPECT_CODE(Code::NOT_A_DIRECTORY, moveInto("/f", "/h/y"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, moveInto("/f", "/" + std::string(256, 'n')));
}

// Protects from a change where source and target are one: HDFS's first rename says true.
TEST_F(NamesTest, MovedOntoItselfNothingChanges) {
  ASSERT_OK(makeFile("/d/f"));
  const auto before = view.rows(Table::DIRENT);
  nowMs += 5;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"/d/f", "/d/f"}, {"/d/f", "/d"}, {"/d", "/"}}) {
    EXPECT_OK(moveInto(from, to)) << from << " " << to;
    EXPECT_OK(moveInto(from, to, true)) << from << " " << to;
  }
  EXPECT_EQ(view.rows(Table::DIRENT), before);
}

// Protects what is in the directory moved into: it is replaced only on request, by its own kind.
TEST_F(NamesTest, RenameIntoADirectoryOverwritesByRequest) {
  for (const char* file : {"/f", "/d/f", "/e/d/x"}) ASSERT_OK(makeFile(file));
  const auto file = look("/f").value().id();
  EXPECT_CODE(Code::ALREADY_EXISTS, moveInto("/d", "/e", true));  // /e/d is not empty
  ASSERT_OK(moveInto("/f", "/d", true));
  EXPECT_EQ(look("/d/f").value().id(), file);
  EXPECT_EQ(look("/d").value().child_count(), 1U);
}

// Protects directories that the caller may not write, or not even pass: it is the directory moved
// into that counts, not the one it stands in.
TEST_F(NamesTest, RenameIntoADirectoryNeedsRightsThere) {
  ASSERT_OK(makeDirectory("/t", 0777));
  ASSERT_OK(makeDirectory("/t/open", 0777));
  ASSERT_OK(makeDirectory("/t/closed", 0700));
  ASSERT_OK(makeDirectory("/t/readable", 0755));
  ASSERT_OK(makeFile("/t/f"));
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, moveInto("/t/f", "/t/closed"));
  EXPECT_CODE(Code::PERMISSION_DENIED, moveInto("/t/f", "/t/readable"));
  EXPECT_CODE(Code::PERMISSION_DENIED, moveInto("/t/none", "/t/readable"));
  EXPECT_OK(moveInto("/t/f", "/t/open"));
}

// Protects rm: what it answers, refuses, and leaves for later.
TEST_F(NamesTest, RemoveIsOneStepWhateverHangsBelow) {
  for (int i = 0; i < 20; ++i) ASSERT_OK(writeFile("/d/" + std::to_string(i)));
  EXPECT_MESSAGE("`/d is non empty': Directory is not empty", removePath("/d", false));
  EXPECT_CODE(Code::INVALID_ARGUMENT, removePath("/"));
  EXPECT_EQ(removePath("/nothing"), Result<bool>(false));
  ASSERT_VALUE(const bool removed, removePath("/d"));
  EXPECT_TRUE(removed);
  EXPECT_CODE(Code::NOT_FOUND, look("/d/3"));
  EXPECT_EQ(rows(Table::GC), 1U);
  EXPECT_EQ(rows(Table::CHUNK), 20U);
}

// Protects other users' entries in a directory with the sticky bit, such as /tmp.
TEST_F(NamesTest, TheStickyBitProtectsEntries) {
  ASSERT_OK(makeDirectory("/tmp", 01777));
  become("ann");
  ASSERT_OK(makeFile("/tmp/ann"));
  become("ben");
  const auto refused = removePath("/tmp/ann");
  EXPECT_MESSAGE(
      "Permission denied by sticky bit: user=ben, path=\"/tmp/ann\":ann:supergroup:-rw-r--r--, "
      "parent=\"/tmp\":root:supergroup:drwxrwxrwt",
      refused);
  EXPECT_CODE(Code::PERMISSION_DENIED, move("/tmp/ann", "/tmp/ben"));
  become("ann");
  EXPECT_OK(removePath("/tmp/ann"));
}

// Protects the classes of a mode: the owner's bits count for the owner even where others have more.
TEST(AccessTest, TheFirstClassThatFitsDecides) {
  Caller ann{.user = "ann", .groups = {"staff"}};
  PathNode node{
      .id = InodeId(1), .directory = true, .mode = 0077, .owner = "ann", .group = "staff"};
  EXPECT_CODE(Code::PERMISSION_DENIED, checkAccess(ann, node, Access::READ, "/x"));
  node.owner = "ben";
  node.mode = 0707;
  EXPECT_CODE(Code::PERMISSION_DENIED, checkAccess(ann, node, Access::READ, "/x"));
  node.group = "other";
  EXPECT_OK(checkAccess(ann, node, Access::ALL, "/x"));
  ann.superuser = true;
  node.mode = 0;
  EXPECT_OK(checkAccess(ann, node, Access::ALL, "/x"));
  EXPECT_EQ(modeText(01777), "rwxrwxrwt");
  EXPECT_EQ(modeText(01640), "rw-r----T");
}

// Protects pages of a listing: byte order, no entry twice or left out, whatever the page's size.
TEST_F(NamesTest, ListPagesInByteOrder) {
  for (const char* name : {"b", "a", "B", "\xc3\xa4", "a b", "ab"}) {
    ASSERT_OK(makeFile("/d/" + std::string(name)));
  }
  ASSERT_VALUE(const auto path, Path::parse("/d"));
  for (std::uint32_t page = 1; page <= 7; ++page) {
    std::vector<std::string> names;
    std::string after;
    while (true) {
      ASSERT_VALUE(const auto listing, nn::list(view, caller, path, after, page));
      for (const auto& entry : listing.entries) names.push_back(entry.name);
      if (!listing.more) break;
      ASSERT_EQ(listing.entries.size(), page);
      after = names.back();
    }
    EXPECT_EQ(names, (std::vector<std::string>{"B", "a", "a b", "ab", "b", "\xc3\xa4"}));
  }
  // A name that is not there may be where a page begins: it was removed meanwhile.
  ASSERT_VALUE(const auto rest, nn::list(view, caller, path, "aa", 10));
  EXPECT_EQ(rest.entries.front().name, "ab");
  ASSERT_VALUE(const auto file, Path::parse("/d/a"));
  ASSERT_VALUE(const auto itself, nn::list(view, caller, file, "", 10));
  EXPECT_TRUE(itself.isFile);
  EXPECT_EQ(itself.entries[0].name, "");
}

// Protects others' data from rm -r by a user who may write the parent but not all that is below,
// with any size of slice.
TEST_F(NamesTest, TheSubtreeIsCheckedInSlices) {
  ASSERT_OK(makeDirectory("/t/open", 0777));
  for (int i = 0; i < 10; ++i)
    ASSERT_OK(makeDirectory("/t/open/d" + std::to_string(i) + "/x", 0777));
  ASSERT_VALUE(const auto top, look("/t/open"));
  const auto check = [&](std::size_t budget) -> Result<bool> {
    SubtreeCheck walk(toPathNode(top), "/t/open");
    for (int slices = 0; slices < 1000; ++slices) {
      ASSIGN(const bool done, walk.step(view, caller, budget));
      if (done) return true;
    }
    return false;
  };
  become("ann");
  for (const std::size_t budget : {1, 3, 1000}) EXPECT_EQ(check(budget), Result<bool>(true));
  become("root");
  ASSERT_OK(makeDirectory("/t/open/d5/x/mine/inner", 0755));
  become("ann");
  for (const std::size_t budget : {1, 3, 1000}) EXPECT_CODE(Code::PERMISSION_DENIED, check(budget));
}

}  // namespace
}  // namespace cairn::nn
